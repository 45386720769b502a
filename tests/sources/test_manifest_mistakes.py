"""YAML, JSON and TOML that cannot be read: what is said of it, and at which line."""

from __future__ import annotations

from directus_guard import limits
from directus_guard.sources.formats import json_document, toml_document, yaml_document
from tests.support.each import each_case
from tests.support.in_memory import in_memory
from tests.support.shown_values import noted


@each_case(
    ("text", "problem"),
    [
        ("a: [", "a:2: not valid YAML: did not find expected node content (broken)"),
        ("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nc: 3\n>>>>>>> x\n", "a:2: not valid YAML: it has the marks of a merge conflict (broken)"),
        ("a: *b", "a:1: not valid YAML: an alias has no anchor (broken)"),
        ("a: &b [*b]", "a:1: not valid YAML: an anchor contains itself (broken)"),
        ("a: !!binary '%'", "a:1: not valid YAML: a !!binary value is not base64 (broken)"),
        ("a: 1\nb: {", "a:3: not valid YAML: did not find expected node content (broken)"),
        ("\ta: 1", "a:1: not valid YAML: found character that cannot start any token (broken)"),
        ('a: "b', "a:1: not valid YAML: found unexpected end of stream (broken)"),
        ("a: b: c", "a:1: not valid YAML: mapping values are not allowed in this context (broken)"),
        ("- a\nb: 1", "a:2: not valid YAML: did not find expected '-' indicator (broken)"),
        ("a: [ # directus", "a:2: not valid YAML: did not find expected node content (broken) (incomplete)"),
        ("a: {{ x }}\nb: [ # directus", "a:3: not valid YAML: did not find expected node content (broken)"),
        ("%YAML 3.0\n---\na", "a:1: not valid YAML: found incompatible YAML document (broken)"),
        ("a: \x01", "a:1: not valid YAML: unacceptable character #x0001: control characters are not allowed (broken)"),
        ("# x\n" + "[" * 300, "a:2: not valid YAML: nested too deeply (broken)"),
        ("x: &a [" + "1," * 1000 + "]\nb:\n  - [" + "*a," * 1000 + "]\n", "a:3: not valid YAML: aliases and merge keys add too many entries (broken)"),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_yaml(text: str, problem: str) -> None:
    repository = in_memory({"a": text})
    assert yaml_document.documents(repository, "a") == ()
    assert noted(repository) == [problem]


@each_case(
    ("text", "problem", "with_comments"),
    [
        ("{", "a:1: not valid JSON: the text ends too early (broken)", False),
        ("[1 2]", "a:1: not valid JSON: a comma or a colon is missing (broken)", False),
        ('{"a" 1}', "a:1: not valid JSON: a comma or a colon is missing (broken)", False),
        ("{1: 2}", "a:1: not valid JSON: a key must be a string (broken)", False),
        ("[1,]", "a:1: not valid JSON: unexpected ']' (broken)", True),
        ('{"a": 1,}', "a:1: not valid JSON: unexpected '}' (broken)", True),
        ("// c\n1", "a:1: not valid JSON: comments are not allowed (broken)", True),
        (r'"\x"', "a:1: not valid JSON: invalid escape in a string (broken)", False),
        ("1 2", "a:1: not valid JSON: text after the end (broken)", False),
        ("nul", "a:1: not valid JSON: unexpected character (broken)", False),
        ("[}", "a:1: not valid JSON: unexpected '}' (broken)", False),
        ("{]", "a:1: not valid JSON: unexpected ']' (broken)", False),
        ("]", "a:1: not valid JSON: unexpected ']' (broken)", False),
        ('{"a": }', "a:1: not valid JSON: unexpected '}' (broken)", False),
        (":", "a:1: not valid JSON: unexpected ':' (broken)", False),
        ("", "a:1: not valid JSON: the text ends too early (broken)", False),
        ("[1,, 2]", "a:1: not valid JSON: unexpected ',' (broken)", False),
        ('"a\nb"', "a:1: not valid JSON: unexpected character (broken)", False),
        ('\n\n{"directus": }', "a:3: not valid JSON: unexpected '}' (broken) (incomplete)", False),
        ("/* c */ 1", "a:1: not valid JSON: comments are not allowed (broken)", True),
        ("tru", "a:1: not valid JSON: unexpected character (broken)", False),
        ("01", "a:1: not valid JSON: text after the end (broken)", False),
        ('{"a":1 "b":2}', "a:1: not valid JSON: a comma or a colon is missing (broken)", False),
        ("{,}", "a:1: not valid JSON: unexpected ',' (broken)", False),
        ("[,]", "a:1: not valid JSON: unexpected ',' (broken)", False),
    ],
)  # fmt: skip
def test_json(text: str, problem: str, with_comments: bool) -> None:
    repository = in_memory({"a": text})
    assert json_document.document(repository, "a") is None
    assert noted(repository) == [problem]
    assert (json_document.document(in_memory({"a": text}), "a", comments=True) is not None) is with_comments


@each_case(
    ("text", "problem"),
    [
        ("a = ", "a:1: not valid TOML: syntax error (broken)"),
        ("a = 1\nb", "a:2: not valid TOML: syntax error (broken)"),
        ("a = 1\na = 2", "a:2: not valid TOML: syntax error (broken)"),
        ("[a]\n[a]", "a:2: not valid TOML: syntax error (broken)"),
        ("x = 1_", "a:1: not valid TOML: syntax error (broken)"),
        ('a = "\n', "a:1: not valid TOML: syntax error (broken)"),
        ("a = 1\n# directus\nb = ", "a:3: not valid TOML: syntax error (broken) (incomplete)"),
        ("a = " + "1" * 5_000, "a:0: not valid TOML: a number has too many digits (broken)"),
        ("a = " + "[" * 5_000, "a:0: not valid TOML: nested too deeply (broken)"),
        ("b = 1\n\n" + "a." * limits.TOML_PARTS.number + "a = 1", f"a:3: not valid TOML: {limits.over(limits.TOML_PARTS)} (broken)"),
        ("#" + " " * limits.TOML.number, f"a:0: not valid TOML: {limits.over(limits.TOML)} (broken)"),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_toml(text: str, problem: str) -> None:
    repository = in_memory({"a": text})
    assert toml_document.document(repository, "a") is None
    assert noted(repository) == [problem]


def test_files_that_are_not_there() -> None:
    repository = in_memory({})
    assert yaml_document.documents(repository, "a") == ()
    assert json_document.document(repository, "b") is None
    assert toml_document.document(repository, "c") is None
    assert noted(repository) == [f"{path}:0: the file does not exist (broken)" for path in "abc"]
