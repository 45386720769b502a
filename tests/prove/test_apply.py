"""An access model on a fresh server gives every principal what it gives them in the model, key by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.schema import Collection
from directus_guard.directus.versions import Version
from directus_guard.prove import apply, cleanup, state
from tests.lab.exporters import exported
from tests.lab.install import MAJORS
from tests.lab.models import model
from tests.lab.pull import save
from tests.lab.seed import seed
from tests.lab.server import row
from tests.prove import models
from tests.prove.checked import check
from tests.prove.servers import client
from tests.support.sampling import one_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.server import Lab


@pytest.mark.parametrize("major", MAJORS)
def test_the_seeded_project_from_rest_answers(lab: Lab, major: int, tmp_path: Path) -> None:
    with lab.server(major) as source:
        seed(source)
        save(source, tmp_path / "directus")
        snapshot = source.ask("GET", "/schema/snapshot", token=source.token).text
        (tmp_path / "directus" / "snapshot.json").write_text(snapshot, encoding="utf-8")
    with lab.server(major) as server:
        applied = check(server, exported(tmp_path, major))
    assert applied.left_out == ()
    assert {one.name for one in applied.members} == (set() if major >= 12 else {"Administrator", "Authors", "Editors"})
    assert set(applied.items) == {"articles", "categories", "subscribers"}
    assert sum(len(keys) for keys in applied.stand_ins.values()) == 1


@pytest.mark.parametrize("major", one_of(MAJORS, "from a schema snapshot in yaml"))
def test_from_a_schema_snapshot_in_yaml(lab: Lab, major: int, tmp_path: Path) -> None:
    """Links of every kind: to many, to translations, to anything. The command line writes the same file (`test_schemas.py`)."""
    with lab.server(major) as source:
        model(source)
        source.grant_public([row("posts_tags", "create"), row("tags", "read")])
        save(source, tmp_path / "directus")
        snapshot = source.ask("GET", "/schema/snapshot?export=yaml", token=source.token).text
        (tmp_path / "directus" / "snapshot.yaml").write_text(snapshot, encoding="utf-8")
        tables = {one["collection"] for one in source.admin.get("/collections")}
    with lab.server(major) as server:
        applied = check(server, exported(tmp_path, major))
    assert applied.left_out == ()
    assert set(applied.items) == {one for one in tables if not one.startswith("directus_")}


@pytest.mark.parametrize("major", one_of(MAJORS, "without a data model tables are there instead"))
def test_without_a_data_model_tables_are_there_instead(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        applied = check(server, replace(models.export(major), schema=None), compared=False)
    assert "articles" in applied.items
    assert ("collections", "articles") in {(one.kind, one.name) for one in applied.left_out}


@pytest.mark.parametrize("major", [11, 12])
def test_what_the_server_refuses_is_named_and_the_rest_is_there(lab: Lab, major: int) -> None:
    """A collection whose name Directus does not take; 10 does."""
    export = models.export(major)
    assert export.schema is not None
    odd = Collection("odd/name", has_table=True)
    schema = replace(export.schema, collections=(*export.schema.collections, odd))
    with lab.server(major) as server:
        applied = check(server, replace(export, schema=schema), compared=False)
    assert [(one.kind, one.name) for one in applied.left_out if one.kind == "collections"] == [
        ("collections", "odd/name")
    ]
    assert {"articles", "topics"} <= set(applied.items)


@pytest.mark.parametrize("major", one_of(MAJORS, "keys of members rows and attachments"))
def test_keys_of_members_rows_and_attachments(lab: Lab, major: int) -> None:
    """Each principal has a user who is it, and each row is found under the key that the answer gives."""
    export = models.export(major)
    with lab.server(major) as server, client(server) as asked:
        was = state.take(asked)
        with cleanup.restoring(asked, was):
            applied = apply.apply(asked, export, was)
            assert applied.core == (major == 12)
            stored = {one["id"]: one for one in server.admin.get("/permissions", limit=-1) if "id" in one}
            for row in export.model.permissions:
                if row.custom and applied.core:
                    assert applied.row(row) is None
                    continue
                key = applied.row(row)
                assert key is not None
                if key in stored:  # 10 answers two of a kind merged
                    assert (stored[key]["collection"], stored[key]["action"]) == (row.collection, row.action)
            for attachment in export.model.access:
                key_of_it = applied.attachment(attachment)
                assert (key_of_it is None) == (applied.core and attachment.user is not None), attachment
            principals = [one for one in export.model.principals() if not one.anonymous]
            for principal in principals:
                if applied.core:
                    applied = apply.seat(asked, applied, export, principal)
                member = applied.members[principal]
                me = asked.send("GET", "/users/me", token=member.token)
                assert isinstance(me.data, dict)
                assert me.data["id"] == member.user
                administrator = asked.send("GET", "/schema/snapshot", token=member.token).ok
                assert administrator == export.model.of(principal).admin, principal
            assert applied.victim is not None
            assert asked.send("GET", "/schema/snapshot", token=applied.victim.token).ok


@pytest.mark.parametrize("major", one_of(MAJORS, "nothing reaches out and nothing starts by itself"))
def test_nothing_reaches_out_and_nothing_starts_by_itself(lab: Lab, major: int) -> None:
    export = models.export(major)
    with lab.server(major) as server, client(server) as asked:
        was = state.take(asked)
        with cleanup.restoring(asked, was):
            applied = apply.apply(asked, export, was)
            assert applied.stand_ins == {models.FLOW: ("tell",)}
            flows = {one["id"]: one for one in server.admin.get("/flows")}
            assert {key: one["status"] for key, one in flows.items()} == {
                models.FLOW: "active",
                models.NIGHTLY: "inactive",
            }
            kinds = {one["key"]: one["type"] for one in server.admin.get("/operations")}
            assert kinds == {"tell": "transform", "write": "item-create", "tick": "item-create"}
            count = len(server.admin.get("/items/articles"))
            answer = asked.send("POST", f"/flows/trigger/{models.FLOW}", {"title": "by the flow"}, token=None)
            assert answer.ok, answer
            assert len(server.admin.get("/items/articles")) == count + 1
        assert server.mail.count() == 0


def test_a_model_of_another_time_is_not_applied() -> None:
    assert "in roles" in apply.misfit(Version(11, 17, 4), models.export(10))
    assert "in policies" in apply.misfit(Version(10, 13, 4), models.export(11))
    assert apply.misfit(Version(12, 4, 1), models.export(11)) == ""
