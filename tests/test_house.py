"""Rules of the house that no linter knows, read from the syntax of its files."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGE: Final = ROOT / "directus_guard"
TESTS: Final = ROOT / "tests"
LONGEST_FILE: Final = 450
LONGEST_FUNCTION: Final = 60
CLOCKS: Final = frozenset(
    f"{name}{unit}"
    for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time")
    for unit in ("", "_ns")
)
DATA: Final = frozenset({"directus/environment/variables_data.py"})
"""Generated modules, as long as what they list."""
SHOWN_BY_REPR: Final = frozenset({
    "directus/content.py", "directus/environment/csp.py", "directus/masks.py",
    "sources/deployments/compose_scalars.py", "sources/formats/javascript_document.py",
})  # fmt: skip
"""Where `repr()` makes a key, and where it writes a number or a literal."""
VERSIONS: Final = frozenset({"directus/features.py", "directus/versions.py", *DATA})
"""Where versions of Directus are written out."""
_VERSION: Final = re.compile(r"1[0-9]\.[0-9]+\.[0-9]+")
EMPTY_NAMES: Final = frozenset({"found", "held", "known", "one", "stands", "told"})
_PRAGMA: Final = re.compile(r"# pragma: no (?:cover|branch) - \w+ \w+")
"""Lines that are not measured, with a reason of more than a word."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree(path)))


def named(path: Path, node: ast.stmt | ast.expr) -> str:
    """Where a node lies, for a message."""
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def modules(folder: Path) -> list[Path]:
    """The Python files below a folder, without those of the examples of checks."""
    return sorted(path for path in folder.rglob("*.py") if TESTS / "checks" not in path.parents[1:])


def imported(path: Path) -> Iterator[tuple[ast.stmt, str]]:
    """Every module that a file imports, by its full name; `from a import b` counts as `a` and as `a.b`."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*above, *([node.module] if node.module else [])))
            yield node, module
            yield from ((node, f"{module}.{alias.name}") for alias in node.names)


_NAMES_A_TEST: Final = re.compile(r"\bimport\b[^\n(]*\btest_|\bimport\s*\([^)]*\btest_|\bfrom\s[^\n]*\btest_")


def test_no_test_module_is_imported() -> None:
    """What tests share lies in `tests/support/` or in a helper module of their folder."""
    found = {
        f"{named(path, node)} imports {name}"
        for folder in (TESTS, ROOT / "scripts", PACKAGE)
        for path in modules(folder)
        if _NAMES_A_TEST.search(path.read_text(encoding="utf-8"))
        for node, name in imported(path)
        if name.startswith("tests.") and any(part.startswith("test_") for part in name.split("."))
    }
    assert not found


def within(path: Path) -> str:
    """A module's path inside of the package."""
    return path.relative_to(PACKAGE).as_posix()


