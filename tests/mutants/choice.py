"""Which tests may notice a mutant: those that run its line, or what is made of it when the module is imported."""

from __future__ import annotations

import ast
import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tests.mutants.line_map import COLLECTING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.mutants.line_map import LineMap
    from tests.mutants.source import Module, Mutant

DECLARATIONS: Final = (
    "tests/test_declarations.py",
    "tests/checks/test_index.py::test_it_says_what_the_modules_declare",
)
"""The tests of what all modules declare, which run no line of their functions. They come first."""
_SHORTEST: Final = 4
"""Of the names that are followed through the package; `id` would be everywhere."""


class Choice:
    """Knows who uses which name of a module."""

    def __init__(self, modules: Sequence[Module], lines: LineMap) -> None:
        self.modules = {module.path: module for module in modules}
        self.lines = lines
        self._importers: dict[str, set[str]] = {}

    @cached_property
    def _places(self) -> dict[str, list[tuple[str, int]]]:
        """Every place of each word of the package that is not in a comment's line."""
        found: dict[str, list[tuple[str, int]]] = {}
        for path, module in self.modules.items():
            for number, line in enumerate(module.source.decode().splitlines(), 1):
                if not line.lstrip().startswith(("#", "from ", "import ")):
                    for word in set(re.findall(r"[A-Za-z_]\w+", line)):
                        found.setdefault(word, []).append((path, number))
        return found

    def runs_while_collecting(self, mutant: Mutant) -> bool:
        """Whether it must be there before the package is imported."""
        if not mutant.function:
            return True
        return COLLECTING in self.lines.tests_of(mutant.path, self._of_function(mutant.path, mutant.function))

    def tests(self, mutant: Mutant, below: tuple[str, ...]) -> list[str]:
        """The tests of some folders or modules that pass without it: first those that are named after its module, then the cheapest."""
        if mutant.function:
            found = self.lines.tests_of(mutant.path, self._statement_lines(mutant))
            if not found - {COLLECTING}:
                found = self.lines.tests_of(mutant.path, self._of_function(mutant.path, mutant.function))
        else:
            found = {test for test in self.lines.measured if test.startswith(DECLARATIONS)}
            for path, lines in self._users(mutant):
                found |= self.lines.tests_of(path, lines)
        measured = self.lines.measured
        found |= {test for test in measured if _is_named_after(mutant.path, test)}
        return sorted(
            (test for test in found if test in measured and measured[test].passes and test.startswith(below)),
            key=lambda test: (
                not test.startswith(DECLARATIONS),
                not _is_named_after(mutant.path, test),
                measured[test].cost,
                test,
            ),
        )

    def _of_function(self, path: str, name: str) -> list[int]:
        return [
            line
            for first, last, known in self.modules[path].functions
            if known == name
            for line in range(first, last + 1)
        ]

    def _statement_lines(self, mutant: Mutant) -> list[int]:
        """The lines of the innermost statement: some of its lines are not counted by Python."""
        best = (mutant.line, mutant.line)
        for node in ast.walk(self.modules[mutant.path].tree):
            if isinstance(node, ast.stmt | ast.match_case | ast.ExceptHandler):
                first, last = _extent(node)
                if first <= mutant.line <= last and (best[0] == best[1] or last - first <= best[1] - best[0]):
                    best = (first, last)
        return list(range(best[0], best[1] + 1))

    def _importing(self, path: str) -> set[str]:
        """The modules that may have a name of this one: they import it, or something of its package."""
        if path not in self._importers:
            self._importers[path] = self._found_importing(path)
        return self._importers[path]

    def _found_importing(self, path: str) -> set[str]:
        name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        package, _, last = name.rpartition(".")
        words = (f"directus_guard.{name} import".encode(), f"directus_guard.{package} import {last}".encode())
        return {path} | {
            other for other, module in self.modules.items() if any(word in module.source for word in words)
        }

    def _users(self, mutant: Mutant) -> Iterator[tuple[str, Sequence[int]]]:
        """The functions that a name of the module gets to, also through other names."""
        seen: set[tuple[str, int]] = set()
        waiting = [(mutant.path, mutant.line)]
        while waiting:
            path, line = waiting.pop()
            if (path, line) in seen:
                continue
            seen.add((path, line))
            if self.modules[path].function_at(line):
                yield path, [line]
                continue
            for name, lines in _defined(self.modules[path].tree.body, line):
                if lines:
                    yield path, lines
                if len(name) >= _SHORTEST:
                    importing = self._importing(path)
                    waiting += (place for place in self._places.get(name, ()) if place[0] in importing)


def _is_named_after(path: str, test: str) -> bool:
    """Whether a file of tests, or an example of a check, has the name of a module."""
    name = path.rpartition("/")[2].removesuffix(".py").strip("_")
    return f"/test_{name}.py::" in test or f"[{name.replace('_', '-')}/" in test


def _extent(node: ast.stmt | ast.match_case | ast.ExceptHandler) -> tuple[int, int]:
    """The lines of a statement without those of the statements in it."""
    if isinstance(node, ast.match_case):
        return node.pattern.lineno, node.body[0].lineno - 1
    assert node.end_lineno is not None
    body = getattr(node, "body", None)
    return node.lineno, body[0].lineno - 1 if body else node.end_lineno


def _defined(body: Iterable[ast.stmt], line: int) -> Iterator[tuple[str, Sequence[int]]]:
    """The names that the statement at a line defines, and the lines of a function that it decorates."""
    for node in body:
        assert node.end_lineno is not None
        first = min((one.lineno for one in getattr(node, "decorator_list", [])), default=node.lineno)
        if not first <= line <= node.end_lineno:
            continue
        match node:
            case ast.FunctionDef(name=name):
                yield name, range(node.body[0].lineno, node.end_lineno + 1)
            case ast.ClassDef(name=name):
                yield name, ()
                yield from _defined(node.body, line)
            case ast.Assign(targets=targets):
                yield from ((one.id, ()) for one in targets if isinstance(one, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name, ()
            case _:
                yield "", ()
