"""Every command of directus-guard that the docs print is one that it takes; and Make targets exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard import cli
from directus_guard.checks import catalogue
from directus_guard.cli.errors import UsageError
from directus_guard.documentation import GUIDES
from tests.support.commands import calls
from tests.support.each import each_case
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGES: Final = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "directus_guard/**/*.md", "examples/**/*.md")
    for path in ROOT.glob(pattern)
)
MAKE: Final = re.compile(r"(?:^|`)make ([a-z][a-z -]*)", re.MULTILINE)


def trouble(arguments: list[str]) -> str:
    """What is wrong with the arguments of a call; "" = nothing."""
    if not arguments or arguments == ["--version"]:
        return ""
    try:
        cli.parser(arguments[0]).parse_args(arguments)
    except UsageError as error:
        # A sentence may name a command without saying all that it takes.
        return "" if len(arguments) == 1 and str(error).startswith("missing: ") else str(error)
    if arguments[0] == "explain":
        (name,) = arguments[1:]
        return "" if name in {*catalogue(), *GUIDES, "CHECK"} else "no such check"
    return ""


@each_case("page", [page for page in PAGES if "directus-guard " in page.read_text(encoding="utf-8")])
def test_commands_exist(page: Path) -> None:
    found = {" ".join(call): trouble(call) for call in calls(page.read_text(encoding="utf-8"))}
    assert {call: why for call, why in found.items() if why} == {}


def test_calls_are_found() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8") + (ROOT / "docs" / "live.md").read_text(encoding="utf-8")
    found = [" ".join(call) for call in calls(text)]
    assert {"access", "diff origin/main .", "scan --url $URL", "auditor-policy --directus-version $VERSION"} <= {*found}
    assert trouble(["scan", "--nonsense"])
    assert trouble(["nonsense"])
    assert trouble(["explain", "nonsense"])


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_targets_of_make_exist(name: str) -> None:
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {target for found in MAKE.findall((ROOT / name).read_text(encoding="utf-8")) for target in found.split()}
    assert len(named) > 2
    assert named <= known
