"""An access model on a fresh server gives every principal what it gives them in the model, whichever exporter wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from directus_guard.prove import apply, cleanup, state
from tests.lab.exporters import access, exported
from tests.lab.install import MAJORS
from tests.lab.pull import pulled, save
from tests.lab.seed import seed
from tests.prove.fresh import client, database

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.export import Export
    from directus_guard.prove.applied import Applied
    from tests.lab.server import Lab, Server
    from tests.prove.fresh import FreshServers


def check(server: Server, export: Export) -> Applied:
    """Apply an export; compare what the server says of every principal with the model; clean up; compare the database."""
    before = database(server)
    with client(server) as asked:
        was = state.take(asked)
        with cleanup.restoring(asked, was) as cleaning:
            applied = apply.apply(asked, export, was)
            truth = access(export)
            found = access(pulled(server))
            # Two roles are called Administrator now.
            for name in truth.keys() - {"Administrator"}:
                assert found[name] == truth[name], name
            for member in applied.members.values():
                assert asked.send("GET", "/users/me", token=member.token).ok
    assert cleaning.left == []
    assert database(server) == before
    return applied


@pytest.mark.parametrize("major", MAJORS)
def test_the_seeded_project_from_rest_answers(lab: Lab, fresh: FreshServers, major: int, tmp_path: Path) -> None:
    with lab.server(major) as source:
        seed(source)
        save(source, tmp_path / "directus")
        snapshot = source.ask("GET", "/schema/snapshot", token=source.token).text
        (tmp_path / "directus" / "snapshot.json").write_text(snapshot, encoding="utf-8")
    with fresh.server(major) as server:
        applied = check(server, exported(tmp_path, major))
    assert applied.left_out == ()
    assert {one.name for one in applied.members} == (set() if major >= 12 else {"Administrator", "Authors", "Editors"})
    assert set(applied.items) == {"articles", "categories", "subscribers"}
    assert sum(len(keys) for keys in applied.stand_ins.values()) == 1
