"""What `make mutants` puts in, and that it is the same for the same seed."""

from __future__ import annotations

import gc
import re
from collections import Counter
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from msgspec.structs import replace

from tests.mutants import sample
from tests.mutants.__main__ import first_files, rate
from tests.mutants.choice import DECLARATIONS, Choice
from tests.mutants.line_map import COLLECTING, LineMap, Measured
from tests.mutants.operators import is_another_program, mutants_of
from tests.mutants.regex_parts import without_one_alternative
from tests.mutants.runner import NOT_TRIED, Result, Runner, Trial, functions_here, put_in
from tests.mutants.source import PACKAGE, ROOT, Module, modules

if TYPE_CHECKING:
    from pathlib import Path


def lines(text: str) -> set[str]:
    """The changed line of each mutant of a text."""
    module = Module("checks/one.py", dedent(text).encode())
    possible = [mutant for mutant in mutants_of(module) if is_another_program(module, mutant)]
    return {sample.change(module, mutant)[1] for mutant in possible}


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("x = a < b", {"x = a <= b"}),
        ("x = a >= b", {"x = a > b"}),
        ("x = a in b", {"x = a not in b", "x = (b) in (a)"}),
        ("x = a is not None", {"x = a is None"}),
        ("x = a and b and c", {"x = a or b and c", "x = a and b or c"}),
        ("x = not a", {"x =  a".replace("  ", " ")}),
        (
            "x = [1 for y in z if y]",
            {"x = [2 for y in z if y]", "x = [(0) for y in z if y]", "x = [1 for y in z if True]"},
        ),
        ("x = True", {"x = False"}),
        ("x = 'a'", {"x = '~a'"}),
        # A list of words would only have one word more.
        ("x = ' a b'", {"x = ' ~a b'"}),
        ("x = b'a'", {"x = b'~a'"}),
        ("x = a.decode('utf-8', 'ignore')", {"x = a.decode('utf-8', '~ignore')"}),
        ("x = None", {"x = True"}),
        ("def f():\n    return g(a)", {"return None"}),
        ("def f():\n    return a == b", {"return None", "return True", "return a != b"}),
        ("def f():\n    yield a", {"yield from ()"}),
        ("def f():\n    raise a", {"pass"}),
        ("a.b = c", {"pass"}),
        ("x = a if b else c", {"x = a if (not b) else c", "x = (a)", "x = (c)"}),
        ("for a in b:\n    break", {"continue"}),
        ("for a in b:\n    continue", {"break"}),
        ("x = a[b:c]", {"x = a[:c]", "x = a[b:]"}),
        ("x = any(a)", {"x = all(a)"}),
        ("x = a.lower()", {"x = (a)"}),
        ("x = a.startswith(b)", {"x = a.endswith(b)"}),
        ("x = a + 1", {"x = a - 1", "x = a + 2", "x = a + (0)"}),
        ("x = {a, b}", {"x = { b}", "x = {a}"}),
        ("x = {a: b, c: d}", {"x = {c: d}", "x = {a: b}"}),
        ("x = (a.b, a.c)", {"x = (a.c)", "x = (a.b)"}),
        ("x = A | B", {"x = (A)", "x = (B)"}),
        ("x = lazy_pattern(r'a|b')", {"x = lazy_pattern('b')", "x = lazy_pattern('a')", "x = lazy_pattern('~a|b')"}),
    ],
)
def test_what_is_put_in(text: str, instead: set[str]) -> None:
    assert {re.sub(r"(?<=\{) ", "", one) for one in lines(text)} == {re.sub(r"(?<=\{) ", "", one) for one in instead}


