"""`make lab`: a real Directus for a person to try, with a small magazine as careless teams build it.

Editors who may set their own role, an authors' role whose limits are only presets, a public that sees drafts, registers
itself and reads users, a webhook that writes what it is sent, an operation with a password in it, a share that does not
expire. What is wrong here is what directus-guard is for; `seed` is also what real exporters are tried on.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from directus_guard.directus.access.records import PUBLIC_POLICY
from tests.lab.install import RELEASES
from tests.lab.mail import free_port
from tests.lab.server import EMAIL, PASSWORD, row, started

if TYPE_CHECKING:
    from tests.lab.server import Server

PUBLISHED: Final = {"status": {"_eq": "published"}}


def seed(server: Server) -> None:
    """Make the project. On 12 Core, which takes no rows with limits, they have none."""
    _collections(server)
    server.admin.post("/items/categories", [{"name": "News"}, {"name": "Essays"}])
    server.admin.post("/items/articles", [
        {"title": "A published one", "body": "For everybody.", "status": "published", "category": 1},
        {"title": "A draft", "body": "Not yet.", "status": "draft", "category": 2},
    ])  # fmt: skip
    server.admin.post("/items/subscribers", [{"email": "reader@example.com", "token": "unsubscribe-1"}])
    uploaded = server.ask(
        "POST", "/files", token=server.token, files={"file": ("contract.txt", b"confidential", "text/plain")}
    )
    file = uploaded.json()["data"]["id"]
    server.admin.patch(f"/files/{file}", {"title": "Contract"})
    editors, authors = _roles(server)
    limits = {"first_name": "Edith", "last_name": "Editor"}
    server.member(editors, **limits)
    if server.major < 12:
        server.member(authors)
    _public(server)
    _flows(server)
    server.admin.patch("/settings", {
        "project_name": "Magazine", "public_registration": True, "public_registration_role": authors,
        "public_registration_verify_email": False, "auth_login_attempts": None,
    })  # fmt: skip
    server.admin.post("/shares", {"name": "For the printer", "collection": "articles", "item": "2", "role": editors})


def _collections(server: Server) -> None:
    def field(name: str, kind: str = "string", **meta: Any) -> dict[str, Any]:
        return {"field": name, "type": kind, "schema": {}, "meta": meta}

    def collection(name: str, *fields: dict[str, Any]) -> None:
        key = {
            "field": "id",
            "type": "integer",
            "schema": {"is_primary_key": True, "has_auto_increment": True},
            "meta": {},
        }
        server.admin.post("/collections", {"collection": name, "schema": {}, "meta": {}, "fields": [key, *fields]})

    collection("categories", field("name"))
    collection(
        "articles", field("title"), field("body", "text"), field("status"),
        field("category", "integer", special=["m2o"]), field("author", "uuid", special=["m2o", "user-created"]),
    )  # fmt: skip
    collection("subscribers", field("email"), field("token"))
    server.admin.post("/relations", {"collection": "articles", "field": "category", "related_collection": "categories"})
    server.admin.post(
        "/relations", {"collection": "articles", "field": "author", "related_collection": "directus_users"}
    )


def _rows(server: Server, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows, without limits where the edition takes none; there one for each action."""
    if server.major < 12:
        return list(rows)
    whole = {(one["collection"], one["action"]): row(one["collection"], one["action"]) for one in rows}
    return list(whole.values())


def _roles(server: Server) -> tuple[str, str]:
    me = {"id": {"_eq": "$CURRENT_USER"}}
    editors, _ = server.role(
        _rows(
            server,
            *(row("articles", action) for action in ("create", "read", "update", "delete")),
            row("directus_files", "read"),
            row("directus_files", "create"),
            row("directus_users", "read", fields=["id", "first_name", "last_name", "email", "role"]),
            # Meant for names and the avatar; `*` has the role, too.
            row("directus_users", "update", permissions=me),
        ),
        app=True,
        name="Editors",
    )
    parent: dict[str, Any] = {"parent": editors} if server.major >= 11 else {}
    authors, _ = server.role(
        _rows(
            server,
            row("articles", "create", presets={"status": "draft"}),
            row("articles", "update", permissions={"author": {"_eq": "$CURRENT_USER"}}, fields=["title", "body"]),
            row("articles", "read", permissions={"_or": [PUBLISHED, {"author": {"_eq": "$CURRENT_USER"}}]}),
            row("categories", "read"),
        ),
        name="Authors",
        **parent,
    )
    return editors, authors


def _public(server: Server) -> None:
    rows = _rows(
        server,
        row("articles", "read", permissions={"status": {"_neq": "archived"}}),
        row("categories", "read"),
        row("directus_files", "read"),
        row("directus_users", "read", fields=["id", "first_name", "avatar"]),
        row("subscribers", "create", fields=["email"]),
    )
    server.permissions(rows, **({"policy": PUBLIC_POLICY} if server.major >= 11 else {"role": None}))


def _flows(server: Server) -> None:
    def flow(name: str, options: dict[str, Any], kind: str, does: dict[str, Any]) -> None:
        made = server.admin.post(
            "/flows", {"name": name, "status": "active", "trigger": "webhook", "accountability": "all", "options": options}
        )  # fmt: skip
        first = server.admin.post("/operations", {
            "flow": made["id"], "name": name, "key": "first", "type": kind, "position_x": 20, "position_y": 2, "options": does,
        })  # fmt: skip
        server.admin.patch(f"/flows/{made['id']}", {"operation": first["id"]})

    written = {"collection": "subscribers", "permissions": "$full", "payload": "{{$trigger.body}}"}
    flow("Subscribe", {"method": "POST", "async": False}, "item-create", written)
    headers = [{"header": "Authorization", "value": "Bearer lab-example-of-a-token"}]
    told = {"method": "POST", "url": "{{$trigger.query.url}}", "headers": headers, "body": "{{$trigger}}"}
    flow("Tell the printer", {"method": "GET"}, "request", told)


def main() -> int:
    """Start it, seed it, and keep it until Ctrl-C."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else "12.4.1"
    known = {release.version: major for major, release in RELEASES.items()}
    if wanted not in known:
        print(f"There is no {wanted} here: VERSION is one of {', '.join(known)}.", file=sys.stderr)
        return 2
    print(f"Directus {wanted}: installing (minutes, the first time) and starting …", flush=True)
    with tempfile.TemporaryDirectory(prefix="directus-guard-lab-") as folder:
        port = int(sys.argv[2]) if len(sys.argv) > 2 else free_port()
        with started(Path(folder) / "project", known[wanted], port=port) as server:
            seed(server)
            print(
                f"""
  Directus    {server.url}   {EMAIL} / {PASSWORD}
  token       {server.token}   (administrator, static)
  files       {server.folder}   (data.db, server.log)

Ctrl-C stops it and deletes everything.""",
                flush=True,
            )
            try:
                server.process.wait()
            except KeyboardInterrupt:
                print("\nStopped.")
                return 0
            print(f"Directus ended by itself:\n{server.log[-2000:]}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
