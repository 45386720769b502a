"""Durations as npm `ms` reads them, in every spelling of a unit."""

from __future__ import annotations

from typing import Final

from directus_guard.directus.environment.duration import parse
from tests.support.each import each_case

SECOND: Final = 1000
SPELLED: Final[dict[int, str]] = {
    1: "ms msec msecs millisecond milliseconds",
    SECOND: "s sec secs second seconds",
    60 * SECOND: "m min mins minute minutes",
    3600 * SECOND: "h hr hrs hour hours",
    86_400 * SECOND: "d day days",
    604_800 * SECOND: "w week weeks",
    31_557_600 * SECOND: "y yr yrs year years",
}


@each_case(("length", "unit"), [(length, unit) for length, units in SPELLED.items() for unit in units.split()])
def test_every_spelling_of_a_unit(length: int, unit: str) -> None:
    for written in (f"2{unit}", f"2 {unit}", f"2  {unit.upper()}", f"2.0{unit}"):
        assert parse(written) == 2 * length, written
    assert parse(f"-.5{unit}") == -length / 2


@each_case("text", ["", "x", "2 fortnights", "2 d 3 h", "2dx", "x2d", "1,5h", " 2d", "2d ", "--2d"])
def test_what_is_no_duration(text: str) -> None:
    assert parse(text) is None


def test_a_bare_number_is_milliseconds() -> None:
    assert parse("900") == 900


def test_a_text_of_more_than_a_hundred_characters_is_no_duration() -> None:
    assert parse("0" * 98 + "5s") == 5 * SECOND
    assert parse("0" * 99 + "5s") is None
