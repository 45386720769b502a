"""What the real exporters write, read back: Environment Sync, directus-sync and schema-sync against real servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.directus.access.principals import PUBLIC
from directus_guard.directus.versions import Version
from directus_guard.sources.exports import reader as exports
from directus_guard.sources.files.repository import Repository
from tests.lab import exporters
from tests.lab.install import MAJORS
from tests.lab.models import model
from tests.lab.pull import pulled, save
from tests.lab.seed import seed
from tests.lab.server import row
from tests.support.exports import gaps_of
from tests.support.sampling import one_of

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.export import Export
    from tests.lab.server import Lab, Server


def only(folder: Path) -> Export:
    repository = Repository(folder)
    (found,) = exports.read(repository)
    assert repository.problems == []
    return found


def check_model(export: Export, server: Server) -> None:
    """The data model of `tests.lab.test_schemas.model`."""
    assert str(export.model.version) == server.version
    schema = export.schema
    assert schema is not None
    assert schema.complete
    assert schema.junctions == {
        "posts_blocks": ("collection", "item", "posts_id"),
        "posts_tags": ("posts_id", "tags_id"),
    }
    assert set(schema.by_collection["posts"]) == {"id", "status", "secret", "tags", "translations", "blocks"}
    assert set(schema.by_collection["posts"]["secret"].special) == {"hash", "conceal"}


def test_environment_sync(lab: Lab, tmp_path: Path) -> None:
    with lab.server(12) as server:
        model(server)
        server.grant_public([row("tags", "read")])
        exporters.environment_sync(server, tmp_path)
        export = only(tmp_path)
        check_model(export, server)
    assert export.name == "directus/default"
    assert export.model.of(PUBLIC).may("read", "tags")
    assert not export.model.of(PUBLIC).may("read", "posts")
    assert set(gaps_of(export)) == {"edition"}
    (user,) = export.model.users
    assert export.model.of_user(user.id).admin
    # Environment Sync leaves secrets out: whether they are set is not known.
    assert (user.status, user.provider, user.has_token, user.has_second_factor) == ("active", "default", None, None)


def test_directus_sync(lab: Lab, tmp_path: Path) -> None:
    with lab.server(11, exporters.sync_extension()) as server:
        model(server)
        actor = server.actor([row("tags", "read"), row("directus_activity", "read")])
        exporters.directus_sync(server, tmp_path)
        export = only(tmp_path)
        check_model(export, server)
    assert export.name == "directus-config/collections"
    assert set(gaps_of(export)) == {"user policies"}
    (editor,) = [principal for principal, _ in export.actors if principal != PUBLIC]
    assert export.model.of(editor).may("read", "directus_activity")
    assert actor.role not in {role.id for role in export.model.roles}


@pytest.mark.parametrize("major", [11, 12])
def test_schema_sync(lab: Lab, tmp_path: Path, major: int) -> None:
    with lab.server(major, exporters.schema_sync_extension(major)) as server:
        model(server)
        actor = server.actor([row("tags", "read"), row("directus_activity", "read")])
        own = server.policy([row("posts", "read")])
        server.attach(own, user=actor.id)
        exporters.schema_sync(server, tmp_path)
    export = only(tmp_path)
    assert export.name == "schema-sync"
    assert set(gaps_of(export, optional=True)) == {"users", "flows", "operations"}
    assert ("user policies" in gaps_of(export)) == (major == 12)
    # Attached to a user who is not exported: known on 11, on 12 judged by itself.
    readers = {name: access for name, access in export.actors if access.may("read", "posts")}
    assert len(readers) == 1
    assert any(access.may("read", "directus_activity") for _, access in export.actors)


# --- every principal of the seeded project gets what the server gives it ---------------------------------------------


def data_model(export: Export) -> list[str]:
    assert export.schema is not None
    return sorted(collection.name for collection in export.schema.collections)


def flows(export: Export) -> list[tuple[str, str, str]]:
    """Each operation with its flow and what it is."""
    names = {flow.id: flow.name for flow in export.flows}
    return sorted((names[one.flow or ""], one.key, one.type) for one in export.operations)


def assert_same(found: Export, truth: Export, server: Server) -> None:
    """Version, access and flows of an export are those of the server."""
    assert found.model.version == Version.parse(server.version)
    assert exporters.access(found) == exporters.access(truth)
    assert flows(found) == flows(truth)


OWN_COLLECTIONS: Final = ["articles", "categories", "subscribers"]


@pytest.mark.parametrize("major", one_of(MAJORS, "the seeded project has what it is for"))
def test_the_seeded_project_has_what_it_is_for(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        seed(server)
        found = pulled(server)
        assert {"Editors", "Authors", "public"} <= set(exporters.access(found))
        assert flows(found) == [("Subscribe", "first", "item-create"), ("Tell the printer", "first", "request")]
        assert found.settings is not None
        assert found.settings.values["public_registration"] is True


def test_the_seeded_project_by_environment_sync(lab: Lab, tmp_path: Path) -> None:
    with lab.server(12) as server:
        seed(server)
        exporters.environment_sync(server, tmp_path)
        truth = pulled(server)
    found = exporters.exported(tmp_path, 12)
    assert_same(found, truth, server)
    assert {user.id: user.role for user in found.model.users} == {user.id: user.role for user in truth.model.users}
    assert found.settings is not None
    assert truth.settings is not None
    for name in ("public_registration", "public_registration_role", "public_registration_verify_email"):
        assert found.settings.values[name] == truth.settings.values[name], name
    assert data_model(found) == OWN_COLLECTIONS
    assert not gaps_of(found)


def test_the_seeded_project_by_directus_sync(lab: Lab, tmp_path: Path) -> None:
    with lab.server(11, exporters.sync_extension()) as server:
        seed(server)
        exporters.directus_sync(server, tmp_path)
        truth = pulled(server)
    found = exporters.exported(tmp_path, 11)
    assert_same(found, truth, server)
    assert data_model(found) == OWN_COLLECTIONS
    assert set(gaps_of(found)) == {"user policies"}
    assert not found.model.users


def test_the_seeded_project_by_plain_answers_and_a_schema_snapshot(lab: Lab, tmp_path: Path) -> None:
    with lab.server(11) as server:
        seed(server)
        save(server, tmp_path / "directus")
        server.cli("schema", "snapshot", "--yes", str(tmp_path / "directus" / "snapshot.yaml"))
        truth = pulled(server)
    found = exporters.exported(tmp_path, 11)
    assert found.model.version == Version.parse(server.version), "the snapshot tells it"
    assert exporters.access(found) == exporters.access(truth)
    assert data_model(found) == OWN_COLLECTIONS
    assert found.schema is not None
    category = next(one for one in found.schema.relations if one.field == "category")
    assert (category.collection, category.related_collection) == ("articles", "categories")
