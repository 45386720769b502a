from __future__ import annotations

from hypothesis import given, strategies as st

from directus_guard.audit.code_frame import frame
from directus_guard.finding import Location
from tests.support.each import each_case


def at(line: str, value: str) -> Location:
    column = line.index(value) + 1
    return Location("f", 1, column, 1, column + len(value))


@each_case(
    ("line", "value", "text"),
    [
        ("SECRET=abcdef", "abcdef", "SECRET=****"),
        ("      CORS_ORIGIN: true", "true", "      CORS_ORIGIN: ****"),
        ('      - "CORS_ORIGIN=true"', "true", '      - "CORS_ORIGIN=****"'),
        ("export A='b'", "b", "export A='****'"),
        ("A=b # password: hunter2", "b", "A=**** …"),
        ("{A: one, B: two}", "two", "… **** …"),
        ("\tA: b", "b", "    A: ****"),
        ("FROM directus/directus:11", "directus/directus:11", "FROM ****"),
    ],
)
def test_only_the_key_and_the_shown_value_remain(line: str, value: str, text: str) -> None:
    made = frame([line], at(line, value), "****")
    assert made is not None
    assert made.text == text
    assert made.text[made.column - 1 : made.end_column - 1] == "****"


@each_case(
    ("text", "shown", "seen"),
    [
        ("NEXT_PUBLIC_X=hunter2", "NEXT_PUBLIC_X=****", "NEXT_PUBLIC_X=****"),
        ("hunter2", "NEXT_PUBLIC_X=****", "********"),
        ("./extensions:/directus/extensions", "/directus/extensions read-write", "./extensions:/directus/extensions"),
        ("${ADMIN_PASSWORD:-hunter2}", "a fallback", "${ADMIN_PASSWORD:-********}"),
        ("${TAG:-10.8.3}", "directus/directus:10.8.3", "${TAG:-10.8.3}"),
        ("trust", "POSTGRES_HOST_AUTH_METHOD: trust", "trust"),
        ("one two hunter2/three four", "one four", "one ******** four"),
        ("pa$Word and public", "public", "******** public"),
        ("", "(empty)", ""),
    ],
)
def test_a_frame_never_shows_what_the_file_does_not_have(text: str, shown: str, seen: str) -> None:
    line = f"A={text}"
    made = frame([line], Location("f", 1, 3, 1, len(line) + 1), shown)
    assert made is not None
    assert made.text == f"A={seen}"


def test_a_variable_that_code_reads_is_shown_as_it_is_written() -> None:
    line = "  token: process.env.DIRECTUS_TOKEN, other: 'hunter2'"
    made = frame([line], at(line, "process.env.DIRECTUS_TOKEN"), "****")
    assert made is not None
    assert made.text == "  token: process.env.DIRECTUS_TOKEN …"


def test_a_line_that_is_not_there_has_no_frame() -> None:
    assert frame(["a"], Location("f", 2), "x") is None


@given(st.text(), st.integers(1, 40), st.integers(0, 40))
def test_nothing_behind_the_value_is_ever_shown(line: str, column: int, width: int) -> None:
    made = frame([line.replace("\n", "") + "hunter2"], Location("f", 1, column, 1, column + width), "shown")
    if made is not None and column + width <= len(line.replace("\n", "")):
        assert "hunter2" not in made.text
