"""`${…}`, one form at a time: the text, what an empty environment leaves, and which names went in."""

from __future__ import annotations

from typing import Final

from directus_guard.sources.deployments.compose_interpolation import (
    Result,
    accident,
    interpolate,
    plain,
    reads_like_text,
)
from directus_guard.sources.formats import templates
from tests.support.each import each_case

KNOWN: Final = {"A": "one", "B": "two", "EMPTY": "", "a": "small", "LONG": "x" * 64 * 1024}
REFUSED: Final = "Compose refuses this `${…}`; a literal dollar is written `$$`"
UNNAMED: Final = "a `$` in it begins the name of a variable that comes from outside the repository"


def looked_up(name: str) -> str | None:
    return KNOWN.get(name)


def unknown(_: str) -> str | None:
    return None


def outside(name: str) -> str:
    return f"`${{{name}}}` comes from outside the repository"


def given(name: str) -> str:
    return f"`${{{name}}}` must be given from outside the repository"


def reference(name: str) -> Result:
    return Result(KNOWN[name], single=name, names=(name,))


@each_case(
    ("template", "result"),
    [
        ("", plain("")),
        ("text", plain("text")),
        # one reference
        ("$A", reference("A")), ("${A}", reference("A")), ("${A:-x}", reference("A")), ("${A-x}", reference("A")),
        ("${A:?x}", reference("A")), ("${A?x}", reference("A")), ("$EMPTY", reference("EMPTY")), ("${EMPTY-x}", reference("EMPTY")), ("${EMPTY?x}", reference("EMPTY")),
        # known, and what is around it
        ("a${A}b", Result("aoneb", names=("A",), literal="ab")),
        ("$A$B", Result("onetwo", names=("A", "B"))),
        ("$A-$B.", Result("one-two.", names=("A", "B"), literal="-.")),
        ("${A}$$", Result("one$", names=("A",), literal="$")),
        # a known empty text takes the default, with `:` only
        ("${EMPTY:-x}", Result("x", literal="x")),
        ("${EMPTY:-${A}}", reference("A")),
        ("${EMPTY:-a${A}}", Result("aone", names=("A",), literal="a")),
        # in the place of a text that is there
        ("${A:+x}", Result("x", literal="x")), ("${A+x}", Result("x", literal="x")), ("${EMPTY+x}", Result("x", literal="x")), ("${EMPTY:+x}", Result("")),
        ("${A:+${B}}", reference("B")), ("${A+}", Result("")),
        # from outside
        ("$X", Result(None, outside("X"), "")), ("${X}", Result(None, outside("X"), "")), ("${X+x}", Result(None, outside("X"), "")), ("${X:+x}", Result(None, outside("X"), "")),
        ("${X:?x}", Result(None, given("X"))), ("${X?x}", Result(None, given("X"))), ("${EMPTY:?x}", Result(None, given("EMPTY"))),
        ("${X:-d}", Result(None, outside("X"), "d", True)), ("${X-d}", Result(None, outside("X"), "d", True)), ("${X:-}", Result(None, outside("X"), "", True)), ("${X-:-d}", Result(None, outside("X"), ":-d", True)),
        ("${X:-${A}}", Result(None, outside("X"), "one", True)),
        ("${X:-${Y}}", Result(None, outside("X"), "")), ("${X:-${Y:-d}}", Result(None, outside("X"), "d", True)), ("${X:-${Y:?}}", Result(None, outside("X"))),
        ("a${X:-d}b", Result(None, outside("X"), "adb", True)), ("a${X:-d}${Y}", Result(None, outside("X"), "ad")), ("${X}${Y:-d}", Result(None, outside("X"), "d")),
        ("${X:-d}${Y:-e}$A", Result(None, outside("X"), "deone", True)), ("${X:?}${Y:-e}", Result(None, given("X"))), ("${Y:-e}${X:?}", Result(None, outside("Y"))),
        # texts that are not references
        ("$$A", plain("$A")), ("$${A}", plain("${A}")), ("$$$A", Result("$one", names=("A",), literal="$")), ("pa$!", plain("pa$!")), ("$", plain("$")), ("$1", plain("$1")), ("a$ b", plain("a$ b")), ("$(x)", plain("$(x)")),
        # refused
        *((text, Result(None, REFUSED)) for text in ("${", "${A", "${}", "${1}", "${A!}", "${A:}", "${A:x}", "${A b}", "a${X:-${Y}", "${-x}", "$LONG$LONG$A", "${A:=x}")),
        ("$LONG$LONG", Result(KNOWN["LONG"] * 2, names=("LONG", "LONG"))),
        ("${X:-{}}", Result(None, outside("X"), "{}", True)),
        ("${A}}", Result("one}", names=("A",), literal="}")),
        # a tool fills it in before
        ("{{ secret }}", Result(None, templates.REASON, templates.known_part("{{ secret }}"), template=True)),
    ],
)  # fmt: skip
def test_each_form(template: str, result: Result) -> None:
    assert interpolate(template, looked_up) == result


@each_case(
    ("template", "name"),
    [
        ("ab1$Word&q", "Word"), ("$word!", "word"), ("x$WORD", "WORD"), ("$WORD-x", ""), ("-$WORD", ""), ("$word", ""), ("$$word!", ""), ("${word}!", ""), ("a${X}b", ""), ("-$X-b$Word", "Word"), ("-$Word", "Word"), ("1$A9_", "A9_"),
    ],
)  # fmt: skip
def test_a_dollar_that_reads_like_a_part_of_a_password(template: str, name: str) -> None:
    assert accident(template) == name
    found = interpolate(template, unknown)
    assert found.accident == name
    assert (found.reason == UNNAMED) is bool(name)
    assert interpolate(template, lambda _: "known").accident == ""


def test_only_the_first_of_them_is_named() -> None:
    found = interpolate("a$One-b$Two", unknown)
    assert (found.accident, found.fallback, found.reason) == ("One", "a-b", UNNAMED)
    assert interpolate("$X-b$Two", unknown).reason == UNNAMED


@each_case(("template", "dollar", "expected"), [("$a", 0, False), ("$a.", 0, True), ("$A.", 0, False), ("x$A", 1, True), (".$A", 1, False), (".$Ab", 1, True), (".$A_1", 1, False)])  # fmt: skip
def test_where_a_name_reads_like_text(template: str, dollar: int, *, expected: bool) -> None:
    name = template[dollar + 1 :].rstrip(".")
    assert reads_like_text(template, dollar, name) is expected


def test_defaults_are_nested_so_deep() -> None:
    def nested(depth: int) -> str:
        return "${X:-" * depth + "d" + "}" * depth

    assert interpolate(nested(20), unknown).fallback == "d"
    assert interpolate(nested(21), unknown).reason == REFUSED


def test_what_an_empty_environment_leaves() -> None:
    assert interpolate("$A", looked_up).unattended == "one"
    assert interpolate("${X:-d}", looked_up).unattended == "d"
    assert interpolate("${X:?}", looked_up).unattended is None
