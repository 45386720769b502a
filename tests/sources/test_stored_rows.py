"""Rows that are looked up in a file again, one by one or in its order, are the same."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from directus_guard.finding import Location
from directus_guard.sources.exports import stored_rows
from directus_guard.sources.files.repository import Repository
from directus_guard.sources.formats import json_records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROWS = [
    {"id": number, "name": "\u00e4\U0001f600" * (number % 5), "fields": ["*"] * (number % 3)} for number in range(60)
]
PRETTY = json.dumps(ROWS, indent=2, ensure_ascii=False)
LAYOUTS = {
    "pretty": PRETTY,
    "windows": PRETTY.replace("\n", "\r\n"),
    "mark": "\ufeff" + PRETTY,
    "one line": json.dumps(ROWS, ensure_ascii=False),
    "a line each": "[" + ",\n".join(json.dumps(row) for row in ROWS) + "]",
    "two on a line": PRETTY.replace("},\n", "},"),
    "far apart": PRETTY.replace("},\n", "},\n" + "\n" * 3000),
}


def places_of(text: str) -> list[Location]:
    text = text.removeprefix("\ufeff")
    places = json_records.Places(Location("directus_roles.json"), text)
    raws = json_records.raw_items(text, 0)
    assert raws is not None
    return [place for _, _, _, place in places.items(raws, 0)]


def shown(row: stored_rows.StoredRow | None) -> object:
    if row is None:
        return None
    places = row.places([("name",), ("fields", "*")])
    return row.values, row.text, places, [row.lines.line(place.line) for place in places]


def read(rows: stored_rows.StoredRows, places: Sequence[Location]) -> dict[Location, object]:
    return {place: shown(row) for place, row in rows.rows(places)}


@pytest.mark.parametrize("block", [7, 300, 2**20])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_in_the_order_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str, block: int
) -> None:
    text = LAYOUTS[layout]
    (tmp_path / "directus_roles.json").write_bytes(text.encode())
    monkeypatch.setattr(json_records, "_BLOCK", block)
    rows, places = stored_rows.StoredRows(Repository(tmp_path)), places_of(text)
    assert len(places) == len(ROWS)
    expected = {place: shown(rows.row(place)) for place in places}
    assert [shown and shown[0] for shown in expected.values()] == ROWS  # type: ignore[index]  # values and more
    assert read(rows, places) == expected
    chosen = [places[number] for number in (40, 3, 59, 4)]
    assert read(rows, chosen) == {place: expected[place] for place in chosen}


def test_utf_16_is_read_as_well(tmp_path: Path) -> None:
    (tmp_path / "directus_roles.json").write_bytes(PRETTY.encode("utf-16"))
    found = read(stored_rows.StoredRows(Repository(tmp_path)), places_of(PRETTY))
    assert [shown and shown[0] for shown in found.values()] == ROWS  # type: ignore[index]  # values and more


@pytest.mark.parametrize(
    "content", [None, b"", b"[]", b"[\n", PRETTY.encode()[:300], b"\xff" * 300, b"[\n{ 1 }" + b"\n" * 300]
)
def test_a_file_that_has_changed_has_no_such_row(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "directus_roles.json").write_bytes(content)
    rows = stored_rows.StoredRows(Repository(tmp_path))
    *_, last = places_of(PRETTY)
    assert list(rows.rows([last])) == [(last, None)]
    assert list(rows.rows([Location("a.yaml", 1, 1, 1, 3)])) == [(Location("a.yaml", 1, 1, 1, 3), None)]


def test_no_more_of_a_file_is_kept_than_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "directus_roles.json").write_text(LAYOUTS["far apart"])
    monkeypatch.setattr(json_records, "_BLOCK", 100)
    rows = stored_rows.StoredRows(Repository(tmp_path)).rows(places_of(LAYOUTS["far apart"]))
    assert max(len(row.lines.text) for _, row in rows if row is not None) < 200


@pytest.mark.parametrize("first", [1, 7])
def test_lines_are_found_in_any_order(first: int) -> None:
    choose = random.Random(first)
    text = "".join(f"{'x' * choose.randint(0, 90)} {number}{choose.choice(['', chr(13)])}\n" for number in range(120))
    held = text.split("\n")
    lines = stored_rows.TextLines(text, first)
    for number in [*range(121), *choose.choices(range(121), k=400), 0, 119, 0, 1, 9, 8]:
        assert lines.line(first + number) == held[number].rstrip("\r")
        assert text[lines.start(first + number) :].split("\n", 1)[0] == held[number]
    assert lines.offset(Location("f", first + 3, 5)) == text.index(held[3]) + 4
    with pytest.raises(ValueError, match="substring"):
        lines.start(first + 500)
