"""Hosts of addresses, and places in a text."""

from __future__ import annotations

import pytest

from directus_guard.sources.code.pieces import PUBLIC_NAME, Lines, WrittenText, address_of, host_of, may_tell
from tests.support.each import each_case


@each_case(
    ("text", "host"),
    [
        ("https://b.c", "b.c"), ("http://b.c:8055/d", "b.c:8055"), ("wss://b.c", "b.c"), ("ws://b.c/d", "b.c"), ("//b.c/d", "b.c"),
        (" https://B.C ", "b.c"), ("https://user:pass@b.c/d", "b.c"), ("https://[::1]:80/", "[::1]:80"), ("b.c", ""), ("/d", ""),
        ("ftp://b.c", ""), ("", ""), ("x https://b.c", ""),
    ],
)  # fmt: skip
def test_the_host_of_an_address(text: str, host: str) -> None:
    assert host_of(text) == host


@each_case(
    ("text", "origin", "path"),
    [
        ("https://b.c/x?access_token=", "https://b.c", "/x"), ("//b.c/x?access_token=", "//b.c", "/x"),
        ("wss://b.c/x?access_token=", "wss://b.c", "/x"), ("ws://b.c?access_token=", "ws://b.c", ""),
        ("https://b.c/x?a=b&access_token=", "https://b.c", "/x"), ("https://b.c/x?a=b&amp;access_token=", "https://b.c", "/x"),
        ("https://b.c/x#y?access_token=", "https://b.c", "/x"), ("https://b.c//x///y?access_token=", "https://b.c", "/x/y"),
        ("x?access_token=", "", "/x"), ("/x/xaccess_token=", "", "/x/x"), ("a: url(/x?access_token=)", "", "/x"),
        ('a: url("/x?access_token=")', "", "/x"), ("url(/y) url(`/x?access_token=`)", "", "/x"),
        ("/x/aaccess_token=baccess_token=", "", "/x/a"), ("/x&amp;y?access_token=", "", "/x&y"),
        (f"/{'x' * 400}?access_token=", "", f"/{'x' * 299}"),
    ],
)  # fmt: skip
def test_the_address_before_a_token(text: str, origin: str, path: str) -> None:
    found = address_of([WrittenText(text)])
    assert found is not None
    assert (found.origin, found.names, found.path) == (origin, (), path)


@pytest.mark.parametrize(
    "text", ["?access_token=", "&access_token=", " ?access_token=", "access_token=", "/x", "/x?token=", ""]
)
def test_what_is_no_address_with_a_token(text: str) -> None:
    assert address_of([WrittenText(text)]) is None


@each_case(
    ("start", "end", "place"),
    [
        (0, 1, (1, 1, 2)), (0, 2, (1, 1, 3)), (1, 5, (1, 2, 3)), (2, 3, (1, 3, 3)), (3, 4, (2, 1, 2)), (5, 6, (2, 3, 3)),
        (7, 8, (3, 1, 2)), (3, 9, (2, 1, 3)), (3, 5, (2, 1, 3)), (7, 99, (3, 1, 3)), (9, 9, (3, 3, 3)), (99, 99, (3, 3, 3)), (-5, 1, (1, 1, 2)), (3, 0, (2, 1, 1)),
    ],
)  # fmt: skip
def test_places_end_with_their_line(start: int, end: int, place: tuple[int, int, int]) -> None:
    found = Lines("a", "ab\ncd\r\nef").location(start, end)
    assert (found.path, found.line, found.column, found.end_column) == ("a", *place)
    assert found.end_line == found.line


@each_case(
    "word",
    [
        "Directus",
        "Bearer x",
        "staticToken",
        "setToken",
        "auth.static",
        "useRuntimeConfig",
        "access_token",
        "X_TOKEN",
        "/auth/login",
    ],
)
def test_a_text_with_a_word_may_tell_something(word: str) -> None:
    assert may_tell(f"const x = '{word}'")
    assert not may_tell("const x = 'token, bearer, static, config, auth, login'")


@each_case(
    "prefix",
    [
        "NEXT_PUBLIC", "NUXT_PUBLIC", "VITE", "PUBLIC", "REACT_APP", "GATSBY", "EXPO_PUBLIC", "VUE_APP", "NUXT_ENV", "STORYBOOK", "NG_APP",
        "PREACT_APP", "SNOWPACK_PUBLIC", "BUN_PUBLIC", "RAZZLE",
    ],
)  # fmt: skip
def test_a_public_variable(prefix: str) -> None:
    assert PUBLIC_NAME.fullmatch(f"{prefix}_TOKEN")
    assert not PUBLIC_NAME.fullmatch(f"{prefix}TOKEN")
    assert not PUBLIC_NAME.fullmatch(f"X{prefix}_TOKEN")
