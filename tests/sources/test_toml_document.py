"""TOML with positions: what the standard library reads, and where it stands."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from directus_guard import limits
from directus_guard.sources.formats import toml_document
from directus_guard.sources.formats.values import List, ObjectValue, Text, Value, walk
from tests.support.each import each_case
from tests.support.in_memory import in_memory
from tests.support.repositories import repository
from tests.support.shown_values import noted, shown, written_values

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
"é" = "ü" # comment
a.b."c d" = 'raw\\n'
multi = \"\"\"
first
second\"\"\"
one = '''x'''
n = 1_000
h = 0xFF
f = 2.0
t = true
list = [ "p", # why
  ["q"] ]
inline = { k = "v", deep.er = 1 }
[table.sub]
x = "\\u00e9\\t"
[[many]]
y = 1
[many.child]
z = "1"
[[many]]
y = 2
[table]
w = 1979-05-27
"""


def plain(value: Value) -> object:
    if isinstance(value, Text):
        return value.text
    if isinstance(value, List):
        return [plain(item) for item in value.items]
    assert isinstance(value, ObjectValue)
    return {entry.key.text: plain(entry.value) for entry in value.entries}


def printed(value: object) -> object:
    if isinstance(value, dict):
        return {key: printed(held) for key, held in value.items()}
    if isinstance(value, list):
        return [printed(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def test_reads_what_the_standard_library_reads() -> None:
    assert plain(toml_document.parse("a", TEXT)) == printed(tomllib.loads(TEXT))


def test_places_are_those_of_the_text_without_quotes() -> None:
    lines = TEXT.split("\n")
    found = [
        lines[value.location.line - 1][value.location.column - 1 : value.location.end_column - 1]
        for value in walk(toml_document.parse("a", TEXT))
        if isinstance(value, Text) and value.location.line == value.location.end_line
    ]
    assert found == [
        "ü",
        "raw\\n",
        "first",
        "x",
        "1_000",
        "0xFF",
        "2.0",
        "true",
        "p",
        "q",
        "v",
        "1",
        "\\u00e9\\t",
        "1979-05-27",
        "1",
        "1",
        "2",
    ]


@each_case(("text", "line"), [("a = 1\nb = ", 2), ("a = 1\na = 2\n", 2), ("[a", 1), ("a = " + "[" * 5000, 0)])
def test_what_is_not_toml_is_said(tmp_path: Path, text: str, line: int) -> None:
    root = repository(tmp_path, {"fly.toml": text})
    assert toml_document.document(root, "fly.toml") is None
    assert [(problem.path, problem.line) for problem in root.problems] == [("fly.toml", line)]


KEY = st.sampled_from(["a", "b", '"q r"', "'s'", "a.b", "c-d"])
VALUE = st.recursive(
    st.sampled_from(['"x"', "'y'", "1", "-2.5", "true", '"""z"""', '"\\n"', "12:00:00"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    max_leaves=4,
)
LINE = st.one_of(
    st.tuples(KEY, VALUE).map(" = ".join),
    KEY.map("[{}]".format),
    KEY.map("[[{}]]".format),
    st.just("# c"),
    st.text(max_size=5),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINE, max_size=8))
def test_equal_to_the_standard_library(lines: list[str]) -> None:
    text = "\n".join(lines).encode("utf-8", "replace").decode()
    try:
        expected = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError:
        with pytest.raises(toml_document.TomlError):
            toml_document.parse("a", text)
        return
    assert plain(toml_document.parse("a", text)) == printed(expected)


DEEP = f"a = {'[' * 5_000}{']' * 5_000}"
DOTTED = ".".join("abcdefghijklmnopqrstu")


@each_case(
    ("text", "expected", "problems"),
    [
        ("a = 1\nb = ", "none", ["a.toml:2: not valid TOML: syntax error (broken)"]),
        ("a = 1\nb = [\n", "none", ["a.toml:3: not valid TOML: syntax error (broken)"]),
        ("[a]\n[a]", "none", ["a.toml:2: not valid TOML: syntax error (broken)"]),
        ("a = 1\na = 2", "none", ["a.toml:2: not valid TOML: syntax error (broken)"]),
        ('a = "\\q"', "none", ["a.toml:1: not valid TOML: syntax error (broken)"]),
        ("\ufeffa = 1", "{a: 1}", []),
        ("a = true\nb = false\nc = 1.0\nd = 1e15\ne = 1_000.0\nf = 0o17\ng = inf\nh = 1e14", "{a: true, b: false, c: 1, d: 1000000000000000.0, e: 1000, f: 15, g: inf, h: 100000000000000}", []),
        ('a = """\r\nb\nc"""\nd = \'\'\'\ne\'\'\'', "{a: 'b\\nc', d: 'e'}", []),
        ('"a b" = 1\n"c\\td".e = 2', "{a b: 1, c\td: {e: 2}}", []),
        ("[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3", "{a: [{b: 1}, {b: 2, c: {d: 3}}]}", []),
        ("a = [1, # c\n 2]\nb = { c = 1, d.e = 2 }", "{a: [1, 2], b: {c: 1, d: {e: 2}}}", []),
        ("a = 1 # directus\nb = ", "none", ["a.toml:2: not valid TOML: syntax error (broken) (incomplete)"]),
        ("[a.b]\nc = 1\n[a]\nd = 2", "{a: {b: {c: 1}, d: 2}}", []),
        ("a = 1979-05-27", "{a: '1979-05-27'}", []),
        ("\n\na = b\n", "none", ["a.toml:3: not valid TOML: syntax error (broken)"]),
        ("= 1", "none", ["a.toml:1: not valid TOML: syntax error (broken)"]),
        (DEEP, "none", ["a.toml:0: not valid TOML: nested too deeply (broken)"]),
        (f"a = {'9' * 4_301}", "none", ["a.toml:0: not valid TOML: a number has too many digits (broken)"]),
        (f"a = 1\n{DOTTED} = 2", "none", [f"a.toml:2: not valid TOML: {limits.over(limits.TOML_PARTS)} (broken)"]),
        (f"a = 1\n#{' ' * (limits.TOML.number - 7)}", "{a: 1}", []),
        (f"a = 1\n#{' ' * (limits.TOML.number - 6)}", "none", [f"a.toml:0: not valid TOML: {limits.over(limits.TOML)} (broken)"]),
    ],
)  # fmt: skip
def test_what_is_read_and_what_is_no_toml(text: str, expected: str, problems: list[str]) -> None:
    found = in_memory({"a.toml": text})
    assert shown(toml_document.document(found, "a.toml")) == expected
    assert noted(found) == problems
    assert toml_document.document(found, "b.toml") is None


def test_places_of_keys_and_values() -> None:
    text = '"a b" = true\n[[c]]\nd = 1\n[[c]]\n"e" = """\r\nf"""\ng.h = \'\'\'i\'\'\'\n[j]\nk = [""]\n'
    root = toml_document.parse("a.toml", text)
    assert written_values(text, root)[1:] == [
        "a b", "true", "c", "[[c]]\nd = 1\n", "[[c]]\nd = 1\n", "d", "1", '[[c]]\n"e" = """\r\nf"""\ng.h = \'\'\'i\'\'\'\n', "e", "f",
        "g", "g", "h", "i", "j", '[j]\nk = [""]\n', "k", '[""]', "",
    ]  # fmt: skip
