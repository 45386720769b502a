"""Exports that real tools make of the seeded project give every principal what the server gives it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.directus.versions import Version
from tests.lab.exporters import CLI, SYNC, SYNC_EXTENSION, access, exported, run
from tests.lab.install import MAJORS
from tests.lab.pull import pulled, save
from tests.lab.seed import seed
from tests.lab.server import started
from tests.support.exports import gaps_of
from tests.support.programs import npm, npm_tarball

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from directus_guard.directus.export import Export
    from tests.lab.server import Lab, Server

OWN_COLLECTIONS: Final = ["articles", "categories", "subscribers"]


def data_model(export: Export) -> list[str]:
    assert export.schema is not None
    return sorted(collection.name for collection in export.schema.collections)


def flows(export: Export) -> list[tuple[str, str, str]]:
    """Each operation with its flow and what it is."""
    names = {flow.id: flow.name for flow in export.flows}
    return sorted((names[one.flow or ""], one.key, one.type) for one in export.operations)


@pytest.fixture(scope="module")
def twelve(lab: Lab) -> Iterator[Server]:
    with lab.server(12) as server:
        seed(server)
        yield server


@pytest.fixture(scope="module")
def eleven(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With the extension that directus-sync needs."""
    folder = tmp_path_factory.mktemp("sync")
    shutil.copytree(npm_tarball(SYNC_EXTENSION), folder / "extensions" / "directus-extension-sync")
    with started(folder / "project", 11, env={"EXTENSIONS_PATH": str(folder / "extensions")}) as server:
        seed(server)
        yield server


@pytest.mark.parametrize("major", MAJORS)
def test_the_seeded_project_has_what_it_is_for(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        seed(server)
        found = pulled(server)
        assert {"Editors", "Authors", "public"} <= set(access(found))
        assert flows(found) == [("Subscribe", "first", "item-create"), ("Tell the printer", "first", "request")]
        assert found.settings is not None
        assert found.settings.values["public_registration"] is True


def test_environment_sync(twelve: Server, tmp_path: Path) -> None:
    program = str(npm(CLI) / "node_modules" / ".bin" / "d6s")
    run(tmp_path, 12, program, "profile", "add", "prod", "--url", twelve.url)
    run(tmp_path, 12, program, "sync", "pull", "--from", "prod", "--all", "--json", DIRECTUS_PROD_TOKEN=twelve.token)
    found, truth = exported(tmp_path, 12), pulled(twelve)
    assert found.model.version == Version.parse(twelve.version)
    assert access(found) == access(truth)
    assert flows(found) == flows(truth)
    assert {user.id: user.role for user in found.model.users} == {user.id: user.role for user in truth.model.users}
    assert found.settings is not None
    assert truth.settings is not None
    for name in ("public_registration", "public_registration_role", "public_registration_verify_email"):
        assert found.settings.values[name] == truth.settings.values[name], name
    assert data_model(found) == OWN_COLLECTIONS
    assert not gaps_of(found)


def test_directus_sync(eleven: Server, tmp_path: Path) -> None:
    program = str(npm(SYNC) / "node_modules" / ".bin" / "directus-sync")
    run(tmp_path, 11, program, "pull", "--directus-url", eleven.url, "--directus-token", eleven.token)
    found, truth = exported(tmp_path, 11), pulled(eleven)
    assert found.model.version == Version.parse(eleven.version)
    assert access(found) == access(truth)
    assert flows(found) == flows(truth)
    assert data_model(found) == OWN_COLLECTIONS
    assert set(gaps_of(found)) == {"user policies"}
    assert not found.model.users


def test_plain_answers_and_a_schema_snapshot(eleven: Server, tmp_path: Path) -> None:
    save(eleven, tmp_path / "directus")
    eleven.cli("schema", "snapshot", "--yes", str(tmp_path / "directus" / "snapshot.yaml"))
    found, truth = exported(tmp_path, 11), pulled(eleven)
    assert found.model.version == Version.parse(eleven.version), "the snapshot tells it"
    assert access(found) == access(truth)
    assert data_model(found) == OWN_COLLECTIONS
    assert found.schema is not None
    category = next(one for one in found.schema.relations if one.field == "category")
    assert (category.collection, category.related_collection) == ("articles", "categories")
