"""Rows that are read by their text are the rows that `RecordReader` reads, and what is odd in them is said all the same."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st
from msgspec import Raw

from directus_guard.finding import Location
from directus_guard.sources.exports import reader, rows as record_rows
from directus_guard.sources.exports.plain_rows import PlainRows
from directus_guard.sources.exports.records import DecodedRecord, RecordReader
from directus_guard.sources.files.repository import Repository
from directus_guard.sources.formats import json_records
from tests.support.each import each_case

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.sources.exports.plain_rows import PlainRecord

HERE = Location("permissions.json")
UPPER_CASE = "3F2504E0-4F89-11D3-9A0C-0305E82C3301"
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, 1.5, "", "x", "null", "${X}", "{{ a }}", UPPER_CASE, [], {}, [1], ["a", "b"], ["${A}"], ["*"],
    "a,b", '["a"]', '{"a": {"_eq": 1}}', {"$ref": "x"}, {"id": "p"}, {"_unreadable": True}, {"_and": {}}, {"_and": []},
    {"a": {"_eq": "${TOKEN}"}}, {"a": {"_in": ["{{ b }}"]}}, {"a": {"_eq": {"id": 1}}}, {"a": [1]}, 10**30, "\u00e4\U0001f600",
)  # fmt: skip
MEMBERS = (
    "collection",
    "action",
    "permissions",
    "validation",
    "presets",
    "fields",
    "policy",
    "role",
    "id",
    "_syncId",
    "system",
)


def row(**changes: Any) -> dict[str, Any]:
    return {
        "id": 7, "policy": "editors", "collection": "posts", "action": "read", "permissions": {"status": {"_eq": "x"}},
        "validation": None, "presets": None, "fields": ["id", "title"], **changes,
    }  # fmt: skip


def plain(values: dict[str, Any]) -> PlainRecord | None:
    return PlainRows().read(Raw(json.dumps(values).encode()), HERE)


def is_read_alike(values: dict[str, Any], *, old: bool) -> bool:
    """Whether a row is plain; then it must be what the reader of odd rows makes of it, without a word about it."""
    found = plain(values)
    if found is None:
        return False
    assert found.values == values
    record, strict = DecodedRecord("permissions", values, HERE), RecordReader()
    told = record_rows.permissions_of(RecordReader(), [found], old=old)
    assert told == record_rows.permissions_of(strict, [record], old=old)
    if found.read(old=old) is not None:
        assert not strict.is_troubled, values
    return True


@pytest.mark.parametrize("old", [False, True])
@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_a_plain_row_is_what_its_record_says(seed: int, *, old: bool) -> None:
    random = Random(seed)
    values = row()
    for _ in range(random.choice((0, 1, 1, 2))):
        name = random.choice(MEMBERS)
        if random.random() < 0.2:
            values.pop(name, None)
        else:
            values[name] = random.choice(VALUES)
    is_read_alike(values, old=old)


@each_case(
    "changes",
    [
        {}, {"role": None}, {"role": "editors", "policy": None}, {"policy": UPPER_CASE}, {"id": None, "_syncId": "a"},
        {"id": "key"}, {"fields": None}, {"fields": []}, {"permissions": {}}, {"presets": {"a": "$CURRENT_USER"}},
        {"system": True}, {"system": False}, {"collection": "\u00e4"},
    ],
)  # fmt: skip
def test_what_exporters_write_is_plain(changes: dict[str, Any]) -> None:
    assert is_read_alike(row(**changes), old=False)
    assert is_read_alike(row(**changes), old=True)


@each_case(
    "changes",
    [
        {"collection": "${COLLECTION}"}, {"collection": ""}, {"action": "update!"}, {"policy": "{{ policy }}"},
        {"policy": ""}, {"role": "null"}, {"permissions": '{"a": {"_eq": 1}}'}, {"permissions": {"a": {"_eq": "${A}"}}},
        {"validation": {"$ref": "rules.json"}}, {"validation": []}, {"presets": {"_unreadable": True}}, {"presets": "x"},
        {"fields": "id,title"}, {"fields": ["id", 1]}, {"fields": ["${FIELDS}"]}, {"id": True}, {"id": 1.5},
        {"system": 1}, {"partial": True}, {"permissions": json.loads("[" * 120 + "]" * 120)},
        {"permissions": {"a": {"_and": json.loads("[" * 120 + "]" * 120)}}},
    ],
)  # fmt: skip
def test_what_is_odd_is_left_to_the_reader_of_records(changes: dict[str, Any]) -> None:
    assert plain(row(**changes)) is None


@each_case("member", ["collection", "action", "permissions", "validation", "presets", "fields"])
def test_a_row_that_lost_a_member_is_not_plain(member: str) -> None:
    values = row()
    del values[member]
    assert plain(values) is None


def test_an_odd_value_is_odd_every_time() -> None:
    rows = PlainRows()
    text = Raw(json.dumps(row(validation={"a": {"_eq": "${A}"}})).encode())
    assert [rows.read(text, HERE) for _ in range(2)] == [None, None]


def test_rows_of_one_shape_are_read_as_the_first_of_each_is() -> None:
    rows = PlainRows()
    for rule in (
        {"a": {"_eq": "x"}},
        {"a": {"_eq": "y"}},
        {"a": {"_eq": "${A}"}},
        {"a": {"_eq": "z"}},
        {"a": {"_eq": 1}},
    ):
        text = Raw(json.dumps(row(permissions=rule, validation=rule)).encode())
        found, alone = rows.read(text, HERE), PlainRows().read(text, HERE)
        assert found == alone
        assert (found is None) == (rule == {"a": {"_eq": "${A}"}})
        if found is not None:
            assert found.row.permissions == found.row.validation == rule


def test_presets_do_not_hide_what_is_odd_in_a_rule() -> None:
    """The same object may be what is preset and no rule."""
    odd = {"a": {"_eq": "${A}"}}
    records = [DecodedRecord("permissions", row(presets=odd, permissions=odd), HERE)]
    read = RecordReader()
    record_rows.permissions_of(read, records, old=False)
    assert read.is_troubled


LISTS = st.lists(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=8,
    ),
    max_size=6,
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    value=LISTS,
    indent=st.sampled_from([None, 1, "\t"]),
    ascii_only=st.booleans(),
    before=st.sampled_from(["", " \n", '{"data":']),
)
def test_items_are_found_where_they_are(value: Any, indent: int | str | None, before: str, *, ascii_only: bool) -> None:
    listed = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    text = before + listed + ("}" if before.startswith("{") else "\r\n")
    end = len(before) + len(listed)
    try:
        raws = json_records.raw_items(text, len(before), end)
    except UnicodeEncodeError:
        return
    assert raws is not None
    here = Location("rows.json", 3, 5)
    placed = json_records.Places(here, text).items(raws, len(before))
    places = json_records.Places(here, text)
    items = json_records.items(json.JSONDecoder(), text, len(before))
    expected = [(item, begin, stop, places.region(begin, stop)) for item, begin, stop in items]
    assert [(json.loads(bytes(item)), *place) for item, *place in placed] == expected


@each_case("text", ["[1,]", "[NaN]", '["\\ud800"]', "[1] 2", "[01]", '["\x01"]', "[" * 100_000, "[1", "[tru]"])
def test_what_is_no_plain_json_is_left_to_the_decoder_that_says_why(text: str) -> None:
    assert json_records.raw_items(text, 0) is None


def test_rows_that_are_not_plain_keep_their_places(tmp_path: Path) -> None:
    kinds = [row(), row(collection="odd", fields="id"), row(collection="last")]
    policies = [
        {
            "id": "editors",
            "name": "E",
            "admin_access": False,
            "app_access": False,
            "enforce_tfa": False,
            "ip_access": None,
        }
    ]
    for name, records in (("permissions", kinds), ("policies", policies), ("access", []), ("roles", [])):
        (tmp_path / f"{name}.json").write_text(json.dumps(records, indent=1))
    (export,) = reader.read(Repository(tmp_path))
    text = (tmp_path / "permissions.json").read_text().splitlines()
    for each in export.model.permissions:
        assert each.location is not None
        assert text[each.location.line - 1] == " {"
        assert f'"{each.collection}"' in "".join(text[each.location.line : each.location.end_line])
        assert text[each.location.end_line - 1].startswith(" }")


def test_equal_values_are_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an export costs beyond the reading of its text grows with what is new in a row."""
    decoded = 0
    decode = msgspec.json.decode

    def counted(text: bytes) -> object:
        nonlocal decoded
        decoded += 1
        return decode(text)

    text = json.dumps([row(id=number, collection=f"c{number % 50}") for number in range(2000)])
    rows, raws = PlainRows(), msgspec.json.decode(text, type=list[Raw])
    monkeypatch.setattr(msgspec.json, "decode", counted)
    records = [rows.read(raw, HERE) for raw in raws]
    assert None not in records
    # A rule, no validation, no presets, a list of fields.
    assert decoded == 4
