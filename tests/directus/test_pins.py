"""The values that conditions leave to the caller."""

from __future__ import annotations

from typing import Any, Final

from directus_guard.directus.flows.data import CallerInput, KnownValue, RecordValue, look_up, with_pins
from directus_guard.directus.flows.model import FlowModel
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.directus.flows.start import Caller
from directus_guard.finding import Location
from tests.support.each import each_case

PLACE: Final = Location("operations.json", 2)
BODY: Final = ("$trigger", "body")
WHOLE: Final = CallerInput(BODY)


@each_case(
    ("filter_", "expected"),
    [
        ({"$trigger": {"body": {"role": {"_eq": "editor"}}}}, {((*BODY, "role"), ("editor",))}),
        ({"$trigger": {"body": {"role": {"_in": ["editor", "author"]}}}}, {((*BODY, "role"), ("editor", "author"))}),
        ({"$trigger": {"body": {"role": {"_null": True}}}}, {((*BODY, "role"), (None,))}),
        ({"$trigger": {"body": {"role": {"_null": False}}}}, set()),
        ({"$last": {"body": {"role": {"_eq": "editor"}}}}, {((*BODY, "role"), ("editor",))}),
        ({"_and": [{"$trigger": {"body": {"role": {"_eq": "editor"}}}}, {"$trigger": {"body": {"plan": {"_eq": "free"}}}}]},
         {((*BODY, "role"), ("editor",)), ((*BODY, "plan"), ("free",))}),
        ({"_or": [{"$trigger": {"body": {"role": {"_eq": "editor"}}}}, {"$trigger": {"body": {"plan": {"_eq": "free"}}}}]}, set()),
        ({"$trigger": {"body": {"role": {"_neq": "editor"}}}}, set()),
        ({"$trigger": {"body": {"age": {"_eq": 18}}}}, set()),
        ({"$trigger": {"body": {"role": {"_eq": "{{$trigger.query.role}}"}}}}, set()),
        ({"$trigger": {"method": {"_eq": "POST"}}}, set()),
        ("text", set()),
    ],
)  # fmt: skip
def test_what_a_condition_pins(filter_: Any, expected: Any) -> None:
    flow = Flow("flow-1", "Asks", "active", "webhook", {"method": "POST"}, "o1", PLACE)
    asks = Operation("o1", "asks", "condition", "flow-1", {"filter": filter_}, "o2", None, PLACE)
    logs = Operation("o2", "logs", "log", "flow-1", {"message": "x"}, None, None, PLACE)
    _, logged = FlowModel([flow], [asks, logs]).run(flow, Caller(signed_in=False)).steps
    assert logged.pins == expected


def test_values_at_paths() -> None:
    pins: dict[tuple[str, ...], str | None] = {(*BODY, "user", "role"): "editor"}
    found = with_pins(RecordValue({"data": WHOLE, "kept": KnownValue(1)}, KnownValue(None)), pins)
    assert look_up(found, ("data", "user", "role")) == KnownValue("editor")
    assert look_up(found, ("data", "user", "email")) == CallerInput((*BODY, "user", "email"))
    assert look_up(found, ("data", "other")) == CallerInput((*BODY, "other"))
    assert look_up(found, ("kept",)) == KnownValue(1)
    assert with_pins(CallerInput(("$trigger", "query")), pins) == CallerInput(("$trigger", "query"))
