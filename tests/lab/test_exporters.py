"""What the real exporters write, read back: Environment Sync, directus-sync and schema-sync against real servers."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from directus_guard.directus.access.principals import PUBLIC
from directus_guard.sources.exports import reader as exports
from directus_guard.sources.files.repository import Repository
from tests.lab.install import environment, install
from tests.lab.models import model
from tests.lab.server import row, started
from tests.support.exports import gaps_of
from tests.support.programs import npm

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.export import Export
    from tests.lab.server import Lab, Server


def run(server: Server, program: Path, folder: Path, *arguments: str) -> None:
    """Run an exporter in a folder of its own; it must succeed."""
    secrets = {"CI": "1", "DIRECTUS_PROD_TOKEN": server.token, "HOME": str(folder)}
    done = subprocess.run(
        ["node", str(program), *arguments],
        cwd=folder, capture_output=True, text=True, check=False, timeout=300, env=environment(server.release) | secrets,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def only(folder: Path) -> Export:
    repository = Repository(folder)
    (found,) = exports.read(repository)
    assert repository.problems == []
    return found


def check_model(export: Export, server: Server) -> None:
    """The data model of `tests.lab.test_schemas.model`."""
    assert str(export.model.version) == server.version
    schema = export.schema
    assert schema is not None
    assert schema.complete
    assert schema.junctions == {
        "posts_blocks": ("collection", "item", "posts_id"),
        "posts_tags": ("posts_id", "tags_id"),
    }
    assert set(schema.by_collection["posts"]) == {"id", "status", "secret", "tags", "translations", "blocks"}
    assert set(schema.by_collection["posts"]["secret"].special) == {"hash", "conceal"}


def test_environment_sync(lab: Lab, tmp_path: Path) -> None:
    program = npm("@directus/cli@12.2.1") / "node_modules" / "@directus" / "cli" / "dist" / "bin.js"
    with lab.server(12) as server:
        model(server)
        server.grant_public([row("tags", "read")])
        run(server, program, tmp_path, "profile", "add", "prod", "--url", server.url)
        run(server, program, tmp_path, "sync", "pull", "--from", "prod", "--all", "--json")
        export = only(tmp_path)
        check_model(export, server)
    assert export.name == "directus/default"
    assert export.model.of(PUBLIC).may("read", "tags")
    assert not export.model.of(PUBLIC).may("read", "posts")
    assert set(gaps_of(export)) == {"edition"}
    (user,) = export.model.users
    assert export.model.of_user(user.id).admin
    # Environment Sync leaves secrets out: whether they are set is not known.
    assert (user.status, user.provider, user.has_token, user.has_second_factor) == ("active", "default", None, None)


def test_directus_sync(lab: Lab, tmp_path: Path) -> None:
    del lab  # its markers; the extension needs a server of its own
    program = npm("directus-sync@3.4.1") / "node_modules" / "directus-sync" / "bin" / "index.js"
    extension = npm("directus-extension-sync@3.0.6") / "node_modules" / "directus-extension-sync"
    shutil.copytree(extension, tmp_path / "extensions" / extension.name)
    folder = tmp_path / "project"
    folder.mkdir()
    with started(tmp_path / "server", 11, env={"EXTENSIONS_PATH": str(tmp_path / "extensions")}) as server:
        model(server)
        actor = server.actor([row("tags", "read"), row("directus_activity", "read")])
        run(server, program, folder, "pull", "--directus-url", server.url, "--directus-token", server.token)
        export = only(folder)
        check_model(export, server)
    assert export.name == "directus-config/collections"
    assert set(gaps_of(export)) == {"user policies"}
    (editor,) = [principal for principal, _ in export.actors if principal != PUBLIC]
    assert export.model.of(editor).may("read", "directus_activity")
    assert actor.role not in {role.id for role in export.model.roles}


@pytest.mark.parametrize(("major", "version"), [(11, "3.0.8"), (12, "4.0.0")])
def test_schema_sync(lab: Lab, tmp_path: Path, major: int, version: str) -> None:
    """The commands of docs/export.md; the extension stands beside Directus' own packages, as npm puts it."""
    del lab  # its markers; the extension needs a server of its own
    extension = npm(f"directus-extension-schema-sync@{version}") / "node_modules" / "directus-extension-schema-sync"
    shutil.copytree(extension, tmp_path / "extensions" / extension.name)
    (tmp_path / "node_modules").symlink_to(install(major) / "node_modules")
    folder = tmp_path / "project"
    settings = {"EXTENSIONS_PATH": str(tmp_path / "extensions")}
    with started(folder, major, env=settings) as server:
        model(server)
        actor = server.actor([row("tags", "read"), row("directus_activity", "read")])
        own = server.policy([row("posts", "read")])
        server.attach(own, user=actor.id)
        server.cli("schema-sync", "install", **settings)
        server.cli("schema-sync", "export", **settings)
    export = only(folder)
    assert export.name == "schema-sync"
    assert set(gaps_of(export, optional=True)) == {"users", "flows", "operations"}
    assert ("user policies" in gaps_of(export)) == (major == 12)
    # Attached to a user who is not exported: known on 11, on 12 judged by itself.
    readers = {name: access for name, access in export.actors if access.may("read", "posts")}
    assert len(readers) == 1
    assert any(access.may("read", "directus_activity") for _, access in export.actors)
