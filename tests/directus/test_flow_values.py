"""What a caller may send to pass a condition, one operation by itself, and what events hand over."""

from __future__ import annotations

from typing import Any, Final

from directus_guard.directus.access.validation_rules import Leaf
from directus_guard.directus.flows.conditions import condition_rule, is_met, values_for
from directus_guard.directus.flows.data import (
    ABSENT,
    NULL,
    STORED,
    UNKNOWN_ENV,
    CallerIdentity,
    CallerInput,
    Computed,
    KnownValue,
    RecordValue,
    SecretValue,
    Value,
    all_stored_in,
    is_chosen,
    look_up,
    may_be_sent,
    summary,
)
from directus_guard.directus.flows.model import FlowModel
from directus_guard.directus.flows.records import Operation
from directus_guard.directus.flows.start import Caller, events_of, manual_collections, start_state
from directus_guard.directus.tri import Tri
from directus_guard.directus.versions import NEWEST, Version
from tests.support.each import each_case
from tests.support.flows import HERE, flow

YES, NO, UNKNOWN = Tri.YES, Tri.NO, Tri.UNKNOWN
SENT: Final = ("$trigger", "body", "kind")
OLD: Final = Version(11, 6, 0)


def data(value: Value = CallerInput(SENT)) -> dict[str, Value]:  # noqa: B008 - frozen
    return {"$trigger": RecordValue({"body": RecordValue({"kind": value}, ABSENT)}, ABSENT), "$env": UNKNOWN_ENV}


def leaf(operator: str, operand: Any) -> Leaf:
    rule = condition_rule({"$trigger": {"body": {"kind": {operator: operand}}}}, NEWEST)
    assert isinstance(rule, Leaf)
    return rule


@each_case(
    ("operator", "operand", "first"),
    [
        ("_eq", "signup", "signup"),
        ("_in", ["one", "two"], "one"),
        ("_gt", 4, "1000000000000"),
        ("_null", True, None),
    ],
)
def test_the_plainest_value_that_meets_a_test(operator: str, operand: Any, first: Any) -> None:
    assert next(values_for(leaf(operator, operand), data(), NEWEST)) == first


@each_case(
    ("test", "held"),
    [
        (leaf("_eq", "a"), KnownValue("a")),  # nothing of the caller's
        (leaf("_eq", "{{$last.x}}"), CallerInput(SENT)),  # compared with what is not there
        (leaf("_regex", "^a"), CallerInput(SENT)),  # no pattern is solved
        (leaf("_eq", ["a"]), CallerInput(SENT)),  # Directus throws
    ],
)
def test_no_value_is_known(test: Leaf, held: Value) -> None:
    held_data = {**data(held), "$last": RecordValue({"x": SecretValue()}, ABSENT)}
    assert list(values_for(test, held_data, NEWEST)) == []


def test_whether_a_value_meets_a_test() -> None:
    assert is_met(leaf("_neq", "a"), data(), NEWEST, "b") is YES
    assert is_met(leaf("_neq", "a"), data(), NEWEST, "a") is NO
    assert is_met(leaf("_regex", "^a"), data(), NEWEST, "a") is UNKNOWN
    assert is_met(leaf("_eq", ["a"]), data(), NEWEST, "a") is NO
    own = {**data(), "$accountability": RecordValue({"user": CallerIdentity()}, ABSENT)}
    assert is_met(leaf("_eq", "{{$accountability.user}}"), own, NEWEST, "a") is UNKNOWN


def test_a_condition_is_read_as_its_version_does() -> None:
    several = {"a": {"_eq": 1}, "b": {"_eq": 2}}
    assert condition_rule(several, OLD) == Leaf(("a",), "_eq", 1)
    assert condition_rule(several, NEWEST) != condition_rule(several, OLD)


