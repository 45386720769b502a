"""Known attacks of different shapes, carried out from what real exporters wrote of them."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.proof import ProofStatus
from directus_guard.prove.run import plans_of
from tests.lab.exporters import CLI, SYNC, SYNC_EXTENSION, exported, run
from tests.lab.install import install
from tests.lab.proof import of
from tests.lab.prove_trial import proven, set_up
from tests.lab.server import started
from tests.support.programs import npm, npm_tarball

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.lab.server import Server
    from tests.prove.fresh import FreshServers

TREE: Final = "role-parent: the administrator role becomes the parent of their own role"
CHILD: Final = "child-role: a child of the administrator role is created within their own user"
RELATION: Final = "flow-drive: a webhook saves what it is sent, with the user below the field for who created it"
REGISTRATION: Final = "registration-role: registration is switched on, with the administrator role"
EXPORTERS: Final = {
    # It has other keys for roles than the rules of the export: those of TREE name the role.
    ("directus-sync", 11): (CHILD, RELATION, REGISTRATION),
    # Its default list has no flows.
    ("schema-sync", 11): (TREE, REGISTRATION),
    ("Environment Sync", 12): (TREE, RELATION),
}
_SCHEMA_SYNC: Final = "directus-extension-schema-sync@3.0.8"


@contextmanager
def source(name: str, major: int, folder: Path) -> Iterator[Server]:
    """A server with the extension that an exporter needs."""
    if name == "directus-sync":
        shutil.copytree(npm_tarball(SYNC_EXTENSION), folder / "extensions" / "directus-extension-sync")
    elif name == "schema-sync":
        extension = npm(_SCHEMA_SYNC) / "node_modules" / "directus-extension-schema-sync"
        shutil.copytree(extension, folder / "extensions" / extension.name)
        (folder / "node_modules").symlink_to(install(major) / "node_modules")
    with started(folder / "source", major, env={"EXTENSIONS_PATH": str(folder / "extensions")}) as server:
        if name == "schema-sync":
            server.cli("schema-sync", "install", EXTENSIONS_PATH=str(folder / "extensions"))
        yield server


def export(name: str, server: Server, folder: Path) -> Path:
    """Where an exporter wrote what the server has."""
    if name == "schema-sync":
        written = server.folder / "schema-sync"
        server.cli("schema-sync", "export", EXTENSIONS_PATH=str(server.folder.parent / "extensions"))
        return shutil.copytree(written, folder / "schema-sync").parent
    if name == "directus-sync":
        program = str(npm(SYNC) / "node_modules" / ".bin" / "directus-sync")
        run(folder, server.major, program, "pull", "--directus-url", server.url, "--directus-token", server.token)
    else:
        program = str(npm(CLI) / "node_modules" / ".bin" / "d6s")
        run(folder, server.major, program, "profile", "add", "prod", "--url", server.url)
        pull = ("sync", "pull", "--from", "prod", "--all", "--json")
        run(folder, server.major, program, *pull, DIRECTUS_PROD_TOKEN=server.token)
    return folder


@pytest.mark.parametrize(
    ("name", "major", "shape"), [(*one, shape) for one, shapes in EXPORTERS.items() for shape in shapes],
    ids=lambda one: str(one).partition(":")[0],
)  # fmt: skip
def test_what_an_exporter_wrote_is_proven(
    fresh: FreshServers, tmp_path: Path, name: str, major: int, shape: str
) -> None:
    """Each from a server of its own: directus-sync remembers what it exported before."""
    (case,) = (one for one in of(major) if one.id == shape)
    (written := tmp_path / "export").mkdir()
    with source(name, major, tmp_path) as server:
        at = set_up(server, case)
        who = "public" if case.anonymous else server.admin.get(f"/roles/{at.actor.role}")["name"]
        model = exported(export(name, server, written), major)
    with fresh.server(major) as target:
        outcome = proven(target, model)
    attempt = outcome.ways[0].attempts.get(who)
    assert attempt is not None, plans_of(model)
    assert (attempt.status, outcome.left, outcome.trouble) == (ProofStatus.PROVEN, (), ""), attempt
