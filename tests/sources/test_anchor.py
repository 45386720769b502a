"""Where findings about a running instance are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from directus_guard.finding import Location
from directus_guard.sources.deployments.anchor import anchor
from directus_guard.sources.files.repository import Repository
from tests.support.cli import write
from tests.support.each import each_case

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "https://cms.acme.com"
COMPOSE = "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      SECRET: ${SECRET:?}\n      PUBLIC_URL: URL\n"
PROFILES = '{"profiles": {\n"text": "x",\n"none": {"url": [5]},\n"stage": {"url": "https://stage.acme.com"},\n"live": {"url": "https://cms.acme.com/"}}}'


@each_case(
    ("files", "place"),
    [
        ({"directus.config.json": PROFILES, "compose.yaml": COMPOSE.replace("URL", ORIGIN, 1)}, "directus.config.json:5:18"),
        ({"directus.config.json": PROFILES.replace("cms.", "other."), "compose.yaml": COMPOSE.replace(": URL", f": {ORIGIN}")}, "compose.yaml:6:19"),
        ({"directus.config.json": PROFILES.replace("cms.", "other.")}, "directus.config.json:4:19"),
        ({"directus.config.json": '{"profiles": ["x"]}', "compose.yaml": COMPOSE.replace(": URL", ": https://x.acme.com")}, "compose.yaml:2:3"),
        ({"directus.config.json": "[]"}, ORIGIN),
        ({"directus.config.json": "{}", "compose.yaml": COMPOSE.replace(": URL", ": ${URL}")}, "compose.yaml:2:3"),
        ({"dev/compose.yaml": COMPOSE.replace(": URL", ": http://localhost:8055")}, ORIGIN),
        ({".github/workflows/a.yml": "on: push\n", ".github/workflows/b.yml": "# directus-guard\n"}, ".github/workflows/b.yml:1:1"),
        ({"docs/.github/workflows/b.yml": "# directus-guard\n", ".github/workflows/c/b.yml": "# directus-guard\n"}, ORIGIN),
        ({}, ORIGIN),
    ],
)  # fmt: skip
def test_the_place_of_an_instance(tmp_path: Path, files: dict[str, str], place: str) -> None:
    root = write(tmp_path, {"README.md": "x\n", **files})
    found = anchor(Repository(root), run(Options(root=root)).project.environments, ORIGIN)
    assert found == Location(ORIGIN) if place == ORIGIN else f"{found.path}:{found.line}:{found.column}" == place
