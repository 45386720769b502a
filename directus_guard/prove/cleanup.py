"""Puts an instance back, whatever happened: what is new goes, what was changed or deleted comes back.

What Directus itself logs stays: activity, revisions, and when the administrator was last seen.
"""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from directus_guard.prove.client import ProveError, segment
from directus_guard.prove.data_model import become
from directus_guard.prove.state import MASKED, SETTINGS, TABLES, take, take_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import FrameType

    from directus_guard.prove.applied import Json, Row
    from directus_guard.prove.client import WriteClient
    from directus_guard.prove.state import ServerState
    from directus_guard.secret import Secret

    _Handler = Callable[[int, FrameType | None], object] | signal.Handlers

NO_TOKENS: Final[Mapping[str, Secret]] = MappingProxyType({})
ROUNDS: Final = 3
"""So many times the instance is looked at: a request that was broken off may be carried out late."""
_SETTLED: Final = 0.3
"""Seconds between two looks."""


class Cleaning(Struct):
    """What came of putting an instance back. `left`: phrases about what is still different; empty where nothing is."""

    left: list[str] = field(default_factory=list)


@contextmanager
def restoring(client: WriteClient, before: ServerState) -> Iterator[Cleaning]:
    """Put the instance back at the end of the block, also after an error, Ctrl-C and SIGTERM, which both wait meanwhile.

    What could not be put back is in `left`; nothing is raised for it.
    """
    cleaning = Cleaning()
    with _terminating():
        try:
            yield cleaning
        finally:
            with _unbroken():
                cleaning.left += restore(client, before)


def restore(client: WriteClient, before: ServerState) -> tuple[str, ...]:
    """Put the instance back; what is still different then, in phrases."""
    left: tuple[str, ...] = ()
    for number in range(ROUNDS):
        if number:
            time.sleep(_SETTLED)
        try:
            left = _round(client, before, take(client))
        except ProveError as error:
            left = (f"the instance could not be asked what is left: {error}",)
            continue
        if not left and number:
            break
    return left


def reset(client: WriteClient, before: ServerState, tokens: Mapping[str, Secret]) -> tuple[str, ...]:
    """Put rows and settings back between two plans, which make no collections; what is still different then, in phrases.

    `tokens`: those of users whose token may be another now, which the server does not show. Raises `ProveError`.
    """
    now = take_rows(client, before)
    left: tuple[str, ...] = ()
    for number in range(ROUNDS):
        work = _Work(client, before, now, tokens)
        if number and work.is_different:
            # A flow of the access model may refuse what an administrator writes.
            now = work.stop_all_flows()
        work.run()
        left = (*work.found, *([f"{len(work.tokens)} tokens of users"] if work.tokens else []))
        if not left:
            break
        # Only what was put back is looked at again; after the next plan everything is.
        now, tokens = take_rows(client, now, work.tables), work.tokens
    return left


def _round(client: WriteClient, before: ServerState, now: ServerState) -> tuple[str, ...]:
    """One try; what was different before it. The next round says whether it worked."""
    work = _Work(client, before, now)
    work.run()
    return tuple(work.found)