def test_one_operation_by_itself() -> None:
    started = flow("webhook")
    write = Operation("a", "a", "transform", started.id, {"json": {"x": "{{$trigger.body.kind}}"}}, None, None, HERE)
    model = FlowModel((started,), (write,), version=NEWEST)
    caller = Caller(signed_in=False)
    state = start_state(started, caller, NEWEST, UNKNOWN_ENV, YES)
    inputs, ending = model.enter(started, write, caller, state)
    assert look_up(inputs["json"], ("x",)) == CallerInput(SENT)
    assert look_up(ending.result, ("x",)) == CallerInput(SENT)
    assert state.with_result("a", NULL)["$last"] is NULL
    assert state.handed_on(NULL).data["$trigger"] is NULL


@each_case(
    ("scope", "path", "held"),
    [
        (["items.create"], ("title",), CallerInput(("$trigger", "payload", "title"))),
        (["items.create", "items.delete"], ("title",), CallerInput(("$trigger", "payload", "title"))),
        (["items.delete"], ("title",), ABSENT),
        (["items.delete"], ("0",), CallerInput(("$trigger", "payload", "0"))),
        (["items.query"], ("search",), CallerInput(("$trigger", "payload", "search"), text=True)),
        (["items.query"], ("filter", "x"), CallerInput(("$trigger", "payload", "filter", "x"))),
        (["items.query", "items.delete"], ("title",), ABSENT),
        ([], ("title",), CallerInput(("$trigger", "payload", "title"))),
    ],
)
def test_what_an_event_hands_over(scope: list[str], path: tuple[str, ...], held: Value) -> None:
    started = flow("event", scope=scope, collections=["orders"], type="filter")
    state = start_state(started, Caller(signed_in=False), NEWEST, UNKNOWN_ENV, YES)
    assert look_up(state.data["$trigger"], ("payload", *path)) == held


def test_the_member_of_an_object_whose_others_the_caller_sends() -> None:
    body = RecordValue({"collection": NULL}, CallerInput(("$trigger", "body")))
    assert look_up(body, ("role",)) == CallerInput(("$trigger", "body", "role"))
    assert look_up(body, ("collection",)) is NULL


def test_events_and_collections_of_flows() -> None:
    assert list(events_of(flow("event", scope=["items.create", "auth.login"], collections=["a"]))) == [
        ("a", "create"),
        None,
    ]
    assert manual_collections(flow("manual", collections=["a", 1])) == ["a"]
    assert manual_collections(flow("manual", collections="a")) == ["a"]


CHOSEN: Final = Computed(chosen=True, stored_in=frozenset(["users"]))
ARTICLES: Final = Computed(stored_in=frozenset(["articles"]))
THEIRS: Final = Computed(UNKNOWN, chosen=True, stored_in=frozenset(["users"]))


@each_case(
    ("value", "written", "seen"),
    [
        (STORED, ["articles"], STORED),
        (KnownValue(1), ["articles"], KnownValue(1)),
        (CHOSEN, [], THEIRS),
        (ARTICLES, [], ARTICLES),
        (ARTICLES, ["tags"], ARTICLES),
        (ARTICLES, ["articles"], Computed(UNKNOWN, stored_in=frozenset(["articles"]))),
        (RecordValue({"role": CHOSEN}, ABSENT), [], RecordValue({"role": THEIRS}, ABSENT)),
        (RecordValue({}, CHOSEN), [], RecordValue({}, THEIRS)),
        (THEIRS, ["users"], THEIRS),
    ],
)
def test_stored_data_that_may_be_the_callers(value: Value, written: list[str], seen: Value) -> None:
    assert may_be_sent(value, frozenset(written)) == seen


def test_what_is_stored_keeps_where_it_is_from() -> None:
    both = summary([RecordValue({"a": CHOSEN}, ABSENT), ARTICLES, KnownValue("x")])
    assert is_chosen(both)
    assert all_stored_in([both]) == {"users", "articles"}
    assert all_stored_in([RecordValue({"a": both}, ABSENT)]) == {"users", "articles"}
    assert not is_chosen(RecordValue({"a": ARTICLES}, KnownValue(1)))
