"""A random configuration as the answers of the API would tell it, without a server.

It takes the same requests as `random_escalation.apply` sends to a real one. `test_adversary.py` compares both.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from directus_guard.directus.versions import Version
from directus_guard.sources.exports import reader as exports
from directus_guard.sources.files.repository import Repository
from tests.lab import random_escalation
from tests.lab.adversary_payloads import PUBLIC_POLICY
from tests.lab.install import RELEASES
from tests.lab.pull import edition, kinds, on_sqlite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directus_guard.directus.export import Export
    from tests.lab.random_escalation import Applied, Config
    from tests.lab.server import Server
    from tests.lab.stored_rows import Database

Row = dict[str, Any]

_DEFAULTS: Final[dict[str, Row]] = {
    "users": {
        "first_name": None, "last_name": None, "email": None, "password": None, "status": "active", "role": None, "token": None,
        "provider": "default", "external_identifier": None, "tfa_secret": None,
    },
    "roles": {"name": None, "description": None, "icon": "supervised_user_circle"},
    "policies": {"name": None, "ip_access": None, "enforce_tfa": False, "admin_access": False, "app_access": False},
    "access": {"role": None, "user": None, "policy": None, "sort": None},
    "permissions": {"permissions": None, "validation": None, "presets": None, "fields": None},
    "flows": {"status": "active", "trigger": None, "options": None, "operation": None, "accountability": "all"},
    "operations": {"resolve": None, "reject": None, "options": None},
}  # fmt: skip
"""What the database fills in."""


@dataclass(slots=True)
class OfflineServer:
    """What a server that was just made would store."""

    major: int
    tables: dict[str, list[Row]] = field(default_factory=dict)
    settings: Row = field(default_factory=dict)
    admin_role: str = "ad000000-0000-4000-8000-000000000001"
    admin_policy: str = "ad000000-0000-4000-8000-000000000002"
    admin_user: str = "ad000000-0000-4000-8000-000000000003"
    attached: tuple[str, str] = ("ad000000-0000-4000-8000-000000000004", "ad000000-0000-4000-8000-000000000005")
    """The attachments of the administrators' policy and of the public's."""
    keeper: str = "7e000000-0000-4000-8000-000000000001"
    """The flow that makes the server load its flows."""
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _first: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = {"id": 1, "public_registration": False, "public_registration_role": None}
        self.tables = {kind: [] for kind in kinds(self.major) if kind != "settings"}
        old = {"admin_access": True, "app_access": True} if self.major < 11 else {"parent": None}
        self.post("/roles", {"id": self.admin_role, "name": "Administrator", **old})
        if self.major >= 11:
            access = {"admin_access": True, "app_access": True}
            self.post("/policies", {"id": self.admin_policy, "name": "Administrator", **access})
            self.post("/policies", {"id": PUBLIC_POLICY, "name": "$t:public_label"})
            self.post("/access", {"id": self.attached[0], "policy": self.admin_policy, "role": self.admin_role})
            self.post("/access", {"id": self.attached[1], "policy": PUBLIC_POLICY})
        self.post(
            "/users", {"id": self.admin_user, "email": "admin@example.com", "role": self.admin_role, "token": "lab"}
        )
        self.post("/flows", {"id": self.keeper, "name": "keeper", "status": "inactive", "trigger": "webhook"})
        self._first = {kind: len(rows) for kind, rows in self.tables.items()}

    @property
    def admin(self) -> OfflineServer:
        """Requests as administrator."""
        return self

    def post(self, path: str, body: Row) -> None:
        kind = path.removeprefix("/")
        number = next(self._numbers)
        key = number if kind == "permissions" else f"0e000000-0000-4000-8000-{number:012}"
        self.tables[kind].append({"id": key, **self._defaults(kind), **body})

    def patch(self, path: str, body: Row) -> None:
        _, kind, *key = path.split("/")
        if kind == "settings":
            self.settings |= body
            return
        for row in self.tables[kind]:
            if row["id"] == key[0]:
                row.update(body)

    def permissions(self, rows: Sequence[Mapping[str, Any]], **holder: str | None) -> None:
        for row in rows:
            self.post("/permissions", {**row, **holder})

    def _defaults(self, kind: str) -> Row:
        if kind == "roles":
            old = {"admin_access": False, "app_access": True, "ip_access": None, "enforce_tfa": False}
            more = old if self.major < 11 else {"parent": None}
            return {**_DEFAULTS[kind], **more}
        return _DEFAULTS[kind]

    def put_on(self, database: Database) -> None:
        """Store on a server that was just made what this one has more."""
        for kind, rows in self.tables.items():
            database.add(f"directus_{kind}", rows[self._first[kind] :])
        database.change("directus_settings", {name: value for name, value in self.settings.items() if name != "id"})
        database.forget()
        database.load_flows()

    def export(self) -> Export:
        """The export that its answers make."""
        version = Version.parse(RELEASES[self.major].version)
        with tempfile.TemporaryDirectory(prefix="directus-guard-") as folder:
            for kind in kinds(self.major):
                data = self.settings if kind == "settings" else self.tables[kind]
                (Path(folder) / f"{kind}.json").write_text(json.dumps({"data": data}), encoding="utf-8")
            (found,) = exports.read(Repository(Path(folder)), version, edition(self.major))
        return on_sqlite(found)


def offline(config: Config, major: int, like: Server | None = None) -> tuple[OfflineServer, Applied]:
    """What stands for a server with this configuration. `like`: one whose keys it has."""
    server = OfflineServer(major) if like is None else _like(like)
    return server, random_escalation.apply(server, config)


def _like(server: Server) -> OfflineServer:
    """With the keys of a server that was just made."""
    get = server.admin.get
    (keeper,) = (str(one["id"]) for one in get("/flows", fields="id"))
    user, role = str(get("/users/me", fields="id")["id"]), server.admin_role
    if server.major < 11:
        return OfflineServer(server.major, admin_role=role, admin_user=user, keeper=keeper)
    access = {one["role"]: str(one["id"]) for one in get("/access", fields="id,role")}
    return OfflineServer(
        server.major,
        admin_role=role,
        admin_policy=server.admin_policy,
        admin_user=user,
        attached=(access[role], access[None]),
        keeper=keeper,
    )
