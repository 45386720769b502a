"""The model of flows: who gets where, with whose rights and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace

from directus_guard.directus.flows.answer import is_answered
from directus_guard.directus.flows.data import (
    ABSENT,
    MAX_DEPTH,
    NULL,
    STORED,
    UNKNOWN_ENV,
    CallerIdentity,
    CallerInput,
    Computed,
    KnownValue,
    RecordValue,
    SecretValue,
    all_stored_in,
    as_object,
    can_know,
    carries,
    look_up,
    rendered,
)
from directus_guard.directus.flows.graph import MAX_OPERATIONS, graph_of
from directus_guard.directus.flows.model import FlowModel
from directus_guard.directus.flows.operations import variables_in
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.directus.flows.rights import Rights, rights_of, surely_asks
from directus_guard.directus.flows.scripts import uses_whole
from directus_guard.directus.flows.start import ByItself, Caller, causes_event, starting_permissions
from directus_guard.directus.flows.steps import FlowRun
from directus_guard.directus.tri import Tri
from directus_guard.directus.versions import NEWEST, Version
from tests.support.cost import grows_linearly
from tests.support.each import each_case
from tests.support.flows import HERE, JSON, KEYS, TYPES, flow, given_any_flows, shuffled, without_doubles

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from directus_guard.directus.flows.data import Value

YES, NO, UNKNOWN = Tri.YES, Tri.NO, Tri.UNKNOWN
STRANGER = Caller(signed_in=False, may=lambda _collection, _action: NO)
PUBLIC_READER = Caller(signed_in=False, may=lambda _collection, action: YES if action == "read" else NO)
MEMBER = Caller(signed_in=True, may=lambda _collection, _action: YES)
NOTHING_LISTED = RecordValue({}, ABSENT)
WRITE: Any = {"collection": "orders", "permissions": "$full", "payload": {"note": "{{ $trigger.body.note }}"}}


def operation(
    key: str, type_: str = "item-create", options: Any = None, resolve: str | None = None, reject: str | None = None,
    *, of: str = "f",
) -> Operation:  # fmt: skip
    return Operation(key, key, type_, of, WRITE if options is None else options, resolve, reject, HERE)


def condition(key: str, filter_: Any, resolve: str | None = None, reject: str | None = None) -> Operation:
    return operation(key, "condition", {"filter": filter_}, resolve, reject)


def run(*operations: Operation, started: Flow | None = None, others: tuple[Flow, ...] = (), caller: Caller = STRANGER,
        version: str = "12.4.1", environment: Value | None = None, public: Tri = NO) -> FlowRun:  # fmt: skip
    one = started or flow()
    parsed = Version(*(int(part) for part in version.split(".")))
    model = FlowModel((one, *others), operations, version=parsed, public_may=lambda _collection, _action: public)
    return model.run(one, caller) if environment is None else model.run(one, caller, environment)


def reaches(key: str, *operations: Operation, **given_: Any) -> Tri:
    steps = [step for step in run(*operations, **given_).steps if step.operation.key == key]
    return steps[0].reach if steps else NO


@each_case(
    ("filter_", "through", "past"),
    [
        ({"$accountability": {"user": {"_nnull": True}}}, NO, YES),
        ({"$accountability": {"admin": {"_eq": True}}}, NO, YES),
        ({"$accountability": {"admin": {"_eq": "true"}}}, NO, YES),
        ({"$accountability": {"role": {"_in": ["r1", "r2"]}}}, NO, YES),
        ({"$accountability": {"role": {"_in": []}}}, YES, NO),
        ({"$accountability": {"role": {"_neq": "r1"}}}, YES, NO),
        ({"$accountability": {"user": {"_nempty": True}}}, YES, NO),
        ({"$accountability": {"user": {"_null": True}}}, YES, NO),
        ({"$accountability": {"user": {"_eq": "$CURRENT_USER"}}}, YES, NO),
        ({"$accountability": {"_nnull": True}}, YES, NO),
        ({"$accountability": {"ip": {"_eq": "192.0.2.7"}}}, UNKNOWN, UNKNOWN),
        ({"$accountability": {"userAgent": {"_eq": "our client"}}}, YES, YES),
        (
            {"_or": [{"$accountability": {"user": {"_nnull": True}}}, {"$trigger": {"body": {"a": {"_eq": 1}}}}]},
            YES,
            YES,
        ),
        (
            {"_and": [{"$accountability": {"user": {"_nnull": True}}}, {"$trigger": {"body": {"a": {"_eq": 1}}}}]},
            NO,
            YES,
        ),
        ({"$trigger": {"headers": {"x-api-key": {"_nnull": True}}}}, YES, YES),
        ({"$trigger": {"headers": {"x-api-key": {"_neq": "Zp3vK8qLw2RtYx91"}}}}, YES, YES),
        ({"$trigger": {"headers": {"x-api-key": {"_eq": "Zp3vK8qLw2RtYx91"}}}}, NO, YES),
        ({"$trigger": {"headers": {"x-api-key": {"_eq": "changeme"}}}}, YES, YES),
        ({"$trigger": {"headers": {"x-api-key": {"_starts_with": "Zp3vK8qLw2RtYx91"}}}}, NO, YES),
        ({"$trigger": {"headers": {"x-api-key": {"_starts_with": "Bearer "}}}}, YES, YES),
        ({"$trigger": {"headers": {"x-api-key": {"_regex": "^Zp3vK8qLw2RtYx91$"}}}}, UNKNOWN, YES),
        ({"$trigger": {"headers": {"x-github-event": {"_eq": "pull_request_opened"}}}}, YES, YES),
        ({"$trigger": {"query": {"token": {"_eq": "Zp3vK8qLw2RtYx91"}}}}, NO, YES),
        ({"$trigger": {"body": {"event": {"_eq": "order.created"}}}}, YES, YES),
        ({"$trigger": {"body": {"amount": {"_gt": 10}}}}, YES, YES),
        ({"$trigger": {"query": {"admin": {"_eq": True}}}}, NO, YES),
        ({"$trigger": {"body": {"admin": {"_eq": True}}}}, YES, YES),
        ({"$trigger": {"headers": {"x-hook": {"_eq": "{{$env.HOOK}}"}}}}, UNKNOWN, YES),
        ({}, NO, YES),
        ({"_and": []}, YES, NO),
        ({"_or": []}, YES, NO),
        (None, YES, NO),
        ({"$trigger": {"headers": {"x-hook": {"_eq": "{{"}}}}, NO, YES),
    ],
)
def test_conditions_on_a_webhook(filter_: Any, through: Tri, past: Tri) -> None:
    guard = condition("a", filter_, "in", "out")
    held = (guard, operation("in"), operation("out"))
    assert (reaches("in", *held), reaches("out", *held)) == (through, past)


def test_before_11_7_a_condition_is_not_parsed() -> None:
    both = {"$accountability": {"app": {"_eq": False}, "user": {"_nnull": True}}}
    below = {"$accountability": {"user": {"_and": [{"_nnull": True}]}}}
    for filter_ in (both, below):
        held = (condition("a", filter_, "in"), operation("in"))
        assert reaches("in", *held, version="12.4.1") is NO
        assert reaches("in", *held, version="11.5.0") is YES
        assert reaches("in", *held, version="10.13.4") is YES


@each_case(
    ("environment", "through"),
    [
        (NOTHING_LISTED, YES),  # compares with the word `undefined`
        (RecordValue({"HOOK": ABSENT}, ABSENT), YES),
        (RecordValue({"HOOK": KnownValue("secret")}, ABSENT), YES),
        (RecordValue({"HOOK": SecretValue()}, ABSENT), NO),
        (RecordValue({"OTHER": SecretValue()}, ABSENT), YES),
    ],
)
@each_case("text", ["{{$env.HOOK}}", "Bearer {{ $env.HOOK }}"])
def test_the_environment_guards_only_where_it_is_listed(environment: Value, through: Tri, text: str) -> None:
    held = (condition("a", {"$trigger": {"headers": {"x-hook": {"_eq": text}}}}, "in"), operation("in"))
    assert reaches("in", *held, environment=environment) is through


def test_a_token_guards_as_far_as_its_secret_is_one() -> None:
    for secret, through in (
        ("Zp3vK8qLw2RtYx91", NO),
        ("secret", YES),
        ("{{$env.KEY}}", YES),
        ("{{$env.HIDDEN}}", NO),
        ("{{$env.UNSEEN}}", UNKNOWN),
        ("{{$trigger.body.s}}", YES),
    ):
        options = {"operation": "verify", "token": "{{ $trigger.body.token }}", "secret": secret}
        held = (operation("a", "json-web-token", options, "in"), operation("in"))
        environment = RecordValue({"HIDDEN": SecretValue(), "UNSEEN": UNKNOWN_ENV}, ABSENT)
        assert reaches("in", *held, environment=environment) is through, secret


def test_what_cannot_be_followed_is_no_guard_and_no_way_in() -> None:
    throws = "module.exports = async function(data) { if (!data.$trigger.headers.x) throw new Error('no'); return {} }"
    calm = "module.exports = async function(data) { return { total: data.$trigger.body.a + 1 } }"
    elsewhere = "module.exports = async function(data) { if (Math.random() > 2) throw 1 }"
    for type_, options, through in (
        ("exec", {"code": throws}, UNKNOWN),
        ("exec", {"code": calm}, YES),
        ("exec", {"code": elsewhere}, YES),
        ("exec", {"code": "module.exports = (d) => { check(d); throw 1 }"}, UNKNOWN),
        ("some-extension", {}, UNKNOWN),
        ("request", {"url": "https://example.com", "headers": [{"header": "a", "value": "{{$trigger.headers.authorization}}"}]}, UNKNOWN),
        ("request", {"url": "https://example.com", "body": "{{$trigger.body.name}}"}, YES),
        ("throw-error", {}, NO),
        ("transform", {"json": {"a": 1}}, YES),
    ):  # fmt: skip
        held = (operation("a", type_, options, "in"), operation("in"))
        assert reaches("in", *held) is through, (type_, options)


def test_permissions_stop_a_stranger() -> None:
    read = operation("a", "item-read", {"collection": "directus_users", "permissions": "$trigger"}, "in")
    assert reaches("in", read, operation("in")) is NO
    assert reaches("in", read, operation("in"), caller=PUBLIC_READER) is YES
    public = operation("a", "item-read", {"collection": "posts", "permissions": "$public"}, "in")
    assert reaches("in", public, operation("in"), public=YES) is YES
    assert reaches("in", public, operation("in"), public=NO) is NO
    # Without a payload nothing is asked, and the operation ends well.
    create = operation("a", options={"collection": "posts", "payload": "{{$trigger.body}}"}, resolve="in")
    assert reaches("in", create, operation("in")) is UNKNOWN


def test_stored_data_is_a_guard_only_where_a_proof_selected_it() -> None:
    for path, through in (("$trigger.headers.x-token", UNKNOWN), ("$trigger.body.id", YES)):
        read = {
            "collection": "clients",
            "permissions": "$full",
            "query": {"filter": {"token": {"_eq": "{{ " + path + " }}"}}},
        }
        held = (
            operation("a", "item-read", read, "c"),
            condition("c", {"a": {"0": {"_nnull": True}}}, "in"),
            operation("in"),
        )
        assert reaches("in", *held) is through


NOTHING: Final = (NULL, ABSENT, KnownValue(""), KnownValue([]), KnownValue({}), KnownValue("[]"), STORED)
SOMETHING: Final = (KnownValue([1]), KnownValue({"a": 1}), KnownValue('["x"]'), RecordValue({}, STORED))


@each_case("something", SOMETHING)
def test_writing_something_somewhere_asks_for_permission(something: Value) -> None:
    other = SOMETHING[0]
    assert surely_asks("read", {})
    assert surely_asks("create", {"payload": something})
    for place in ("key", "query"):
        assert surely_asks("update", {"payload": other, place: something})
        assert surely_asks("update", {"payload": something, place: other})
        assert surely_asks("delete", {place: something})


@each_case("nothing", NOTHING)
def test_writing_nothing_or_nowhere_may_end_before(nothing: Value) -> None:
    other = SOMETHING[0]
    assert not surely_asks("create", {"payload": nothing, "key": other})
    assert not surely_asks("update", {"payload": nothing, "key": other, "query": other})
    assert not surely_asks("update", {"payload": other, "key": nothing, "query": nothing})
    assert not surely_asks("delete", {"payload": other, "key": nothing, "query": nothing})
    assert not surely_asks("delete", {"payload": other})


@each_case(
    ("permissions", "rights"),
    [(None, Rights.CALLER), ("", Rights.CALLER), ("$trigger", Rights.CALLER), ("$public", Rights.PUBLIC), ("$full", Rights.FULL),
     ("6d7a0f6e", Rights.ROLE), ("{{ $trigger.body.p }}", Rights.FULL), ("{{ $last.p }}", Rights.ROLE)],
)  # fmt: skip
def test_with_whose_rights(permissions: str | None, rights: Rights) -> None:
    (step,) = run(operation("a", options={"collection": "posts", "permissions": permissions})).steps
    assert step.rights is rights


@each_case(
    ("option", "takes"),
    [
        ("{{ $trigger.body.id }}", YES),
        ("{{ t.deep[0].id }}", YES),
        ("{{ t.fixed }}", NO),
        ("/x/{{ $trigger.query.a }}/y", YES),
        ({"filter": {"_and": [{"id": {"_eq": "{{$trigger.headers.x-id}}"}}]}}, YES),
        ("{{ $accountability.user }}", NO),
        ("{{ $accountability.userAgent }}", YES),
        ("{{ $env.URL }}", NO),
        ("{{ read.owner }}", NO),
        ("{{ script.made }}", UNKNOWN),
        ("{{ signed.sub }}", UNKNOWN),
        ("{{ decoded.sub }}", YES),
        ("{{ later.x }}", NO),
        ("plain", NO),
    ],
)
def test_whose_data_is_in_an_option(option: Any, takes: Tri) -> None:
    held = (
        operation("t", "transform", {"json": {"deep": [{"id": "{{$trigger.body.x}}"}], "fixed": "y"}}, "read"),
        operation(
            "read", "item-read", {"collection": "a", "key": "{{$trigger.body.id}}", "permissions": "$full"}, "script"
        ),
        operation(
            "script", "exec", {"code": "module.exports = async (data) => ({ made: data.$trigger.body.q })"}, "decoded"
        ),
        operation("decoded", "json-web-token", {"operation": "decode", "token": "{{$trigger.body.t}}"}, "signed"),
        operation(
            "signed",
            "json-web-token",
            {"operation": "verify", "token": "{{$trigger.body.t}}", "secret": "changeme"},
            "w",
        ),
        operation("w", "item-update", {"collection": "a", "key": option, "permissions": "$full"}, "later"),
        operation("later", "log", {"message": "{{$trigger.body}}"}),
    )
    steps = {step.operation.key: step for step in run(*held, started=flow(first="t")).steps}
    assert steps["w"].takes("key") is takes


def test_last_follows_the_operation_before() -> None:
    held = (
        operation("a", "transform", {"json": '{"x": "fixed"}'}, "b"),
        operation("b", "item-update", {"collection": "{{ $last.x }}", "key": "{{ $last.y }}"}),
    )
    steps = run(*held).steps
    assert steps[1].inputs["collection"] == KnownValue("fixed")
    assert steps[1].inputs["key"] == KnownValue("undefined")
    (first,) = run(operation("a", options={"collection": "{{ $last.body.c }}"})).steps
    assert first.takes("collection") is YES


def test_tested_paths_are_those_on_every_way() -> None:
    tests = {"$trigger": {"body": {"note": {"_contains": "@"}}}}
    for filter_, restricted in (
        (tests, True),
        ({"_and": [tests, {"$trigger": {"body": {"x": {"_eq": 1}}}}]}, True),
        ({"_or": [tests, {"$trigger": {"body": {"x": {"_eq": 1}}}}]}, False),
        ({"_or": [tests, tests]}, True),
        ({"$trigger": {"body": {"note": {"_nnull": True}}}}, False),
        ({"$trigger": {"body": {"note": {"_neq": "x"}}}}, False),
        ({"$trigger": {"body": {"_nnull": True}}}, False),
    ):
        assert bool(run(condition("a", filter_, "b"), operation("b")).steps[1].tested) is restricted, filter_
    not_met = condition("a", {"$trigger": {"body": {"note": {"_nin": ["a", "b"]}}}}, None, "b")
    assert run(not_met, operation("b")).steps[1].tested
    (guard, step) = run(condition("a", tests, "b"), operation("b")).steps
    assert guard.tested == frozenset()
    assert step.tested == {("$trigger", "body", "note")}
    held = (
        condition("a", {"$accountability": {"app": {"_eq": False}}}, "b", "c"),
        condition("b", tests, "c"),
        operation("c"),
    )
    assert next(step for step in run(*held).steps if step.operation.key == "c").tested == {("$trigger", "body", "note")}
    held = (
        condition("a", {"$trigger": {"body": {"x": {"_eq": 1}}}}, "b", "c"),
        condition("b", tests, "c"),
        operation("c"),
    )
    assert next(step for step in run(*held).steps if step.operation.key == "c").tested == frozenset()


@each_case(
    ("version", "caller", "starts"),
    [("11.8.0", STRANGER, YES), ("11.9.0", STRANGER, NO), ("11.17.4", PUBLIC_READER, YES), ("12.1.1", PUBLIC_READER, YES),
     ("12.2.0", PUBLIC_READER, NO), ("12.4.1", MEMBER, YES), ("12.4.1", Caller(signed_in=True), UNKNOWN)],
)  # fmt: skip
def test_who_starts_a_manual_flow(version: str, caller: Caller, starts: Tri) -> None:
    started = flow("manual", collections=["orders"])
    assert run(operation("a"), started=started, caller=caller, version=version).starts is starts


def test_what_a_manual_flow_gets() -> None:
    options = {
        "collection": "{{$trigger.body.collection}}",
        "key": "{{$trigger.body.keys}}",
        "payload": {"a": "{{$trigger.body.a}}"},
    }
    held = operation("a", "item-update", options)

    def takes(version: str = "12.4.1", **more: Any) -> tuple[Tri, ...]:
        (step,) = run(
            held, started=flow("manual", collections=["orders"], **more), caller=MEMBER, version=version
        ).steps
        return tuple(step.takes(name) for name in options)

    assert takes() == (NO, NO, YES)
    assert takes("11.8.0") == (NO, YES, YES)
    assert takes(requireSelection=False) == (NO, YES, YES)


def test_other_triggers() -> None:
    assert run(operation("a"), started=flow(status="inactive")).starts is NO
    assert run(operation("a"), started=flow(method="PUT")).starts is NO
    assert run(operation("a"), started=flow("schedule")).starts is NO
    assert run(operation("a"), started=flow("operation")).starts is NO
    event = flow("event", type="action", scope=["items.create"], collections=["orders"])
    assert run(operation("a"), started=event).starts is NO
    assert run(operation("a"), started=event, caller=MEMBER).starts is YES


def test_flows_started_by_an_operation() -> None:
    other = flow("operation", "x", name="g")
    start = operation("t", "trigger", {"flow": "g", "payload": {"target": "{{$trigger.body.c}}", "fixed": "y"}})
    held = (
        condition("a", {"$accountability": {"user": {"_nnull": True}}}, None, "t"),
        start,
        operation(
            "x",
            options={
                "collection": "{{$trigger.target}}",
                "payload": {"a": "{{$trigger.fixed}}"},
                "permissions": "$full",
            },
            of="g",
        ),
    )
    result = run(*held, others=(other,))
    assert [step.flow.name for step in result.steps] == ["f", "f", "g"]
    step = result.steps[-1]
    assert (step.reach, step.takes("collection"), step.takes("payload")) == (YES, YES, NO)
    assert result.own == result.steps[:2]
    # Flows that start each other end.
    again = operation("x", "trigger", {"flow": "g", "payload": "{{$trigger}}"}, of="g")
    assert (
        len(run(operation("a", "trigger", {"flow": "g", "payload": "{{$trigger.body}}"}), again, others=(other,)).steps)
        == 2
    )


@each_case(
    ("payload", "takes"),
    [
        (["{{$trigger.body.c}}", "fixed"], YES),
        (["{{ $env.KEY }}", "fixed"], NO),
        (["a", "b"], NO),
        ('["a", "b"]', NO),
        ("{{ $trigger.body.list }}", YES),
    ],
)
def test_of_a_list_the_started_flow_gets_any_element(payload: Any, takes: Tri) -> None:
    start = operation("t", "trigger", {"flow": "g", "payload": payload})
    write = operation("x", options={"collection": "c", "key": "{{ $trigger }}", "permissions": "$full"}, of="g")
    environment = RecordValue({"KEY": SecretValue()}, ABSENT)
    step = run(
        start, write, started=flow(first="t"), others=(flow("operation", "x", name="g"),), environment=environment
    ).steps[-1]
    assert step.takes("key") is takes
    assert not isinstance(step.inputs["key"], (KnownValue, RecordValue))


def test_a_flow_that_starts_another_twice_starts_none_that_is_missing() -> None:
    def start(key: str, target: str, then: str | None = None, *, of: str = "f") -> Operation:
        return operation(key, "trigger", {"flow": target}, then, of=of)

    flows = (flow(first="a"), flow("operation", "x", name="g"))
    twice = [start("a", "g", "b"), start("b", "g")]
    assert FlowModel(flows, [*twice, start("x", "g", of="g")]).external_call(flows[0]) is None
    missing = start("y", "gone", of="g")
    assert FlowModel(flows, [*twice, start("x", "g", "y", of="g"), missing]).external_call(flows[0]) == missing


def test_graphs_that_directus_cannot_load() -> None:
    assert "circle" in run(operation("a", resolve="b"), operation("b", resolve="a")).broken
    assert "does not have" in run(operation("a", reject="elsewhere")).broken
    assert "does not have" in run(operation("a", resolve="b"), operation("b", of="other")).broken
    assert "not in the export" in run(operation("b")).broken
    assert run(started=flow(first=None)) == FlowRun(flow(first=None), YES, ())
    graph = FlowModel((flow(),), (operation("a"), operation("b"))).graph(flow())
    assert [one.key for one in graph.unreachable] == ["b"]


@each_case(
    ("path", "literal", "known"),
    [("headers.x-secret", "undefined", YES), ("headers.authorization", "Bearer undefined", YES), ("body.type", "invoice", YES),
     ("body.form", "6d7a0f6e-9a51-4c1e-8f0e-2f4b8a6f7c11", UNKNOWN), ("body.apiKey", "vK8qLw2RtY", NO), ("query.t", "1", YES),
     ("headers.user-agent", "GitHub-Hookshot/044aadd", YES)],
)  # fmt: skip
def test_what_a_caller_can_know(path: str, literal: str, known: Tri) -> None:
    assert can_know(("$trigger", *path.split(".")), literal) is known


def test_values_do_not_grow_without_end() -> None:
    doubling = [
        operation(f"o{i}", "transform", {"json": {"a": "{{$last}}", "b": "{{$last}}"}}, f"o{i + 1}") for i in range(60)
    ]
    texts = [
        operation(f"o{i + 60}", "transform", {"json": ["{{$last}}{{$last}}{{$trigger.body}}"]}, f"o{i + 61}")
        for i in range(60)
    ]
    steps = run(*doubling, *texts, operation("o120"), started=flow(first="o0")).steps
    assert steps[-1].reach is YES


def run_flows(number: int) -> Callable[[], None]:
    """Run so many flows of twenty operations."""
    flows = [flow(name=f"f{i}", first=f"{i}-0") for i in range(number)]
    operations = [
        Operation(f"{i}-{j}", f"k{j}", "item-update", f"f{i}", {"key": "{{$last.a}}", "collection": "c"}, f"{i}-{j + 1}" if j < 19 else None, None, HERE)
        for i in range(number)
        for j in range(20)
    ]  # fmt: skip

    def work() -> None:
        model = FlowModel(flows, operations)
        assert sum(len(model.run(one, STRANGER).steps) for one in flows) == 20 * number

    return work


@pytest.mark.thorough
def test_the_cost_of_flows_is_linear() -> None:
    assert grows_linearly(run_flows, 50)


# --- properties ----------------------------------------------------------------------------------------------------


@pytest.mark.thorough
@given_any_flows
def test_any_flow_can_be_judged_and_order_does_not_matter(
    flows: list[Flow], operations: list[Operation], shuffle: random.Random
) -> None:
    unique, mixed = without_doubles(flows), shuffled(operations, shuffle)
    for version in (Version(10, 13, 4), Version(12, 4, 1)):
        straight, other = FlowModel(unique, operations, version=version), FlowModel(unique, mixed, version=version)
        for one in unique:
            for caller in (STRANGER, MEMBER):
                assert straight.run(one, caller) == other.run(one, caller)


GUARDS: list[Any] = [
    {"$accountability": {"user": {"_nnull": True}}},
    {"$accountability": {"role": {"_eq": "r1"}}},
    {"$trigger": {"headers": {"x-api-key": {"_eq": "Zp3vK8qLw2RtYx91"}}}},
    {"_and": [{"$trigger": {"body": {"a": {"_eq": 1}}}}, {"$accountability": {"admin": {"_eq": True}}}]},
]


@given(st.sampled_from(GUARDS), st.lists(st.tuples(TYPES, st.dictionaries(KEYS, JSON, max_size=4)), max_size=5))
def test_what_stands_behind_a_guard_never_opens_a_flow(guard: Any, behind: list[tuple[str, dict[str, Any]]]) -> None:
    following = [
        operation(f"o{i}", type_, options, f"o{i + 1}" if i + 1 < len(behind) else None, f"o{i + 1}" if i + 1 < len(behind) else None)
        for i, (type_, options) in enumerate(behind)
    ]  # fmt: skip
    result = run(condition("a", guard, "o0" if behind else None), *following)
    assert not result.broken
    assert [step.reach for step in result.steps] == [YES] + [NO] * len(behind)


def test_a_count_is_not_followed() -> None:
    guard = condition("a", {"$trigger": {"body": {"count(items)": {"_gt": 0}}}}, "write")
    assert reaches("write", guard, operation("write")) is UNKNOWN


def test_the_pattern_of_a_condition_may_be_a_secret() -> None:
    def through(pattern: Any) -> Tri:
        guard = condition("a", {"$trigger": {"headers": {"x-token": {"_regex": pattern}}}}, "write")
        return reaches("write", guard, operation("write"))

    assert through("^[a-z]{0,3}$") is YES
    assert through("^kT7vWq2zLp9xR4mN$") is not YES
    assert through(None) is NO


def test_what_another_operation_read_is_known_to_few() -> None:
    """A caller has to send what is stored: that may be a secret, and something else they can always send."""
    read = operation("a", "item-read", {"collection": "keys", "permissions": "$full", "key": [1]}, "guard")

    def ends(operator: str) -> tuple[Tri, Tri]:
        filter_ = {"$trigger": {"body": {"key": {operator: "{{ a.key }}"}}}}
        operations = (read, condition("guard", filter_, "met", "unmet"), operation("met"), operation("unmet"))
        return reaches("met", *operations), reaches("unmet", *operations)

    assert ends("_eq") == (UNKNOWN, YES)
    assert ends("_neq") == (YES, UNKNOWN)


@each_case(
    ("trigger", "collection", "read"),
    [
        ("event", "pages", {"pages"}),
        ("event", 7, set()),
        ("event", "{{$trigger.collection}}", {"posts", "orders"}),
        ("event", "{{$trigger.payload.of}}", set()),
        ("webhook", "{{$env.COLLECTION}}", set()),
    ],
)
def test_where_stored_data_comes_from(trigger: str, collection: Any, read: set[str]) -> None:
    """A collection that is not known and not the caller's is one of those whose event starts the flow."""
    started = flow(trigger, scope=["items.update"], collections=["posts", "orders"])
    reads = operation("a", "item-read", {"collection": collection, "permissions": "$full", "key": [1]}, "b")
    extension = operation("b", "an-extension", {}, None)
    caller = Caller(signed_in=True, may=lambda _collection, _action: YES, by_itself=None)
    first, second = run(reads, extension, started=started, caller=caller).steps
    assert all_stored_in([first.result]) == read
    assert all_stored_in([second.result]) == read


