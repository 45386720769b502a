"""Rules of the house that no linter knows, read from the syntax of its files."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, Final

from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE: Final = ROOT / "directus_guard"
TESTS: Final = ROOT / "tests"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def named(path: Path, node: ast.stmt | ast.expr) -> str:
    """Where a node lies, for a message."""
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def modules(folder: Path) -> list[Path]:
    """The Python files below a folder, without those of the examples of checks."""
    return sorted(path for path in folder.rglob("*.py") if TESTS / "checks" not in path.parents[1:])


def imported(path: Path) -> Iterator[tuple[ast.stmt, str]]:
    """Every module that a file imports, by its full name; `from a import b` counts as `a` and as `a.b`."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*above, *([node.module] if node.module else [])))
            yield node, module
            yield from ((node, f"{module}.{alias.name}") for alias in node.names)


def test_no_test_module_is_imported() -> None:
    """What tests share lies in `tests/support/` or in a helper module of their folder."""
    found = {
        f"{named(path, node)} imports {name}"
        for folder in (TESTS, ROOT / "scripts", PACKAGE)
        for path in modules(folder)
        for node, name in imported(path)
        if name.startswith("tests.") and any(part.startswith("test_") for part in name.split("."))
    }
    assert not found
