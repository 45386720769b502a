"""`${NAME}` inside of values: what platforms fill in, what stays as it is, and where the parts of a value are written."""

from __future__ import annotations

from directus_guard.directus.environment.deployment import Known, Unknown, Variable
from directus_guard.finding import Location
from directus_guard.secret import Secret
from directus_guard.sources.formats import references
from tests.support.each import each_case


def variable(name: str, text: str, line: int = 1) -> Variable:
    return Variable(name, Known(Secret(text)), Location("f", line), "o")


def shown(one: Variable) -> str:
    """The value, and after `@` the lines: of the text, of the steps to it, and of the parts that it is put together from."""
    value = one.value.text.reveal() if isinstance(one.value, Known) else f"<{getattr(one.value, 'reason', '')}>"
    via = "".join(f" via {place.line}" for place in one.via)
    parts = "".join(f" {part.location.line}={part.text.reveal()}" for part in one.parts)
    literal = f" literal {one.literal.reveal()!r}" if one.literal is not None else ""
    return f"{value}@{one.location.line}{via}{parts}{literal}"


OTHERS = {
    "A": variable("A", "a", 11), "E": variable("E", "", 12), "AA": variable("AA", "${A}", 13), "AX": variable("AX", "${A}x", 14),
    "AXY": variable("AXY", "${AX}y", 15), "SELF": variable("SELF", "${SELF}", 16), "P": variable("P", "${Q}", 17),
    "Q": variable("Q", "${P}", 18), "U": Variable("U", Unknown("why"), Location("f", 19), "o"), "OUT": variable("OUT", "${Z}", 20),
}  # fmt: skip


@each_case(
    ("text", "expected"),
    [
        ("x", "x@1"),
        ("$A", "$A@1"),
        ("${A}", "a@11 via 1"),
        ("${E}", "@12 via 1"),
        ("${AA}", "a@11 via 1 via 13"),
        ("x${A}y", "xay@1 11=a literal 'xy'"),
        ("${A}${A}", "aa@1 11=a literal ''"),
        ("${A}-${E}", "a-@1 11=a 12= literal '-'"),
        ("${AX}", "ax@14 via 1 11=a literal 'x'"),
        ("${AXY}z", "axyz@1 11=a literal 'z'"),
        ("x${AX}", "xax@1 11=a literal 'x'"),
        ("${Z}", "<`${Z}` is filled in by Who>@1"),
        ("x${Z}", "<`${Z}` is filled in by Who>@1"),
        ("${A}${Z}${Y}", "<`${Z}` is filled in by Who>@1"),
        ("${U}", "<`${U}` is filled in by Who>@1"),
        ("${OUT}", "<`${OUT}` is filled in by Who>@1"),
        ("${SELF}", "<`${SELF}` is filled in by Who>@1"),
        ("${P}", "<`${P}` is filled in by Who>@1"),
        ("${A${B}", "<`${B}` is filled in by Who>@1"),
        ("${A ${A}", "<it holds a reference that Who fills in>@1"),
        ("${", "<it holds a reference that Who fills in>@1"),
        ("${A b}", "<it holds a reference that Who fills in>@1"),
        ("${}", "<it holds a reference that Who fills in>@1"),
        (f"${{{'n' * 201}}}", "<it holds a reference that Who fills in>@1"),
        (f"${{{'n' * 199}:}}", f"<`${{{'n' * 80}}}` is filled in by Who>@1"),
    ],
)
def test_what_is_filled_in(text: str, expected: str) -> None:
    (found,) = references.resolved([variable("V", text)], OTHERS.get, "Who")
    assert (found.name, found.origin, shown(found)) == ("V", "o", expected)


def test_where_nothing_is_found_only_the_platform_knows() -> None:
    held = [variable("V", "a"), variable("W", "${A}"), Variable("U", Unknown("why"), Location("f", 3), "o")]
    found = references.unknown(held, "Who")
    assert [shown(one) for one in found] == ["a@1", "<`${A}` is filled in by Who>@1", "<why>@3"]


def test_chains_and_texts_end() -> None:
    chain = {f"V{number}": variable(f"V{number}", f"${{V{number + 1}}}") for number in range(30)}
    chain["V20"] = variable("V20", "x")
    for first, is_known in ((0, True), (1, True)):
        (found,) = references.resolved([chain[f"V{first}"]], chain.get, "Who")
        assert isinstance(found.value, Known) is is_known
    chain["V20"], chain["V21"] = variable("V20", "${V21}"), variable("V21", "x")
    for first, is_known in ((0, False), (1, True)):
        (found,) = references.resolved([chain[f"V{first}"]], chain.get, "Who")
        assert isinstance(found.value, Known) is is_known
    half = {"H": variable("H", "h" * 64 * 1024), "B": variable("B", "b")}
    texts = references.resolved([variable("V", "${H}${H}"), variable("W", "${H}${H}${B}")], half.get, "Who")
    assert isinstance(texts[0].value, Known)
    assert shown(texts[1]) == "<it is longer than an environment can hold>@1"


@each_case(
    ("name", "text", "expected"),
    [
        ("V", "${A}", "<`${A}` is replaced before it gets there, or taken as that very text>@1"),
        ("V", "${A:-text}", "<`${A…}` is replaced before it gets there, or taken as that very text>@1"),
        ("V", "x${A}", "x${A}@1"),
        ("V", "${A}x", "${A}x@1"),
        ("V", "${A}${B}", "${A}${B}@1"),
        ("SECRET", "${A}", "${A}@1"),
        ("V", "x", "x@1"),
    ],
)
def test_what_is_nothing_but_a_reference(name: str, text: str, expected: str) -> None:
    (found,) = references.whole([variable(name, text)])
    assert shown(found) == expected


def test_what_is_not_known_stays_so() -> None:
    one = Variable("U", Unknown("why"), Location("f", 3), "o")
    assert references.whole([one]) == (one,)


@each_case(
    ("name", "expected"),
    [
        ("A", "A"), ("a.b", "a.b"), ("a-b.c", "a-b.c"), ("a.b.c", "a.b.c"), ("A:-text", "A…"), ("a-b", "a…"), ("a.b-c", "a.b…"),
        ("1A", "…"), ("", "…"), ("_a1.B2", "_a1.B2"), ("a..b", "a…"), ("a.1", "a…"),
    ],
)  # fmt: skip
def test_references_as_reasons_repeat_them(name: str, expected: str) -> None:
    assert references.shown(name) == expected
