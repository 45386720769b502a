"""Which requests start event flows, whether these run although the request is refused, and with whose rights.

`python -m tests.lab.event_table` measures it on all versions and writes `tests/truth/events.json`. Two flows listen to all
events of items, on `articles` and on users: one that blocks and one that does not. Each writes what it was given with full
access, and once more with the rights of its trigger.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from tests.lab.install import RELEASES
from tests.lab.server import row, started
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.lab.server import Actor, Server

RECORD: Final = ROOT / "tests" / "truth" / "events.json"
USERS: Final = "directus_users"
_SCOPES: Final = ("items.create", "items.read", "items.update", "items.delete", "auth.login")
_WAIT: Final = 0.5
"""Seconds until flows that do not block have run."""
_PASSWORD: Final = "a password of somebody"


@dataclass(frozen=True, slots=True)
class Run:
    """A flow that ran. `kept`: what it wrote is still there; `checked`: the rights of its trigger are limited; `caller`: it
    knows who caused it; `payload`: the fields it was given; `keys`: whether it was given keys."""

    event: str
    blocking: bool
    kept: bool
    checked: bool | None
    caller: bool | None
    payload: tuple[str, ...]
    keys: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """A request, who made it, its answer, and the flows that ran."""

    version: str
    request: str
    who: str
    accepted: bool
    runs: tuple[Run, ...]


def prepare(server: Server) -> None:
    """`articles` with items, `hits` for what flows write, and the flows."""
    key = {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}, "meta": {}}

    def field(name: str, kind: str = "string", **meta: Any) -> dict[str, Any]:
        return {"field": name, "type": kind, "schema": {"is_nullable": True}, "meta": meta}

    hits = [
        field("flow"),
        field("rights"),
        field("event"),
        field("given", "json", special=["cast-json"]),
        field("user"),
    ]
    server.admin.post(
        "/collections", {"collection": "articles", "schema": {}, "meta": {}, "fields": [key, field("title")]}
    )
    server.admin.post("/collections", {"collection": "hits", "schema": {}, "meta": {}, "fields": [key, *hits]})
    server.admin.post("/items/articles", [{"title": f"article {number}"} for number in range(12)])
    for kind in ("filter", "action"):
        _flow(server, kind)
    server.admin.patch("/settings", {"public_registration": True, "public_registration_verify_email": True})


def _flow(server: Server, kind: str) -> None:
    scope = [*_SCOPES, *(["items.query"] if kind == "filter" else [])]
    options = {"type": kind, "scope": scope, "collections": ["articles", USERS]}
    flow = server.admin.post(
        "/flows", {"name": kind, "status": "active", "trigger": "event", "options": options, "accountability": None}
    )["id"]

    def operation(key: str, type_: str, given: dict[str, Any], **links: str | None) -> str:
        place = {"position_x": 1, "position_y": 1}
        made = {"key": key, "name": key, "type": type_, "options": given, "flow": flow, **place, **links}
        return str(server.admin.post("/operations", made)["id"])

    def write(rights: str) -> dict[str, Any]:
        payload = {
            "flow": kind,
            "rights": rights,
            "event": "{{$trigger.event}}",
            "given": "{{$trigger}}",
            "user": "{{$accountability.user}}",
        }
        return {"collection": "hits", "permissions": f"${rights}", "payload": payload, "emitEvents": False}

    # A flow that blocks gives back what is written then.
    back = operation("back", "transform", {"json": "{{$trigger.payload}}"})
    limited = operation("limited", "item-create", write("trigger"), resolve=back, reject=back)
    full = operation("full", "item-create", write("full"), resolve=limited, reject=limited)
    first = operation("seen", "log", {"message": f"seen {kind} {{{{$trigger.event}}}}"}, resolve=full)
    server.admin.patch(f"/flows/{flow}", {"operation": first})


def _requests() -> Iterator[tuple[str, Callable[[Server, str | None, int], Any]]]:
    """Requests on articles, of which each takes an item of its own."""
    items = "/items/articles"
    yield "POST item", lambda server, token, _: server.ask("POST", items, token=token, json={"title": "x"})
    yield (
        "PATCH item by its key",
        lambda server, token, key: server.ask("PATCH", f"{items}/{key}", token=token, json={"title": "x"}),
    )
    yield (
        "PATCH list of items",
        lambda server, token, key: server.ask("PATCH", items, token=token, json=[{"id": key, "title": "x"}]),
    )
    yield (
        "PATCH items by keys",
        lambda server, token, key: server.ask(
            "PATCH", items, token=token, json={"keys": [key], "data": {"title": "x"}}
        ),
    )
    yield "GET item by its key", lambda server, token, key: server.ask("GET", f"{items}/{key}", token=token)
    yield "GET items", lambda server, token, _: server.ask("GET", items, token=token)
    yield "GET items of another collection", lambda server, token, _: server.ask("GET", "/items/hits", token=token)
    yield "DELETE item by its key", lambda server, token, key: server.ask("DELETE", f"{items}/{key}", token=token)
    yield "DELETE items by keys", lambda server, token, key: server.ask("DELETE", items, token=token, json=[key + 6])


def measure(server: Server) -> list[Cause]:
    """Everything on one version."""
    prepare(server)
    nothing = server.actor()
    able = server.actor(
        [
            *(row("articles", action) for action in ("create", "read", "update", "delete")),
            row(USERS, "update"),
            row(USERS, "read"),
        ]
    )
    people: list[tuple[str, str | None]] = [("visitor", None), ("account", nothing.token), ("permitted", able.token)]
    found = []
    for name, send in _requests():
        for index, (who, token) in enumerate(people):
            found.append(_cause(server, name, who, partial(send, server, token, index + 1)))
    for who, token in people[1:]:
        for path, body in (("/users/me", {"first_name": "x"}), ("/users/me/track/page", {"last_page": "/x"})):
            found.append(
                _cause(server, f"PATCH {path}", who, partial(server.ask, "PATCH", path, token=token, json=body))
            )
    found += _by_mail(server, nothing)
    return found


def _by_mail(server: Server, actor: Actor) -> Iterator[Cause]:
    """What a visitor does with an address."""

    def post(path: str, body: dict[str, str]) -> Cause:
        return _cause(server, f"POST {path}", "visitor", partial(server.ask, "POST", path, json=body))

    def letter(address: str) -> str:
        return server.mail.token_for(address) or ""

    email = "newcomer@example.com"
    yield post("/users/register", {"email": email, "password": _PASSWORD, "first_name": "x"})
    path = "/users/register/verify-email"
    ask = partial(server.ask, "GET", f"{path}?token={quote(letter(email))}", follow_redirects=False)
    yield _cause(server, f"GET {path}", "visitor", ask)
    yield post("/auth/login", {"email": actor.email, "password": actor.password, "more": "x"})
    server.ask("POST", "/auth/password/request", json={"email": actor.email})
    yield post("/auth/password/reset", {"token": letter(actor.email), "password": _PASSWORD})
    server.admin.post("/users/invite", {"email": "invited@example.com", "role": actor.role})
    yield post("/users/invite/accept", {"token": letter("invited@example.com"), "password": _PASSWORD})


def _cause(server: Server, name: str, who: str, send: Callable[[], Any]) -> Cause:
    time.sleep(_WAIT)
    _hits(server, "DELETE FROM hits")
    said = len(server.log)
    answer = send()
    time.sleep(_WAIT)
    seen = [_words(line) for line in server.log[said:].splitlines() if "seen " in line]
    # What the server reads while it writes is not the caller's request.
    seen = [
        (kind, event)
        for kind, event in seen
        if name.startswith("GET") or not event.startswith(("items.query", "items.read"))
    ]
    hits = _hits(server, "SELECT flow, rights, event, given, user FROM hits ORDER BY id")
    runs = tuple(sorted({_run(kind, event, hits) for kind, event in seen}, key=lambda one: (one.event, one.blocking)))
    return Cause(server.version, name, who, answer.status_code < 400, runs)


def _words(line: str) -> tuple[str, str]:
    """The flow and the event of a line that a flow logged."""
    kind, event, *_ = line.split("seen ", 1)[1].split()
    return kind, event.strip('",}')


def _hits(server: Server, query: str) -> list[dict[str, Any]]:
    """What the flows wrote; past the server, whose reads start flows, too."""
    with closing(sqlite3.connect(server.folder / "data.db", isolation_level=None, timeout=20)) as database:
        names = ("flow", "rights", "event", "given", "user")
        rows = [dict(zip(names, one, strict=True)) for one in database.execute(query)]
    return [{**one, "given": json.loads(one["given"] or "{}")} for one in rows]


def _run(kind: str, event: str, hits: list[dict[str, Any]]) -> Run:
    mine = [one for one in hits if one["flow"] == kind and one["event"] == event]
    full = next((one for one in mine if one["rights"] == "full"), None)
    limited = any(one["rights"] == "trigger" for one in mine)
    given = {} if full is None else full["given"]
    payload = given.get("payload")
    fields = tuple(sorted(payload)) if isinstance(payload, dict) else ()
    keys = bool(given.get("keys") or given.get("key"))
    caller = None if full is None else bool(full["user"]) and full["user"] not in ("null", "undefined")
    return Run(event, kind == "filter", full is not None, None if full is None else not limited, caller, fields, keys)


def main() -> int:
    """Measure all versions, or those that are named, and write the record (all of them only)."""
    found: list[Cause] = []
    for major in [int(one) for one in sys.argv[1:]] or sorted(RELEASES):
        with (
            tempfile.TemporaryDirectory(prefix="directus-guard-") as folder,
            started(Path(folder) / "server", major) as server,
        ):
            found += measure(server)
    if not sys.argv[1:]:
        RECORD.write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n", encoding="utf-8")
    for one in found:
        runs = ", ".join(f"{run.event}{' blocking' if run.blocking else ''}{'' if run.kept else ' undone'}"
                         f"{'' if run.checked is not False else ' unlimited'}{' caller' if run.caller else ''} {'/'.join(run.payload)}" for run in one.runs)  # fmt: skip
        print(f"{one.version} {one.request} by {one.who}: {'accepted' if one.accepted else 'refused'}: {runs}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
