"""Which items an operation reads: those a secret selects, and those that relations lead to."""

from __future__ import annotations

from typing import Any

from directus_guard.directus.flows.data import ABSENT, STORED, CallerInput, KnownValue, RecordValue, rendered
from directus_guard.directus.flows.reads import is_proven, reads_related
from tests.support.each import each_case

SENT = RecordValue(
    {"body": CallerInput(("$trigger", "body")), "headers": CallerInput(("$trigger", "headers"), text=True)}, ABSENT
)
TOKEN = ("$trigger", "body", "token")


def query(option: Any) -> Any:
    """A query, after its templates were rendered."""
    return rendered(option, {"$trigger": SENT, "read": STORED})


def by(field: str, value: str = "{{$trigger.body.token}}", operator: str = "_eq") -> dict[str, Any]:
    return {field: {operator: value}}


HEADER = by("reset_token", "{{$trigger.headers.x-token}}")


@each_case(
    ("filter_", "unasked", "asked"),
    [
        (by("reset_token"), False, True),
        ({"_and": [by("reset_token"), {"status": {"_eq": "active"}}]}, False, True),
        ({"_and": [{"_and": [by("reset_token")]}]}, False, True),
        (HEADER, True, True),
        ({"_and": [HEADER]}, True, True),
        ({"_or": [HEADER]}, False, False),
        (by("reset_token", "{{$trigger.headers.x-token}}", "_contains"), False, False),
        (by("name", "{{$trigger.headers.x-token}}"), False, False),
        (by("reset_token", "{{$trigger.body.name}}"), False, False),
        (by("reset_token", "{{read.token}}"), False, False),
        (by("reset_token", "fixed"), False, False),
        ({"_and": "{{$trigger.body.rules}}"}, False, False),
        ({}, False, False),
        (None, False, False),
    ],
)
def test_a_secret_that_selects_an_item(filter_: Any, unasked: bool, asked: bool) -> None:
    """`asked`: after a condition on the token in the body, which JSON may leave null."""
    assert is_proven(query({"filter": filter_}), frozenset()) is unasked
    assert is_proven(query({"filter": filter_}), frozenset([TOKEN])) is asked


@each_case(
    ("option", "related"),
    [
        ({"fields": ["id", "company.role"]}, True),
        ({"fields": "id,company.role"}, True),
        ({"fields": ["*.*"]}, True),
        ({"fields": ["*"]}, False),
        ({"fields": "id,name"}, False),
        ({"fields": ["{{$trigger.body.field}}"]}, True),
        ({"fields": ["id", "{{$trigger.body.field}}"]}, True),
        ({"alias": {"r": "role"}}, True),
        ({"alias": None}, False),
        ({"filter": {"company": {"role": {"_eq": "x"}}}}, True),
        ({"filter": {"_and": [{"company": {"role": {"_eq": "{{$trigger.body.role}}"}}}]}}, True),
        ({"filter": {"_and": [{"status": {"_eq": "x"}}, {"company": {"role": {"_eq": "x"}}}]}}, True),
        ({"filter": {"members": {"_some": {"role": {"_eq": "x"}}}}}, True),
        ({"filter": {"_or": [{"role": {"_eq": "x"}}, {"name": {"_in": ["{{$trigger.body.name}}"]}}]}}, False),
        ({"filter": {"role": {"_eq": "{{read.role}}"}}}, False),
        ({"filter": "{{read.rule}}"}, False),
        ({"limit": 1}, False),
        (None, False),
    ],
)
def test_what_relations_lead_to(option: Any, related: bool) -> None:
    assert reads_related(query(option)) is related


def test_a_query_that_is_a_text_is_read_as_json() -> None:
    assert reads_related(KnownValue('{"fields": ["company.role"]}'))
    assert not reads_related(KnownValue('{"fields": ["company"]}'))
