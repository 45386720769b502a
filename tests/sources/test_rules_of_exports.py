"""Rules of exports that have another shape than Directus reads, or that something fills in later."""

from __future__ import annotations

import json

from directus_guard.directus.access.nesting import TOO_DEEP
from directus_guard.sources.exports import reader, records
from tests.support.each import each_case
from tests.support.in_memory import in_memory
from tests.support.shown_values import noted


@each_case(
    ("rule", "odd", "without_placeholders"),
    [
        ("a", "contains something that is not a rule", "contains something that is not a rule"),
        ("$REF", "contains something that is not a rule", "contains something that is not a rule"),
        ("{{x}}", "contains something that is not a rule", "contains something that is not a rule"),
        ("${X}", "contains something that is not a rule", "contains something that is not a rule"),
        ({"a": "b"}, "", ""),
        ({"$ref": "x"}, "contains a placeholder for a later value", "contains a placeholder for a later value"),
        ({"_and": []}, "", ""),
        ({"_and": {}}, "has an object in `_and`, not a list", "has an object in `_and`, not a list"),
        ({"_or": "x"}, "has a text in `_or`, not a list", "has a text in `_or`, not a list"),
        ({"a": {"_eq": 1}}, "", ""),
        ({"a": {"_eq": {"b": 1}}}, "compares with an object", "compares with an object"),
        ({"a": {"_in": ["x", {"y": 1}]}}, "compares with an object", "compares with an object"),
        ({"a": ["b"]}, "has a list instead of a comparison", "has a list instead of a comparison"),
        ({"_and": [{"a": {"_eq": "{{x}}"}}]}, "contains a placeholder for a later value", ""),
        ({"_and": [{"_or": 1}]}, "has a number in `_or`, not a list", "has a number in `_or`, not a list"),
        ({"a": {"_some": {"b": {"_eq": None}}}}, "", ""),
        ({"_some": [1]}, "contains something that is not a rule", "contains something that is not a rule"),
        (None, "contains something that is not a rule", "contains something that is not a rule"),
        (1, "contains something that is not a rule", "contains something that is not a rule"),
        (True, "contains something that is not a rule", "contains something that is not a rule"),
        (1.5, "contains something that is not a rule", "contains something that is not a rule"),
        ([1], "contains something that is not a rule", "contains something that is not a rule"),
        ({"a": 1}, "", ""),
        ({"a": None}, "", ""),
        ({"a": {"_eq": "#{x}"}}, "contains a placeholder for a later value", ""),
        ({"a": {"_eq": "${x}"}}, "contains a placeholder for a later value", ""),
        ({"a": {"_in": ["<%x"]}}, "contains a placeholder for a later value", ""),
        ({"a": {"b": {"c": {"_eq": 1}}}}, "", ""),
        ({"a": {"_none": {"b": [1]}}}, "has a list instead of a comparison", "has a list instead of a comparison"),
        ({"_and": [1]}, "contains something that is not a rule", "contains something that is not a rule"),
        ({"_and": ["x"]}, "contains something that is not a rule", "contains something that is not a rule"),
        ({"${a}": {"_eq": 1}}, "contains a placeholder for a later value", ""),
    ],
)  # fmt: skip
def test_rules(rule: object, odd: str, without_placeholders: str) -> None:
    assert records.odd_in(json.loads(json.dumps(rule))) == odd
    assert records.odd_in(json.loads(json.dumps(rule)), filled_in=False) == without_placeholders


@each_case(
    ("text", "problems"),
    [
        ('[{"id": 1]', ["directus_roles.json:1: not valid JSON: Expecting ',' delimiter (broken) (incomplete)"]),
        ('[{"id": ' + "1" * 5_000 + "}]", ["directus_roles.json:0: not read: a number has too many digits (broken) (incomplete)"]),
        ('[{"id": ' + "[" * 100_000 + "}]", [f"directus_roles.json:0: {TOO_DEEP} (broken) (incomplete)"]),
        ('[{"id": "1", "name": "a"}]', []),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_files_that_cannot_be_read(text: str, problems: list[str]) -> None:
    repository = in_memory({"directus_roles.json": text})
    reader.read_file(repository, "directus_roles.json", {}, (b'"id"',))
    assert noted(repository) == problems
