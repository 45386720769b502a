"""Container image references: `registry/repository:tag@digest` taken apart, and the Directus version a tag names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Image, VersionEvidence, VersionOrigin
from directus_guard.directus.environment.recognise import is_official_image
from directus_guard.directus.versions import Version
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats.values import ComputedValue, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from directus_guard.finding import Location
    from directus_guard.sources.formats.values import Value


def parse(reference: str, location: Location, unknown: str = "", *, from_fallback: bool = False) -> Image:
    """Take a reference apart as the distribution specification does: a `:` before the last `/` is a port, not a tag.

    A `${…}` that is left in it, or a template's `{{ … }}`, is never divided.
    """
    name, _, digest = reference.strip().partition("@")
    opened = _OPENS.search(name)
    colon = name.rfind(":", 0, opened.start() if opened else len(name))
    tag = ""
    if colon > name.rfind("/"):
        name, tag = name[:colon], name[colon + 1 :]
    return Image(name, tag, digest, location, unknown, from_fallback)


def version(image: Image | None) -> VersionEvidence | None:
    """The version in the tag of an image that Directus publishes, or of a mirror of it; None for anybody's own build.

    `acme/directus:1.4` counts acme's builds, so its tag says nothing; `registry.example/directus/directus:11.5.1` does.
    A tag that is only the fallback of something given from outside (`${TAG:-11.5.1}`) is an assumed version.
    """
    if image is None or (image.unknown and not image.from_fallback) or not _published(image.repository):
        return None
    return VersionEvidence(
        Version.parse(image.tag),
        image.tag or "latest",
        image.location,
        VersionOrigin.IMAGE_TAG,
        image.reference,
        assumed=image.unknown,
    )


_OPENS: Final = lazy_pattern(r"\$\{|\{\{")


def version_of_value(
    image: Image | None, written: Value | None, resolve: Callable[[Value], Value]
) -> VersionEvidence | None:
    """The same where a value names the image: its place is the tag's, which may be a variable's (`directus:${var.tag}`)."""
    found = version(image)
    parts = written.parts if isinstance(written, ComputedValue) else ()
    last = resolve(parts[-1]) if len(parts) > 1 else None
    text = last.text if isinstance(last, Text) else last.fallback if isinstance(last, ComputedValue) else None
    if found is None or last is None or text != found.text:
        return found
    return replace(found, location=last.location, reference="")


def _published(repository: str) -> bool:
    return is_official_image(repository) or repository.lower().endswith("/directus/directus")
