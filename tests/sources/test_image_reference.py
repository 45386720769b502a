"""References of images taken apart, and the version that a tag says."""

from __future__ import annotations

from directus_guard.directus.versions import Version
from directus_guard.finding import Location
from directus_guard.sources.deployments import image_reference
from tests.support.each import each_case

PLACE = Location("x", 1, 2, 1, 3)


@each_case(
    ("reference", "parts"),
    [
        ("directus/directus", ("directus/directus", "", "")), ("directus/directus:12.4.1", ("directus/directus", "12.4.1", "")), (" directus:1 ", ("directus", "1", "")), ("host:5000/directus", ("host:5000/directus", "", "")),
        ("host:5000/a/directus:1@sha256:x", ("host:5000/a/directus", "1", "sha256:x")), ("directus@sha256:x", ("directus", "", "sha256:x")), ("directus:${TAG:-1}", ("directus", "${TAG:-1}", "")), ("${NAME:-a/b}:1", ("${NAME:-a/b}:1", "", "")),
        ("a:{{ tag }}", ("a", "{{ tag }}", "")), ("a/b:{{ x | default('c:d') }}", ("a/b", "{{ x | default('c:d') }}", "")), ("", ("", "", "")),
    ],
)  # fmt: skip
def test_the_parts_of_a_reference(reference: str, parts: tuple[str, str, str]) -> None:
    made = image_reference.parse(reference, PLACE)
    assert (made.repository, made.tag, made.digest) == parts
    assert (made.location, made.unknown, made.from_fallback) == (PLACE, "", False)
    given = image_reference.parse(reference, PLACE, "why", from_fallback=True)
    assert (given.repository, given.unknown, given.from_fallback) == (parts[0], "why", True)


@each_case(
    ("reference", "text"),
    [
        ("directus/directus:12.4.1", "12.4.1"), ("directus/directus", "latest"), ("directus/directus:11", "11"), ("docker.io/directus/directus:1.2.3", "1.2.3"), ("mirror.acme.com/hub/directus/directus:1.2.3", "1.2.3"), ("mirror/Directus/Directus:1.2.3", "1.2.3"),
        ("acme/directus:1.2.3", None), ("directus:1.2.3", None), ("postgres:16", None), ("directus/directus-fork:1", None),
    ],
)  # fmt: skip
def test_the_version_of_a_tag(reference: str, text: str | None) -> None:
    made = image_reference.version(image_reference.parse(reference, PLACE))
    assert (made and made.text) == text
    if made is not None:
        assert (made.location, made.assumed) == (PLACE, "")
        assert made.version == Version.parse(made.text)
    assert image_reference.version(image_reference.parse(reference, PLACE, "why")) is None
    default = image_reference.version(image_reference.parse(reference, PLACE, "why", from_fallback=True))
    assert (default and (default.text, default.assumed)) == (None if text is None else (text, "why"))


def test_no_image_has_no_version() -> None:
    assert image_reference.version(None) is None
    assert image_reference.version_of_value(None, None, lambda value: value) is None
