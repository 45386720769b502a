"""The checks: one module each, with its documentation page beside it. Importing a module registers nothing by itself;
`catalogue()` finds the modules and collects what `@check` left on their functions."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import Check

if TYPE_CHECKING:
    from collections.abc import Mapping

CHAPTERS: Final = ("server", "deployment", "access", "flows", "code", "live")
"""Sub-packages in the order of the catalogue."""


@cache
def catalogue() -> Mapping[str, Check]:
    """Every check by its id, in the order of the catalogue's chapters and of names within them."""
    found: dict[str, Check] = {}
    for chapter in CHAPTERS:
        folder = Path(__file__).parent / chapter
        for module in sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")):
            for value in vars(importlib.import_module(f"{__name__}.{chapter}.{module}")).values():
                if isinstance(value, Check) and value.module == module:
                    found[value.id] = value
    return found
