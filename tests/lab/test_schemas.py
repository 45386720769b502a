"""Data models as real servers tell them, and what the checks on them claim: links, masks, and rows left behind."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from directus_guard.sources.exports import reader as exports
from directus_guard.sources.files.repository import Repository
from tests.lab.install import MAJORS, environment, install
from tests.lab.models import collection, field, model
from tests.lab.server import row
from tests.support.sampling import one_of

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.access.schema import Schema
    from directus_guard.directus.export import Export
    from tests.lab.server import Lab, Server


def snapshots(server: Server, root: Path) -> dict[str, Export]:
    """The export that each way to tell the data model makes, beside the same rows."""
    permissions = server.ask("GET", "/permissions?limit=-1", token=server.token).text
    told: dict[str, dict[str, str]] = {
        "snapshot": {"snapshot.json": server.ask("GET", "/schema/snapshot", token=server.token).text},
        "answers": {
            f"{kind}.json": server.ask("GET", f"/{kind}?limit=-1", token=server.token).text
            for kind in ("collections", "fields", "relations")
        },
        "command": {"snapshot.yaml": command_line(server, root / "snapshot.yaml")},
    }
    found = {}
    for name, files in told.items():
        folder = root / name
        folder.mkdir()
        for file, text in {**files, "permissions.json": permissions}.items():
            (folder / file).write_text(text, encoding="utf-8")
        (found[name],) = exports.read(Repository(folder))
    return found


def command_line(server: Server, path: Path) -> str:
    """What `directus schema snapshot` writes."""
    settings = {
        "DB_CLIENT": "sqlite3",
        "DB_FILENAME": str(server.folder / "data.db"),
        "SECRET": "a secret of the lab, which listens on loopback only",
        "KEY": "00000000-0000-4000-8000-00000000000b",
    }
    program = install(server.major) / "node_modules" / "directus" / "cli.js"
    subprocess.run(
        ["node", str(program), "schema", "snapshot", "--yes", str(path)],
        cwd=server.folder, check=True, capture_output=True, timeout=300, env=environment(server.release) | settings,
    )  # fmt: skip
    return path.read_text(encoding="utf-8")


def own(schema: Schema) -> dict[str, set[str]]:
    return {name: set(fields) for name, fields in schema.by_collection.items() if not name.startswith("directus_")}


@pytest.mark.parametrize("major", MAJORS)
def test_every_way_tells_the_same_data_model(lab: Lab, major: int, tmp_path: Path) -> None:
    with lab.server(major) as server:
        model(server)
        server.grant_public([row("tags", "read")])
        found = snapshots(server, tmp_path)
        told = server.admin.get("/fields")
    wanted: dict[str, set[str]] = {}
    for one in told:
        if not one["collection"].startswith("directus_"):
            wanted.setdefault(one["collection"], set()).add(one["field"])
    for name, export in found.items():
        schema = export.schema
        assert schema is not None, name
        assert schema.complete, name
        assert own(schema) == wanted, name
        assert schema.junctions["posts_tags"] == ("posts_id", "tags_id"), name
        assert schema.junctions["posts_blocks"] == ("collection", "item", "posts_id"), name
        assert "posts_translations" not in schema.junctions, name
        assert schema.linked("posts_tags") == (("posts",), ("tags",)), name
        assert schema.linked("posts_blocks") == (("posts",), ("hero",)), name
        assert schema.is_foreign_key("posts_tags", "tags_id"), name
        secret = schema.by_collection["posts"]["secret"]
        assert set(secret.special) == {"hash", "conceal"}, name
        assert schema.by_collection["posts"]["id"].primary_key, name
        if name != "answers":
            assert str(export.model.version) == server.version, name


@pytest.mark.parametrize("major", one_of(MAJORS, "a junction alone links anything"))
def test_a_junction_alone_links_anything(lab: Lab, major: int) -> None:
    """`junction-create`: no right on either side is asked for."""
    with lab.server(major) as server:
        model(server)
        post = server.admin.post("/items/posts", {"status": "draft"})["id"]
        tag = server.admin.post("/items/tags", {"name": "a"})["id"]
        actor = server.actor([row("posts_tags", "create")])
        for path in (f"/items/posts/{post}", f"/items/tags/{tag}"):
            assert server.ask("GET", path, token=actor.token).status_code == 403
        link = {"posts_id": post, "tags_id": tag}
        assert server.ask("POST", "/items/posts_tags", token=actor.token, json=link).status_code in (200, 204)
        assert [item["posts_id"] for item in server.admin.get("/items/posts_tags")] == [post]


@pytest.mark.parametrize("major", one_of(MAJORS, "masks say whether a secret is set"))
def test_masks_say_whether_a_secret_is_set(lab: Lab, major: int, tmp_path: Path) -> None:
    with lab.server(major) as server:
        actor = server.actor([row("directus_users", "read")])
        plain = server.admin.post("/users", {"email": "plain@example.com", "role": actor.role})["id"]
        for kind in ("users", "roles", "permissions"):
            text = server.ask("GET", f"/{kind}?limit=-1", token=server.token).text
            (tmp_path / f"{kind}.json").write_text(text, encoding="utf-8")
    (found,) = exports.read(Repository(tmp_path))
    users = {user.id: user for user in found.model.users}
    assert users[actor.id].has_token is True
    assert users[plain].has_token is False
    assert {user.has_second_factor for user in users.values()} == {False}
    assert users[plain].provider == "default"
    assert actor.token not in repr(found.model.users)


@pytest.mark.parametrize("major", one_of(MAJORS, "rows follow what is deleted through the api"))
def test_rows_follow_what_is_deleted_through_the_api(lab: Lab, major: int) -> None:
    """`stale-permission`: rows of a deleted collection go, and from 11 on names of deleted fields."""
    with lab.server(major) as server:
        collection(server, "notes", field("title"), field("body"))
        collection(server, "gone", field("title"))
        fields = ["*", "body"]  # 12 Core takes rows with `*` only
        server.grant_public([row("notes", "read", fields=fields), row("gone", "read")])
        server.admin.delete("/fields/notes/body")
        server.admin.delete("/collections/gone")
        rows = {
            one["collection"]: one["fields"]
            for one in json.loads(server.ask("GET", "/permissions?limit=-1", token=server.token).text)["data"]
            if not one.get("system")
        }
        assert "gone" not in rows
        assert rows["notes"] == (["*"] if major >= 11 else fields)


@pytest.mark.parametrize("major", one_of(MAJORS, "a notification is mailed to whom the sender names"))
def test_a_notification_is_mailed_to_whom_the_sender_names(lab: Lab, major: int) -> None:
    """`notifications-create`."""
    with lab.server(major) as server:
        actor = server.actor([row("directus_notifications", "create")])
        other = server.admin.post(
            "/users", {"email": "victim@example.com", "role": actor.role, "password": "a password of the lab"}
        )["id"]
        body = {
            "recipient": other,
            "subject": "Sign in again",
            "message": '<a href="https://evil.example/?token=clicked">here</a>',
        }
        assert server.ask("POST", "/notifications", token=actor.token, json=body).status_code in (200, 204)
        assert server.mail.token_for("victim@example.com") == "clicked"
