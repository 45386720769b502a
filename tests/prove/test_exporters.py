"""What real exporters wrote: known attacks of different shapes, carried out from it, and the seeded project, applied from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.proof import ProofStatus
from directus_guard.prove.run import plans_of
from tests.lab import exporters
from tests.lab.proof import of
from tests.lab.prove_trial import proven, set_up
from tests.lab.seed import seed
from tests.prove.checked import check
from tests.support.sampling import one_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.server import Lab

TREE: Final = "role-parent: the administrator role becomes the parent of their own role"
CHILD: Final = "child-role: a child of the administrator role is created within their own user"
RELATION: Final = "flow-drive: a webhook saves what it is sent, with the user below the field for who created it"
REGISTRATION: Final = "registration-role: registration is switched on, with the administrator role"
WRITERS: Final = {
    "directus-sync": exporters.directus_sync,
    "schema-sync": exporters.schema_sync,
    "Environment Sync": exporters.environment_sync,
}
EXPORTERS: Final = {
    # It has other keys for roles than the rules of the export: those of TREE name the role.
    ("directus-sync", 11): (CHILD, RELATION, REGISTRATION),
    # Its default list has no flows.
    ("schema-sync", 11): (TREE, REGISTRATION),
    ("Environment Sync", 12): (TREE, RELATION),
}


def extension_of(name: str, major: int) -> Path | None:
    """The folder of the extension that an exporter needs in its server."""
    if name == "directus-sync":
        return exporters.sync_extension()
    return exporters.schema_sync_extension(major) if name == "schema-sync" else None


@pytest.mark.parametrize(
    ("name", "major", "shape"),
    list(one_in(2, [(*one, shape) for one, shapes in EXPORTERS.items() for shape in shapes], "exporters")),
    ids=lambda one: str(one).partition(":")[0],
)  # fmt: skip
def test_an_attack_that_an_exporter_wrote_down_is_proven(
    lab: Lab, tmp_path: Path, name: str, major: int, shape: str
) -> None:
    """Half of them, at least one of each exporter; `make every` takes all."""
    (case,) = (one for one in of(major) if one.id == shape)
    with lab.server(major, extension_of(name, major)) as server:
        at = set_up(server, case)
        who = "public" if case.anonymous else server.admin.get(f"/roles/{at.actor.role}")["name"]
        WRITERS[name](server, tmp_path)
    model = exporters.exported(tmp_path, major)
    with lab.server(major) as target:
        outcome = proven(target, model)
    attempt = outcome.ways[0].attempts.get(who)
    assert attempt is not None, plans_of(model)
    assert (attempt.status, outcome.left, outcome.trouble) == (ProofStatus.PROVEN, (), ""), attempt


@pytest.mark.parametrize(
    ("name", "major"), [("Environment Sync", 12), ("directus-sync", 11), ("schema-sync", 11), ("schema-sync", 12)]
)
def test_the_seeded_project_is_applied_whichever_exporter_wrote_it(
    lab: Lab, tmp_path: Path, name: str, major: int
) -> None:
    """The keys of directus-sync are words, and the public's are its own."""
    with lab.server(major, extension_of(name, major)) as source:
        seed(source)
        WRITERS[name](source, tmp_path)
    with lab.server(major) as server:
        applied = check(server, exporters.exported(tmp_path, major))
    assert applied.left_out == ()
    if name == "directus-sync":
        assert {one.name for one in applied.members} >= {"Authors", "Editors"}
