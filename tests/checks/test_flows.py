"""What holds of all checks on flows: any export can be judged, in any order, quickly; credentials are found and never shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.audit.judge import judge
from directus_guard.audit.options import Options
from directus_guard.audit.rules import rules
from directus_guard.checks.flows._credentials import credentials
from directus_guard.checks.result import Failure, NotEvaluated
from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.export import Export
from directus_guard.directus.flows.records import Operation
from directus_guard.directus.project import Project
from directus_guard.directus.versions import Version
from directus_guard.finding import Location, Status
from directus_guard.report.writers import REPORT_WRITERS
from tests.support.cli import guard, write
from tests.support.cost import grows_linearly
from tests.support.each import each_case
from tests.support.flows import HERE, flow, given_any_flows, shuffled, without_doubles

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

    from directus_guard.directus.flows.records import Flow

CHECKS: Final = frozenset(rule.id for rule in rules() if rule.chapter == "flows")
REAL: Final = "Zp3vK8qLw2RtYx91"


def export(flows: list[Flow], operations: list[Operation], version: str = "12.4.1") -> Export:
    model = AccessModel(source="directus", version=Version(*(int(part) for part in version.split("."))))
    return Export("directus", Location("flows.json"), model, tuple(flows), tuple(operations))


def answers(held: Export) -> list[str]:
    project = Project((), (), (held,))
    off = tuple((rule.id, None) for rule in rules() if rule.chapter != "flows")
    return sorted(f"{one.check.id} {one.answer}" for one in judge(project, Options(severities=off)))


@pytest.mark.thorough
@given_any_flows
def test_any_export_can_be_judged_and_order_does_not_matter(
    flows: list[Flow], operations: list[Operation], shuffle: random.Random
) -> None:
    unique, mixed = without_doubles(flows), shuffled(operations, shuffle)
    for version in ("10.13.4", "12.4.1"):
        straight = answers(export(unique, operations, version))
        assert {answer.split()[0] for answer in straight} == CHECKS
        assert straight == answers(export(unique, mixed, version))


def judge_flows(number: int) -> Callable[[], None]:
    """Judge so many flows of twenty operations."""
    flows = [flow(name=f"f{i}", first=f"{i}-0") for i in range(number)]
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("condition", {"filter": {"_and": [{"$trigger": {"body": {"a": {"_eq": "x"}}}}]}}),
        ("exec", {"code": "module.exports = async function(data) { return { a: data.$last } }" * 20}),
        ("item-update", {"collection": "c", "permissions": "$full", "key": "{{$trigger.body.id}}", "payload": {"a": "{{k1.a}}"}}),
        ("request", {"url": "https://example.com/{{$last[0]}}", "headers": [{"header": "Authorization", "value": "Bearer {{$env.X}}"}]}),
    ]  # fmt: skip
    operations = [
        Operation(f"{i}-{j}", f"k{j}", *kinds[j % 4][:1], f"f{i}", kinds[j % 4][1], f"{i}-{j + 1}" if j < 19 else None, None, HERE)
        for i in range(number)
        for j in range(20)
    ]  # fmt: skip

    def work() -> None:
        assert len(answers(export(flows, operations))) > number

    return work


@pytest.mark.thorough
def test_the_cost_of_judging_flows_is_linear() -> None:
    assert grows_linearly(judge_flows, 50)


def found(type_: str, **options: Any) -> list[str]:
    return list(credentials(Operation("a", "a", type_, "f", options, None, None, HERE)))


@each_case(
    ("type_", "options", "places"),
    [
        ("request", {"headers": [{"header": "Authorization", "value": f"Bearer {REAL}"}]}, ["headers.Authorization"]),
        ("request", {"headers": [{"header": "X-Api-Key", "value": REAL}, {"header": "Accept", "value": REAL}]}, ["headers.X-Api-Key"]),
        ("request", {"headers": [{"header": "Accept", "value": "ghp_" + "a1B2" * 9}]}, ["headers.Accept"]),
        ("request", {"headers": [{"header": "Authorization", "value": "Bearer {{ $env.TOKEN }}"}]}, []),
        ("request", {"headers": [{"header": "Authorization", "value": "{{ sign }}"}]}, []),
        ("request", {"headers": [{"header": "Authorization", "value": "Bearer YOUR_TOKEN_HERE"}]}, []),
        ("request", {"headers": [{"header": "Authorization", "value": f"Bearer {{{{x}}}}{REAL}"}]}, ["headers.Authorization"]),
        ("request", {"headers": "{{ $last }}"}, []),
        ("request", {"url": f"https://user:{REAL}@example.com/"}, ["url (password)"]),
        ("request", {"url": "https://user:{{$env.P}}@example.com/?key={{$env.K}}&page=12345678901"}, []),
        ("request", {"url": f"https://example.com/?access_token={REAL}"}, ["url (access_token)"]),
        ("request", {"url": f"https://example.com/?page={REAL}&token=soon"}, []),
        ("request", {"url": "https://hooks.slack.com/services/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"}, ["url"]),
        ("request", {"url": "https://hooks.slack.com/services/T00000000/B00000000/{{$env.SLACK}}"}, []),
        ("request", {"body": json.dumps({"client_secret": REAL, "name": REAL})}, ["body (client_secret)"]),
        ("request", {"body": {"auth": {"password": REAL}}}, ["body.auth.password"]),
        ("request", {"body": '{"token": "{{ $trigger.body.token }}"}'}, []),
        ("json-web-token", {"secret": REAL}, ["secret"]),
        ("json-web-token", {"secret": "supersecret"}, ["secret"]),
        ("json-web-token", {"secret": "{{$env.JWT}}", "token": "{{ $trigger.body.t }}"}, []),
        ("json-web-token", {"secret": "<your secret>"}, []),
        ("condition", {"filter": {"$trigger": {"headers": {"x-hook-token": {"_eq": REAL}}}}}, ["filter.$trigger.headers.x-hook-token"]),
        ("condition", {"filter": {"$trigger": {"headers": {"x-hook-token": {"_in": ["{{$env.A}}", REAL]}}}}}, ["filter.$trigger.headers.x-hook-token"]),
        ("condition", {"filter": {"$trigger": {"body": {"event": {"_eq": "order.created.2024-01"}}}}}, []),
        ("item-update", {"key": "order-2024-00017", "payload": {"title": REAL, "token": None}}, []),
        ("exec", {"code": f"const apiKey = '{REAL}'; const page = '{REAL}'"}, ["code (apiKey)"]),
        ("exec", {"code": "const token = process.env.TOKEN; const password = `${data.x}`; const secret = 'undefined'"}, []),
        ("exec", {"code": "-----BEGIN RSA PRIVATE KEY-----"}, ["code"]),
        ("transform", {"json": {"a": [{"api_key": REAL}]}}, ["json.a.api_key"]),
        ("mail", {"to": "a@example.com", "subject": "Your password: soon", "body": "token = later"}, []),
    ],
)  # fmt: skip
def test_where_credentials_stand(type_: str, options: dict[str, Any], places: list[str]) -> None:
    assert found(type_, **options) == places


def test_no_credential_of_a_flow_is_shown(tmp_path: Path) -> None:
    """Wherever it stands: in every place of `credentials`, in guards, names and templates that go wrong."""
    secret = "QXZJ7VWK94BQXZJ3"
    held = [
        {"type": "request", "options": {"url": f"https://u:{secret}@example.com/?token={secret}", "headers": [{"header": "X-Key", "value": secret}], "body": json.dumps({"token": secret})}},
        {"type": "json-web-token", "options": {"operation": "verify", "secret": secret, "token": "{{$trigger.body.t}}"}},
        {"type": "condition", "options": {"filter": {"$trigger": {"headers": {"x-key": {"_eq": secret}}}}}},
        {"type": "exec", "options": {"code": f"const token = '{secret}'; throw '{{{{ $trigger.body }}}}{secret}'"}},
        {"type": "item-create", "options": {"permissions": secret, "collection": f"{{{{ {secret}", "payload": {"password": secret}}},
        {"type": "item-create", "options": {"permissions": "$full", "collection": "c", "payload": {"password": secret, "a": "{{$trigger.body.a}}"}}},
    ]  # fmt: skip
    operations = [
        {"id": f"o{i}", "key": f"k{i}", "flow": f"f{i}", "resolve": None, "reject": None, **one}
        for i, one in enumerate(held)
    ]
    flows: list[dict[str, Any]] = [
        {"id": f"f{i}", "name": f"Flow {i}", "status": "active", "trigger": "webhook", "accountability": "all", "options": {"return": "$all"}, "operation": f"o{i}"}
        for i in range(len(held))
    ]  # fmt: skip
    write(
        tmp_path, {"d/flows.json": json.dumps(flows, indent=1), "d/operations.json": json.dumps(operations, indent=1)}
    )
    for format_ in REPORT_WRITERS:
        run = guard("scan", tmp_path, "--output", format_, "--verbose", "--debug")
        assert run.code == 1
        assert "flow-secret" in run.out
        assert not any(secret[at : at + 6] in run.out + run.err for at in range(len(secret) - 5)), format_


def test_flows_of_one_name_are_told_apart() -> None:
    two = [flow(name="one"), flow(name="two", first="b")]
    same = [
        type(one)(one.id, "Intake", one.status, one.trigger, one.options, one.operation, one.location) for one in two
    ]
    held = export(
        same,
        [
            Operation("a", "a", "mail", "one", {}, None, None, HERE),
            Operation("b", "b", "mail", "two", {}, None, None, HERE),
        ],
    )
    failures = [one.answer for one in judge(Project((), (), (held,)), Options()) if one.check.id == "webhook-open"]
    assert {one.subject.key for one in failures if isinstance(one, Failure)} == {
        "directus Intake (one)",
        "directus Intake (two)",
    }


@each_case(
    ("filter_", "resolve", "why"),
    [
        ({"$accountability": {"user": {"_nnull": True}}}, None, "its `reject` leads on"),
        ({"$accountability": {"role": {"_neq": "x"}}}, "w", "anyone can meet it"),
        ({"$trigger": {"headers": {"x": {"_eq": "{{$env.HOOK}}"}}}}, "w", "compares with `HOOK`"),
    ],
)
def test_why_a_condition_is_no_guard(tmp_path: Path, filter_: Any, resolve: str | None, why: str) -> None:
    operations = [
        {"id": "g", "key": "g", "type": "condition", "flow": "f", "options": {"filter": filter_}, "resolve": resolve, "reject": "w" if resolve is None else None},
        {"id": "w", "key": "w", "type": "mail", "flow": "f", "options": {}, "resolve": None, "reject": None},
    ]  # fmt: skip
    flows: list[dict[str, Any]] = [
        {
            "id": "f",
            "name": "F",
            "status": "active",
            "trigger": "webhook",
            "accountability": None,
            "options": {},
            "operation": "g",
        }
    ]
    compose = "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment: {SECRET: x}\n"
    write(
        tmp_path,
        {"compose.yaml": compose, "d/flows.json": json.dumps(flows), "d/operations.json": json.dumps(operations)},
    )
    held = json.loads(guard("scan", tmp_path, "--output", "json").out)["findings"]
    (message,) = [one["message"] for one in held if one["check"] == "webhook-open"]
    assert why in message


def test_a_repository_without_exports_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": "services:\n  directus:\n    image: directus/directus:12.4.1\n"})
    run = guard("scan", tmp_path, "--output", "json")
    told = {check["check"]: check["status"] for check in json.loads(run.out)["checks"]}
    assert {told.get(check, Status.NOT_APPLICABLE) for check in CHECKS} == {Status.NOT_APPLICABLE}


def test_unseen_parts_are_never_passed() -> None:
    held = export([flow(first="gone")], [Operation("a", "a", "log", "elsewhere", {}, None, None, HERE)])
    for one in judge(Project((), (), (held,)), Options()):
        if one.check.chapter == "flows":
            assert isinstance(one.answer, NotEvaluated), one


SENT: Final = "{{ $trigger.body.text }}"
SEVERAL: Final[tuple[tuple[str, dict[str, Any], str, dict[str, Any]], ...]] = (
    ("webhook", {"method": "POST"}, "log", {"message": "x"}),
    ("webhook", {"method": "GET"}, "log", {"message": "x"}),
    ("webhook", {"method": "GET"}, "item-create", {"collection": "posts", "permissions": "$full", "payload": SENT}),
    ("webhook", {"method": "POST", "return": "$all"}, "item-read", {"collection": "posts", "permissions": "$full", "query": SENT}),
    ("webhook", {"method": "POST"}, "item-update", {"collection": "posts", "permissions": "$trigger", "key": [SENT], "payload": {"a": SENT}}),
    ("schedule", {"cron": "0 * * * *"}, "request", {"url": "https://api.acme.com", "headers": [{"header": "Authorization", "value": REAL}]}),
    ("event", {"type": "filter", "scope": ["items.create"], "collections": ["posts"]}, "request", {"url": SENT, "method": "POST"}),
    ("manual", {"collections": ["posts"]}, "exec", {"code": f"return fetch('{SENT}')"}),
    ("operation", {}, "mail", {"to": [SENT], "subject": "x", "body": SENT}),
)  # fmt: skip
"""What some checks find, and some do not."""


def several(numbers: list[int]) -> list[str]:
    flows, operations = [], []
    for number in numbers:
        trigger, options, type_, more = SEVERAL[number]
        flows.append(flow(trigger, f"o{number}", name=f"f{number}", **options))
        operations.append(Operation(f"o{number}", f"o{number}", type_, f"f{number}", more, None, None, HERE))
    return answers(export(flows, operations))


def test_each_flow_is_judged_whatever_comes_before_it() -> None:
    """Of several flows a check finds what it finds of each alone: one that it passes over does not end it."""
    alone = {answer for number in range(len(SEVERAL)) for answer in several([number]) if "Failure" in answer}
    assert len(alone) > 8
    for order in (list(range(len(SEVERAL))), list(reversed(range(len(SEVERAL))))):
        assert {answer for answer in several(order) if "Failure" in answer} == alone
