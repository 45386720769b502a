"""HCL as values: what is written in a file, what Terraform works out, and where each is."""

from __future__ import annotations

from directus_guard.finding import Location
from directus_guard.sources.formats import hcl_document
from directus_guard.sources.formats.hcl_scope import HclScope
from directus_guard.sources.formats.values import ComputedValue
from tests.support.each import each_case
from tests.support.in_memory import in_memory
from tests.support.shown_values import nested, noted, shown, written, written_values


def attributes(text: str) -> str:
    repository = in_memory({"a.tf": text})
    found = hcl_document.attributes(repository, "a.tf")
    assert not noted(repository)
    return short("; ".join(f"{entry.key.text}: {shown(entry.value)}" for entry in found))


def short(text: str) -> str:
    return text.replace("it is worked out by Terraform", "TF")


@each_case(
    ("text", "expected"),
    [
        ('a = "x"\nb = 1\nc = true\nd = null\ne = -1\nf = 1.5', "a: 'x'; b: 1; c: true; d: null; e: <TF>; f: 1.5"),
        ('a = ["x", 1, [true], /* c */ {}]\nb = { c = "d", "e" = 1, (f) = 2, "g${h}" = 3, i : 4 }\nc = {\n  a = 1 # c\n  b = 2\n}', 'a: [\'x\', 1, [true], {}]; b: {c: \'d\', e: 1, (f): 2, "g${h}": 3, i: 4}; c: {a: 1, b: 2}'),
        (r'a = "\n\r\t\"\\\u0041\U0001F600\U00110000$${b}%%{c}$$d%%e"', 'a: \'\\n\\r\\t"\\\\A😀�${b}%{c}$$d%%e\''),
        ('a = "${b}"\nc = "x${d}y"\ne = "${f}${"g"}"\nh = "x${"y"}z"\ni = ""\nj = "${"x"}"', "a: <TF>; c: <TF ('x', <TF>, 'y')>; e: <TF (<TF>, 'g')>; h: <TF ('x', 'y', 'z')>; i: ''; j: 'x'"),
        ('a = "%{ if b }x%{ endif }"\nc = "y%{ if b }x%{ endif }${d}"', "a: <TF>; c: <TF>"),
        ('a = b ? "c" : "d"\ne = f.g\nh = (i)\nj = ("k")\nl = (("m"))\nn = x["y"]\no = p[0].q\nr = !s\nt = 1 + 2', "a: <TF>; e: <TF>; h: <TF>; j: 'k'; l: 'm'; n: <TF>; o: <TF>; r: <TF>; t: <TF>"),
        ('a = jsonencode("b")\nb = yamlencode(["c"])\nc = sensitive("d")\nd = nonsensitive(x.y)\ne = tostring(1)\nf = trimspace("x")\ng = tomap({ a = 1 })\nh = tostring(1, 2)\ni = lower("x")\nj = tostring()', "a: 'b'; b: ['c']; c: 'd'; d: <TF>; e: 1; f: 'x'; g: {a: 1}; h: <TF>; i: <TF>; j: <TF>"),
        ('a = merge({ b = 1 }, c)\nd = base64encode("x")\ne = base64gzip(f)\ng = file("x.txt")\nh = templatefile("x", { a = 1 })\ni = join(",", ["a"])\nj = replace("a", "b", "c")\nk = format("%s", "x")\nl = merge()', "a: <TF merge({b: 1}, <TF>)>; d: <TF encode('x')>; e: <TF encode(<TF>)>; g: <TF file('x.txt')>; h: <TF template('x', {a: 1})>; i: <TF join(',', ['a'])>; j: <TF replace('a', 'b', 'c')>; k: <TF format('%s', 'x')>; l: <TF>"),
        ('a = [for k, v in x : { name = k, value = v }]\nb = [for k, v in { c = "d" } : { name = k, value = tostring(v) }]\nc = { for k, v in x : k => v }\nd = [for key, val in x : "${key}=${val}"]\ne = [for k, v in x : { "key" = k, "value" : v, }]\nf = { for k, v in x : k => tostring(v) }', "a: <TF pairs(<TF>)>; b: <TF pairs({c: 'd'})>; c: <TF pairs(<TF>)>; d: <TF pairs(<TF>)>; e: <TF pairs(<TF>)>; f: <TF pairs(<TF>)>"),
        ('a = [for k, v in x : { name = v, value = k }]\nb = [for v in x : v]\nc = { for k, v in x : v => k }\nd = [for k, v in x : { name = k, value = v } if v != ""]\ne = [for k, v in x : upper(k)]\nf = { for k, v in x : k => v... }', "a: <TF>; b: <TF>; c: <TF>; d: <TF>; e: <TF>; f: <TF>"),
        ('a = <<EOF\nx\n  y\nEOF\nb = <<-EOF\n    x\n      y\n\n    z\n    EOF\nc = <<EOF\na${b}c\nd${"e"}\n  f\nEOF\nd = <<EOF\n$${x} %%{y} $$z \\n\nEOF\nf = <<EOF\n%{ if x }y%{ endif }\nEOF\n', r"a: 'x\n  y\n'; b: 'x\n  y\n\nz\n'; c: <TF ('a', <TF>, 'c\nd', 'e', '\n  f\n')>; d: '${x} %{y} $$z \\n\n'; f: <TF>"),
        ("b = <<-EOF\n    x ${y} z\n      ${w}\n    EOF\nc = <<-EOF\n\tx\n\t  y\n\tEOF\n", r"b: <TF ('x ', <TF>, ' z\n  ', <TF>, '\n')>; c: 'x\n  y\n'"),
        ('a {\n  b = 1\n  c {\n    d = "x"\n  }\n  c "l" "m" {\n    e = 2\n  }\n}', "a: {b: 1, c: {d: 'x'}, c: l m {e: 2}}"),
        ('a "b" {\n  dynamic "env" {\n    for_each = x\n    content {\n      name = env.key\n      value = env.value\n    }\n  }\n  z = 1\n}', "a: b {env: <a `dynamic` block makes it pairs(<TF>)>, z: 1}"),
        ('a "b" {\n  dynamic "env" {\n    for_each = { c = "d" }\n    iterator = it\n    content {\n      name = it.key\n      value = it.value\n    }\n  }\n  dynamic "env" {\n    for_each = x\n    content {\n      name = env.value\n      value = env.key\n    }\n  }\n  dynamic "env" {\n    content {\n      name = env.key\n      value = env.value\n    }\n  }\n  dynamic "env" {\n    for_each = x\n    content {\n      name = env.key\n      value = env.value\n      more = 1\n    }\n  }\n dynamic "env" {\n    for_each = x\n  }\n}', "a: b {env: <a `dynamic` block makes it pairs({c: 'd'})>, dynamic: <a `dynamic` block makes it>, dynamic: <a `dynamic` block makes it>, dynamic: <a `dynamic` block makes it>, dynamic: <a `dynamic` block makes it>}"),
        ("# only a comment", ""),
        ('a = 1\n# c\nb = (/* c */ "x")\nc = [1, /* c */ 2]\nd = f(/* c */)', "a: 1; b: 'x'; c: [1, 2]; d: <TF>"),
        ('a = "${}"\nb = "x${ }y"\nc = <<E\nx${}\nE\nd = <<E\nE\ne = <<E\n  x\n  y\nE\nf = {}', r"a: <TF>; b: <TF>; c: <TF>; d: ''; e: '  x\n  y\n'; f: {}"),
        ("a = [ for k, v in x : { name = k, value = v }" + " " * 359 + "]\nb = [ for k, v in x : { name = k, value = v }" + " " * 360 + "]", "a: <TF pairs(<TF>)>; b: <TF>"),
        ("", ""),
    ],
)  # fmt: skip
def test_attributes(text: str, expected: str) -> None:
    assert attributes(text) == expected


