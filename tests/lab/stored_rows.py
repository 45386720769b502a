"""The rows of a server's SQLite file: read, remembered and put back beside the running server.

Much faster than a new server for each try: only the tables that differ are written, and the server forgets what it holds.
"""

from __future__ import annotations

import json
import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.lab.server import Server

Rows = list[tuple[Any, ...]]
Snapshot = dict[str, Rows]

_FLOWS: Final = ("directus_flows", "directus_operations")
_RELOAD: Final = 0.03
"""Seconds that a server takes to load its flows anew."""


def _stored(name: str, value: object) -> object:
    """A value as its column holds it: lists of fields as text with commas, everything else that has members as JSON."""
    if name == "fields" and isinstance(value, list):
        return ",".join(value)
    return json.dumps(value) if isinstance(value, (dict, list)) else value


class Database:
    """The file of one server. `keeper`: an inactive flow without operations; saving it makes the server load all flows."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection = sqlite3.connect(server.folder / "data.db", isolation_level=None, timeout=20)
        # Nothing here has to survive the machine.
        self._connection.execute("PRAGMA synchronous = OFF")
        self.keeper = str(
            server.admin.post("/flows", {"name": "keeper", "status": "inactive", "trigger": "webhook"})["id"]
        )

    def close(self) -> None:
        self._connection.close()

    def version(self) -> int:
        """A number that changes with each write of the server."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def ask(self, query: str, *values: object) -> Rows:
        """The rows of a query."""
        return self._connection.execute(query, values).fetchall()

    def flows(self) -> Rows:
        """Everything that says what flows do."""
        return [row for table in _FLOWS for row in self.ask(f"SELECT * FROM {table} ORDER BY id")]

    def take(self) -> Snapshot:
        """All rows of all tables."""
        tables = [name for (name,) in self.ask("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {table: self.ask(f'SELECT * FROM "{table}"') for table in tables}

    def put(self, wanted: Snapshot) -> None:
        """Make the rows what they were, and let the server forget what it holds of them."""
        present = self.take()
        changed = [table for table, rows in wanted.items() if present.get(table) != rows]
        if not changed:
            return
        self._connection.execute("BEGIN IMMEDIATE")
        for table in changed:
            self._connection.execute(f'DELETE FROM "{table}"')
            for row in wanted[table]:
                self._connection.execute(f'INSERT INTO "{table}" VALUES ({",".join("?" * len(row))})', row)
        self._connection.execute("COMMIT")
        self.forget()
        if set(changed) & set(_FLOWS):
            self.load_flows()

    def add(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Store new rows, with what the database fills in where nothing is given."""
        columns = {name for _, name, *_ in self.ask(f'PRAGMA table_info("{table}")')}
        for row in rows:
            given = {name: _stored(name, value) for name, value in row.items() if name in columns and value is not None}
            names = ", ".join(f'"{name}"' for name in given)
            places = ", ".join("?" * len(given))
            self._connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({places})', tuple(given.values()))

    def change(self, table: str, values: Mapping[str, Any]) -> None:
        """Change every row of a table; without any, store one."""
        if not self.ask(f'SELECT 1 FROM "{table}"'):
            self.add(table, [values])
        for name, value in values.items():
            self._connection.execute(f'UPDATE "{table}" SET "{name}" = ?', (_stored(name, value),))

    def forget(self) -> None:
        """The server reads permissions, settings and the data model again."""
        answer = self._server.ask("POST", "/utils/cache/clear?system", token=self._server.token)
        assert answer.status_code == 200, answer.text

    def load_flows(self) -> None:
        """The server loads its flows again."""
        self._server.ask("PATCH", f"/flows/{self.keeper}", token=self._server.token, json={"name": "keeper"})
        time.sleep(_RELOAD)
