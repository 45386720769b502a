"""Nix as values: what is written in a file, what Nix works out, and where each is."""

from __future__ import annotations

from directus_guard.sources.formats import nix_document
from directus_guard.sources.formats.values import ComputedValue, ObjectValue
from tests.support.each import each_case
from tests.support.in_memory import in_memory
from tests.support.shown_values import nested, noted, shown, written_values


def read(text: str) -> str:
    repository = in_memory({"a.nix": text})
    value = nix_document.document(repository, "a.nix")
    assert not noted(repository)
    return shown(value).replace("worked out by Nix", "NIX")


@each_case(
    ("text", "expected"),
    [
        ('{ a = "x"; b = 1; c = 1.5; d = true; e = false; f = null; g = [ "x" 1 [ ] ]; h = { i = "j"; }; }', "{a: 'x', b: 1, c: 1.5, d: true, e: false, f: null, g: ['x', 1, []], h: {i: 'j'}}"),
        ('{ a.b.c = "x"; a.d = 1; "e f".g = 2; a.b.h = 3; }', "{a: {b: {c: 'x', h: 3}, d: 1}, e f: {g: 2}}"),
        ("{ a = { b = 1; }; a = 2; } // { a.c = 3; }", "{a: {c: 3}}"),
        ("{ a = { b = 1; } // { b = 2; c = 3; }; d = x // { e = 1; }; f = { g = 1; } // y; h = x // y; }", "{a: {b: 2, c: 3}, d: {e: 1, …<it is NIX>}, f: {g: 1, …<it is NIX>}, h: <it is NIX>}"),
        ('{ a = [ 1 ] ++ [ 2 ]; b = x ++ [ 3 ]; c = [ 4 ] ++ y; d = x ++ y; e = 1 + 2; f = "a" + "b"; }', "{a: [1, 2], b: [3, …<it is NIX>], c: [4, …<it is NIX>], d: <it is NIX>, e: <it is NIX>, f: <it is NIX>}"),
        ('let a = "x"; b = a; in { inherit a; c = b; d = e; }', "{a: 'x', c: 'x', d: <`e` is NIX>}"),
        ("let a = b; b = a; in { c = a; }", "{c: <it is nested too deeply to be read>}"),
        ('rec { a = "x"; b = a; }', "{a: 'x', b: 'x'}"),
        ('{ a = "x"; b = a; }', "{a: 'x', b: <`a` is NIX>}"),
        ("let { a = 1; body = a; }", "{a: 1, body: <`a` is NIX>}"),
        ("{ inherit (x) a b; inherit c; }", "{a: <it is NIX>, b: <it is NIX>, c: <`c` is NIX>}"),
        ('{ "${x}" = 1; a."${y}".b = 2; c = 3; }', "{a: {…<Nix works out a name in it>}, c: 3, …<Nix works out a name in it>}"),
        ("{ ${x} = 1; }", "{…<Nix works out a name in it>}"),
        (r'{ a = "\n\r\t\"\\\${x}\q"; b = "a${"b"}c"; c = "a${x}b${y}"; d = ""; e = "${x}"; }', '{a: \'\\n\\r\\t"\\\\${x}q\', b: \'abc\', c: <`x` is NIX (\'a\', <`x` is NIX>, \'b\', <`y` is NIX>)>, d: \'\', e: <`x` is NIX (<`x` is NIX>)>}'),
        ("{ a = ''x''; b = ''\n  x\n    y\n  z''; c = ''a''$b '''c ''\\n''\\t''\\r''\\q ''${x}''; d = '' ''; e = ''\n    x\n\n  y\n''; f = ''a${x}''; }", '{a: \'x\', b: \'x\\n  y\\nz\', c: "a$b \'\'c \\n\\t\\rq ${x}", d: \'\', e: \'  x\\n\\ny\\n\', f: <`x` is NIX (\'a\', <`x` is NIX>)>}'),
        ('{ lib, ... }: { a = lib.mkIf x { b = 1; }; c = lib.mkForce "y"; d = mkDefault 1; e = lib.mkOverride 10 "z"; f = mkOptionDefault 1; g = mkBefore [ 1 ]; h = mkAfter [ 1 ]; i = toString 1; j = mkVMOverride 2; }', "{a: {b: 1}, c: 'y', d: 1, e: 'z', f: 1, g: [1], h: [1], i: 1, j: 2}"),
        ('{ a = lib.mkMerge [ { b = 1; } x { b = 2; c = 3; } ]; d = f "x"; e = f { g = 1; }; h = f [ 1 ]; i = f x; }', "{a: {b: 2, c: 3, …<it is NIX>}, d: <`f` works it out>, e: {g: 1}, h: [1], i: <`f` works it out>}"),
        ('args: { a = x.y; b = x.y or "z"; c = if x then 1 else 2; d = -1; e = !x; f = a.b.c; }', '{a: <`x.y` is NIX>, b: <`x.y or "z"` is NIX>, c: <it is NIX>, d: <it is NIX>, e: <it is NIX>, f: <`a.b.c` is NIX>}'),
        ("with x; { a = 1; }", "{a: 1}"),
        ("assert x; { a = 1; }", "{a: 1}"),
        ("({ a = (1); })", "{a: 1}"),
        ("x", "<`x` is NIX>"),
        ('{ }: "x"', "'x'"),
        ("[ 1 ]", "[1]"),
        ("# c\n{ # c\n a = # c\n 1; }", "{a: 1}"),
        ("{ a = ./b; c = <d>; e = https://f.example; g = ~/h; }", "{a: <it is NIX>, c: <it is NIX>, e: <it is NIX>, g: <it is NIX>}"),
        ('{ "~a" = 1; b."~" = ~/c; }', "{~a: 1, b: {~: <it is NIX>}}"),
        ('let "a" = 1; "~b" = 2; in { c = a; }', "{c: 1}"),
        ("{ a = { b = 1; } // ({ c = 2; } // x); d = ({ e = 1; } // y) // { f = 2; }; }", "{a: {b: 1, c: 2, …<it is NIX>}, d: {e: 1, f: 2, …<it is NIX>}}"),
        ("{ a = ''~\n  b''; c = ''\n    d\n  \n    e''; f = ''   \n  g''; h = ''\n''; }", "{a: '~\\n  b', c: 'd\\n\\ne', f: 'g', h: ''}"),
        ("let inherit (x) a; b.c = 1; in { d = a; e = b; }", "{d: <`a` is NIX>, e: <`b` is NIX>}"),
        ("rec { inherit x; a = x; }", "{x: <`x` is NIX>, a: <`x` is NIX>}"),
        ("let a = 1; in with x; assert y; ({ b = a; })", "{b: 1}"),
        ("let a = 1; in let a = 2; b = a; in { c = b; }", "{c: 2}"),
        ("{ a = lib.mkIf x (lib.mkForce { b = 1; }); c = mkMerge [ ]; d = mkMerge x; e = lib.mkMerge; }", "{a: {b: 1}, c: {}, d: <`mkMerge` works it out>, e: <`lib.mkMerge` is NIX>}"),
        ("{ a = (x: y: { b = 1; }) 1 2; }", "{a: <`(x: y: { b = 1; })` works it out>}"),
        ("{ a = toString ./b; c = mkDefault x; }", "{a: <it is NIX>, c: <`x` is NIX>}"),
        ("{ a = [ (f 1) { b = 2; } ./c ]; }", "{a: [<`f` works it out>, {b: 2}, <it is NIX>]}"),
        ('{ a = "${\'\'b\'\'}"; c = \'\'${"d"}e\'\'; f = "${1}"; g = "a${[ ]}b"; }', "{a: 'b', c: 'de', f: '1', g: <it is NIX ('a', [], 'b')>}"),
        ("{ a = 1 // 2; b = [ ] // { }; c = { } ++ [ 1 ]; d = true && false; }", "{a: <it is NIX>, b: {…<it is NIX>}, c: [1, …<it is NIX>], d: <it is NIX>}"),
        ('{ a = "$${b}"; c = "$d"; e = "\\${f}"; }', "{a: '$${b}', c: '$d', e: '${f}'}"),
        ("{ a = x ? b; c = x.y.z or null; }", "{a: <it is NIX>, c: <`x.y.z or null` is NIX>}"),
        ("let a = { b = 1; }; in a // { c = 2; }", "{b: 1, c: 2}"),
        ("let\n a = b: { c = 1; };\nin { d = a 1; e = a; }", "{d: <`a` works it out>, e: {c: 1}}"),
        ("{ a = x y; b = (f: f) 1; c = { }.d; }", "{a: <`x` works it out>, b: <`(f: f)` works it out>, c: <`{ }.d` is NIX>}"),
    ],
)  # fmt: skip
def test_values(text: str, expected: str) -> None:
    assert read(text) == expected