def test_who_started_a_flow_is_not_the_caller_where_others_do() -> None:
    started = flow("event", scope=["items.update"], collections=["posts"])
    for by, theirs in ((None, YES), (ByItself.OTHERS, NO)):
        caller = Caller(signed_in=False, may=lambda _collection, _action: YES, by_itself=by)
        (step,) = run(
            operation("a", options={"payload": "{{$accountability.userAgent}}"}), started=started, caller=caller
        ).steps
        assert carries(step.inputs["payload"]) is theirs, by


def test_rights_that_stored_data_decides_cannot_be_told() -> None:
    assert rights_of(STORED) is Rights.CANNOT_TELL


@each_case(
    ("scope", "collections", "causes"),
    [
        (["items.create"], ["orders"], YES),
        ("items.create", "orders", YES),
        (["auth.login"], ["orders"], YES),
        (["orders.items.read"], None, YES),
        (["orders.promote"], None, UNKNOWN),
        ([1], ["orders"], UNKNOWN),
        ([["items.create"]], ["orders"], UNKNOWN),
        ([{}, "items.create"], ["orders"], YES),
        (["items.create"], None, NO),
        (["users.create"], None, YES),
        (["orders.items.update"], None, YES),
        (["some.users.create"], None, UNKNOWN),
        (["items.query"], ["orders"], UNKNOWN),
    ],
)
def test_who_causes_an_event(scope: Any, collections: Any, causes: Tri) -> None:
    assert causes_event(flow("event", scope=scope, collections=collections), MEMBER, NEWEST) is causes


