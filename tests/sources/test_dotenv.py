"""Environment files: values as Node's dotenv parses them; places are right, and a long line is searched once for all of them."""

from __future__ import annotations

from typing import SupportsIndex

from directus_guard.sources.formats import dotenv
from directus_guard.sources.formats.dotenv import Dialect
from tests.support.each import each_case
from tests.support.recorded import load


class _Counted(str):
    """A text that counts the characters in which something was looked for."""

    __slots__ = ("searched",)
    searched: int

    def find(self, sub: str, start: SupportsIndex | None = None, end: SupportsIndex | None = None) -> int:
        self.searched += int(end or 0) - int(start or 0)
        return super().find(sub, start, end)


def test_a_long_line_is_searched_once() -> None:
    text = _Counted('A=""' * 1_000)
    text.searched = 0
    source = dotenv.DotenvText("")
    source.__dict__["text"] = text
    for index in range(0, len(text), 2):
        assert source.place(index) == (1, index + 1)
    assert text.searched <= len(text)


def test_places_on_a_long_line() -> None:
    text = 'A="x"B="y"\nC="z"D=\'w\''
    found = [(item.name, item.line, item.column) for item in dotenv.parse(text, Dialect.COMPOSE)]
    assert found == [("A", 1, 4), ("B", 1, 9), ("C", 2, 4), ("D", 2, 9)]


def test_places_are_found_in_any_order() -> None:
    source = dotenv.DotenvText("ab\ncd ef\ngh", 5)
    places = [source.place(index) for index in (0, 4, 7, 9, 1, 5, 3)]
    assert places == [(5, 1), (6, 2), (6, 5), (7, 1), (5, 2), (6, 3), (6, 1)]


@each_case("case", load("dotenv"), ids=lambda case: repr(case["text"]))
def test_a_text_is_parsed_as_node_parses_it(case: dict[str, object]) -> None:
    text = str(case["text"])
    found = {item.name: item.text.reveal() for item in dotenv.parse(text, Dialect.NODE)}
    assert sorted(map(list, found.items())) == sorted(case["pairs"])  # type: ignore[call-overload]  # pairs of texts
