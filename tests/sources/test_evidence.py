"""How sources are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.environment.deployment import VersionOrigin
from directus_guard.sources import collect as evidence
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path


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
    assert only.version.origin is VersionOrigin.PACKAGE
