"""Known attacks, carried out by `prove` on a server that has the access model only: the record of all is made by `tests/lab/prove_trial.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.proof import ProofStatus
from tests.lab.proof import of
from tests.lab.prove_trial import exported, proven
from tests.prove.servers import database
from tests.support.sampling import on_one

if TYPE_CHECKING:
    from tests.lab.server import Lab

CASES: Final = {
    "registration-role: registration is switched on, whose role is the administrators' already": (10, 11),
    "registration-role: the role of registration is deleted, so that whoever registers has the permissions of the public": (
        10,
        11,
    ),
    "take-over-token: a suspended administrator is made active and taken over": (10, 11),
    "child-role: two policies are attached: one makes a role, the other sets their own role": (11,),
    "permission-update: the permission whose validation locks the role is made one to read": (11,),
    "permission-update: an own permission is turned into one to set their own role": (12,),
    "reattach-policy: an attachment of the administrator policy is pointed to their own user": (12,),
    "flow-drive: a webhook saves what it is sent, with the user below the field for who created it": (10, 11, 12),
    "flow-drive: a webhook creates a role, with its users": (10, 12),
    "flow-drive: a flow reads the new item again and writes its values": (11,),
    "flow-drive: a flow on new users writes with the rights of its trigger, and registration has none": (12,),
}
"""Those that something of `prove`, or of the plan, was once wrong for."""


@pytest.mark.parametrize(("name", "major"), on_one(CASES.items()))
def test_an_attack_is_proven(lab: Lab, name: str, major: int) -> None:
    """Each on one of its versions; `make every` takes all."""
    (case,) = (one for one in of(major) if one.id == name)
    with lab.server(major) as made:
        export, principal = exported(made, case)
    with lab.server(major) as server:
        before = database(server)
        outcome = proven(server, export)
        attempt = outcome.ways[0].attempts[principal]
        assert (attempt.status, outcome.left, outcome.trouble) == (ProofStatus.PROVEN, (), ""), attempt
        assert database(server) == before
