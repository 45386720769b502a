"""docs/threat-model.md: each way of attack has a defence, and a test that exists."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = ROOT / "docs" / "threat-model.md"


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of the table below a heading."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return ([cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:])


def functions(file: str) -> set[str]:
    """The tests of a file."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_each_row_names_a_test_that_exists() -> None:
    ways = list(rows("Ways and defences"))
    assert len(ways) > 20
    for cells in ways:
        assert len(cells) == 4
        assert all(cells)
        named = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", cells[3])
        assert named, cells
        assert named[2] in functions(named[1]), cells[3]


def test_each_actor_attacks_and_each_one_is_known() -> None:
    actors = {cells[0].lower() for cells in rows("Who attacks")}
    assert {cells[1] for cells in rows("Ways and defences")} == {actor.replace("github", "GitHub") for actor in actors}


def test_the_page_is_found() -> None:
    assert "docs/threat-model.md" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "(threat-model.md)" in (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
