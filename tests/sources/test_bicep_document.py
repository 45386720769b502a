"""Bicep as values: what resources and modules are given, what is worked out, and where each is."""

from __future__ import annotations

from directus_guard.sources.formats import bicep_document
from directus_guard.sources.formats.values import ComputedValue
from tests.support.each import each_case
from tests.support.in_memory import in_memory
from tests.support.shown_values import nested, noted, shown, written_values

BEFORE = """\
var v = 'x'
var w = v
var l = [1]
var loop = loop
var o = { x: 1 }
param p string = 'x'
param q string
param r string = ''
param s int = 1
param t array = [1]
param u object = { a: 1 }
param z string = null
param either 'x' | 'y'
param one 'x'
"""


def read(text: str) -> str:
    repository = in_memory({"a.bicep": f"{BEFORE}resource n 'K@1' = {{\n x: {text}\n}}\n"})
    (block,) = bicep_document.document(repository, "a.bicep")
    assert not noted(repository)
    found = shown(block.body.get("x"))
    return found.replace("it is worked out when it is deployed", "LATER").replace(
        "comes from outside the repository", "OUTSIDE"
    )


@each_case(
    ("text", "expected"),
    [
        ("{a: 'x'\n b: 1\n c: true\n d: null\n e: [1\n 'y'\n [] ]\n f: {}\n 'g h': 2 }", "{a: 'x', b: 1, c: true, d: null, e: [1, 'y', []], f: {}, g h: 2}"),
        ("{ a: 'x', b: 'y' }", "{a: 'x', b: 'y'}"),
        (r"{ a: '\n\r\t\\\'\$\u{41}\u{110000}\u{10FFFF}x${'y'}z' }", '{a: "\\n\\r\\t\\\\\'$A�\\U0010ffffxyz"}'),
        (r"{ a: 'x\${z}w$', b: '${v}\$${q}' }", "{a: 'x${z}w$', b: <parameter `q` OUTSIDE ('x', '$', <parameter `q` OUTSIDE>)>}"),
        ("{ a: '${'x'}', b: 'x${y}', c: '', d: '''x\n y ${z} \\n''', e: 'a${1}b' }", r"{a: 'x', b: <parameter `y` OUTSIDE ('x', <parameter `y` OUTSIDE>)>, c: '', d: 'x\n y ${z} \\n', e: 'a1b'}"),
        ("{ a: '''\nx\n''', b: '''\r\nx''', c: '''\n\nx''' }", r"{a: 'x\n', b: 'x', c: '\nx'}"),
        ("{ a: v, b: o.x, c: l, d: '${v}y', e: w, f: nothing, g: o }", "{a: 'x', b: <LATER>, c: [1], d: 'xy', e: 'x', f: <parameter `nothing` OUTSIDE>, g: {x: 1}}"),
        ("{ a: p, b: q, c: r, d: s, e: t, f: u, g: '${p}-', h: z }", "{a: <parameter `p` OUTSIDE || 'x'>, b: <parameter `q` OUTSIDE>, c: <parameter `r` OUTSIDE>, d: <parameter `s` OUTSIDE || '1'>, e: [1, …<parameter `t` OUTSIDE>], f: {a: 1, …<parameter `u` OUTSIDE>}, g: <parameter `p` OUTSIDE (<parameter `p` OUTSIDE || 'x'>, '-')>, h: <parameter `z` OUTSIDE>}"),
        ("{ a: concat([1], [2]), b: concat([1], x), c: union({ d: 1, e: 1 }, { d: 2 }), f: union({ d: 1 }, x) }", "{a: [1, 2], b: [1, …<LATER>], c: {d: 2, e: 1}, f: {d: 1, …<LATER>}}"),
        ("{ g: concat(x, y), h: union(), i: lower('x'), j: concat(t, [3]), k: union({ a: 1 }, u), l: union(u, { a: 2 }) }", "{g: <LATER>, h: <LATER>, i: <LATER>, j: [1, 3, …<parameter `t` OUTSIDE>], k: {a: 1, …<parameter `u` OUTSIDE>}, l: {a: 2, …<parameter `u` OUTSIDE>}}"),
        ("{ c: x ? 1 : 2, d: -1, e: [for y in z: { k: y }], f: !x, g: x[0], h: x.y }", "{c: <LATER>, d: -1, e: <LATER>, f: <LATER>, g: <LATER>, h: <LATER>}"),
        ("{ a: '${l}', b: 'x${o}' }", "{a: <LATER ([1])>, b: <LATER ('x', {x: 1})>}"),
        ("{ a: either, b: one }", "{a: <parameter `either` OUTSIDE>, b: <parameter `one` OUTSIDE>}"),
        ("{ a: loop }", "{a: <it is nested too deeply to be read>}"),
        ("{ 'a${x}': 1, '${'b'}': 2, c: 3 // d\n}", "{'a${x}': 1, b: 2, c: 3}"),
        ("{ /* a */ b: /* c */ [ /* d */ 1 ] }", "{b: [1]}"),
    ],
)  # fmt: skip
def test_values(text: str, expected: str) -> None:
    assert read(text) == expected


