"""The whole database of a server of the lab, to compare, and the client of `prove`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from directus_guard.live.target import target
from directus_guard.prove.client import WriteClient
from directus_guard.secret import Secret

if TYPE_CHECKING:
    from tests.lab.server import Server

Rows = list[tuple[Any, ...]]

LOGGED: Final = frozenset({"directus_activity", "directus_revisions", "sqlite_sequence"})
"""Tables that Directus itself writes what was done into, and SQLite its counters."""
SEEN: Final = ("last_access", "last_page", "date_created", "user_created")
"""Columns that say when a user was last there, and when a row was made."""


def client(server: Server) -> WriteClient:
    """The client of `prove`, as administrator."""
    return WriteClient(target(server.url, token=Secret(server.token)))


def database(server: Server, *, logged: bool = False) -> dict[str, Rows]:
    """All rows of all tables with the definition of each; without what is only logged, unless that is wanted."""
    with closing(sqlite3.connect(f"file:{server.folder / 'data.db'}?mode=ro", uri=True, timeout=20)) as connection:
        found: dict[str, Rows] = {}
        for name in _tables(connection):
            if logged or name not in LOGGED:
                columns = [column for column in _columns(connection, name) if logged or column not in SEEN]
                rows = connection.execute(f'SELECT {_listed(columns)} FROM "{name}"').fetchall()
                if name == "directus_settings" and not logged:
                    rows = [one for one in rows if not _is_default(connection, columns, one)]
                found[name] = [_definition(connection, name), *sorted(rows, key=repr)]
        return found


def _is_default(connection: sqlite3.Connection, columns: list[str], row: tuple[Any, ...]) -> bool:
    """Whether a row of settings says what the columns say by themselves: a new 10 has none, and it cannot be deleted."""
    table = connection.execute("PRAGMA table_info(directus_settings)").fetchall()
    defaults = {
        name: None if default in (None, "null", "NULL") else str(default).strip("'")
        for _, name, _, _, default, _ in table
    }
    values = {name: None if value is None else str(value) for name, value in zip(columns, row, strict=True)}
    return all(values[name] == defaults[name] for name in columns if name not in ("id", "project_id"))


def _tables(connection: sqlite3.Connection) -> list[str]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    return [name for (name,) in names]


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return sorted(one[1] for one in connection.execute(f'PRAGMA table_info("{table}")'))


def _definition(connection: sqlite3.Connection, table: str) -> tuple[Any, ...]:
    """The columns and the foreign keys; the text that made the table changes with each column that comes and goes."""
    columns = sorted(one[1:] for one in connection.execute(f'PRAGMA table_info("{table}")'))
    keys = sorted(one[2:] for one in connection.execute(f'PRAGMA foreign_key_list("{table}")'))
    return (repr(columns), repr(keys))


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{one}"' for one in columns)
