"""Sentences that have to be true for the kind of place they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from tests.support.cli import write

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.finding import Finding


def finding(root: Path, check: str, files: dict[str, str]) -> Finding:
    report = audit(Options(root=write(root, files)))
    (found,) = [item for item in report.findings if item.check == check]
    return found


def test_a_setting_twice_in_one_file(tmp_path: Path) -> None:
    text = "PUBLIC_URL=https://cms.example.com\nDB_CLIENT=pg\nCORS_ENABLED=true\nCORS_ENABLED=false\n"
    found = finding(tmp_path, "shadowed-variable", {".env": text})
    assert found.title == "`CORS_ENABLED` is set twice in this file"
    assert "on lines 3 and 4" in found.message
    assert "Line 4 wins." in found.message
    assert found.fix is not None
    assert found.fix.description == "Remove line 3, after you have checked that line 4 has the right value."
    assert "process environment" not in found.message


def test_a_setting_three_times_in_one_file(tmp_path: Path) -> None:
    text = "PUBLIC_URL=https://cms.example.com\nDB_CLIENT=pg\nCORS_ENABLED=1\nCORS_ENABLED=true\nCORS_ENABLED=false\n"
    found = finding(tmp_path, "shadowed-variable", {".env": text})
    assert found.title == "`CORS_ENABLED` is set 3 times in this file"
    assert "on lines 3, 4 and 5" in found.message
    assert "Line 5 wins." in found.message
    assert found.fix is not None
    assert "Remove lines 3 and 4," in found.fix.description


def test_a_setting_in_two_places(tmp_path: Path) -> None:
    compose = (
        "services:\n  directus:\n    image: directus/directus:12.4.1\n    env_file: cms.env\n"
        "    environment: {CORS_ENABLED: 'true'}\n"
    )
    found = finding(tmp_path, "shadowed-variable", {"compose.yaml": compose, "cms.env": "CORS_ENABLED=false\n"})
    assert found.title == "`CORS_ENABLED` has different values in two places"
    assert "ignores `cms.env`" in found.message
    assert "twice" not in found.message


def test_a_base_image(tmp_path: Path) -> None:
    found = finding(tmp_path, "unpinned-image", {"Dockerfile": "FROM directus/directus:11\n"})
    assert found.title == "The base image `directus/directus:11` is not pinned"
    assert "next build" in found.message
    assert "pull" not in found.message


def test_a_package_in_a_dockerfile(tmp_path: Path) -> None:
    text = "FROM node:22\nRUN npm install directus@latest\nENV PUBLIC_URL=https://cms.example.com\nCMD npx directus start\n"
    found = finding(tmp_path, "unpinned-image", {"Dockerfile": text})
    assert found.fix is not None
    assert "`directus@latest`" in found.fix.description
    assert "image" not in found.title


def test_an_image_that_is_pulled(tmp_path: Path) -> None:
    text = "services:\n  directus:\n    image: directus/directus:latest\n"
    found = finding(tmp_path, "unpinned-image", {"compose.yaml": text})
    assert found.title == "The image `directus/directus:latest` is not pinned"
    assert "next pull" in found.message
