"""What JavaScript files export: what is written in them, what is computed, and where each is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.sources.formats import javascript_document
from directus_guard.sources.formats.values import ComputedValue, List, ObjectValue
from tests.support.each import each_case
from tests.support.in_memory import in_memory
from tests.support.shown_values import nested, noted, shown, written_values

if TYPE_CHECKING:
    from directus_guard.sources.formats.values import Value


def exported(text: str) -> Value | None:
    repository = in_memory({"c.js": text})
    value = javascript_document.document(repository, "c.js")
    assert not noted(repository)
    return value


def short(value: Value | None) -> str:
    return (
        shown(value)
        .replace("it is computed when the file is loaded", "loaded")
        .replace("comes from outside the repository", "outside")
    )


@each_case(
    ("text", "expected"),
    [
        ('module.exports = {a: "x", \'b\': 1, "c": true, 4: false, d: null, e: undefined}', "{a: 'x', b: 1, c: true, 4: false, d: null, e: null}"),
        ('exports.a = "x"; module.exports.b = \'y\'; other.c = 1', "{a: 'x', b: 'y'}"),
        ("module.exports = {a: 1}; exports.b = 2", "{a: 1, b: 2}"),
        ("module.exports = exports.a = {b: 1}", "{b: 1, a: {b: 1}}"),
        ('module.exports = module.exports.a = exports.b = "x"', "{a: 'x', b: 'x', …<loaded>}"),
        ("export default {a: 1}", "{a: 1}"),
        ("export const a = {b: 1}", "<loaded>"),
        ("export default function () {}", "<loaded>"),
        ("const a = 1", "none"),
        ('module.exports = x = "y"', "'y'"),
        ("exportss.a = 1; my.module.exports = 2", "none"),
        ('module.exports = "\\n\\t\\r\\b\\f\\v\\0\\\\\\\'\\"\\x41\\u0042\\u{43}\\u{1F600}\\q"', '\'\\n\\t\\r\\x08\\x0c\\x0b\\x00\\\\\\\'"ABC😀q\''),
        ("module.exports = 'a\\\nb\\\r\nc\\\rd'", "'abcd'"),
        (r'module.exports = "\u{110000}\uD800\u{10FFFF}\uE000\uDFFF"', r"'��\U0010ffff\ue000�'"),
        ("module.exports = [(1), ((2)), !3, -x, +4, ~5, typeof 6]", "[1, 2, <loaded>, <loaded>, <loaded>, <loaded>, <loaded>]"),
        ('module.exports = `a${"b"}c${1}d`', "'abc1d'"),
        ('module.exports = `a${/* c */ process.env.X || "d"}e`', "<`process.env.X` outside | 'ade'>"),
        ("module.exports = `a${process.env.X}e`", "<`process.env.X` outside>"),
        ('const a = "x"; module.exports = {a, b: a, c: `${a}y`}', "{a: 'x', b: 'x', c: 'xy'}"),
        ('const a = {b: {c: "x", "d": ["y"]}}; module.exports = [a.b.c, a["b"]["c"], a.b.d, a.q, a?.b, a[0], a.b.d[0], a["b" + ""]]', "['x', 'x', ['y'], <loaded>, {c: 'x', d: ['y']}, <loaded>, <loaded>, {c: 'x', d: ['y']}]"),
        ('const a = {b: "x"}; a.b = "y"; module.exports = a', "<loaded>"),
        ("let a = 1; a = 2; module.exports = a", "<loaded>"),
        ("let a = 1; a += 2; module.exports = a", "<loaded>"),
        ("let a = 1; a++; module.exports = a", "<loaded>"),
        ("var a = 1, b = 2; function f() { b = 3 } module.exports = [a, b]", "[1, <loaded>]"),
        ("const a = b, b = a; module.exports = a", "<loaded>"),
        ("const {a} = x, b = 1; let c; module.exports = [a, b, c]", "[<loaded>, 1, <loaded>]"),
        ('export const a = "x"; export default {a}', "{a: 'x'}"),
        ("const a = {x: 1, y: 2}; module.exports = {...a, y: 3, z: 4, ...{x: 5}}", "{y: 3, z: 4, x: 5}"),
        ("module.exports = {a: 1, ...process.env, b: 2, ...f()}", "{a: 1, b: 2, …<a variable of the process environment outside>}"),
        ("const a = {...f()}; module.exports = {...a, b: 1}", "{b: 1, …<loaded>}"),
        ("module.exports = {[f()]: 1, a: 2}", "{a: 2, …<a name is computed>}"),
        ('const k = "x"; module.exports = {[k]: 1, ["y" + "z"]: 2, a() {}, get b() { return 1 }, /* c */ "d-e": 3}', "{x: 1, yz: 2, a: <loaded>, b: <loaded>, d-e: 3}"),
        ("module.exports = {a: 1, [f()]: 2, ...process.env}", "{a: 1, …<a name is computed>}"),
        ("const a = [1, 2]; module.exports = [0, ...a, /* c */ 3, ...f(), ...process.env]", "[0, 1, 2, 3, …<loaded>]"),
        ("const a = [1, ...f()]; module.exports = [...a]", "[1, …<loaded>]"),
        ('module.exports = "a" + "b" + 1', "'ab1'"),
        ('module.exports = [1 + 2, 1 + "a", 1 + 2 + "a", "a" + process.env.X, "a" - "b", "a" + (process.env.X || "c")]', "[<loaded>, '1a', <loaded>, <`process.env.X` outside>, <loaded>, <`process.env.X` outside | 'ac'>]"),
        ('module.exports = [process.env.X || "a", process.env.X ?? "a", process.env.X || process.env.Y || "b", process.env.X && "a", process.env.X || f()]', "[<`process.env.X` outside | 'a'>, <`process.env.X` outside | 'a'>, <`process.env.X` outside | 'b'>, <loaded>, <`process.env.X` outside>]"),
        ('module.exports = ["a" || "b", "" || "b", "" ?? "b", false || "b", false ?? "b", 0 || "b", "0" || "b", null || "b", null ?? "b", undefined ?? "b", {} || "b", f() || "b"]', "['a', 'b', '', 'b', false, 'b', '0', 'b', 'b', 'b', {}, <loaded | 'b'>]"),
        ('module.exports = [process.env.A_B, process.env["A"], process.env[\'A\'], process.env.A?.b, process.env[a + b], process.env, process.env?.A]', "[<`process.env.A_B` outside>, <`process.env.A` outside>, <`process.env.A` outside>, <a variable of the process environment outside>, <a variable of the process environment outside>, <a variable of the process environment outside>, <`process.env.A` outside>]"),
        ('module.exports = [Object.freeze({a: 1}), Object.freeze(1, 2), Object.assign({a: 1, b: 2}, /* c */ {b: 3}), Object.assign({}, f(), process.env), Object.assign({...g()}), f("x"), new F(), require("x")]', "[{a: 1}, <loaded>, {a: 1, b: 3}, {…<loaded>}, {…<loaded>}, <loaded>, <loaded>, <loaded>]"),
        ('module.exports = a ? "b" : "c"', "<loaded>"),
        ('module.exports = {a: 1, a: 2, b: 3, "a": 4}', "{b: 3, a: 4}"),
        ("module.exports = [1_000, 0x1F, 0o17, 0B11, 10n, 1.50, 1e3, 1e21, 1e20, .5, -2, - 3.0, 08]", "[1000, 31, 15, 3, 10, 1.5, 1000, 1e+21, 100000000000000000000, 0.5, -2, -3, 8]"),
        ("module.exports = {...f()}; exports.a = 1", "{a: 1, …<loaded>}"),
        ('module.exports = require("./b"); exports.a = 1', "{a: 1, …<loaded>}"),
        ('module.exports = ["false" || "b", "0" ?? "b", 0 ?? "b", 1 || "b", true || "b"]', "['false', '0', 0, 1, true]"),
        ("module.exports = [process.env.X || {}, process.env.X || [1], [] ?? 1]", "[<`process.env.X` outside>, <`process.env.X` outside>, []]"),
        ('f(); function g() {} const a = "x"; export {a}; module.exports = a', "'x'"),
        ('export default "x"; export {a}', "'x'"),
        ('const a = {b: "x"}; module.exports = [{...a /* c */}, [.../* d */[1]], Object.freeze(/* e */ a)]', "[{b: 'x'}, […<loaded>], {b: 'x'}]"),
        ("if (true) { module.exports = 1 } f(); exports.a; ;", "none"),
        ('module["exports"] = 1; exports["a"] = 2; exports.$a_1 = 3', "{$a_1: 3}"),
        ('module.exports = [undefined, a.undefined, [], {}, "", ``]', "[null, <loaded>, [], {}, '', '']"),
        ("const o = {...f(), a: 1}; module.exports = o.a", "<loaded>"),
        ('const o = {"a b": 1, 2: "x"}; module.exports = [o["a b"], o[2], o[f()], f().a]', "[1, 'x', <loaded>, <loaded>]"),
        ("module.exports = {undefined, a: undefined}", "{undefined: null, a: null}"),
        ('module.exports = [process.env.X || (process.env.Y || "b"), process.env.X ?? (process.env.Y ?? f())]', "[<`process.env.X` outside | 'b'>, <`process.env.X` outside>]"),
        ('module.exports = [process.env["A~"], process.env["A"], process.env.A$b]', "[<a variable of the process environment outside>, <`process.env.A` outside>, <`process.env.A$b` outside>]"),
        ('const o = {"f()": 1, "": 2}; module.exports = [o[f()], o[""], o["f()"]]', "[<loaded>, 2, 1]"),
        ('module.exports = "\\uD7FF\\u{D7FF}\\uDFFF"', "'\\ud7ff\\ud7ff�'"),
        ('export default a = b = "x"', "<loaded>"),
        ("let a = {b: 1}; a.b++; a = 3; let c = 1; c--; --c; module.exports = [a, c]", "[<loaded>, <loaded>]"),
        ("let a = 1; a ||= 2; let b = 1; (b) = 2; module.exports = [a, b]", "[<loaded>, 1]"),
        ('const a = [..."b", ...[1], ...{}]; module.exports = a', "[1, …<loaded>]"),
        ('module.exports = {...null, ...undefined, ...[], ..."a", b: 1}', "{b: 1, …<loaded>}"),
        ("module.exports = {...[1]}", "{…<loaded>}"),
        ('module.exports = Object.assign("a", {b: 1})', "{b: 1, …<loaded>}"),
        ("module.exports = [Object.freeze(), Object.assign(), Object.freeze({a: 1}, 2)]", "[<loaded>, {}, <loaded>]"),
        ("module.exports = new.target; ", "<loaded>"),
        ('module.exports = [a?.[0], a["b"], "x".length, [1].a]', "[<loaded>, <loaded>, <loaded>, <loaded>]"),
        ("module.exports = - x", "<loaded>"),
        ('module.exports = [-"1", +1, -1n, - 1]', "[<loaded>, <loaded>, -1, -1]"),
        ('module.exports = {"a": 1, a: 2, ["a"]: 3}', "{a: 3}"),
        ("const a = 1; const a2 = a; export { a2 as default }", "none"),
        ("exports = {a: 1}", "{a: 1}"),
        ("exports.a = exports.b = 1; exports.a = 2", "{a: 1, b: 1, a: 2}"),
        ("module.exports = a, b", "none"),
        ("const x = f`a`; module.exports = [x, f`b`]", "[<loaded>, <loaded>]"),
        ("module.exports = [1,, 2]", "[1, 2]"),
        ('module.exports = ["a" + (1 + 2), ("a" + 1) + 2, 1 + ("a" + 2)]', "[<loaded>, 'a12', '1a2']"),
        ('module.exports = "a" + f() + "b"', "<loaded>"),
        ('module.exports = /* c */ "a" /* d */ + /* e */ "b"', "'ab'"),
        ('/* a */ module.exports = /* b */ {/* c */ a: /* d */ [/* e */ "x" /* f */]}', "{a: ['x']}"),
    ],
)  # fmt: skip
def test_what_is_exported(text: str, expected: str) -> None:
    assert short(exported(text)) == expected


def test_places() -> None:
    text = '\ufeffconst a = "x"\nmodule.exports = {a, "b": [-1, `y`], ...{c: process.env.C || "z"}, [`d`]: null,\n  e: f(1), k: "a" + "b"}\nexports.g = !1\n'
    value = exported(text)
    assert isinstance(value, ObjectValue)
    assert value.location.path == "c.js"
    assert written_values(text, value)[1:] == [
        "a", "x", "b", "[-1, `y`]", "-1", "y", "c", "z", "d", "null", "e", "f(1)", "k", '"a" + "b"', "exports.g", "!1",
    ]  # fmt: skip


def test_computed_values_keep_how_they_are_written() -> None:
    value = exported(f'module.exports = [f("a"), process.env.B, g({"x" * 300}), process.env.{"x" * 300}]')
    assert isinstance(value, List)
    sources = [item.source for item in value.items if isinstance(item, ComputedValue)]
    assert sources == ['f("a")', "process.env.B", f"g({'x' * 198}", f"process.env.{'x' * 188}"]


@each_case(
    ("text", "expected", "problems"),
    [
        ("module.exports = {a: 1,\n b: }", "{a: 1, b: <loaded>}", ["c.js:2: not valid JavaScript; what could be understood was read (broken)"]),
        ("module.exports = 1 //" + " " * (1024 * 1024 - 21), "1", []),
        ("module.exports = 1 //" + " " * (1024 * 1024 - 20), "none", ["c.js:0: larger than 1 MiB: no configuration file (broken)"]),
        ("", "none", []),
        ("module.exports = [`a${}b`, `${}`]", "[<loaded>, <loaded>]", ["c.js:1: not valid JavaScript; what could be understood was read (broken)"]),
        ("module.exports = {a: 1, ### b: 2}", "{a: 1, b: 2, …<a name is computed>}", ["c.js:1: not valid JavaScript; what could be understood was read (broken)"]),
        ("module.exports = {a: }", "{a: <loaded>}", ["c.js:1: not valid JavaScript; what could be understood was read (broken)"]),
    ],
    ids=["broken", "long", "too long", "empty", "empty hole", "not a member", "no value"],
)  # fmt: skip
def test_what_is_no_configuration(text: str, expected: str, problems: list[str]) -> None:
    repository = in_memory({"c.js": text})
    assert short(javascript_document.document(repository, "c.js")) == expected
    assert noted(repository) == problems


def test_a_file_that_is_not_there_exports_nothing() -> None:
    assert javascript_document.document(in_memory({}), "c.js") is None


def test_what_grows_past_any_memory_is_not_followed() -> None:
    lists = "".join(f"const a{number + 1} = [...a{number}, ...a{number}];" for number in range(8))
    value = exported(f"const a0 = [{'1,' * 100}]; {lists} module.exports = a8")
    assert isinstance(value, List)
    assert (len(value.items), value.computed) == (12_800, "it is computed when the file is loaded")
    texts = "".join(f"const a{number + 1} = `${{a{number}}}${{a{number}}}`;" for number in range(5))
    value = exported(f'const a0 = "{"x" * 8_000}"; {texts} module.exports = [a4, a5]')
    assert isinstance(value, List)
    assert short(value.items[0]) == repr("x" * 128_000)
    assert short(value.items[1]) == "<its text is longer than any environment takes>"


@each_case(
    ("shape", "deepest"),
    [
        ("[{}]", 60), ("({})", 60), ("{{a: {}}}", 60), ("{{'a': {}}}", 60), ("[...{}]", 59), ("{{...{}}}", 59), ("`${{{}}}`", 60),
        ("'' + ({})", 30), ("{} || 1", 60), ("({{a: {}}}).a", 20), ("Object.freeze({})", 60), ("Object.assign({})", 59),
    ],
)  # fmt: skip
def test_what_is_nested_too_deeply_is_not_known(shape: str, deepest: int) -> None:
    innermost = '{b: "MARK"}' if "{{...{" in shape or "assign" in shape else '["MARK"]' if "..." in shape else '"MARK"'
    for times, is_read in ((deepest, True), (deepest + 1, False)):
        text = nested(shape, innermost, times)
        assert ("MARK" in short(exported(f"module.exports = {text}"))) is is_read


@each_case(("link", "deepest"), [("[a{}]", 29), ("{{a{}}}", 29), ("a{}", 58), ("{{...a{}, b: 1}}", 29)])
def test_constants_that_lead_to_each_other(link: str, deepest: int) -> None:
    for times, is_read in ((deepest, True), (deepest + 1, False)):
        chain = ";".join(f"const a{number + 1} = {link.format(number)}" for number in reversed(range(times)))
        found = short(exported(f'const a0 = {{m: "MARK"}};{chain};module.exports = a{times}'))
        assert ("MARK" in found, "<it is nested too deeply to be read>" in found) == (is_read, not is_read)
