"""Places to fill in, in texts of flows: paths and errors as micromustache has them."""

from __future__ import annotations

import pytest

from directus_guard.directus.flows.templates import Template, TemplateError, parse, to_path

NAME = "a" * 1000


@pytest.mark.parametrize(
    ("text", "parts", "whole"),
    [
        ("", (), False), ("plain }} text", ("plain }} text",), False), ("{{a}}", (("a",),), True), ("{{ $trigger.body.x }}", (("$trigger", "body", "x"),), True), ("{{\u00a0a\u3000}}", (("a",),), True),
        ("x{{a}}", ("x", ("a",)), False), ("{{a}}x", (("a",), "x"), False), ("{{a}}{{b}}", (("a",), ("b",)), False), ("x {{ a }} y {{ b.c }} z", ("x ", ("a",), " y ", ("b", "c"), " z"), False),
        ("{{a b}}", (("a b",),), False), ("{{a}} ", (("a",), " "), False), (f"{{{{{NAME}}}}}x", ((NAME,), "x"), False), ("{a}", ("{a}",), False), ("{{{a}}", (("{a",),), True),
    ],
)  # fmt: skip
def test_parts_of_a_text(text: str, parts: tuple[str | tuple[str, ...], ...], whole: bool) -> None:
    found = parse(text)
    assert (found.parts, found.whole) == (parts, whole)
    assert found.paths == tuple(part for part in parts if isinstance(part, tuple))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{{a", "braces do not match"), ("{{}}", "braces do not match"), ("{{ }}x", "braces do not match"), ("x{{a{{b}}", "braces do not match"), (f"{{{{{NAME}a}}}}x", "braces do not match"),
        ("{{a[}}", "a bracket is not closed or empty"), ("x{{a[ ]}}", "a bracket is not closed or empty"), ("{{a[[0]]}}", "a bracket is not closed"),
        ("{{a['b]}}", "quotation marks do not match"), ("{{a[b']}}", "quotation marks do not match"), ("{{a[']}}", "quotation marks do not match"), ("{{a['b\"]}}", "quotation marks do not match"),
        ("{{.a}}", "a dot is missing or misplaced"), ("{{a[0]b}}", "a dot is missing or misplaced"), ("{{a..b}}", "a component of a path is empty"), ("{{a.}}", "a component of a path is empty"),
        ("{{a. .b}}x", "a component of a path is empty"), ("{{a.b.c.d.e.f.g.h.i.j.k}}", "a path has more than 10 components"),
    ],
)  # fmt: skip
def test_texts_that_fail(text: str, error: str) -> None:
    with pytest.raises(TemplateError, match=f"^{error}$"):
        parse(text)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a", ("a",)), ("a.b", ("a", "b")), (" a . b ", ("a", "b")), ("a[0]", ("a", "0")), ("a[ 0 ]", ("a", "0")), ("a[+1]", ("a", "1")), ("a['b.c']", ("a", "b.c")), ('a["b"]', ("a", "b")), ("a[`b`]", ("a", "b")),
        ("a['']", ("a", "")), ("a[0].b", ("a", "0", "b")), ("a[0] . b [1]", ("a", "0", "b", "1")), ("a[0][1]", ("a", "0", "1")), ("[0]", ("0",)), ("a[0].", ("a", "0")), ("", ()), ("a[b c]", ("a", "b c")),
        ("a.b.c.d.e.f.g.h.i.j", tuple("abcdefghij")),
    ],
)  # fmt: skip
def test_paths(name: str, path: tuple[str, ...]) -> None:
    assert to_path(name) == path


def test_a_template_of_nothing() -> None:
    assert parse("") == Template(())
