"""`each_case`: no case of a joined test is left out, and each that fails is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.each import each_case
from tests.support.sampling import on_one, paired

if TYPE_CHECKING:
    from pathlib import Path


def test_all_cases_run_and_those_that_fail_are_named() -> None:
    ran: list[int] = []

    @each_case(("number", "word"), [(1, "a"), pytest.param(2, "b", id="second"), (3, "c"), (4, "d")])
    def test(number: int, word: str) -> None:
        ran.append(number)
        assert number != 2
        if number == 3:
            pytest.skip(word)
        if number == 4:
            raise KeyError(word)

    with pytest.raises(BaseExceptionGroup, match="3 of 4 cases failed") as caught:
        test()
    assert ran == [1, 2, 3, 4]
    assert [one.__notes__ for one in caught.value.exceptions] == [
        ["in the case second"],
        ["in the case number=3, word='c'"],
        ["in the case number=4, word='d'"],
    ]


def test_each_case_has_a_folder_of_its_own(tmp_path: Path) -> None:
    made: list[str] = []

    @each_case("name", ["x", "y"])
    @each_case("number", [1, 2])
    def test(tmp_path: Path, name: str, number: int) -> None:
        assert not list(tmp_path.iterdir())
        (tmp_path / "file").touch()
        made.append(f"{name}{number}")

    test(tmp_path=tmp_path)
    assert made == ["x1", "x2", "y1", "y2"]


@pytest.mark.parametrize("cases", [[], [pytest.param(1, marks=pytest.mark.thorough)]])
def test_no_case_and_a_marked_case_are_refused(cases: list[object]) -> None:
    with pytest.raises(AssertionError):
        each_case("number", cases)


def test_a_case_is_tried_with_one_of_the_others_in_turn_and_with_make_every_with_all() -> None:
    assert paired("abcd", (10, 11, 12), every=False) == [("a", 10), ("b", 11), ("c", 12), ("d", 10)]
    assert paired("ab", (10, 11), every=True) == [("a", 10), ("a", 11), ("b", 10), ("b", 11)]
    cases = {"a": (10, 11), "b": (10, 11), "c": (12,)}
    assert on_one(cases.items(), every=False) == [("a", 10), ("b", 11), ("c", 12)]
    assert on_one(cases.items(), every=True) == [("a", 10), ("a", 11), ("b", 10), ("b", 11), ("c", 12)]
