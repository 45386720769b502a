"""Texts that know their places: cut, joined, with holes, as variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.sources.formats import holes, traced
from directus_guard.sources.formats.traced import Piece, Traced
from tests.support.each import each_case
from tests.support.shown_values import written

if TYPE_CHECKING:
    from directus_guard.directus.environment.deployment import Variable

TEXT = "ab cd\nef gh\n"
WHOLE = traced.whole("f", TEXT)
HOLE = Piece.hole(3, 5, "why", fallback="z", variable="Z")
NO_FALLBACK = Piece.hole(6, 8, "other", spread=True)


def made(*pieces: Piece) -> Traced:
    return WHOLE.made(pieces)


@each_case(
    ("start", "end", "text"),
    [(0, 2, "ab"), (3, 8, "cd\nef"), (9, None, "gh\n"), (0, None, TEXT), (0, 99, TEXT), (3, 4, "c"), (11, 12, "\n")],
)
def test_a_part_is_where_it_is_written(start: int, end: int | None, text: str) -> None:
    found = WHOLE.cut(start, end)
    assert (found.text, len(found)) == (text, len(text))
    assert [(piece.start, piece.end) for piece in found.pieces] == [(start, start + len(text))]


@each_case(
    ("pieces", "at", "place"),
    [
        ([], 0, 0), ([], 5, 0), ([Piece("ab", 0, 2)], 0, 0), ([Piece("ab", 0, 2)], 1, 1), ([Piece("ab", 0, 2)], 2, 2), ([Piece("ab", 0, 2)], 9, 2),
        ([Piece("ab", 0, 2), Piece("ef", 6, 8)], 2, 2), ([Piece("ab", 0, 2), Piece("ef", 6, 8)], 3, 7), ([Piece("ab", 0, 2), Piece("ef", 6, 8)], 4, 8),
        ([Piece("x", 3, 5)], 0, 5), ([Piece("ab", 0, 2), Piece("xyz", 3, 5)], 4, 5),
    ],
)  # fmt: skip
def test_nothing_has_a_place_too(pieces: list[Piece], at: int, place: int) -> None:
    found = made(*pieces).cut(at, at)
    assert found.text == ""
    assert [(piece.start, piece.end) for piece in found.pieces] == [(place, place)]


def test_what_is_not_written_character_by_character_keeps_its_place() -> None:
    used = Piece("xyz", 3, 5, (6, 8))
    found = made(Piece("ab", 0, 2), used).cut(1, 4)
    assert [(piece.text, piece.start, piece.end, piece.used) for piece in found.pieces] == [
        ("b", 1, 2, None),
        ("xy", 3, 5, (6, 8)),
    ]
    assert found.pieces[1].place == (6, 8)
    assert used.cut(0, 3) is used


@each_case(
    ("separator", "parts", "split"),
    [
        (" ", ("ab", True, "cd\nef gh\n"), ["ab", "cd\nef", "gh\n"]), ("\n", ("ab cd", True, "ef gh\n"), ["ab cd", "ef gh", ""]),
        ("=", (TEXT, False, ""), [TEXT]), ("ab", ("", True, " cd\nef gh\n"), ["", " cd\nef gh\n"]), ("cd\nef", ("ab ", True, " gh\n"), ["ab ", " gh\n"]),
    ],
)  # fmt: skip
def test_parts_between_separators(separator: str, parts: tuple[str, bool, str], split: list[str]) -> None:
    before, found, after = WHOLE.partition(separator)
    assert (before.text, found, after.text) == parts
    assert written(TEXT, after.location) == after.text.removesuffix("\n").partition("\n")[0]
    pieces = WHOLE.split(separator)
    assert [one.text for one in pieces] == split
    assert [TEXT[one.pieces[0].start :].startswith(one.text) for one in pieces] == [True] * len(split)


def test_texts_behind_each_other() -> None:
    first, second = WHOLE.cut(0, 2), WHOLE.cut(9, 11)
    assert (first + second).text == "abgh"
    assert (first + second).pieces == (*first.pieces, *second.pieces)
    assert first.joined([second, first]).text == "abghab"


@each_case(
    ("pattern", "expected"),
    [("cd|gh", ["ab ", "?", "\nef ", "?", "\n"]), ("ab", ["?", " cd\nef gh\n"]), ("x", [TEXT]), ("gh\n", ["ab cd\nef ", "?"]), ("c|d", ["ab ", "?", "?", "\nef gh\n"])],
)  # fmt: skip
def test_holes(pattern: str, expected: list[str]) -> None:
    found = WHOLE.with_holes(re.compile(pattern), "why")
    assert [holes.filled(piece.text, "?") for piece in found.pieces] == expected
    assert [TEXT[piece.start : piece.end] for piece in found.pieces if piece.unknown] == re.findall(pattern, TEXT)
    assert found.unknown == ("why" if "?" in expected else "")
    taken = made(Piece("xcdx", 3, 5, (6, 8))).with_holes(re.compile("cd"), "why")
    assert [piece.used for piece in taken.pieces] == [(6, 8)] * 3


@each_case(
    ("pieces", "unknown", "outside", "spread", "fallback", "known_start"),
    [
        ([Piece("ab", 0, 2)], "", "", False, "ab", "ab"), ([HOLE], "why", "Z", False, "z", ""), ([NO_FALLBACK], "other", "", True, None, ""), ([], "", "", False, "", ""),
        ([Piece("ab", 0, 2), HOLE, Piece("c", 3, 4)], "why", "Z", False, "abzc", "ab"), ([HOLE, NO_FALLBACK], "why", "Z", False, None, ""),
        ([Piece("", 0, 0), NO_FALLBACK], "other", "", True, None, ""), ([Piece("a", 0, 1), NO_FALLBACK, HOLE], "other", "", False, None, "a"),
    ],
)  # fmt: skip
def test_what_is_not_known(
    pieces: list[Piece], unknown: str, outside: str, spread: bool, fallback: str | None, known_start: str
) -> None:
    text = made(*pieces)
    assert (text.unknown, text.outside, text.spread, text.fallback, text.known_start) == (
        unknown, outside, spread, fallback, known_start,
    )  # fmt: skip
    value = text.value
    if not unknown:
        assert isinstance(value, Known)
        assert value.text.reveal() == text.text
        return
    assert isinstance(value, Unknown)
    assert (value.reason, value.fallback.reveal() if value.fallback else None) == (unknown, fallback)


def described(variable: Variable) -> list[str]:
    parts = [f"{written(TEXT, part.location)}={part.text.reveal()}" for part in variable.parts]
    literal = [f"literal {variable.literal.reveal()}"] if variable.literal is not None else []
    return [written(TEXT, variable.location), *(written(TEXT, place) for place in variable.via), *parts, *literal]


@each_case(
    ("pieces", "expected"),
    [
        ([Piece("ab", 0, 2)], ["ab"]), ([Piece("ab", 0, 2), Piece("cd", 3, 5)], ["ab cd"]), ([], [""]), ([HOLE], ["cd"]),
        ([Piece("ab", 0, 2, (6, 8))], ["ab", "ef"]), ([Piece("ab", 0, 2, (6, 8)), Piece("cd", 3, 5, (6, 8))], ["ab cd", "ef"]),
        ([Piece("cd", 3, 5, (6, 8)), Piece("ab", 0, 2, (6, 8))], ["cd", "ef"]), ([Piece("", 9, 9), Piece("ab", 0, 2, (6, 8))], ["ab", ""]),
        ([Piece("gh", 9, 11), Piece("ab", 0, 2, (3, 5))], ["gh", "ab=ab", "literal gh"]), ([Piece("ab", 0, 2, (3, 5)), Piece("gh", 9, 11)], ["cd", "ab=ab", "literal gh"]),
        ([Piece("ab", 0, 2, (3, 5)), HOLE], ["cd", "ab=ab", "literal "]),
        ([Piece("\0", 0, 2, (6, 8), "why", "ab")], ["ab", "ef"]), ([Piece("\0", 0, 2, (6, 8), "why")], ["ef"]),
    ],
)  # fmt: skip
def test_variables(pieces: list[Piece], expected: list[str]) -> None:
    variable = made(*pieces).variable("NAME", "here")
    assert (variable.name, variable.origin) == ("NAME", "here")
    assert described(variable) == expected


@each_case(
    ("text", "value", "expected"),
    [
        ('x: "a b"\n', "a b", ["a", " ", "b"]), ("x: 'a''b c'\n", "a'b c", ["a", "''", "b", " ", "c"]), ('x: "a\\"b"\n', 'a"b', ["a", '\\"', "b"]),
        ("x: a\n   b\n", "a b", ["a", "\n   ", "b"]), ('x: "\\u0061b c"\n', "ab c", ["\\u0061b ", "c"]), ('x: "\\u0061"\n', "a", ["\\u0061"]), ('x: ""\n', "", []), ('x: "\\t"\n', "\t", ["\\t"]),
    ],
)  # fmt: skip
def test_texts_of_manifests(text: str, value: str, expected: list[str]) -> None:
    from directus_guard.sources.formats import yaml_document

    (document,) = yaml_document.parse("f", text)
    assert isinstance(document, yaml_document.Mapping)
    scalar = document.scalar("x")
    assert scalar is not None
    assert scalar.text == value
    found = traced.scalar("f", text, value, scalar.location)
    assert found.text == value
    assert [text[piece.start : piece.end] for piece in found.pieces] == expected
