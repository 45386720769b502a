"""The rows of an instance that a run may change, as the API shows them: to put them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.prove.client import RequestRefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from directus_guard.prove.applied import Json, Row
    from directus_guard.prove.client import WriteClient

TABLES: Final = (
    "roles",
    "policies",
    "access",
    "permissions",
    "users",
    "flows",
    "operations",
    "shares",
    "presets",
    "folders",
)
"""Endpoints in the order in which rows are made: what others point at comes first."""
SETTINGS: Final = "settings"
_ALIASES: Final[Mapping[str, frozenset[str]]] = {
    "roles": frozenset({"policies", "users", "children"}),
    "policies": frozenset({"permissions", "users", "roles"}),
    "users": frozenset({"policies"}),
    "flows": frozenset({"operations"}),
}
"""Members that are lists of other rows."""
_LOGGED: Final = frozenset({"last_access", "last_page", "date_created", "user_created", "date_updated", "user_updated"})
"""Members that Directus itself writes."""
_KEYS: Final = frozenset({"id", "project_id"})
"""Of settings. On 10 a new instance has none of them: the first change makes the row, and nothing takes it away."""
MASKED: Final = frozenset({"password", "token", "tfa_secret"})
"""Members of users whose values are not shown: set or not is all that is known."""


class ServerState(Struct, frozen=True):
    """What an instance has at one moment."""

    rows: Mapping[str, Mapping[str, Row]]
    """Rows by their key, by endpoint, without what Directus itself logs in them."""
    collections: frozenset[str]
    fields: frozenset[str]
    """Fields that are not Directus' own, as `collection.field`."""
    settings: Row
    snapshot: Mapping[str, Json]
    """The data model as the server writes and reads it."""


def take(client: WriteClient) -> ServerState:
    """What is there now. Raises `ProveError`."""
    collections = frozenset(
        str(one.get("collection")) for one in _listed(client, "collections", {}) if one.get("collection")
    )
    snapshot = client.admin("GET", "/schema/snapshot")
    if not isinstance(snapshot, dict):
        raise RequestRefusedError("GET /schema/snapshot: the answer is no snapshot")
    return take_rows(client, ServerState({}, collections, frozenset(_own_fields(client)), {}, snapshot))


def take_rows(
    client: WriteClient, unchanged: ServerState, tables: Collection[str] = (*TABLES, SETTINGS)
) -> ServerState:
    """The same where collections, fields and other tables are known to be as they were. Raises `ProveError`."""
    asked = {table: found for table in tables if table != SETTINGS and (found := _rows(client, table)) is not None}
    rows = {**unchanged.rows, **asked}
    settings = _settings(client) if SETTINGS in tables else unchanged.settings
    return ServerState(rows, unchanged.collections, unchanged.fields, settings, unchanged.snapshot)


def _settings(client: WriteClient) -> Row:
    found = client.admin("GET", "/settings")
    if not isinstance(found, dict):
        raise RequestRefusedError("GET /settings: the answer holds no settings")
    return {name: value for name, value in found.items() if name not in _KEYS}


def _rows(client: WriteClient, table: str) -> Mapping[str, Row] | None:
    """The stored rows of a table; None where this version does not have it."""
    answer = client.send("GET", f"/{table}", query={"limit": "-1"}, token=client.administrator)
    if answer.status == 404:
        return None
    if not answer.ok or not isinstance(answer.data, list):
        raise RequestRefusedError(f"GET /{table}: the server answered {answer.status} {answer.reason}".rstrip())
    rows = [one for one in answer.data if isinstance(one, dict) and not one.get("system")]
    if table == "permissions" and any("role" in one for one in answer.data if isinstance(one, dict)):
        keys = frozenset(one["id"] for one in rows if one.get("id") is not None)
        if len(keys) < _aggregated(client, "count"):
            rows += _unlisted(client, keys)
    left = _ALIASES.get(table, frozenset()) | _LOGGED
    return {
        str(one["id"]): {name: value for name, value in one.items() if name not in left}
        for one in rows
        if one.get("id") is not None
    }


def _unlisted(client: WriteClient, listed: frozenset[Json]) -> list[Row]:
    """The rows that a list of 10 has merged into others, which have no key then: by its key each comes as it is."""
    found: list[Row] = []
    for number in range(1, _aggregated(client, "max") + 1):
        if number in listed:
            continue
        answer = client.send("GET", f"/permissions/{number}", token=client.administrator)
        if answer.ok and isinstance(answer.data, dict):
            found.append(answer.data)
        elif answer.status not in (403, 404):
            raise RequestRefusedError(f"GET /permissions/{number}: the server answered {answer.status}")
    return found


def _aggregated(client: WriteClient, function: str) -> int:
    """The count, or the largest, of the keys of stored permission rows; 10 adds rows of the framework to the answer."""
    for one in _listed(client, "permissions", {f"aggregate[{function}]": "id"}):
        if isinstance(values := one.get(function), dict):
            number = values.get("id")
            return number if isinstance(number, int) else 0
    return 0


def _listed(client: WriteClient, path: str, query: Mapping[str, str]) -> list[dict[str, Json]]:
    found = client.admin("GET", f"/{path}", query=query)
    if not isinstance(found, list):
        raise RequestRefusedError(f"GET /{path}: the answer is no list")
    return [one for one in found if isinstance(one, dict)]


def _own_fields(client: WriteClient) -> list[str]:
    found = []
    for one in _listed(client, "fields", {}):
        meta = one.get("meta")
        if not (isinstance(meta, dict) and meta.get("system")):
            found.append(f"{one.get('collection')}.{one.get('field')}")
    return found
