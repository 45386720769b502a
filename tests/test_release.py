"""What a release writes into the Dockerfile and action.yml."""

from __future__ import annotations

import re

import pytest

from directus_guard import __version__
from scripts.release import base, main, pin, version
from tests.support.each import each_case
from tests.support.programs import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
ACTION = (ROOT / "action.yml").read_text(encoding="utf-8")
SANDBOXED = (ROOT / "sandboxed" / "action.yml").read_text(encoding="utf-8")
DIGEST = "sha256:" + "0123456789abcdef" * 4
OTHER = "sha256:" + "fedcba9876543210" * 4


def test_everything_is_named_by_digest() -> None:
    name = base(DOCKERFILE)
    dockerfile, action, sandboxed = pin(
        DOCKERFILE, ACTION, SANDBOXED, f"{name}@{DIGEST}", f"ghcr.io/acme/guard@{OTHER}"
    )
    assert f"ARG BASE={name}@{DIGEST}\n" in dockerfile
    assert f"  image: docker://ghcr.io/acme/guard@{OTHER}\n" in action
    assert "image: Dockerfile" not in action
    assert f"        IMAGE: ghcr.io/acme/guard@{OTHER}\n" in sandboxed
    assert sandboxed.count("\n") == SANDBOXED.count("\n")
    # Nothing else is touched, and pinning again replaces what stands there.
    assert dockerfile.replace(f"@{DIGEST}", "") == DOCKERFILE
    again = pin(dockerfile, action, sandboxed, f"{name}@{OTHER}", f"ghcr.io/acme/guard@{DIGEST}")
    assert f"{name}@{OTHER}" in again[0]
    assert DIGEST not in again[0]


@each_case(
    ("base_image", "image"),
    [
        (base(DOCKERFILE), f"ghcr.io/acme/guard@{OTHER}"),
        (f"{base(DOCKERFILE)}@{DIGEST}", "ghcr.io/acme/guard:1.0.0"),
        (f"python:2@{DIGEST}", f"ghcr.io/acme/guard@{OTHER}"),
        (f"{base(DOCKERFILE)}@{DIGEST[:-1]}", f"ghcr.io/acme/guard@{OTHER}"),
        (f"{base(DOCKERFILE)}@{DIGEST}\nRUN x", f"ghcr.io/acme/guard@{OTHER}"),
    ],
)
def test_nothing_without_a_digest_is_written(base_image: str, image: str) -> None:
    with pytest.raises(ValueError):
        pin(DOCKERFILE, ACTION, SANDBOXED, base_image, image)


def test_the_version_of_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert version((ROOT / "directus_guard" / "__init__.py").read_text(encoding="utf-8")) == __version__
    assert main(["version", __version__]) == 0
    assert main(["version", "999.0.0"]) == 1
    assert re.search(r"999\.0\.0 is asked for", capsys.readouterr().err)
