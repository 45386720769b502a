"""What is asked for of each system collection. The audit asks for it, and `auditor-policy` prints the rows that allow it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class RequestedRows(Struct, frozen=True):
    """Rows of one system collection."""

    path: str
    """Its endpoint."""
    fields: tuple[str, ...]
    """Without one of these the answer is not used."""
    optional: tuple[str, ...] = ()
    """Asked for where the token may read them."""
    sort: str = "id"
    every_field: bool = False
    """Whether all fields are used, whatever a version calls them."""

    @property
    def collection(self) -> str:
        """The collection behind the endpoint."""
        return f"directus_{self.path[1:]}"

    @property
    def readable(self) -> tuple[str, ...]:
        """The fields that a token must be able to read to get all of it, in this order."""
        named = (*self.fields, *self.optional, self.sort)
        return ("*",) if self.every_field else tuple(dict.fromkeys(named))


_FLAGS: Final = ("id", "name", "admin_access", "app_access", "enforce_tfa", "ip_access")
_PERMISSION: Final = ("id", "collection", "action", "permissions", "validation", "presets", "fields")

ACCESS: Final = RequestedRows("/access", ("id", "role", "user", "policy"), ("sort",))
EXTENSIONS: Final = RequestedRows("/extensions", ("id",), every_field=True)
FLOWS: Final = RequestedRows("/flows", ("id", "name", "status", "trigger", "options", "operation"), ("accountability",))
OPERATIONS: Final = RequestedRows("/operations", ("id", "key", "type", "flow", "options", "resolve", "reject"))
PERMISSIONS: Final = RequestedRows("/permissions", (*_PERMISSION, "policy"))
OLD_PERMISSIONS: Final = RequestedRows("/permissions", (*_PERMISSION, "role"))
"""On 10."""
POLICIES: Final = RequestedRows("/policies", _FLAGS)
ROLES: Final = RequestedRows("/roles", ("id", "name", "parent"))
OLD_ROLES: Final = RequestedRows("/roles", _FLAGS)
"""On 10, where roles carry what policies carry since."""
SETTINGS: Final = RequestedRows("/settings", ("id",), every_field=True)
SHARES: Final = RequestedRows("/shares", ("collection", "password", "date_end", "max_uses"), sort="date_created")
USERS: Final = RequestedRows("/users", ("id", "role", "status"), ("provider", "last_access", "token", "tfa_secret"))

_ALWAYS: Final = (EXTENSIONS, FLOWS, OPERATIONS, SETTINGS, SHARES, USERS)


def requested_rows(*, old: bool) -> tuple[RequestedRows, ...]:
    """Everything that an audit asks for with a token, ordered by collection. `old`: of an instance before policies."""
    own = (OLD_PERMISSIONS, OLD_ROLES) if old else (ACCESS, PERMISSIONS, POLICIES, ROLES)
    return tuple(sorted((*_ALWAYS, *own), key=lambda rows: rows.path))
