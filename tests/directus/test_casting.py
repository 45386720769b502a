"""Values of the environment as @directus/env casts them, sizes as `bytes` and durations as `ms` parse them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from directus_guard.directus.environment import byte_size, duration
from directus_guard.directus.environment.casting import UNDEFINED, Regex, cast, is_truthy
from directus_guard.directus.versions import Version
from tests.support.each import each_case
from tests.support.recorded import load
from tests.support.values import encode, order, same

if TYPE_CHECKING:
    from directus_guard.directus.environment.casting import JsValue

ANSWERS: Final[dict[str, Any]] = load("values")
VERSIONS: Final = (Version(10, 13, 4), Version(11, 8, 0), Version(11, 17, 4), Version(12, 4, 1))


@each_case("version", VERSIONS, ids=str)
def test_a_value_is_cast_as_directus_casts_it(version: Version) -> None:
    for case in ANSWERS["cast"]:
        expected = case[str(version)]
        found = encode(cast(case["name"], case["text"], version))
        assert same(found, order(expected)), (case["name"], case["text"], expected, found)


def test_sizes_are_read_as_bytes_reads_them() -> None:
    for text, expected in ANSWERS["bytes"].items():
        assert same(byte_size.parse(text), expected), (text, expected)


@each_case("text", ["9" * 400, f"-{'9' * 400}", f"{'9' * 395}mb"])
def test_a_size_of_hundreds_of_digits_is_a_number(text: str) -> None:
    found = byte_size.parse(text)
    assert found is not None
    assert abs(found) > 10**300


@each_case(("size", "text"), [(2**30, "1gb"), (3 * 2**29, "1536mb"), (1023, "1023b"), (2**50, "1pb")])
def test_a_size_is_shown_as_it_is_read(size: int, text: str) -> None:
    assert byte_size.shown(size) == text
    assert byte_size.parse(text) == size


def test_durations_are_read_as_ms_reads_them() -> None:
    for text, expected in ANSWERS["ms"].items():
        assert same(duration.parse(text), None if expected == {"$": "undefined"} else expected), (text, expected)


@each_case(
    ("name", "text", "value"),
    [
        ("PORT", "8055", "8055"),
        ("DB_PORT", "5432", 5432),
        ("X", "null", None),
        ("X", "a,1", ("a", "1")),
        ("X", "array:a,1,regex:b", ("a", "1", Regex("b"))),
        ("X", "array:number:1,boolean:true,json:[2],string:", (1, "boolean:true", (2,), "")),
        ("X", "number:5", 5),
        ("X", "boolean:true", "boolean:true"),
        ("X", "https://example.com string:x", UNDEFINED),
        ("X", "string:a:b", "a:b"),
        ("X", "json:[1]", (1,)),
        ("X", "regex:a", Regex("a")),
        ("X", "string:", ""),
        ("X", "array:", ("",)),
        ("X", "5", 5),
        ("X", "true", True),
    ],
)
def test_the_api_of_10_0_casts_by_itself(name: str, text: str, value: JsValue) -> None:
    """Read in `dist/env.js` of @directus/api 10.0.0."""
    assert cast(name, text, Version(10, 0, 0)) == value


@each_case("depth", [250, 600, 20_000])
def test_a_text_nested_too_deep_stays_text(depth: int) -> None:
    text = "[" * depth + "]" * depth
    assert cast("X", text, Version(12, 4, 1)) == text


def test_what_is_not_a_number_is_false() -> None:
    assert not is_truthy(cast("HSTS_ENABLED", "number:yes", Version(12, 4, 1)))


@each_case(
    ("text", "source"),
    [
        ("a/b", r"a\/b"), (r"a\/b", r"a\/b"), ("[/]", "[/]"), ("[a/]/", r"[a/]\/"), (r"[\]/]/", r"[\]/]\/"), ("[[/]/]", r"[[/]\/]"),
        (r"a\\/b", r"a\\\/b"), ("\n", r"\n"), ("\\\n", r"\n"), ("\u2028", r"\u2028"), ("", "(?:)"),
    ],
)  # fmt: skip
def test_what_node_prints_of_an_expression(text: str, source: str) -> None:
    assert Regex(text).source == source


@each_case("value", [None, UNDEFINED, False, 0, 0.0, float("nan"), ""])
def test_what_is_falsy_in_javascript(value: JsValue) -> None:
    assert not is_truthy(value)


@each_case("value", [True, 1, -0.5, "0", "false", " ", ()])
def test_what_is_truthy_in_javascript(value: JsValue) -> None:
    assert is_truthy(value)