def test_cases_of_a_match() -> None:
    text = """
    match a:
        case b.c | b.d:
            e()
        case f() if g:
            pass
        case _:
            h()
            i()
    """
    assert lines(text) == {
        "case b.d:", "case b.c:", "case b.c | b.d if False:", "case f() if False:", "case f() if True:",
        "pass",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "'''A docstring.'''",
        "from a import b",
        "def f(a: int | None) -> 'Other': ...",
        "x: dict[str, str | None]",
        "assert a == 1, 'never'",
        "if TYPE_CHECKING:\n    x = 1",
        "Alias = str | None",
        "Alias = IPv4Network | IPv6Network",
        "Alias: TypeAlias = 'str | None'",
        "x = f'{a}'",
        "x = a.decode('utf-8')",
        "@lru_cache(maxsize=7)\ndef f(): ...",
        "class A(Struct, cache_hash=True): ...",
    ],
)
def test_what_says_nothing_at_run_time_stays(text: str) -> None:
    assert not lines(text)


def test_parts_of_patterns() -> None:
    assert list(without_one_alternative(r"a|(?:b|[|)]|\|)c")) == [
        r"a|(?:[|)]|\|)c", r"a|(?:b|\|)c", r"a|(?:b|[|)])c", r"(?:b|[|)]|\|)c", "a",
    ]  # fmt: skip


