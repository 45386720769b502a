"""What the names of a script are bound to, and what it exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.sources.code import bindings
from directus_guard.sources.formats import syntax_tree
from tests.support.each import each_case

if TYPE_CHECKING:
    from directus_guard.sources.code.bindings import Binding

READ: Final[tuple[tuple[str, list[str]], ...]] = (
    ("const a = 1, b = c; let d", ["a = 1", "b = c", "d = "]),
    ("{ const a = 1 } const a = 2;", ["a = 1 in { const a = 1 }", "a = 2"]),
    ("class A { static { const a = 1 } }", ["A = class A { static { const a = 1 } }", "a = 1 in { const a = 1 }"]),
    ("const { a, b: c, 'd': { e } } = f", ["e = f.d.e", "c = f.b", "a = f.a"]),
    ("const { a = 1, b: c = 2, d: { e } = g } = f", ["e = g.e", "e = f.d.e", "c = 2", "c = f.b", "a = 1", "a = f.a"]),
    ("const [a, { b }] = c", ["b = .b", "a = "]),
    ("function f(a, { b, c: d }, e = 1) {}", ["a =  #0", "d = .c #1", "b = .b #1", "e =  #2", "e = 1", "f = function f(a, { b, c: d }, e = 1) {}"]),
    ("const f = (a = 1) => a", ["f = (a = 1) => a", "a =  #0 in (a = 1) => a", "a = 1 in (a = 1) => a"]),
    ("const f = a => a", ["f = a => a", "a =  #0 in a => a"]),
    ("function f(a: string, b?: number, { c }: X = y) {}", ["a =  #0", "b =  #1", "c = .c #2", "c = y.c", "f = function f(a: string, b?: number, { c }: X = y) {}"]),
    ("class A { constructor(private a: string) {} m(b) {} }", ["A = class A { constructor(private a: string) {} m(b) {} }", "a =  #0 in constructor(private a: string) {}", "b =  #0 in m(b) {}"]),
    ("try {} catch (e) {}", ["e =  #0 in catch (e) {}"]),
    ("function* f(a) {}", ["a =  #0"]),
    ("const f = function g(a) {}", ["f = function g(a) {}", "a =  #0 in function g(a) {}"]),
    ("class A {} enum B { C } abstract class D {}", ["A = class A {}", "B = enum B { C }", "D = abstract class D {}"]),
    ("for (const a of b) { a }", ["a = b.[]"]),
    ("for (const { a, c: d } of b) {}", ["d = b.[].c", "a = b.[].a"]),
    ("a.map((b, c) => b)", ["b = a.[] in (b, c) => b", "c =  #1 in (b, c) => b"]),
    ("map((a) => a)", ["a =  #0 in (a) => a"]),
    ("a.map(({ b: { c } }) => c)", ["c = a.[].b.c in ({ b: { c } }) => c"]),
    ("let a; a = 1", ["a = ", "a = 1"]),
    ("function f() { let a; a = 1 } a = 2", ["f = function f() { let a; a = 1 }", "a =  in { let a; a = 1 }", "a = 1 in { let a; a = 1 }", "a = 2"]),
    ("function f() { let a } a = 2", ["f = function f() { let a }", "a =  in { let a }", "a = 2"]),
    ("let a = 0; { let a = 1; a = 2 }", ["a = 0", "a = 1 in { let a = 1; a = 2 }", "a = 2 in { let a = 1; a = 2 }"]),
    ("a.b = 1; a.b.c = 2; a[b] = 3; a$.b_ = 4", ["a.b = 1", "a$.b_ = 4"]),
    ("exports.a = 1; module.exports.b = 2; module . exports = 3; module.exports['c'] = 4; module.exports[\"d\"] = 5; exports = 6; exports[e] = 7; xexports.f = 8", ["exports.a = 1", "exports = 6", "xexports.f = 8", "export a = 1", "export b = 2", "export = = 3", "export = = 6", "export c = 4", "export d = 5"]),
    ("import a from 'm'; import * as b from \"n\"; import { c, d as e, default as f } from 'o'; import 'p'", ["a = .default from m", "b = .* from n", "c = .c from o", "e = .d from o", "f = .default from o"]),
    ("import a, { b } from 'm'", ["a = .default from m", "b = .b from m"]),
    ("import a = require('m')", ["a = .= from m"]),
    ("import { 'x y' as a } from 'm'", ["a = .x y from m"]),
    ("import type { A } from 'm'", ["A = .A from m"]),
    ("export * from 'm'", ["export * from m"]),
    ("export * as a from 'm'", ["export a = .* from m"]),
    ("export * as 'a b' from 'm'", ["export a b = .* from m"]),
    ("export { a, b as c, d as default } from 'm'", ["export a = .a from m", "export c = .b from m", "export default = .d from m"]),
    ("const a = 1; export { a, a as b, a as 'c' }", ["a = 1", "export a = a", "export b = a", "export c = a"]),
    ("export default 1", ["export default = 1"]),
    ("export default a.b", ["export default = a.b"]),
    ("export default function f() {}", ["f = function f() {}", "export default = function f() {}"]),
    ("export default class A {}", ["A = class A {}", "export default = class A {}"]),
    ("export default () => 1", ["export default = () => 1"]),
    ("export const a = 1, { b, c: d, e: [f], g = 1 } = x", ["a = 1", "g = 1", "g = x.g", "f = ", "d = x.c", "b = x.b", "export a = a", "export b = b", "export d = d", "export f = f", "export g = g"]),
    ("export function f(a) {}", ["a =  #0 in function f(a) {}", "f = function f(a) {}", "export f = f"]),
    ("export class A {}", ["A = class A {}", "export A = A"]),
    ("export enum E { A = 'x' }", ["E = enum E { A = 'x' }", "export E = E"]),
    ("export abstract class A {}", ["A = abstract class A {}", "export A = A"]),
    ("export = a", ["export = = a"]),
    ("export = { a: 1 }", ["export = = { a: 1 }"]),
    ("namespace N { export const a = 1 }", ["a = 1 in { export const a = 1 }", "export a = a in { export const a = 1 }"]),
    ("if (x) { exports.a = 1 }", ["exports.a = 1", "export a = 1 in { exports.a = 1 }"]),
)  # fmt: skip
ELEMENTS: Final = ("map", "forEach", "flatMap", "filter", "find", "some", "every", "findLast")


def shown(text: str, name: str, held: Binding) -> str:
    """A binding as `name = value.key.key from module #parameter in scope`; a scope that is the whole text is left out."""
    value = text[held.value.start_byte : held.value.end_byte] if held.value is not None else ""
    keys = "".join(f".{key}" for key in held.keys)
    module = f" from {held.module}" if held.module else ""
    parameter = f" #{held.parameter}" if held.parameter != -1 else ""
    scope = f" in {text[slice(*held.scope)]}" if held.scope != (0, len(text)) else ""
    return f"{name} = {value}{keys}{module}{parameter}{scope}"


def described(text: str) -> list[str]:
    """Every name, then what is exported."""
    found = bindings.read(syntax_tree.parse("typescript", text), text)
    names = [shown(text, name, held) for name, all_held in found.names.items() for held in all_held]
    exports = [shown(text, f"export {name}", held) for name, all_held in found.exports.items() for held in all_held]
    return [*names, *exports, *(f"export * from {module}" for module in found.stars)]


@each_case(("text", "expected"), READ)
def test_the_names_of_a_script(text: str, expected: list[str]) -> None:
    assert described(text) == expected


@each_case("method", ELEMENTS)
def test_a_function_that_is_called_with_each_element(method: str) -> None:
    assert described(f"a.{method}(b => b)") == ["b = a.[] in b => b"]


@each_case("text", ["a.reduce(b => b)", "map(b => b)", "a.map(b, c => b)", "a.map.call(b => b)"])
def test_a_function_that_is_called_with_something_else(text: str) -> None:
    assert all(".[]" not in line for line in described(text) if not line.startswith("c"))


@each_case(
    ("text", "expected"),
    [
        ("const a = 1; { const a = 2; { const a = 3 } a# }", ["a = 2 in { const a = 2; { const a = 3 } a# }"]),
        ("const a = 1; { const a = 2 } a#", ["a = 1"]),
        ("const a = 1; { a# } { const a = 2 }", ["a = 1"]),
        ("function f(a) { a# } function g(a) {}", ["a =  #0 in function f(a) { a# }"]),
        ("let a; a = 1; a#", ["a = ", "a = 1"]),
        ("{ const a = 1 } a#", []),
    ],
)
def test_the_nearest_block_counts(text: str, expected: list[str]) -> None:
    found = bindings.read(syntax_tree.parse("typescript", text), text)
    assert [shown(text, "a", held) for held in found.of("a", text.index("#") - 1)] == expected


@each_case(
    ("text", "module"),
    [
        ("require('a')", "a"), ('require("a/b")', "a/b"), ("require(`a`)", "a"), ("require(('a'))", "a"), ("import('a')", "a"),
        ("jest.requireActual('a')", "a"), ("require(a)", ""), ("require()", ""), ("other('a')", ""), ("new X('a')", ""),
    ],
)  # fmt: skip
def test_the_module_that_a_call_loads(text: str, module: str) -> None:
    statement = syntax_tree.parse("typescript", text).named_children[0]
    assert bindings.called_module(statement.named_children[0], text) == module
