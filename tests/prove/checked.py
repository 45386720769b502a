"""An export applied to a server, compared with what the server then says, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from directus_guard.prove import apply, cleanup, state
from tests.lab.exporters import access
from tests.lab.pull import pulled
from tests.prove.servers import client, database

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.export import Export
    from directus_guard.prove.applied import Applied
    from tests.lab.server import Server


def check(server: Server, export: Export, *, compared: bool = True) -> Applied:
    """Apply an export; compare what the server says of every principal with the model; clean up; compare the database."""
    before = database(server)
    with client(server) as asked:
        was = state.take(asked)
        with cleanup.restoring(asked, was) as cleaning:
            applied = apply.apply(asked, export, was)
            truth = _access(export)
            found = _access(pulled(server))
            # Two roles are called Administrator now.
            for name in truth.keys() - {"Administrator"} if compared else ():
                assert found[name] == truth[name], name
            for member in applied.members.values():
                assert asked.send("GET", "/users/me", token=member.token).ok
    assert cleaning.left == []
    assert database(server) == before
    return applied


def _access(export: Export) -> dict[str, list[dict[str, Json]]]:
    """By name of the principal. Which policy is named first follows from their keys, and the server gives new ones."""
    return {
        name: [{**entry, "granted_by": sorted(cast("list[str]", entry["granted_by"]))} for entry in entries]
        for name, entries in access(export).items()
    }
