"""How sources are joined, and that each is brought in by every name it reads."""

from __future__ import annotations

import importlib
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest

from directus_guard.sources import evidence
from tests.sources.helpers import repository

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", evidence.MANIFESTS)
def test_every_name_a_source_reads_brings_it_in(name: str) -> None:
    module = importlib.import_module(f"directus_guard.sources.{name}")
    for pattern in getattr(module, "_NAMES", ()):
        example = pattern.replace(".y*ml", ".yaml").replace("*", "x")
        assert any(fnmatchcase(example, coarse) for coarse in evidence.MANIFESTS[name]), pattern


def test_a_file_belongs_to_one_deployment(tmp_path: Path) -> None:
    found = evidence.collect(
        repository(
            tmp_path,
            {
                "compose.yaml": "services:\n  directus:\n    build: .\n    env_file: prod.env\n",
                "Dockerfile": "FROM directus/directus:11.5.0\nENV LOG_LEVEL=debug\n",
                "prod.env": "DB_CLIENT=pg\nSECRET=x\n",
                "other/.env": "DB_CLIENT=pg\nSECRET=x\n",
            },
        )
    )
    assert [item.name for item in found.deployments] == ["compose.yaml#directus", "other/.env"]
    first = found.deployments[0]
    assert [variable.name for variable in first.variables] == ["LOG_LEVEL", "DB_CLIENT", "SECRET"]
    assert first.version is not None
    assert str(first.version.version) == "11.5.0"


def test_the_nearest_package_tells_the_version(tmp_path: Path) -> None:
    found = evidence.collect(
        repository(
            tmp_path,
            {
                "cms/.env": "DB_CLIENT=pg\nSECRET=x\n",
                "cms/package.json": '{"dependencies": {"directus": "11.2.0"}}',
                "package.json": '{"dependencies": {"directus": "10.0.0"}}',
            },
        )
    )
    (only,) = found.deployments
    assert only.version is not None
    assert only.version.text == "11.2.0"
    assert only.version.origin == "package.json"