def test_nothing_lies_below_a_text_that_is_not_known() -> None:
    assert look_up(CallerIdentity(), ("id",)) == ABSENT
    assert look_up(SecretValue(), ("length",)) == ABSENT


def test_options_nested_too_deep_are_not_followed() -> None:
    option: Any = "text"
    for _ in range(MAX_DEPTH + 2):
        option = [option]
    assert rendered(option, {}) != KnownValue(option)
    assert isinstance(rendered(option, {}), (Computed, RecordValue))


def test_a_template_that_cannot_be_rendered_names_no_variables() -> None:
    assert variables_in({"a": "{{ $env.TOKEN }}", "b": "{{ $env.HOST }}"}) == ("TOKEN", "HOST")
    assert variables_in({"a": "{{ $env.TOKEN }}", "b": "{{"}) == ()


def test_a_flow_of_very_many_operations_is_not_followed() -> None:
    chain = [operation(f"o{n}", resolve=f"o{n + 1}") for n in range(MAX_OPERATIONS)] + [operation(f"o{MAX_OPERATIONS}")]
    held = {one.id: one for one in chain}
    assert graph_of(flow(first="o0"), held).broken == f"it has more than {MAX_OPERATIONS} operations"
    assert graph_of(flow(first="o1"), held).broken == ""


