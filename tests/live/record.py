"""Writes the recorded answers of `tests/checks/CHECK/*/live/answers.json` from real servers: `python -m tests.live.record`.

Every answer is one that Directus of the lab gave to the audit; all names in it are made up. What the audit does not read is
left out (schemas of the API description, system collections of the data model), so that the files stay small.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx

from directus_guard.finding import Location
from directus_guard.live.collect import collect
from directus_guard.live.target import target
from directus_guard.secret import Secret
from tests.lab.server import TOKEN, row, started
from tests.live.servers import Answer, Loopback, Request, forwarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.lab.server import Server

EXAMPLES: Final = Path(__file__).parent.parent / "checks"
_HEADERS: Final = frozenset({
    "content-type", "content-security-policy", "content-security-policy-report-only", "strict-transport-security",
    "access-control-allow-origin", "access-control-allow-credentials", "x-powered-by",
})  # fmt: skip


def record(
    server: Server, example: str, *, token: str | None = None, path: str = "", declared: tuple[str, ...] = ()
) -> None:
    """Audit the server and keep what it answered."""
    kept: dict[str, Any] = {}
    client = httpx.Client(base_url=server.url, timeout=60, trust_env=False)

    def answer(request: Request) -> Answer:
        found = forwarded(client, request)
        kind = "token " if request.token else "origin " if "origin" in request.headers else ""
        own = request.path.removeprefix(path)
        kept[f"{kind}{own}"] = {
            "status": found.status,
            "headers": {name: value for name, value in sorted(found.headers.items()) if name in _HEADERS},
            "body": _trimmed(own, found),
        }
        return found

    with Loopback(answer, upstream=client) as proxy:
        found = collect(
            target(proxy.url + path, token=Secret(token) if token else None), location=Location("."), declared=declared
        )
        print(example, found.instance.silent or "audited", *found.trouble)
    file = EXAMPLES / example / "live" / "answers.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(dict(sorted(kept.items())), indent=1, ensure_ascii=False).replace(
        proxy.url, "https://cms.example.com"
    )
    file.write_text(text.replace(server.url, "https://cms.example.com") + "\n", encoding="utf-8")


def _trimmed(path: str, answer: Answer) -> object:
    try:
        body: Any = json.loads(answer.body)
    except ValueError:
        return "<!doctype html>"
    if path == "/server/specs/oas" and "paths" in body:
        return {
            "openapi": body["openapi"],
            "paths": {one: {method: {} for method in methods} for one, methods in body["paths"].items()},
        }
    if path in ("/fields", "/collections", "/relations") and "data" in body:
        return {"data": [one for one in body["data"] if not one["collection"].startswith("directus_")]}
    return body


@contextmanager
def server(major: int, **env: str) -> Iterator[Server]:
    """A server of its own with these variables."""
    with tempfile.TemporaryDirectory() as folder, started(Path(folder) / "project", major, env=env) as found:
        yield found


def _collection(server: Server, name: str, *fields: str, **item: str) -> None:
    made = [
        {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}, "meta": {}}
    ]
    made += [{"field": field, "type": "string", "schema": {}, "meta": {}} for field in fields]
    server.admin.post("/collections", {"collection": name, "schema": {}, "meta": {}, "fields": made})
    server.admin.post(f"/items/{name}", item or dict.fromkeys(fields, "x"))


def _twelve() -> None:
    with server(12) as found:
        record(found, "unclaimed-instance/pass-1")
        record(found, "unclaimed-instance/unknown-1", path="/wrong")
        database = sqlite3.connect(found.folder / "data.db")
        database.execute("DELETE FROM directus_users")
        database.commit()
        database.close()
        record(found, "unclaimed-instance/fail-1")


def _eleven() -> None:
    with server(11) as found:
        for check in ("response-csp", "response-hsts", "response-cors"):
            record(found, f"{check}/unknown-1", path="/wrong")
        record(found, "response-csp/pass-1")
        record(found, "response-cors/pass-1")
        record(found, "response-hsts/fail-1")
        _collection(found, "articles", "title")
        _collection(found, "customers", "name", "email")
        found.grant_public([row("articles", "read"), row("customers", "read")])
        for example in ("anonymous-read/fail-1", "anonymous-schema/fail-1"):
            record(found, example, declared=("articles",))
        record(found, "anonymous-read/fail-2")
        record(found, "anonymous-read/pass-1", token=TOKEN)
        record(found, "anonymous-schema/pass-1", token=TOKEN)
        record(found, "anonymous-schema/unknown-1")
    with server(11) as found:
        _collection(found, "articles", "title")
        found.grant_public([row("articles", "read")])
        record(found, "anonymous-read/unknown-1")
        article = found.admin.get("/items/articles")[0]["id"]
        limited = {"collection": "articles", "item": str(article), "name": "for review", "max_uses": 3}
        found.admin.post("/shares", limited)
        record(found, "share-open/pass-1", token=TOKEN)
        found.admin.post("/shares", {"collection": "articles", "item": str(article), "name": "for everybody"})
        record(found, "share-open/fail-1", token=TOKEN)
        auditor = found.actor(
            [row(f"directus_{name}", "read") for name in ("roles", "policies", "access", "permissions")]
        )
        record(found, "share-open/unknown-1", token=auditor.token)
        record(found, "extension-source/unknown-1", token=auditor.token)
        record(found, "extension-source/pass-1", token=TOKEN)
    with server(
        11,
        CONTENT_SECURITY_POLICY_DIRECTIVES__IMG_SRC="*",
        HSTS_ENABLED="true",
        CORS_ENABLED="true",
        CORS_ORIGIN="true",
    ) as found:
        record(found, "response-csp/fail-1")
        record(found, "response-hsts/pass-1")
        record(found, "response-cors/fail-1")


def _export(server: Server, example: str, *names: str) -> None:
    """What the REST API says, as files of a repository; of the settings those that access depends on."""
    folder = EXAMPLES / example / "directus"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        rows = server.admin.get(f"/{name}", limit=-1)
        if name == "settings":
            rows = {
                key: rows[key]
                for key in (
                    "public_registration",
                    "public_registration_role",
                    "auth_login_attempts",
                    "auth_password_policy",
                )
            }
        if name == "permissions":
            rows = [one for one in rows if not one.get("system")]
        (folder / f"{name}.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _drift() -> None:
    whole = ("policies", "access", "permissions", "roles", "flows", "operations", "settings")
    with server(11) as found:
        _collection(found, "articles", "title", "state")
        role, policy = found.role([row("articles", "read", permissions={"state": {"_eq": "published"}})])
        found.admin.patch(f"/roles/{role}", {"name": "Editors"})
        found.admin.patch(f"/policies/{policy}", {"name": "Editing"})
        _export(found, "drift/pass-1", *whole)
        _export(found, "drift/fail-1", *whole)
        _export(found, "drift/unknown-1", "policies", "permissions", "roles")
        record(found, "drift/pass-1", token=TOKEN)
        record(found, "drift/unknown-1", token=TOKEN)
        found.permissions([row("articles", "update")], policy=policy)
        found.admin.patch("/settings", {"public_registration": True})
        record(found, "drift/fail-1", token=TOKEN)


PARTS: Final[dict[str, Callable[[], None]]] = {"11": _eleven, "12": _twelve, "drift": _drift}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
