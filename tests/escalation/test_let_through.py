"""What is sent beside the rest, so that the operations of a flow let the caller through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from directus_guard.directus.flows.data import ABSENT, CallerIdentity, CallerInput, KnownValue, RecordValue
from directus_guard.directus.flows.records import Operation
from directus_guard.directus.versions import NEWEST
from directus_guard.escalation.plans.flow_conditions import let_through
from directus_guard.escalation.plans.flow_routes import Passage
from directus_guard.escalation.requests.request import Chosen
from directus_guard.finding import Location
from tests.support.each import each_case

if TYPE_CHECKING:
    from directus_guard.directus.flows.data import Value

BODY: Final = ("$trigger", "body")
QUERY: Final = ("$trigger", "query")
DATA: Final[dict[str, Value]] = {
    "$trigger": RecordValue({"body": CallerInput(BODY), "query": CallerInput(QUERY, text=True)}, ABSENT),
    "$accountability": RecordValue({"user": CallerIdentity(), "role": KnownValue("editor")}, ABSENT),
    "known": KnownValue({"a": 1}), "text": KnownValue('{"a": 1}'), "plain": KnownValue("x"), "record": RecordValue({}, ABSENT),
}  # fmt: skip


def through(type_: str, options: dict[str, Any], sent: dict[Any, Any] | None = None, *, met: bool = True) -> Any:
    operation = Operation("o", "o", type_, "f", options, None, None, Location("f"))
    return let_through(Passage(operation, DATA, met), NEWEST, {} if sent is None else sent)


def at(*path: str) -> tuple[str, ...]:
    return (*BODY, *path)


def of(name: str, operator: str, operand: Any) -> dict[str, Any]:
    """A condition on what is sent in the body."""
    return {"$trigger": {"body": {name: {operator: operand}}}}


ONE, TWO = of("a", "_eq", "x"), of("b", "_eq", "y")
A, B = at("a"), at("b")


@each_case(
    ("filter_", "sent", "met", "expected"),
    [
        # Without a test nothing is asked.
        (None, {}, True, ({}, True)), ({}, {}, True, ({}, True)), ("x", {A: 1}, True, ({A: 1}, True)),
        # The plainest value that meets it; what is missing meets none.
        (ONE, {}, True, ({A: "x"}, True)), (ONE, {}, False, ({}, True)), (of("a", "_in", ["x", "y"]), {}, True, ({A: "x"}, True)),
        # What is sent already meets it, or does not.
        (ONE, {A: "x"}, True, ({A: "x"}, True)), (ONE, {A: "x"}, False, None), (ONE, {A: "z"}, True, None), (ONE, {A: "z"}, False, ({A: "z"}, True)),
        (of("a", "_eq", "(something else)"), {A: Chosen("an id")}, True, ({A: Chosen("an id")}, True)), (ONE, {A: Chosen("an id")}, True, None), (ONE, {A: Chosen("an id")}, False, ({A: Chosen("an id")}, True)),
        (of("a", "_neq", "x"), {A: Chosen("an id")}, True, ({A: Chosen("an id")}, True)), (of("a", "_null", True), {A: None}, True, ({A: None}, True)), (of("a", "_eq", True), {A: True}, True, ({A: True}, True)),
        # Something below it is sent: what it is as a whole is not known.
        (ONE, {at("a", "b"): "x"}, True, ({at("a", "b"): "x"}, False)), (ONE, {at("a", "b"): "x"}, False, ({at("a", "b"): "x"}, False)),
        # A pattern is not tried.
        (of("a", "_regex", "^x"), {A: "x"}, True, ({A: "x"}, False)), (of("a", "_eq", "{{$trigger.body.b}}"), {}, True, ({}, False)),
        # All of them, or one.
        ({"_and": [ONE, TWO]}, {}, True, ({A: "x", B: "y"}, True)), ({"_and": [ONE, TWO]}, {B: "z"}, True, None), ({"_and": [ONE, TWO]}, {A: "x"}, False, ({A: "x"}, True)),
        ({"_and": [ONE, TWO]}, {A: "x", B: "y"}, False, None), ({"_or": [ONE, TWO]}, {}, True, ({A: "x"}, True)), ({"_or": [ONE, TWO]}, {A: "z"}, True, ({A: "z", B: "y"}, True)),
        ({"_or": [ONE, TWO]}, {A: "x"}, False, None), ({"_or": [ONE, TWO]}, {}, False, ({}, True)), ({"_or": [ONE, TWO]}, {A: "z", B: "z"}, True, None),
        ({"_or": []}, {}, True, ({}, True)), ({"_and": []}, {}, True, ({}, True)), ({"_or": []}, {}, False, ({}, True)), ({"_and": []}, {}, False, None),
        # One that is not sure makes the whole not sure, whichever it is.
        ({"_and": [of("a", "_regex", "^x"), TWO]}, {A: "x"}, True, ({A: "x", B: "y"}, False)), ({"_and": [TWO, of("a", "_regex", "^x")]}, {A: "x"}, True, ({A: "x", B: "y"}, False)),
        # What is not sent is not theirs to choose; what Directus refuses fails.
        ({"$accountability": {"role": {"_eq": "editor"}}}, {}, True, ({}, True)), ({"_and": "x"}, {}, True, None), ({"_and": "x"}, {}, False, ({}, True)),
    ],
)  # fmt: skip
def test_a_condition(filter_: Any, sent: dict[Any, Any], met: bool, expected: Any) -> None:
    assert through("condition", {"filter": filter_}, sent, met=met) == expected


@each_case(
    ("json", "sent", "expected"),
    [
        ("{{$trigger.body}}", {}, ({BODY: {}}, True)),
        ("{{$trigger.body}}", {A: 1}, ({A: 1}, True)),
        ("{{$trigger.body}}", {BODY: {"a": 1}}, ({BODY: {"a": 1}}, True)),
        ("{{$trigger.query}}", {}, ({QUERY: "{}"}, True)),
        ("{{$trigger.query}}", {(*QUERY, "a"): 1}, None),
        ("{{$trigger.query}}", {A: 1}, ({A: 1, QUERY: "{}"}, True)),
        ({"a": "{{$trigger.body.a}}"}, {}, ({}, True)),
        ("{{known}}", {}, ({}, True)),
        ("{{text}}", {}, ({}, True)),
        ("{{record}}", {}, ({}, True)),
        ("{{plain}}", {}, ({}, False)),
        ("{{nowhere}}", {}, None),
        ("{{ a[ }}", {}, None),
    ],
)
def test_a_transformation(json: Any, sent: dict[Any, Any], expected: Any) -> None:
    assert through("transform", {"json": json}, sent) == expected
    # Where it need not end well, nothing is sent, and it is not known whether it ends badly.
    assert through("transform", {"json": json}, sent, met=False) == (sent, False)


ITEM: Final = Chosen("id of an item of posts")
USER: Final = Chosen("id of an item of directus_users")


@each_case(
    ("collection", "key", "sent", "expected"),
    [
        ("posts", "{{$trigger.body.a}}", {}, ({A: ITEM}, True)),
        ("posts", ["{{$trigger.body.a}}", "{{$trigger.body.b}}"], {}, ({A: ITEM, B: ITEM}, True)),
        ("posts", "{{$trigger.body.a}}", {A: "mine"}, ({A: "mine"}, True)),
        ("posts", ["{{$trigger.body.a}}", "{{$trigger.body.b}}"], {A: "mine"}, ({A: "mine", B: ITEM}, True)),
        ("directus_users", "{{$accountability.user}}", {}, ({}, True)),
        ("posts", "{{$accountability.user}}", {}, ({}, False)),
        ("directus_users", ["{{$accountability.user}}", "{{$trigger.body.a}}"], {}, ({A: USER}, True)),
        ("posts", "7", {}, ({}, False)),
        ("posts", [], {}, ({}, True)),
        ("posts", None, {}, ({}, True)),
        (None, "{{$trigger.body.a}}", {}, ({}, False)),
        ("posts", "{{ a[ }}", {}, None),
    ],
)
def test_an_item_that_is_read(collection: Any, key: Any, sent: dict[Any, Any], expected: Any) -> None:
    assert through("item-read", {"collection": collection, "key": key}, sent) == expected


@each_case(
    ("type_", "met", "sure"),
    [
        ("log", True, True), ("sleep", True, True), ("trigger", True, True), ("log", False, False), ("item-read", False, False), ("exec", False, False),
        ("exec", True, False), ("item-create", True, False), ("request", True, False), ("mail", True, False),
    ],
)  # fmt: skip
def test_what_other_operations_do(type_: str, met: bool, sure: bool) -> None:
    assert through(type_, {}, {A: 1}, met=met) == ({A: 1}, sure)
