"""Parts of flows by themselves: texts that templates make, values that are too large, and which flows an operation starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from directus_guard.directus.environment.deployment import Unknown
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
    as_object,
    carries,
    rendered,
    sent_paths,
)
from directus_guard.directus.flows.environment import listed_variables
from directus_guard.directus.flows.graph import graph_of
from directus_guard.directus.flows.model import FlowModel
from directus_guard.directus.flows.records import Operation
from directus_guard.directus.flows.start import Caller
from directus_guard.directus.flows.steps import Arrival, merge_states
from directus_guard.directus.tri import Tri
from directus_guard.directus.versions import NEWEST
from directus_guard.secret import Secret
from tests.support.each import each_case
from tests.support.environments import environment, variable
from tests.support.flows import HERE, flow

if TYPE_CHECKING:
    from directus_guard.directus.flows.data import Value

SENT: Final = CallerInput(("$trigger", "body"))
MEMBER: Final = Caller(signed_in=True, may=lambda _collection, _action: Tri.YES)
DATA: Final[dict[str, Value]] = {
    "$trigger": RecordValue({"body": SENT}, ABSENT), "secret": SecretValue(), "me": CallerIdentity(), "row": STORED, "null": NULL,
    "known": KnownValue({"a": 5, "b": True, "c": None, "d": "x", "e": [1, "y"], "f": 1.5}), "$env": UNKNOWN_ENV,
}  # fmt: skip


@each_case(
    ("text", "value"),
    [
        ("x", KnownValue("x")), ("{{known.a}}", KnownValue(5)), ("{{ known.e }}", KnownValue([1, "y"])), ("{{me}}", CallerIdentity()), ("{{secret}}", SecretValue()),
        # Within a text a value is written as JavaScript does.
        ("a{{known.a}}", KnownValue("a5")), ("a{{known.b}}b", KnownValue("atrueb")), ("b{{known.c}}", KnownValue("bnull")), ("{{known.d}}{{known.f}}", KnownValue("x1.5")), ("a {{known.e}}", KnownValue('a [1,"y"]')),
        ("a{{nowhere}}", KnownValue("aundefined")), ("{{nowhere}}", KnownValue("undefined")), ("{{known.a}}{{nowhere}}", KnownValue("5undefined")),
        # A secret stays one in a longer text, and so does who the caller is.
        ("Bearer {{secret}}", SecretValue()), ("{{secret}}{{me}}", SecretValue()), ("{{me}}{{secret}}", SecretValue()), ("{{me}}/{{me}}", CallerIdentity()), ("u-{{me}}", CallerIdentity()), ("{{secret}}{{nowhere}}", SecretValue()),
    ],
)  # fmt: skip
def test_what_a_text_becomes(text: str, value: Value) -> None:
    assert rendered(text, DATA) == value


@each_case(
    ("text", "theirs"),
    [("a{{$trigger.body}}", Tri.YES), ("{{secret}}{{$trigger.body}}", Tri.YES), ("{{row}}-{{known.a}}", Tri.NO), ("{{row}}{{secret}}", Tri.NO)],
)  # fmt: skip
def test_a_text_of_several_values(text: str, theirs: Tri) -> None:
    found = rendered(text, DATA)
    assert carries(found) is theirs
    assert bool(sent_paths(found)) is (theirs is Tri.YES)


def test_values_that_are_too_large_are_taken_together() -> None:
    """What is known is then as stored data; what the caller sends is still theirs."""
    many: dict[str, Any] = {f"m{number}": number for number in range(2500)}
    assert rendered(many, DATA) == STORED
    few = {name: many[name] for name in list(many)[:100]}
    assert rendered(few, DATA) == KnownValue(few)
    mixed = rendered({**many, "x": "{{$trigger.body}}"}, DATA)
    assert isinstance(mixed, Computed)
    assert carries(mixed) is Tri.YES
    assert sent_paths(mixed) == {("$trigger", "body")}
    without = rendered({**many, "x": "{{row}}"}, DATA)
    assert isinstance(without, Computed)
    assert carries(without) is Tri.NO
    assert rendered(["x" * 64 * 2100], DATA) == STORED
    assert rendered(["x" * 64 * 100], DATA) == KnownValue(["x" * 64 * 100])
    assert as_object(KnownValue('{"a": [1, 2]}')) == KnownValue({"a": [1, 2]})
    assert as_object(KnownValue("{")) == STORED
    assert as_object(SENT) == SENT
    deep: Any = []
    for _ in range(60):
        deep = [deep]
    assert rendered([deep], DATA) == KnownValue([deep])


def trigger(key: str, target: Any, then: str | None = None, *, of: str = "f", payload: Any = None) -> Operation:
    return Operation(key, key, "trigger", of, {"flow": target, "payload": payload}, then, None, HERE)


def log(key: str, of: str) -> Operation:
    return Operation(key, key, "log", of, {"message": "{{$trigger.x}}"}, None, None, HERE)


OTHERS: Final = (
    flow("operation", "g1", name="g"), flow("operation", "h1", name="h", status="inactive"), flow("webhook", "i1", name="i"), flow("operation", "j1", name="j"),
)  # fmt: skip


@each_case(
    ("target", "started"),
    [("g", {"g"}), ("h", set()), ("i", set()), ("nowhere", set()), ("{{$env.FLOW}}", {"g", "j"}), ("{{$trigger.body.flow}}", {"g", "j"}), (5, set())],
)  # fmt: skip
def test_which_flows_an_operation_starts(target: Any, started: set[str]) -> None:
    operations = [trigger("a", target), *(log(f"{one.name}1", one.name) for one in OTHERS)]
    model = FlowModel((flow(), *OTHERS), operations, version=NEWEST)
    assert {one.name for one in model.started_by_operations} == {"g", "j"}
    assert {step.flow.name for step in model.run(flow(), MEMBER).steps} == {"f", *started}


def test_a_flow_that_is_started_twice_gets_both() -> None:
    """And one that starts others which start it again ends."""
    operations = [
        trigger("a", "g", "b", payload={"x": "{{$trigger.body.x}}"}), trigger("b", "g", payload={"x": "fixed"}),
        log("g1", "g"),
    ]  # fmt: skip
    model = FlowModel((flow(), flow("operation", "g1", name="g")), operations, version=NEWEST)
    steps = {step.operation.key: step for step in model.run(flow(), MEMBER).steps}
    assert set(steps) == {"a", "b", "g1"}
    assert carries(steps["g1"].inputs["message"]) is not Tri.NO
    back = [trigger("a", "g"), trigger("g1", "j", of="g"), trigger("j1", "g", "j2", of="j"), log("j2", "j")]
    others = (flow("operation", "g1", name="g"), flow("operation", "j1", name="j"))
    found = FlowModel((flow(), *others), back, version=NEWEST).run(flow(), MEMBER)
    assert {step.operation.key for step in found.steps} == {"a", "g1", "j1", "j2"}


def test_operations_that_come_again_after_themselves() -> None:
    """The others of a circle are still there, in order, also those after the one that comes again."""

    def operation(key: str, resolve: str | None, reject: str | None = None) -> Operation:
        return Operation(key, key, "log", "f", {}, resolve, reject, HERE)

    circle = {one.id: one for one in (operation("a", "b"), operation("b", "a", "c"), operation("c", None))}
    found = graph_of(flow(), circle)
    assert [one.key for one in found.operations] == ["a", "b", "c"]
    assert found.broken
    apart = {
        one.id: one
        for one in (operation("a", "b", "c"), operation("b", "d"), operation("c", "d"), operation("d", None))
    }
    joined = graph_of(flow(), apart)
    assert "".join(one.key for one in joined.operations) in ("abcd", "acbd")
    assert not joined.broken


@each_case(
    ("secret", "through"),
    [
        ("Zp3vK8qLw2RtYx91", Tri.NO), ("{{$trigger.body.secret}}", Tri.YES), ("{{$accountability.user}}", Tri.YES), ("test", Tri.YES), (5, Tri.YES), ("{{$env.KEY}}", Tri.NO), ("{{row.secret}}", Tri.UNKNOWN), (None, Tri.YES),
    ],
)  # fmt: skip
def test_who_can_make_a_token_that_is_accepted(secret: Any, through: Tri) -> None:
    """Who knows the secret that it is verified with."""
    read = Operation(
        "row", "row", "item-read", "f", {"collection": "keys", "permissions": "$full", "key": [1]}, "a", None, HERE
    )
    options = {"operation": "verify", "token": "{{$trigger.body.token}}", "secret": secret}
    verify = Operation("a", "a", "json-web-token", "f", options, "b", None, HERE)
    model = FlowModel((flow(first="row"),), (read, verify, log("b", "f")), version=NEWEST)
    run = model.run(flow(first="row"), MEMBER, RecordValue({"KEY": SecretValue()}, ABSENT))
    steps = {step.operation.key: step.reach for step in run.steps}
    assert steps.get("b", Tri.NO) is through


def arrival(reach: Tri, doubt: str = "", tested: frozenset[Any] = frozenset(), **data: Value) -> Arrival:
    return Arrival(reach, data, tested, doubt)


def test_where_several_ways_come_together() -> None:
    """What cannot be taken says nothing; what is not on all ways may be missing; a doubt is that of the surest way."""
    one, two = KnownValue(1), KnownValue(2)
    a, b = frozenset({("a",)}), frozenset({("a",), ("b",)})
    assert merge_states([arrival(Tri.NO, x=one), arrival(Tri.YES, x=two)]) == arrival(Tri.YES, x=two)
    assert merge_states([arrival(Tri.NO, x=one)]) == arrival(Tri.NO, x=one)
    both = merge_states([arrival(Tri.YES, "", a, x=one), arrival(Tri.YES, "", b, x=one)])
    assert both == arrival(Tri.YES, "", a, x=one)
    other = merge_states([arrival(Tri.UNKNOWN, "first", x=one), arrival(Tri.UNKNOWN, "second", x=two, y=SENT)])
    assert (other.reach, other.doubt) == (Tri.UNKNOWN, "first")
    assert other.data["x"] == Computed(Tri.NO)
    assert sent_paths(other.data["y"]) == {("$trigger", "body")}
    sure = merge_states([arrival(Tri.UNKNOWN, "first"), arrival(Tri.YES, "")])
    assert (sure.reach, sure.doubt) == (Tri.YES, "")
    sure = merge_states([arrival(Tri.YES, "an old doubt"), arrival(Tri.YES, "")])
    assert (sure.reach, sure.doubt) == (Tri.YES, "")


@each_case(
    ("text", "names"),
    [("A,B", ("A", "B")), ("A", ("A",)), ("false", ()), ("", ()), ("null", ()), ("*", ("*",)), ("json:[1]", ("1",)), (None, ())],
)  # fmt: skip
def test_which_variables_flows_get(text: str | None, names: tuple[str, ...]) -> None:
    env = environment(*([] if text is None else [variable("FLOWS_ENV_ALLOW_LIST", text)]))
    assert listed_variables(env) == names
    outside = environment(variable("FLOWS_ENV_ALLOW_LIST", Unknown("given outside", Secret("A,B"))))
    assert listed_variables(outside) == ()