def test_a_seed_is_a_sample() -> None:
    below = modules("checks/live")
    first, again, other = (sample.drawn(below, seed, 20) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len(first) == 20
    assert len({(mutant.path, mutant.line) for _, mutant in first}) == 20


def test_each_mutant_lies_in_its_function() -> None:
    module = Module("checks/one.py", b"A = 1\n\nclass B:\n    c = 2\n\n    def d(self, e=3):\n        return 4\n")
    assert [(one.line, one.function) for one in mutants_of(module)] == [
        (1, ""), (1, ""), (4, ""), (4, ""), (6, ""), (6, ""), (7, "B.d"), (7, "B.d"),
    ]  # fmt: skip


def test_mutants_that_change_nothing_are_still_there() -> None:
    """What is listed as equivalent is in its module, has a reason, and is listed once."""
    listed = sample.equivalents()
    for one in listed:
        text = re.sub(r"\s+", " ", (PACKAGE / one.path).read_text(encoding="utf-8"))
        assert one.was in text, one
        assert len(one.reason.split()) > 3, one
    assert len({(one.path, one.was, one.now) for one in listed}) == len(listed)


BEFORE = b"A = 1\n\ndef f():\n    return A\n\ndef g():\n    return 2\n"


def measured() -> LineMap:
    """Two tests, each of its function, and one of both."""
    found = LineMap()
    found.follow([Module("checks/one.py", BEFORE)])
    ran = {"f": [4], "g": [7], "both": [4, 7], COLLECTING: [1, 3, 6]}
    found.add(
        {test: {"checks/one.py": lines} for test, lines in ran.items()},
        {test: Measured(1.0, "key", True) for test in ran if test},
    )
    return found


@pytest.mark.parametrize(
    ("after", "kept"),
    [
        (BEFORE, {"f", "g", "both"}),
        (BEFORE.replace(b"return 2", b"return 3"), {"f"}),
        (BEFORE.replace(b"return A", b"x = A\n    return x"), {"g"}),
        # What is outside of functions may be used by each of them.
        (BEFORE.replace(b"A = 1", b"A = 2"), set()),
        (BEFORE.replace(b"def g", b"@a\ndef g"), set()),
    ],
)
def test_tests_are_measured_anew_where_what_they_ran_has_changed(after: bytes, kept: set[str]) -> None:
    found = measured()
    found.follow([Module("checks/one.py", after)])
    assert set(found.measured) == kept


def test_lines_are_found_where_they_have_moved_to() -> None:
    found = measured()
    found.follow([Module("checks/one.py", BEFORE.replace(b"return A", b"x = A\n    return x"))])
    assert found.tests_of("checks/one.py", [8]) == {"g"}
    assert found.tests_of("checks/one.py", [4, 5]) == set()


def test_what_a_test_ran_before_is_forgotten() -> None:
    found = measured()
    found.add({"g": {"checks/one.py": [4]}}, {"g": Measured(1.0, "other", True)})
    assert found.tests_of("checks/one.py", [7]) == {"both"}
    assert found.tests_of("checks/one.py", [4]) == {"f", "g", "both"}
    assert found.tests_of("checks/one.py", [1]) == {COLLECTING}


def test_few_files_are_imported_at_first() -> None:
    tests = ["b.py::1", "a.py::1", "b.py::2", "c.py::1", "d.py::1", "a.py::2", "e.py::1"]
    assert first_files(tests) == (["b.py::1", "a.py::1", "b.py::2", "c.py::1", "a.py::2"], ["d.py::1", "e.py::1"])
    assert first_files(["a.py::1"]) == (["a.py::1"], [])


def test_what_no_test_noticed_is_not_killed() -> None:
    """A test that does not end has noticed nothing. What was not tried says nothing."""
    assert rate(Counter({"killed": 3, "survived": 1})) == 75
    assert rate(Counter({"killed": 2, "survived": 1, "timeout": 1})) == 50
    assert rate(Counter({"killed": 1, "not reached": 1})) == 50
    assert rate(Counter({"killed": 1, "equivalent": 5, NOT_TRIED: 5})) == 100


def test_nothing_is_tried_when_the_time_is_over(tmp_path: Path) -> None:
    trials = [Trial(number, "checks/one.py", "f", b"", False, [], {}) for number in (1, 2)]
    plan = tmp_path / "plan"
    plan.write_bytes(msgspec.msgpack.encode(trials))
    runner = Runner(plan, 1, 0)
    assert [runner.fork(trial) for trial in trials] == [None, None]
    written = plan.with_suffix(".results").read_bytes().splitlines()
    assert [msgspec.json.decode(line, type=Result) for line in written] == [
        Result(1, NOT_TRIED, "", 0), Result(2, NOT_TRIED, "", 0),
    ]  # fmt: skip


def test_a_mistake_is_put_in_where_the_collector_no_longer_looks() -> None:
    """Each run of pytest freezes what was imported: it is in no list of the collector."""
    names: dict[str, Any] = {}
    path = "checks/one.py"
    exec(compile("def f():\n    return 1\n", PACKAGE / path, "exec"), names)
    wrong = Trial(1, path, "f", b"def f():\n    return 2\n", False, [], {})
    gc.freeze()
    functions = functions_here()
    gc.freeze()
    assert put_in(wrong, functions)
    assert names["f"]() == 2
    assert not put_in(replace(wrong, function="g"), functions)


def test_declarations_have_tests_that_run_none_of_their_lines() -> None:
    module = Module("checks/one.py", b"A = 1\n\ndef f():\n    return 2\n")
    found = LineMap()
    found.add(
        {"cheap": {module.path: [4]}, **{test: {} for test in DECLARATIONS}},
        {"cheap": Measured(0.1, "key", True), **dict.fromkeys(DECLARATIONS, Measured(9.0, "key", True))},
    )
    for test in DECLARATIONS:
        path, _, name = test.partition("::")
        assert name in (ROOT / path).read_text(encoding="utf-8")
    constant, *_, returned = mutants_of(module)
    assert Choice([module], found).tests(constant, ("",)) == sorted(DECLARATIONS)
    assert Choice([module], found).tests(returned, ("",)) == ["cheap"]


def test_tests_of_the_same_name_come_first() -> None:
    module = Module("checks/access/_open_door.py", b"def f():\n    return 2\n")
    names = ["tests/checks/test_open_door.py::test_a", "tests/checks/test_examples.py::test_example[open-door/fail-1]"]
    found = LineMap()
    found.add(
        {test: {module.path: [2]} for test in (*names, "cheap")},
        {**dict.fromkeys(names, Measured(9.0, "key", True)), "cheap": Measured(0.1, "key", True)},
    )
    assert Choice([module], found).tests(mutants_of(module)[0], ("",)) == [*sorted(names), "cheap"]


def test_tests_of_the_same_name_need_not_run_a_line() -> None:
    """They may look at what a module declares."""
    module = Module("directus/open_door_data.py", b"A = 1\n")
    found = LineMap()
    name = "tests/directus/test_open_door_data.py::test_a"
    found.add({name: {}}, {name: Measured(9.0, "key", True)})
    assert Choice([module], found).tests(mutants_of(module)[0], ("",)) == [name]