def test_a_webhook_that_does_not_wait_answers_nothing() -> None:
    options: Any = {"async": True}
    assert is_answered(flow(), operation("a"))
    assert not is_answered(flow(**options), operation("a"))


@each_case(
    ("code", "whole"),
    [
        ("module.exports = async function(data) { return data.$trigger.body.id; }", False),
        ("module.exports = async function(data) { return data; }", True),
        ("module.exports = async function(data) { return arguments[0]; }", True),
    ],
)
def test_scripts_that_take_all_data(code: str, whole: bool) -> None:
    assert uses_whole(code) is whole


def event(scope: Any, **options: Any) -> Flow:
    return flow("event", scope=scope, collections=["orders"], **options)


@each_case(
    ("scope", "caller", "reached"),
    [
        (["items.create"], MEMBER, NO),
        (["items.create", "items.update"], MEMBER, NO),
        (["server.start"], replace(MEMBER, by_itself=ByItself.NO_CALLER), UNKNOWN),
    ],
)
def test_a_guard_that_asks_for_the_body_of_an_event_lets_nobody_through(
    scope: list[str], caller: Caller, reached: Tri
) -> None:
    guard = operation(
        "a", "condition", {"filter": {"$trigger": {"body": {"secret": {"_eq": "Zp3vK8qLw2RtYx91"}}}}}, "b"
    )
    write = operation("b", "item-create", {"collection": "notes", "permissions": "$full", "payload": {"title": "x"}})
    steps = run(guard, write, started=event(scope), caller=caller, version="11.17.4").steps
    assert [step.reach for step in steps if step.operation.id == "b"] == [reached]


