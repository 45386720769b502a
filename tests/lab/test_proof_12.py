"""Steps to administrator, carried out on Directus 12, and refused without its precondition (`cases.py`).

A part of the cases, which differs from version to version; `make every` carries out all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab.proof import agrees, prove, tried

if TYPE_CHECKING:
    from tests.lab.cases import Case
    from tests.lab.server import Lab


@pytest.mark.parametrize("case", tried(12), ids=lambda case: case.id)
def test_the_step_works_only_with_its_precondition_and_the_model_says_so(lab: Lab, case: Case) -> None:
    with lab.server(12) as server:
        outcome = prove(server, case)
    assert not agrees(case, outcome), outcome
