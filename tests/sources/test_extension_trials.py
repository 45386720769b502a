"""The server that an extension's repository starts to try it in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.sources.collect import collect
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

SERVICE: Final = "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      SECRET: x\n{0}"
MOUNT: Final = "    volumes: [./:/directus/extensions/x]\n"
PACKAGE: Final = json.dumps({"name": "directus-extension-x", "directus:extension": {"type": "interface"}})


@pytest.mark.parametrize(
    ("files", "trial"),
    [
        ({"package.json": PACKAGE, "docker-compose.yml": SERVICE.format(MOUNT)}, True),
        ({"a/package.json": PACKAGE, "a/compose.yaml": SERVICE.format("    volumes: ['./dist:/directus/extensions/x/dist']\n")}, True),
        ({"package.json": PACKAGE, "compose.yaml": SERVICE.format("      PUBLIC_URL: http://localhost\n" + MOUNT)}, True),
        ({"package.json": PACKAGE, "compose.yaml": SERVICE.format("      PUBLIC_URL: https://cms.example.com\n" + MOUNT)}, False),
        ({"package.json": PACKAGE, "compose.yaml": SERVICE.format("")}, False),
        ({"package.json": "{}", "compose.yaml": SERVICE.format(MOUNT)}, False),
        ({"extensions/x/package.json": PACKAGE, "compose.yaml": SERVICE.format("    volumes: ['./extensions:/directus/extensions']\n")}, False),
        ({"package.json": PACKAGE, "Dockerfile": "FROM directus/directus:12.4.1\nENV SECRET=x\n"}, False),
    ],
)  # fmt: skip
def test_what_it_is_for(tmp_path: Path, files: dict[str, str], *, trial: bool) -> None:
    (found,) = collect(repository(tmp_path, files)).deployments
    assert ("development" in found.hints) is trial
