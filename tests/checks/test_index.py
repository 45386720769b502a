"""The index of checks says what their modules declare, so that a run imports only what it has evidence for."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace

from directus_guard.checks import catalogue
from directus_guard.checks.declaration import EnvironmentCheck, ExportCheck, InstanceCheck
from directus_guard.checks.modules import declared, modules
from tests.support.cli import write
from tests.support.programs import ROOT
from tests.support.rows import permission, write as write_rows

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.checks.declaration import CatalogueRow

COMPOSE: Final = "services:\n  directus:\n    image: directus/directus:12.4.1\n"
LOADED: Final = """
import sys
from directus_guard.cli import main
main(["scan", sys.argv[1], "--quiet", "--fail-on=none"])
print(*sorted(name for name in sys.modules if name.startswith("directus_guard.")), sep="\\n")
"""


def test_it_says_what_the_modules_declare() -> None:
    known = [replace(check, judge=print) for check in catalogue().values()]
    assert known == [replace(declared(*place), judge=print) for place in modules()]


@pytest.mark.parametrize(("judged", "not_judged"), [(EnvironmentCheck, ExportCheck), (ExportCheck, EnvironmentCheck)])
def test_a_module_is_imported_where_its_evidence_is(
    tmp_path: Path, judged: type[CatalogueRow], not_judged: type[CatalogueRow]
) -> None:
    if judged is ExportCheck:
        write_rows(tmp_path, [permission("p", "posts", "read")])
    else:
        write(tmp_path, {"compose.yaml": COMPOSE})
    command = [sys.executable, "-c", LOADED, str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert len(names(judged) & loaded) > 20
    assert not (names(not_judged) | names(InstanceCheck)) & loaded


def names(kind: type[CatalogueRow]) -> set[str]:
    """The modules of a kind of check."""
    of_kind = (check for check in catalogue().values() if isinstance(check, kind))
    return {f"directus_guard.checks.{check.chapter}.{check.module}" for check in of_kind}
