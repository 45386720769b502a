"""Every case, in the order of the catalogue and then as they are derived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.lab.cases import CASES as SINGLE
from tests.lab.completed_cases import COMPLETED
from tests.lab.derived_cases import DERIVED
from tests.lab.grown_cases import GROWN

if TYPE_CHECKING:
    from tests.lab.cases import Case

CASES: Final[tuple[Case, ...]] = (*SINGLE, *DERIVED, *COMPLETED, *GROWN)
