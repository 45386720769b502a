"""What a manifest falls back to where nothing is given: it fails at what is written, and passes only as not evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.finding import Status
from tests.support.deployment_findings import answered, named, scanned

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS: Final = ("vulnerable-version-high", "end-of-life-version")


def compose(image: str, **variables: str) -> str:
    given = {"SECRET": "${SECRET}", "PUBLIC_URL": "https://cms.harbour-books.com", "DB_CLIENT": "pg", **variables}
    lines = "".join(f"      {name}: {value}\n" for name, value in given.items())
    return f"services:\n  directus:\n    image: {image}\n    environment:\n{lines}"


@pytest.mark.parametrize(
    "image",
    [
        "directus/directus:${TAG:-10.10.4}",
        "directus/directus:${TAG-10.8.1}",
        "directus/directus:${TAG:-${DEFAULT_TAG:-10.2.0}}",
        '"${REGISTRY:-docker.io}/directus/directus:${DIRECTUS_TAG:-10.8.1}"',
        "${IMAGE:-directus/directus}:10.8.1",
        "${DIRECTUS_IMAGE:-directus/directus:10.8.1}",
        "registry.harbour.io/${NAMESPACE:-directus}/directus:10.8.1",
    ],
)
def test_the_version_an_image_falls_back_to_is_judged(image: str, tmp_path: Path) -> None:
    report = scanned(tmp_path, {"compose.yaml": compose(image)})
    for check in VERSIONS:
        assert named(report, check) == {"compose.yaml:3 medium"}


@pytest.mark.parametrize("image", ["directus/directus:${TAG:-12.4.1}", "${IMAGE:-directus/directus}:12.4.1"])
def test_a_version_that_passes_only_by_default_is_not_evaluated(image: str, tmp_path: Path) -> None:
    report = scanned(tmp_path, {"compose.yaml": compose(image)})
    for check in VERSIONS:
        assert answered(report, check) == {Status.NOT_EVALUATED}


@pytest.mark.parametrize(
    ("image", "given"),
    [
        ("${IMAGE:-directus/directus}:${TAG}", "TAG=10.10.4\n"),
        ("directus/directus:${DIRECTUS_VERSION:?}", 'export DIRECTUS_VERSION="10.10.4" # pinned\n'),
        ("$IMAGE", "IMAGE=directus/directus:10.10.4\n"),
    ],
)
def test_the_version_of_an_environment_file_is_judged(image: str, given: str, tmp_path: Path) -> None:
    report = scanned(tmp_path, {"compose.yaml": compose(image), ".env": given})
    (place,) = named(report, "vulnerable-version-high")
    assert place.startswith("compose.yaml:3 ")


def test_flux_defaults_of_an_image_are_judged(tmp_path: Path) -> None:
    manifest = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: directus}\nspec:\n  template:\n    spec:\n"
        "      containers:\n        - name: directus\n          image: directus/directus:${TAG:=10.10.4}\n"
        "          env:\n            - {name: PUBLIC_URL, value: 'https://cms.harbour-books.com'}\n"
    )
    report = scanned(tmp_path, {"k8s/directus.yaml": manifest})
    assert named(report, "vulnerable-version-high") == {"k8s/directus.yaml:9 medium"}
    report = scanned(tmp_path, {"k8s/directus.yaml": manifest.replace(":=10.10.4", "")})
    assert answered(report, "vulnerable-version-high") == {Status.NOT_EVALUATED}


def test_an_empty_fallback_is_the_value_that_is_set(tmp_path: Path) -> None:
    text = compose("directus/directus:12.4.1", IMPORT_IP_DENY_LIST="${DENY:-}", MARKETPLACE_TRUST="${TRUST-}")
    report = scanned(tmp_path, {"compose.yaml": text})
    assert named(report, "import-ip-deny-list-weakened") == {"compose.yaml:8 medium"}
    assert named(report, "marketplace-trust") == {"compose.yaml:9 medium"}


@pytest.mark.parametrize("reference", ["${X:-}", "${X-}", "${X}"])
def test_an_empty_secret_is_neither_weak_nor_committed(reference: str, tmp_path: Path) -> None:
    text = compose("directus/directus:12.4.1", SECRET=reference, ADMIN_PASSWORD=reference)
    report = scanned(tmp_path, {"compose.yaml": text})
    for check in ("secret-weak", "secret-committed", "insecure-fallback"):
        assert not named(report, check)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("${SECRET:-@}", "${SECRET:-********}"),
        ("${DIRECTUS_SECRET-@}", "${DIRECTUS_SECRET-********}"),
        ('"${CMS_SECRET:-@}"', "${CMS_SECRET:-********}"),
        ("${A:-${B:-@}}", "SECRET: ********"),
    ],
)
def test_a_random_text_as_a_fallback_is_in_the_repository_and_masked(written: str, shown: str, tmp_path: Path) -> None:
    secret = "2bc2eba3c8c45ffd99c6e28585d44731fbea46147831d75752c0e505f8534423"
    report = scanned(
        tmp_path, {"compose.yaml": compose("directus/directus:12.4.1", SECRET=written.replace("@", secret))}
    )
    (found,) = (one for one in report.findings if one.check == "insecure-fallback")
    assert found.title == "`SECRET` falls back to a committed value"
    assert found.frame is not None
    assert shown in found.frame.text
    assert secret not in repr(report)


def test_a_fallback_that_can_be_guessed_is_a_value_everybody_knows(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"compose.yaml": compose("directus/directus:12.4.1", SECRET="${SECRET:-change-me}")})
    (found,) = (one for one in report.findings if one.check == "insecure-fallback")
    assert found.title == "`SECRET` falls back to a guessable value"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("Makefile", "SECRET ?= @\nup:\n\tdocker run -e SECRET=$(SECRET) directus/directus:12.4.1\n", 1),
        (
            "Makefile",
            "TAG := 12.4.1\nKEYS ?= @ # ours\nup:\n\tdocker run -e SECRET=${KEYS} directus/directus:$(TAG)\n",
            2,
        ),
        ("prod.mk", "export SECRET ?= @\nup:\n\tdocker run -e SECRET directus/directus:12.4.1\n", 1),
        ("run.sh", "docker run -e SECRET=${SECRET:-@} directus/directus:12.4.1\n", 1),
        ("run.sh", 'SECRET="${SECRET:-@}"\n\ndocker run -e SECRET="$SECRET" directus/directus:12.4.1\n', 1),
    ],
)
def test_a_default_is_shown_where_it_is_written(name: str, text: str, line: int, tmp_path: Path) -> None:
    secret = "a29e27fb0279f3d28fb0fbb03b6453dadcebd705aac2b36767af15fd91a6f5e1"
    report = scanned(tmp_path, {name: text.replace("@", secret)})
    assert named(report, "insecure-fallback") == {f"{name}:{line} medium"}
    assert secret not in repr(report)
