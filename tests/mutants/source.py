"""A module as bytes and as a tree, and the pieces of its text that a mutant replaces."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "directus_guard"
FOLDERS: Final = ("directus", "escalation", "checks", "sources")
TABLES: Final = frozenset({"directus/environment/variables_data.py"})
"""Generated tables: they are compared with the packages of Directus, not tested."""

Placed = ast.expr | ast.stmt | ast.pattern | ast.keyword | ast.arg


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """One mistake: the bytes from `start` to `end` of a module are `text` instead."""

    path: str
    line: int
    start: int
    end: int
    text: str
    operator: str = field(compare=False)
    function: str = field(compare=False)
    """The outermost function or method it lies in, as `Class.method`; empty at the level of the module or of a class."""

    @property
    def id(self) -> str:
        """A short name for the output of a run."""
        return f"{self.path}:{self.line} {self.operator}"


@dataclass(frozen=True)
class Module:
    """The text of a module below `directus_guard/`, and where its nodes lie in it."""

    path: str
    source: bytes

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        for line in self.source.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts

    def span(self, node: Placed) -> tuple[int, int]:
        """The first byte of a node, and the one after its last."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        first = self._line_starts[node.lineno - 1] + node.col_offset
        return first, self._line_starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: Placed) -> str:
        """What is written there."""
        first, last = self.span(node)
        return self.source[first:last].decode()

    def line_of(self, offset: int) -> int:
        """The line of a byte."""
        return self.source.count(b"\n", 0, offset) + 1

    @cached_property
    def functions(self) -> list[tuple[int, int, str]]:
        """First line, last line and name of each function that lies in no other."""
        return list(_functions(self.tree.body, ""))

    def function_at(self, line: int) -> str:
        """The function whose body has this line. Decorators and defaults are run when the module is imported."""
        return next((name for first, last, name in self.functions if first <= line <= last), "")

    def mutated(self, mutant: Mutant) -> bytes:
        """The whole text with the mistake."""
        return self.source[: mutant.start] + mutant.text.encode() + self.source[mutant.end :]


def _functions(body: list[ast.stmt], above: str) -> Iterator[tuple[int, int, str]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.body[0].lineno, node.end_lineno, f"{above}{node.name}"
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{above}{node.name}.")


def modules(below: str = "") -> list[Module]:
    """The modules that are mutated, below a folder such as `checks/access`."""
    found = []
    for folder in FOLDERS:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            name = path.relative_to(PACKAGE).as_posix()
            if name not in TABLES and (name == below or not below or name.startswith(f"{below.rstrip('/')}/")):
                found.append(Module(name, path.read_bytes()))
    return found