def test_places() -> None:
    text = (
        '\ufeff{ lib, ... }:\n{\n  a = "x"; "b" = [ 1 y ];\n  c = \'\'\n    d\n  \'\';\n  e.f = g h;\n  inherit (i) j;\n  k = "l${m}";\n'
        " n = lib.mkMerge [ { o = 1; } ]; p = { q = 1; } // { r = 2; };\n s = [ 1 ] ++ [ 2 ]; t = 1 + 2; u = -v; w = null; x = y.z; }"
    )
    value = nix_document.document(in_memory({"a.nix": text}), "a.nix")
    assert value is not None
    assert written_values(text, value)[1:] == [
        "a", "x", '"b"', "[ 1 y ]", "1", "y", "c", "\n    d\n  ", "e", "e.f = g h;", "f", "g", "j", "j", "k", "l${m}", "l${m}", "m",
        "n", "[ { o = 1; } ]", "o", "1", "p", "{ q = 1; }", "q", "1", "r", "2", "s", "[ 1 ]", "1", "2", "t", "1 + 2", "u", "-v", "w", "null", "x", "y.z",
    ]  # fmt: skip


def test_computed_values_keep_how_they_are_written() -> None:
    for source in (f'"{"x" * 300}${{y}}"', f"1 + {'1' * 300}"):
        value = nix_document.document(in_memory({"a.nix": f"{{ a = {source}; }}"}), "a.nix")
        assert isinstance(value, ObjectValue)
        held = value.get("a")
        assert isinstance(held, ComputedValue)
        assert held.source == source[:200]