class _Work:
    """The differences of one moment, and the requests that take them away; answers are not believed, the next look is."""

    def __init__(
        self, client: WriteClient, before: ServerState, now: ServerState, tokens: Mapping[str, Secret] = NO_TOKENS
    ) -> None:
        self._client, self._before, self._now = client, before, now
        self.tokens: Final = {key: token for key, token in tokens.items() if key in before.rows["users"]}
        """Those that are still to be stored."""
        self.found: Final[list[str]] = []
        self.tables: Final[set[str]] = set()
        """Where something was different."""

    @property
    def is_different(self) -> bool:
        """Whether there is something to put back."""
        before, now = self._before, self._now
        return bool(self.tokens) or (before.rows, before.settings) != (now.rows, now.settings)

    def stop_all_flows(self) -> ServerState:
        """Switch every flow off until its row is put back, after those of users; what is there then. Raises `ProveError`."""
        self._send("PATCH", "/flows", {"keys": list(self._now.rows["flows"]), "data": {"status": "inactive"}})
        time.sleep(_SETTLED)
        self._now = take_rows(self._client, self._now, ("flows",))
        return self._now

    def run(self) -> None:
        self._stop_flows()
        self._settings()
        for table in reversed(TABLES):
            self._delete_new(table)
        self._drop()
        for table in TABLES:
            self._put_back(table)

    def _send(self, method: str, path: str, body: object = None) -> bool:
        try:
            return self._client.send(method, path, body, token=self._client.administrator).ok
        except ProveError:
            return False

    def _note(self, count: int, what: str) -> None:
        if count:
            self.found.append(f"{count} {what}")

    def _note_rows(self, count: int, what: str, table: str) -> None:
        self._note(count, what)
        if count:
            self.tables.add(table)

    def _stop_flows(self) -> None:
        """First of all: a flow may undo, or refuse, what follows."""
        before, now = (one.rows.get("flows", {}) for one in (self._before, self._now))
        running = [key for key, row in now.items() if row.get("status") == "active" and row != before.get(key)]
        if running:
            self._send("PATCH", "/flows", {"keys": running, "data": {"status": "inactive"}})

    def _settings(self) -> None:
        before = self._before.settings
        changed = {name: before.get(name) for name, value in self._now.settings.items() if before.get(name) != value}
        self._note_rows(len(changed), "changed settings", SETTINGS)
        if changed:
            self._send("PATCH", "/settings", changed)

    def _delete_new(self, table: str) -> None:
        before, now = (one.rows.get(table, {}) for one in (self._before, self._now))
        gone = [_key(key) for key in now if key not in before]
        self._note_rows(len(gone), f"new rows of {table}", table)
        if gone and not self._send("DELETE", f"/{table}", gone):
            for key in gone:
                self._send("DELETE", f"/{table}/{segment(key)}")

    def _drop(self) -> None:
        """Collections and fields, together: one by one, those that lead to each other in a circle could not go on SQLite."""
        new = self._now.collections - self._before.collections
        self._note(len(new), "new collections")
        own = [one for one in self._now.fields - self._before.fields if one.partition(".")[0] not in new]
        self._note(len(own), "new fields")
        if new or own:
            become(self._client, self._before.snapshot)

    def _put_back(self, table: str) -> None:
        before, now = (one.rows.get(table, {}) for one in (self._before, self._now))
        lost = [row for key, row in before.items() if key not in now]
        self._note_rows(len(lost), f"deleted rows of {table}", table)
        for row in lost:
            self._store("POST", table, row, _without(row, MASKED))
        changed = {key: _changes(row, now[key]) for key, row in before.items() if key in now and row != now[key]}
        self._note_rows(len(changed), f"changed rows of {table}", table)
        for key, changes in changed.items():
            # 12 Core takes a permission that does not name its fields for one with a rule, and refuses that.
            sent = before[key] if table == "permissions" else _without(changes, MASKED - _emptied(changes))
            self._store("PATCH", table, before[key], sent)
        for key in tuple(self.tokens) if table == "users" else ():
            self._store("PATCH", table, before[key], {})

    def _store(self, method: str, table: str, row: Row, sent: Mapping[str, Json]) -> None:
        """Send a row, or a part of one; of a user with the token that it had."""
        key = str(row["id"])
        token = self.tokens.get(key) if table == "users" else None
        given = sent if token is None else {**sent, "token": token.reveal()}
        if self._send(method, f"/{table}" if method == "POST" else f"/{table}/{segment(key)}", given) and token:
            del self.tokens[key]


def _key(key: str) -> str | int:
    return int(key) if key.isdigit() else key


def _changes(before: Row, now: Row) -> Row:
    return {name: value for name, value in before.items() if now.get(name) != value}


def _emptied(changes: Row) -> frozenset[str]:
    """Secrets that were not set: that can be put back."""
    return frozenset(name for name, value in changes.items() if value is None)


def _without(row: Row, names: Iterable[str]) -> Mapping[str, Json]:
    left = frozenset(names)
    return {name: value for name, value in row.items() if name not in left}


# --- signals ---------------------------------------------------------------------------------------------------------


@contextmanager
def _terminating() -> Iterator[None]:
    """SIGTERM, which a runner that cancels a job sends, ends the block as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handled(signal.SIGTERM, interrupt):
        yield


@contextmanager
def _unbroken() -> Iterator[None]:
    """Neither Ctrl-C nor SIGTERM breaks the block off: a runner kills what takes too long all the same."""
    with _handled(signal.SIGINT, signal.SIG_IGN), _handled(signal.SIGTERM, signal.SIG_IGN):
        yield


@contextmanager
def _handled(number: signal.Signals, handler: _Handler) -> Iterator[None]:
    """Handle a signal in the block; only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)