def test_an_item_that_starts_a_flow_and_is_read_again_is_the_callers() -> None:
    read = operation(
        "a", "item-read", {"collection": "orders", "permissions": "$full", "key": ["{{$trigger.key}}"]}, "b"
    )
    write = operation("b", "item-create", {"collection": "notes", "permissions": "$full", "payload": "{{a}}"})
    other = operation("a", "item-read", {**read.options, "key": [1]}, "b")
    started = event(["items.create"])

    def takes(first: Operation) -> Tri:
        (step,) = [one for one in run(first, write, started=started, caller=MEMBER).steps if one.operation.key == "b"]
        return step.takes("payload")

    assert takes(read) is YES
    assert takes(other) is NO


def test_who_signs_in_does_not_choose_the_address() -> None:
    write = operation("a", "item-create", {"payload": ["{{$trigger.payload.email}}", "{{$trigger.payload.password}}"]})
    (step,) = run(write, started=event(["auth.login"])).steps
    email, password = (step.inputs["payload"].members[key] for key in ("0", "1"))  # type: ignore[union-attr]
    assert (carries(email), carries(password)) == (NO, YES)


@each_case(
    ("scope", "version", "causes"),
    [
        ("items.update", "10.13.4", YES),
        ("items.query", "12.4.1", YES),
        ("items.delete", "10.13.4", NO),
        ("items.delete", "11.17.4", YES),
        ("items.create", "11.17.4", NO),
    ],
)
def test_blocking_flows_that_run_before_permissions_are_asked_for(scope: str, version: str, causes: Tri) -> None:
    parsed = Version(*(int(part) for part in version.split(".")))
    assert causes_event(event([scope], type="filter"), STRANGER, parsed) is causes