def test_places() -> None:
    text = '\ufeffx = [ "a", "b${c}d", f(1), g.h, (i) ]\nj = <<EOF\nk\n${l}\nEOF\nm = { n = 1, "o" = true }\np = merge({ q = "r" }, s)\n'
    found = hcl_document.attributes(in_memory({"a.tf": text}), "a.tf")
    assert [[written(text, one.key.location), *written_values(text, one.value)] for one in found] == [
        ["x", '[ "a", "b${c}d", f(1), g.h, (i) ]', "a", "b${c}d", "b${c}d", "c", "b${c}d", "f(1)", "g.h", "i"],
        ["j", "k\n${l}\n", "k\n${l}\n", "l", "k\n${l}\n"], ["m", '{ n = 1, "o" = true }', "n", "1", '"o"', "true"],
        ["p", 'merge({ q = "r" }, s)', '{ q = "r" }', "q", "r", "s"],
    ]  # fmt: skip


def test_blocks() -> None:
    text = (
        '# c\nx "y" "z" {\n  a = 1\n  b {\n    c = <<-EOF\n      d\n    EOF\n  }\n  dynamic "e" {}\n}\n\nw {}\nv = 1\n'
    )
    first, second = hcl_document.document(in_memory({"a.tf": text}), "a.tf")
    assert (first.kind, first.labels, second.kind, second.labels) == ("x", ("y", "z"), "w", ())
    assert shown(first.body) == r"y z {a: 1, b: {c: 'd\n'}, dynamic: <a `dynamic` block makes it>}"
    assert written_values(text, first.body)[1:] == [
        "a", "1", "b", "b {\n    c = <<-EOF\n      d\n    EOF\n  }", "c", "d\n", "dynamic", "dynamic",
    ]  # fmt: skip


