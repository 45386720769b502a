"""The modules of checks: one check each. Importing one registers nothing by itself."""

from __future__ import annotations

import importlib
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from directus_guard.checks.declaration import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

CHAPTERS: Final = ("server", "deployment", "access", "flows", "code", "live")
"""Sub-packages in the order of the catalogue."""


def modules() -> Iterator[tuple[str, str]]:
    """The chapter and name of every module, in the order of chapters and of names within them."""
    for chapter in CHAPTERS:
        files = sorted(os.listdir(Path(__file__).with_name(chapter)))  # noqa: PTH208 - names are enough
        yield from ((chapter, name[:-3]) for name in files if name.endswith(".py") and name[0] not in "._")


@cache
def declared(chapter: str, module: str) -> Check:
    """The check that a module declares, sought once. Imports it, and with it what the check needs to judge."""
    members = vars(importlib.import_module(f"directus_guard.checks.{chapter}.{module}")).values()
    (check,) = (one for one in members if isinstance(one, Check) and one.module == module)
    return check


class ModuleJudge(Struct, frozen=True):
    """The judge of a check, whose module is imported when it is first asked."""

    chapter: str
    module: str

    def __call__(self, *about: Any) -> Iterator[Any]:  # noqa: ANN401 - as each kind of check is asked
        """What the check answers."""
        return declared(self.chapter, self.module).judge(*about)