def test_blocks_and_places() -> None:
    text = (
        "\ufeff" + BEFORE + "module n 'K' = {\n a: 'x'\n 'b': [1, true]\n c: '''y'''\n d: p\n e: f(1)\n g: '${v}${q}'\n"
        " h: concat([1], [2])\n i: v\n}\nresource a 'x@1' = if (y) {\n b: 1\n}\nresource c 'x${q}' = [for i in j: {\n d: 1\n}]\n"
        "resource e 'z' existing = {\n f: 1\n}\nresource k 'z' = [for i in j: if (y) {\n d: 2\n}]\noutput x string = 'y'\n"
        "@secure()\nparam zz string\n"
    )
    found = bicep_document.document(in_memory({"a.bicep": text}), "a.bicep")
    assert [(block.name, block.kind, shown(block.body)) for block in found[1:]] == [
        ("a", "x@1", "{b: 1}"),
        ("c", "", "{d: 1}"),
        ("e", "z", "{f: 1}"),
        ("k", "z", "{d: 2}"),
    ]
    assert (found[0].name, found[0].kind) == ("n", "K")
    assert written_values(text, found[0].body)[1:] == [
        "a", "x", "'b'", "[1, true]", "1", "true", "c", "y", "d", "x", "e", "f(1)", "g", "${v}${q}", "x", "q", "h", "concat([1], [2])", "1", "2", "i", "x",
    ]  # fmt: skip


def test_computed_values_keep_how_they_are_written() -> None:
    for source in (f"'{'x' * 300}${{y}}'", f"f({'x' * 300})"):
        text = f"resource n 'K@1' = {{\n x: {source}\n}}\n"
        (block,) = bicep_document.document(in_memory({"a.bicep": text}), "a.bicep")
        held = block.body.get("x")
        assert isinstance(held, ComputedValue)
        assert held.source == source[:200]


@each_case(
    ("text", "problem"),
    [
        ("var b = 1\nvar a =\n'", "a.bicep:3: not valid Bicep: syntax error (broken)"),
        ("var b = 1\nvar a =\n' // directus", "a.bicep:3: not valid Bicep: syntax error (broken) (incomplete)"),
    ],
)
def test_what_is_not_bicep_is_said(text: str, problem: str) -> None:
    repository = in_memory({"a.bicep": text})
    assert bicep_document.document(repository, "a.bicep") == ()
    assert noted(repository) == [problem]
    assert bicep_document.document(repository, "b.bicep") == ()


@each_case(
    ("shape", "deepest"),
    [
        ("[{}]", 199),
        ("{{ a: {} }}", 199),
        ("concat([{}])", 99),
        ("[[[['${{{}}}']]]]", 39),
    ],
)  # fmt: skip
def test_what_is_nested_too_deeply_is_not_known(shape: str, deepest: int) -> None:
    for times, is_read in ((deepest, True), (deepest + 1, False)):
        text = nested(shape, "'MARK'", times)
        assert ("MARK" in read(text)) is is_read