@each_case(
    ("text", "expected", "source"),
    [
        ("x", "'x'", ""),
        ("${a.b}", "<TF>", "a.b"),
        ("x${a.b}y", "<TF ('x', <TF>, 'y')>", "<<END_OF_THE_TEMPLATE\nx${a.b}y\nEND_OF_THE_TEMPLATE"),
        ("${a}${b}", "<TF ('', <TF>, '', <TF>, '')>", "<<END_OF_THE_TEMPLATE\n${a}${b}\nEND_OF_THE_TEMPLATE"),
        ("%{ if x }y%{ endif }", "<TF>", "%{ if x }y%{ endif }"),
        ("a\nb", r"'a\nb'", ""),
        ("${", "<TF>", "${"),
        ("a ${ b", "<TF>", "a ${ b"),
        ("${a ? b : c}", "<TF>", "a ? b : c"),
        ("x${merge({a = 1}, b)}", "<TF ('x', <TF merge({a: 1}, <TF>)>, '')>", "<<END_OF_THE_TEMPLATE\nx${merge({a = 1}, b)}\nEND_OF_THE_TEMPLATE"),
        ('${"x"}', "'x'", ""),
        ("$${x}", "'${x}'", ""),
        ("x$${y}", "'x${y}'", ""),
        (r'"q\n', '\'"q\\\\n\'', ""),
        ("a${b}\n", r"<TF ('a', <TF>, '\n')>", "<<END_OF_THE_TEMPLATE\na${b}\n\nEND_OF_THE_TEMPLATE"),
        ("${a}\n  b", r"<TF ('', <TF>, '\n  b')>", "<<END_OF_THE_TEMPLATE\n${a}\n  b\nEND_OF_THE_TEMPLATE"),
        ("${[1,2]}", "[1, 2]", ""),
        ("EOF\nx ${y}", r"<TF ('EOF\nx ', <TF>, '')>", "<<END_OF_THE_TEMPLATE\nEOF\nx ${y}\nEND_OF_THE_TEMPLATE"),
        ("${aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]", "<TF>", "${aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("%{bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "<TF>", "%{bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"),
    ],
)  # fmt: skip
def test_templates_of_json(text: str, expected: str, source: str) -> None:
    place = Location("a.tf.json", 3, 4, 3, 9)
    value = hcl_document.template("a.tf.json", text, place)
    assert short(shown(value)) == expected
    assert value.location == place
    if isinstance(value, ComputedValue):
        assert {part.location for part in value.parts} <= {place}
        assert value.source == source


def test_computed_values_keep_how_they_are_written() -> None:
    sources = [
        f'f("{"x" * 300}")',
        f'"{"y" * 300}${{z}}"',
        f"<<E\n{'v' * 300}${{w}}\nE\n",
        f"<<E\n{'v' * 300}%{{if w}}x%{{endif}}\nE\n",
        f'"{"y" * 300}%{{if z}}x%{{endif}}"',
        f"merge(a, {'b' * 300})",
        f"[for k, v in {'x' * 300} : {{ name = k, value = v }}]",
    ]
    for source in sources:
        (entry,) = hcl_document.attributes(in_memory({"a.tf": f"a = {source}\n"}), "a.tf")
        assert isinstance(entry.value, ComputedValue)
        assert entry.value.source == source[:200]


@each_case(
    ("text", "problem"),
    [
        ("a = 1\nb = ]\n", "a.tf:2: not valid HCL: syntax error (broken)"),
        ("a = 1\n}\n# directus\n", "a.tf:2: not valid HCL: syntax error (broken) (incomplete)"),
        ("a = {{ b }}\n}\n# directus\n", "a.tf:1: not valid HCL: syntax error (broken)"),
    ],
)
def test_what_is_not_hcl_is_said(text: str, problem: str) -> None:
    for read in (hcl_document.attributes, hcl_document.document):
        repository = in_memory({"a.tf": text})
        assert read(repository, "a.tf") == ()
        assert noted(repository) == [problem]
        assert read(repository, "b.tf") == ()


@each_case(
    ("shape", "deepest"),
    [
        ("[{}]", 65),
        ("({})", 197),
        ("{{ a = {} }}", 65),
        ("tostring({})", 98),
        ('[[[["${{{}}}"]]]]', 13),
        ('[[[["x${{{}}}"]]]]', 13),
        ("merge({})", 98),
        ("[for k, v in {} : {{ name = k, value = v }}]", 98),
    ],
)  # fmt: skip
def test_what_is_nested_too_deeply_is_not_known(shape: str, deepest: int) -> None:
    for times, is_read in ((deepest, True), (deepest + 1, False)):
        text = nested(shape, '"MARK"', times)
        found = attributes(f"a = {text}\n")
        assert ("MARK" in found, "it is nested too deeply to be read" in found) == (is_read, not is_read)


def test_blocks_that_are_nested_too_deeply_are_not_read() -> None:
    assert "…<it is nested too deeply to be read>" in attributes("b {\n" * 200 + "}\n" * 200)
    assert "…" not in attributes("b {\n" * 199 + "}\n" * 199)
    assert attributes("dynamic e {\n" * 1_000 + "}\n" * 1_000) == "dynamic: <a `dynamic` block makes it>"
    (block,) = hcl_document.document(in_memory({"a.tf": "b {\n" * 201 + "}\n" * 201}), "a.tf")
    assert shown(block.body).count("{") == 201


GIVEN = 'given = "g"\nobject = { k = "v" }\n'


@each_case(
    ("expression", "blocks", "expected"),
    [
        ("local.a", 'locals {\n  a = "x"\n}', "'x'"),
        ("local.a", 'locals {\n  b = "x"\n}', "<TF>"),
        ("local.a.b", 'locals {\n  a = { b = "x" }\n}', "'x'"),
        ('local.a["b"].c', 'locals {\n  a = { b = { c = "x" } }\n}', "'x'"),
        ("local.a.b", 'locals {\n  a = "x"\n}', "<TF>"),
        ("local.a.c", "locals {\n  a = { b = 1 }\n}", "<TF>"),
        ("local.a", 'locals {\n  a = local.b\n  b = "x"\n}', "'x'"),
        ("local.a", "locals {\n  a = local.b\n  b = local.a\n}", "<TF>"),
        ("local.a", "locals {\n  a = local.a\n}", "<TF>"),
        ("local.a", 'locals {\n  a = "x"\n}\nlocals {\n  b = 1\n}\nlocals {\n  a = "y"\n}', "'y'"),
        ("var.a", 'variable "a" {\n  default = "x"\n}', "<`var.a` is given || 'x'>"),
        ("var.a", 'variable "a" {\n}', "<`var.a` is given>"),
        ("var.a", "", "<`var.a` is given>"),
        ("var.a", 'variable "a" {\n  default = null\n}', "<`var.a` is given>"),
        ("var.a.b", 'variable "a" {\n  default = { b = "x" }\n}', "<`var.a` is given || 'x'>"),
        ("var.a", 'variable "a" {\n  default = { b = "x", c = ["y", null], d = e.f }\n}', "{b: <`var.a` is given || 'x'>, c: [<`var.a` is given || 'y'>, <`var.a` is given>, …<`var.a` is given>], d: <`var.a` is given>, …<`var.a` is given>}"),
        ("var.a", 'variable "a" {\n  default = ["x", { b = 1 }]\n}', "[<`var.a` is given || 'x'>, {b: <`var.a` is given || '1'>, …<`var.a` is given>}, …<`var.a` is given>]"),
        ("var.a", 'variable "a" {\n  default = f(1)\n}', "<`var.a` is given>"),
        ("var.given", 'variable "given" {\n  default = "x"\n}', "'g'"),
        ("var.given.b", "", "<TF>"),
        ("var.object.k", "", "'v'"),
        ("var.object.q", "", "<TF>"),
        ('var.object["k"]', "", "'v'"),
        ("local.a", 'locals {\n  a = var.b\n}\nvariable "b" {\n  default = "x"\n}', "<`var.b` is given || 'x'>"),
        ('"x${local.a}y"', 'locals {\n  a = "z"\n}', "'xzy'"),
        ('"x${var.a}y"', 'variable "a" {\n  default = "z"\n}', "<`var.a` is given ('x', <TF>, 'y') || 'xzy'>"),
        ('"x${var.a}y"', "", "<TF ('x', <TF>, 'y')>"),
        ('"${local.a}"', "locals {\n  a = { b = 1 }\n}", "{b: 1}"),
        ('"${local.a}-"', "locals {\n  a = { b = 1 }\n}", "<TF (<TF>, '-')>"),
        ('"${var.a}${var.b}"', 'variable "a" {\n  default = "x"\n}\nvariable "b" {\n  default = "y"\n}', "<`var.a` is given (<TF>, <TF>) || 'xy'>"),
        ("merge(local.a, { c = 2 })", "locals {\n  a = { b = 1, c = 1 }\n}", "{b: 1, c: 2}"),
        ("merge({ c = 2 }, local.x, local.y)", "", "{c: 2, …<TF>}"),
        ("merge(local.x)", "", "<TF merge(<TF>)>"),
        ("merge({ c = 2 }, var.a)", 'variable "a" {\n  default = { d = 1 }\n}', "{c: 2, d: <`var.a` is given || '1'>, …<`var.a` is given>}"),
        ("file(local.a)", 'locals {\n  a = "x"\n}', "<TF file('x')>"),
        ("join(local.a, [])", 'locals {\n  a = ","\n}', "<TF join(',', [])>"),
        ('format("%s", local.a)', 'locals {\n  a = ","\n}', "<TF format('%s', ',')>"),
        ('replace(local.a, "a", "b")', 'locals {\n  a = ","\n}', "<TF replace(',', 'a', 'b')>"),
        ("templatefile(local.a, {})", 'locals {\n  a = ","\n}', "<TF template(',', {})>"),
        ("base64encode(local.a)", 'locals {\n  a = ","\n}', "<TF encode(<TF>)>"),
        ("[for k, v in local.a : { name = k, value = v }]", "locals {\n  a = { b = 1 }\n}", "{b: 1}"),
        ("a.b", "locals {\n  a = 1\n}", "<TF>"),
        ("local.a[0]", "locals {\n  a = [1]\n}", "<TF>"),
        ("1", "", "1"),
        ("local.a-b_c", "locals {\n  a-b_c = 1\n}", "1"),
        ("resource.a", 'resource "a" {\n  default = 1\n}', "<TF>"),
        ("data.local.a", "locals {\n  a = 1\n}", "<TF>"),
        ("local.a + 1", "locals {\n  a = 1\n}", "<TF>"),
        ("var.a", "variable {\n  default = 1\n}", "<`var.a` is given>"),
    ],
)  # fmt: skip
def test_what_names_give(expression: str, blocks: str, expected: str) -> None:
    repository = in_memory({"a.tf": blocks, "b.tf": f"x = {expression}\n", "c.tfvars": GIVEN})
    values = {entry.key.text: entry.value for entry in hcl_document.attributes(repository, "c.tfvars")}
    scope = HclScope(hcl_document.document(repository, "a.tf"), "is given", values)
    assert not noted(repository)
    (entry,) = hcl_document.attributes(repository, "b.tf")
    assert short(shown(scope.resolve(entry.value))) == expected


def test_a_default_is_where_it_is_written() -> None:
    text = 'variable "a" {\n  default = ["x", f(1), null, { b = "y" }]\n}\n'
    repository = in_memory({"a.tf": text, "b.tf": "x = var.a\ny = var.q\n"})
    first, second = hcl_document.attributes(repository, "b.tf")
    scope = HclScope(hcl_document.document(repository, "a.tf"), "is given")
    assert written_values(text, scope.resolve(first.value))[1:] == ["x", "f(1)", "null", '{ b = "y" }', "b", "y"]
    unset = scope.resolve(second.value)
    assert isinstance(unset, ComputedValue)
    assert (unset.location, unset.variable) == (second.value.location, "q")


def test_long_chains_of_names_end() -> None:
    names = "".join(f"  a{number} = local.a{number + 1}\n" for number in range(60))
    files = {"a.tf": f'locals {{\n{names}  a60 = "x"\n}}\n', "b.tf": "x = local.a30\n", "c.tf": "y = local.a0\n"}
    repository = in_memory(files)
    found = {}
    for path in ("b.tf", "c.tf"):
        (entry,) = hcl_document.attributes(repository, path)
        found[path] = short(shown(HclScope(hcl_document.document(repository, "a.tf"), "g").resolve(entry.value)))
    assert found == {"b.tf": "'x'", "c.tf": "<TF>"}