@cache
def functions(path: Path) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]:
    """Functions and methods, nested ones too."""
    return tuple(node for node in nodes(path) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def test_files_are_short() -> None:
    found = {
        within(path): lines
        for path in modules(PACKAGE)
        if within(path) not in DATA and not within(path).startswith("escalation/")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not found


def test_functions_are_short() -> None:
    found = {
        f"{named(path, function)} {function.name}": lines
        for path in modules(PACKAGE)
        for function in functions(path)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    }
    assert not found


def test_public_class_names_are_unique() -> None:
    found: dict[str, list[str]] = {}
    for path in modules(PACKAGE):
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(within(path))
    shared = {name: places for name, places in found.items() if len(places) > 1}
    assert not shared


def calls(path: Path, name: str) -> Iterator[str]:
    """The places where a built-in function is called."""
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield named(path, node)


def test_nothing_is_looked_up_by_its_identity() -> None:
    """Another object can have the same `id()` later, and two equal ones have different ones: values are keys."""
    assert not [place for path in modules(PACKAGE) for place in calls(path, "id")]


def test_what_cannot_be_hashed_has_one_key() -> None:
    """`content_key` makes it: that a text stands for a value is said there."""
    assert {within(path) for path in modules(PACKAGE) if any(calls(path, "repr"))} == SHOWN_BY_REPR


def reads_clock(node: ast.AST, names: frozenset[str] = frozenset()) -> bool:
    """Whether an expression calls a clock, or uses one of the names that hold what a clock said."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in names:
            return True
        if isinstance(part, ast.Call):
            called = part.func
            if isinstance(called, ast.Attribute) and called.attr in CLOCKS and isinstance(called.value, ast.Name):
                return called.value.id == "time"
            if isinstance(called, ast.Name) and called.id in CLOCKS - {"time"}:
                return True
    return False


def clock_assertions(function: ast.AST) -> list[int]:
    """The lines of assertions that depend on how long something took."""
    names = frozenset(
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and reads_clock(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    )
    return [
        node.lineno for node in ast.walk(function) if isinstance(node, ast.Assert) and reads_clock(node.test, names)
    ]


def test_no_assertion_depends_on_the_clock() -> None:
    """A loaded machine fails such a test. Count lines (`tests/support/cost.py`), requests or chosen waits instead."""
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in modules(TESTS)
        if any(clock in path.read_text(encoding="utf-8") for clock in CLOCKS - {"time"} | {"time.time"})
        for function in functions(path)
        for line in clock_assertions(function)
    }
    assert not found


def test_the_clock_is_seen() -> None:
    """The rule above on assertions that it must find, and on one that it must not."""
    text = """
import time
def test() -> None:
    began = time.monotonic()
    assert time.perf_counter() - began < 5
    took = time.monotonic() - began
    assert took < 5
    assert answer(time) == 5
"""
    assert clock_assertions(ast.parse(text)) == [5, 7]


def is_version(node: ast.expr) -> bool:
    """A bare tuple of one to three numbers."""
    return (
        isinstance(node, ast.Tuple)
        and len(node.elts) in (1, 2, 3)
        and all(isinstance(item, ast.Constant) and type(item.value) is int for item in node.elts)
    )


def compares_version(node: ast.AST) -> bool:
    """Whether versions are told apart here: compared with a bare tuple, or their major with a bare number."""
    if not isinstance(node, ast.Compare) or any(isinstance(operator, ast.In | ast.NotIn) for operator in node.ops):
        return False
    sides = (node.left, *node.comparators)
    numbers = any(isinstance(side, ast.Constant) and type(side.value) is int for side in sides)
    majors = any(ast.unparse(side).rpartition(".")[2] == "major" for side in sides)
    return any(map(is_version, sides)) or (numbers and majors)


def writes_version(node: ast.AST) -> bool:
    """Whether one version is written out: `Version(11, 0, 0)`, or its text."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) == "Version" and any(isinstance(item, ast.Constant) for item in node.args)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_VERSION.fullmatch(node.value))


def test_what_versions_have_is_named_in_one_place() -> None:
    found = {
        named(path, node)
        for path in modules(PACKAGE)
        if within(path) not in VERSIONS
        for node in nodes(path)
        if isinstance(node, ast.expr) and (compares_version(node) or writes_version(node))
    }
    assert not found


def defaults(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Iterator[str]:
    """The parameters that have a default."""
    given = function.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    yield from names[len(names) - len(given.defaults) :]
    yield from (
        argument.arg for argument, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value is not None
    )


def test_nothing_has_a_default_for_the_major_version() -> None:
    """No parameter, and no field of a record: every rule is read for the version of its export."""
    found = {
        named(path, node)
        for path in modules(PACKAGE)
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and "major" in defaults(node)
    }
    found |= {
        named(path, item)
        for path in modules(PACKAGE)
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, ast.AnnAssign) and item.value is not None and ast.unparse(item.target) == "major"
    }
    assert not found


def test_what_no_test_can_reach_says_why() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules(PACKAGE)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "# pragma: no" in line and not _PRAGMA.search(line)
    }
    assert not found


def test_parameters_are_nouns_of_their_subject() -> None:
    """`found` and `held` say that something was handed over, not what it is."""
    found = {
        f"{named(path, function)} {function.name}({argument.arg})"
        for path in modules(PACKAGE)
        if not within(path).startswith("escalation/")
        for function in functions(path)
        for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        if argument.arg in EMPTY_NAMES
    }
    assert not found


DIALECT: Final = re.compile(r"\b(?:Told|told|stands|earnest|nobody|somebody|blanks)\b")
"""Words that readers stumble over: see CONTRIBUTING.md."""
QUOTED: Final = ("directus/environment/secret_words_data.py",)
"""Lists of words that are data."""


def test_words_of_the_package_are_plain() -> None:
    found = [
        f"{within(path)}:{number}: {line.strip()}"
        for path in sorted((*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.md")))
        if not within(path).startswith(QUOTED)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if DIALECT.search(line)
    ]
    assert not found