@each_case(
    ("by", "scope", "causes"),
    [
        (ByItself.REGISTRATION, "items.create", YES),
        (ByItself.REGISTRATION, "items.update", NO),
        (ByItself.LAST_PAGE, "items.update", YES),
        (ByItself.LAST_PAGE, "items.delete", NO),
        (ByItself.PASSWORD, "items.update", YES),
        (ByItself.PASSWORD, "items.create", NO),
    ],
)
def test_events_that_the_server_causes_for_somebody(by: ByItself, scope: str, causes: Tri) -> None:
    caller = Caller(signed_in=False, by_itself=by)
    assert causes_event(flow("event", scope=[scope], collections=["directus_users"]), caller, NEWEST) is causes
    assert causes_event(event([scope]), caller, NEWEST) is NO


@each_case(
    ("started", "version", "needed"),
    [
        (event(["items.create", "users.update"]), "11.17.4", [("orders", "create"), ("directus_users", "update")]),
        (event(["items.query", "auth.login", "items.delete"]), "11.17.4", [("orders", "delete")]),
        (flow("manual", collections=["orders", "notes"]), "11.9.0", [("orders", "read"), ("notes", "read")]),
        (flow("manual", collections=["orders"]), "11.8.0", []),
        (flow("webhook", collections=["orders"]), "11.17.4", []),
    ],
)
def test_the_permissions_one_of_which_starts_a_flow(started: Flow, version: str, needed: list[tuple[str, str]]) -> None:
    parsed = Version(*(int(part) for part in version.split(".")))
    assert list(starting_permissions(started, parsed)) == needed


def test_a_text_that_is_sent_in_place_of_an_object_is_read_as_json() -> None:
    header = CallerInput(("$trigger", "headers", "x-lead"), text=True)
    assert as_object(header) == CallerInput(header.path, text=True, nests=True)
    body = CallerInput(("$trigger", "body"))
    assert as_object(body) == body
