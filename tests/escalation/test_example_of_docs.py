"""The example of docs/model/escalation.md is what the plan and the cut of that configuration are."""

from __future__ import annotations

from typing import Final

from directus_guard.escalation.cuts import Cuts
from tests.support.programs import ROOT
from tests.support.worlds import ADMIN, ME, THE_EDITOR, Row, World, path_of

PAGE: Final = (ROOT / "docs" / "model" / "escalation.md").read_text(encoding="utf-8")
EXAMPLE: Final = World(
    [
        Row("directus_users", "update", ("first_name",), ME),
        Row("directus_permissions", "update", ("fields",)),
        Row("directus_roles", "read", ("id", "name")),
    ]
)


def test_the_requests_of_the_page() -> None:
    path = path_of(EXAMPLE)
    assert path is not None
    lines = [step.request.line.replace(ADMIN, "ADMIN") for step in path.steps if step.request is not None]
    assert "```text\n" + "\n".join(lines) + "\n```" in PAGE


def test_the_cut_of_the_page() -> None:
    path = path_of(EXAMPLE)
    assert path is not None
    cut = Cuts(EXAMPLE.export()).of(THE_EDITOR, path.plan)
    assert cut is not None
    (change,) = cut.changes
    assert change.sentence == "Delete the permission of policy `Editor` to update `directus_permissions`"
    assert "delete the permission of the policy Editor to update `directus_permissions`" in PAGE
