"""Environment files: values as Node's dotenv parses them; places are right, and a long line is searched once for all of them."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING, SupportsIndex

from dotenv.parser import parse_stream

from directus_guard.sources.formats import dotenv
from directus_guard.sources.formats.dotenv import Dialect
from tests.support.each import each_case
from tests.support.recorded import load

if TYPE_CHECKING:
    from collections.abc import Iterable


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


def test_statements_on_one_line_are_those_of_python_dotenv() -> None:
    """Where each line ends its quotes, python-dotenv is not asked, and would find the same."""
    pieces = [
        "a",
        "A",
        "=",
        "=",
        "#",
        '"',
        '"',
        "'",
        "'",
        "\\",
        " ",
        "\n",
        "\n",
        "\t",
        "export ",
        "`",
        "\f",
        "\u2028",
        "é",
        ":",
    ]
    choose = random.Random(7)
    asked = 0
    for _ in range(20_000):
        text = "".join(choose.choices(pieces, k=choose.randint(1, 14)))
        lines = list(io.StringIO(text))
        if list(dotenv._lenient_statements(text)) != lines:
            continue
        asked += '"' in text or "'" in text
        assert statements(lines) == statements(one.original.string for one in parse_stream(io.StringIO(text))), text
    assert asked > 500


def statements(parts: Iterable[str]) -> list[dotenv.Statement]:
    """What node reads in each part, with the lines that it has in the whole."""
    found: list[dotenv.Statement] = []
    line = 1
    for part in parts:
        found += dotenv._node(dotenv.DotenvText(part, line))
        line += part.count("\n")
    return found


@each_case(
    ("written", "value", "quote"),
    [
        ("x", "x", ""), ("'x'  # y", "x", "'"), (" x' ", "x'", ""),
        # What begins with a quote and ends with one is quoted, though the line has more of them; else nothing is.
        ("'x' y'", "x' y", "'"), ("`x` `y`", "x` `y", "`"), ('"x" "y"', 'x" "y', '"'), ("'x", "'x", ""), (' "x\\" y', '"x\\" y', ""),
    ],
)  # fmt: skip
def test_what_is_quoted_and_where_it_stands(written: str, value: str, quote: str) -> None:
    text = f"A={written}"
    (found,) = dotenv.parse(text, Dialect.NODE)
    assert (found.text.reveal(), found.quote.value) == (value, quote)
    assert text[found.column - 1 : found.end_column - 1] == value
