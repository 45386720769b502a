"""JSON with positions: equal to the standard library's reader in what it accepts and in what it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from directus_guard.finding import Location
from directus_guard.sources.files.repository import Repository
from directus_guard.sources.formats import json_document
from directus_guard.sources.formats.values import List, ObjectValue, Text, TextKind, Value
from tests.support.each import each_case
from tests.support.in_memory import in_memory
from tests.support.shown_values import noted, shown

if TYPE_CHECKING:
    from pathlib import Path

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def plain(value: Value) -> object:
    """What `json.loads` would have made of it."""
    if isinstance(value, Text):
        return value.text if value.kind is TextKind.STRING else json.loads(value.text)
    if isinstance(value, List):
        return [plain(item) for item in value.items]
    assert isinstance(value, ObjectValue)
    return {entry.key.text: plain(entry.value) for entry in value.entries}


def cut(text: str, region: Location) -> str:
    lines = text.split("\n")
    assert region.line == region.end_line
    return lines[region.line - 1][region.column - 1 : region.end_column - 1]


@given(JSON, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_reads_what_the_standard_library_reads(value: object, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    surrogates = any(0xD800 <= ord(character) < 0xE000 for character in json.dumps(value, ensure_ascii=False))
    if not surrogates:
        assert plain(json_document.parse("a.json", text)) == value


@given(st.text(alphabet='[]{}:,"\\ \n1e-.0truefalsn/*', max_size=30))
def test_accepts_exactly_what_the_standard_library_accepts(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(json_document.JsonError):
            json_document.parse("a.json", text)
    else:
        assert plain(json_document.parse("a.json", text)) == expected


def test_positions_are_those_of_the_value_without_quotes() -> None:
    text = '{\n\t"é": "ü\\n", "n": -1.5e3,\n "deep": [{"x": true}]}'
    root = json_document.parse("a.json", text)
    assert isinstance(root, ObjectValue)
    written = {entry.key.text: entry.value for entry in root.entries}
    assert cut(text, root.entries[0].key.location) == "é"
    assert cut(text, written["é"].location) == "ü\\n"
    assert cut(text, written["n"].location) == "-1.5e3"
    assert cut(text, written["deep"].location) == '[{"x": true}]'


def test_the_last_of_equal_keys_counts() -> None:
    root = json_document.parse("a.json", '{"a": 1, "a": 2}')
    assert isinstance(root, ObjectValue)
    assert root.text("a") == "2"


def test_comments_and_trailing_commas_only_where_allowed() -> None:
    text = '// one\n{"a": [1, 2,], /* two */ "b": "//no",}'
    with pytest.raises(json_document.JsonError):
        json_document.parse("a.json", text)
    assert plain(json_document.parse("a.json", text, comments=True)) == {"a": [1, 2], "b": "//no"}


def test_depth_is_no_matter() -> None:
    assert isinstance(json_document.parse("a.json", "[" * 20_000 + "]" * 20_000), List)
    with pytest.raises(json_document.JsonError, match="too early"):
        json_document.parse("a.json", "[" * 20_000)


def test_a_byte_order_mark_is_no_column() -> None:
    root = json_document.parse("a.json", '\ufeff{"a": "b"}')
    assert isinstance(root, ObjectValue)
    assert root.entries[0].value.location == Location("a.json", 1, 8, 1, 9)


def test_trouble_is_noted_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{\n"a": }')
    repository = Repository(tmp_path)
    assert json_document.document(repository, "a.json") is None
    assert [(problem.path, problem.line) for problem in repository.problems] == [("a.json", 2)]


@each_case(
    ("text", "expected", "problems"),
    [
        ('{"a": 1 "b": 2}', "none", ["a.json:1: not valid JSON: a comma or a colon is missing (broken)"]),
        ("[1\n 2]", "none", ["a.json:2: not valid JSON: a comma or a colon is missing (broken)"]),
        ('{"a"\n "b"}', "none", ["a.json:2: not valid JSON: a comma or a colon is missing (broken)"]),
        ("[1", "none", ["a.json:1: not valid JSON: the text ends too early (broken)"]),
        ('{"a":\n', "none", ["a.json:2: not valid JSON: the text ends too early (broken)"]),
        ("", "none", ["a.json:1: not valid JSON: the text ends too early (broken)"]),
        ("[1,\n @]", "none", ["a.json:2: not valid JSON: unexpected character (broken)"]),
        ("[1,\n// c\n2]", "none", ["a.json:2: not valid JSON: comments are not allowed (broken)"]),
        ("[] /* c */", "none", ["a.json:1: not valid JSON: comments are not allowed (broken)"]),
        ("[]\n[]", "none", ["a.json:2: not valid JSON: text after the end (broken)"]),
        ("{}\n1", "none", ["a.json:2: not valid JSON: text after the end (broken)"]),
        ('{"a": 1,\n}', "none", ["a.json:2: not valid JSON: unexpected '}' (broken)"]),
        ("[1,\n]", "none", ["a.json:2: not valid JSON: unexpected ']' (broken)"]),
        ("{1: 2}", "none", ["a.json:1: not valid JSON: a key must be a string (broken)"]),
        ("{\n true: 1}", "none", ["a.json:2: not valid JSON: a key must be a string (broken)"]),
        ('{"a": "\\x"}', "none", ["a.json:1: not valid JSON: invalid escape in a string (broken)"]),
        ('[\n"\\u00"]', "none", ["a.json:2: not valid JSON: invalid escape in a string (broken)"]),
        ('{"a": }', "none", ["a.json:1: not valid JSON: unexpected '}' (broken)"]),
        ("[}", "none", ["a.json:1: not valid JSON: unexpected '}' (broken)"]),
        ("{]", "none", ["a.json:1: not valid JSON: unexpected ']' (broken)"]),
        ("{,}", "none", ["a.json:1: not valid JSON: unexpected ',' (broken)"]),
        ("[,1]", "none", ["a.json:1: not valid JSON: unexpected ',' (broken)"]),
        (":1", "none", ["a.json:1: not valid JSON: unexpected ':' (broken)"]),
        ('{"a": 1: 2}', "none", ["a.json:1: not valid JSON: unexpected ':' (broken)"]),
        ("[1: 2]", "none", ["a.json:1: not valid JSON: unexpected ':' (broken)"]),
        ('{"a", 1}', "none", ["a.json:1: not valid JSON: unexpected ',' (broken)"]),
        ("]", "none", ["a.json:1: not valid JSON: unexpected ']' (broken)"]),
        ('"a\nb"', "none", ["a.json:1: not valid JSON: unexpected character (broken)"]),
        ("01", "none", ["a.json:1: not valid JSON: text after the end (broken)"]),
        ("[-]", "none", ["a.json:1: not valid JSON: unexpected character (broken)"]),
        ("[1.]", "none", ["a.json:1: not valid JSON: unexpected character (broken)"]),
        ("nul", "none", ["a.json:1: not valid JSON: unexpected character (broken)"]),
        ('{"a": 1}}', "none", ["a.json:1: not valid JSON: text after the end (broken)"]),
        ('["\\ud800"]', "['?']", []),
        ('[true, false, null, -0, 1.5e+3, "\\u00e9\\n"]', "[true, false, null, -0, 1.5e+3, 'é\\n']", []),
        ('{"a":{"b":[{}, []]}}', "{a: {b: [{}, []]}}", []),
        ("\ufeff[1]", "[1]", []),
        ('{"":""}', "{: ''}", []),
        (' \t\r\n"x" ', "'x'", []),
    ],
)  # fmt: skip
def test_what_is_read_and_what_is_no_json(text: str, expected: str, problems: list[str]) -> None:
    repository = in_memory({"a.json": text})
    assert shown(json_document.document(repository, "a.json")) == expected
    assert noted(repository) == problems


def test_kinds_of_texts() -> None:
    root = json_document.parse("a.json", '[true, false, null, 1, "true"]')
    assert isinstance(root, List)
    kinds = [item.kind for item in root.items if isinstance(item, Text)]
    assert kinds == [TextKind.BOOLEAN, TextKind.BOOLEAN, TextKind.NULL, TextKind.NUMBER, TextKind.STRING]
    assert json_document.document(in_memory({}), "a.json") is None


def test_a_part_of_a_file_has_the_places_of_the_file() -> None:
    root = json_document.parse_part(Location("a.yml", 3, 5), '{"a": 1,\n"b": [2]}')
    assert isinstance(root, ObjectValue)
    places = [root.location, *(entry.key.location for entry in root.entries), root.items("b")[0].location]
    assert [tuple(place[1:]) for place in places] == [(3, 5, 4, 10), (3, 7, 3, 8), (4, 2, 4, 3), (4, 7, 4, 8)]
    for text in ("[1,]", "[1] // c", "[\n}"):
        with pytest.raises(json_document.JsonError) as caught:
            json_document.parse_part(Location("a.yml", 3, 5), text)
        assert caught.value.line == 3 + text.count("\n")