@each_case(
    ("text", "problem"),
    [
        ("{\n a = ; }", "a.nix:2: not valid Nix: syntax error (broken)"),
        ("{\n a = ; } # directus", "a.nix:2: not valid Nix: syntax error (broken) (incomplete)"),
    ],
)
def test_what_is_not_nix_is_said(text: str, problem: str) -> None:
    repository = in_memory({"a.nix": text})
    assert nix_document.document(repository, "a.nix") is None
    assert noted(repository) == [problem]
    assert nix_document.document(repository, "b.nix") is None


@each_case(
    ("shape", "deepest"),
    [
        ("[ {} ]", 200),
        ("({})", 200),
        ("{{ a = {}; }}", 200),
        ("rec {{ a = {}; }}", 200),
        ("{{ a.b = {}; }}", 100),
        ('[ [ [ [ "${{{}}}" ] ] ] ]', 40),
        ("x: {}", 200),
        ("let a = 1; in {}", 200),
        ("with x; {}", 200),
        ("f [ {} ]", 199),
        ("mkForce ({})", 100),
        ("mkOverride 1 ({})", 66),
        ("{{ a = {}; }} // {{ }}", 100),
        ("[ ({}) ] ++ [ ]", 66),
        ("let a = {}; in a", 100),
    ],
)  # fmt: skip
def test_what_is_nested_too_deeply_is_not_known(shape: str, deepest: int) -> None:
    for times, is_read in ((deepest, True), (deepest + 1, False)):
        text = nested(shape, '"MARK"', times)
        assert ("MARK" in read(text)) is is_read
