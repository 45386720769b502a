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
