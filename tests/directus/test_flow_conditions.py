"""Conditions of flows that compare with what callers do not know: variables, stored rows, tokens, themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.directus.flows.conditions import value_at
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
    can_know,
    sent_paths,
)
from directus_guard.directus.tri import Tri
from directus_guard.directus.versions import Version
from tests.support.each import each_case
from tests.support.flow_cases import VERSIONS, ends

if TYPE_CHECKING:
    from directus_guard.directus.flows.data import Value

YES, NO, UNKNOWN = Tri.YES, Tri.NO, Tri.UNKNOWN
SECRET: Final = "Zp3vK8qLw2RtYx91"


def data(variable: Value) -> dict[str, Value]:
    """What a flow has after it read a row (`row`) and decoded a token that was sent (`token`)."""
    top = "$trigger"
    parts: dict[str, Value] = {name: CallerInput((top, name), text=name == "headers") for name in ("body", "headers")}
    return {
        top: RecordValue(parts, ABSENT),
        "$accountability": RecordValue({"user": NULL, "role": KnownValue("editor"), "ip": CallerIdentity()}, ABSENT),
        "$env": RecordValue({"KEY": variable}, ABSENT),
        "row": STORED,
        "token": Computed(YES, frozenset({(top, "body", "token")})),
    }


def at(path: str, rule: dict[str, Any]) -> dict[str, Any]:
    """A filter with one rule for one path."""
    filter_: Any = rule
    for name in reversed(path.split(" ")):
        filter_ = {name: filter_}
    return filter_  # type: ignore[no-any-return]


@each_case(
    ("path", "rule", "through", "past"),
    [
        ("$trigger headers x-hook", {"_eq": "{{$env.KEY}}"}, NO, YES),
        ("$trigger headers x-hook", {"_neq": "{{$env.KEY}}"}, YES, YES),
        ("$trigger headers x-hook", {"_starts_with": "{{$env.KEY}}"}, NO, YES),
        ("$trigger headers x-hook", {"_icontains": "{{$env.KEY}}"}, NO, YES),
        ("$trigger headers x-hook", {"_ncontains": "{{$env.KEY}}"}, YES, YES),
        ("$trigger headers x-hook", {"_in": ["{{$env.KEY}}", "{{$env.KEY}}"]}, NO, YES),
        ("$trigger headers x-hook", {"_in": ["{{$env.KEY}}", SECRET]}, NO, YES),
        ("$trigger headers x-hook", {"_in": ["{{$env.KEY}}", "test"]}, YES, YES),
        ("$trigger headers x-hook", {"_nin": ["{{$env.KEY}}", SECRET]}, YES, YES),
        ("$trigger headers x-hook", {"_regex": "^{{$env.KEY}}$"}, NO, YES),
        ("$trigger headers x-hook", {"_regex": "^({{$env.KEY}}|.*)$"}, UNKNOWN, YES),
        # Directus throws for a text that is no number; whether the variable is a number is not known.
        ("$trigger body amount", {"_gt": "{{$env.KEY}}"}, UNKNOWN, YES),
        ("$trigger body amount", {"_lte": "{{$env.KEY}}"}, UNKNOWN, YES),
        ("$trigger body amount", {"_between": ["{{$env.KEY}}", 5]}, UNKNOWN, YES),
        ("$trigger body amount", {"_nbetween": [1, "{{$env.KEY}}"]}, UNKNOWN, YES),
        ("$accountability user", {"_gte": "{{$env.KEY}}"}, UNKNOWN, UNKNOWN),
        ("$accountability user", {"_eq": "{{$env.KEY}}"}, NO, YES),
        ("$accountability user", {"_neq": "{{$env.KEY}}"}, YES, NO),
        ("$accountability role", {"_in": ["{{$env.KEY}}", "editor"]}, YES, NO),
        ("$accountability role", {"_nin": ["{{$env.KEY}}", "editor"]}, NO, YES),
        ("$accountability ip", {"_eq": "{{$env.KEY}}"}, UNKNOWN, UNKNOWN),
        ("$accountability ip", {"_in": ["192.0.2.1", "{{$env.KEY}}"]}, UNKNOWN, UNKNOWN),
        ("$env KEY", {"_null": True}, NO, YES),
        ("$env KEY", {"_nempty": True}, YES, NO),
        ("$env KEY", {"_eq": "{{$trigger.body.key}}"}, NO, YES),
        ("$env KEY", {"_neq": "{{$trigger.body.key}}"}, YES, NO),
        ("$env KEY", {"_eq": "{{ token.key }}"}, UNKNOWN, YES),
        ("$env KEY", {"_eq": "production"}, YES, YES),
        ("$env KEY", {"_eq": "{{$env.KEY}}"}, YES, YES),
    ],
)
def test_a_variable_that_callers_do_not_know(path: str, rule: dict[str, Any], through: Tri, past: Tri) -> None:
    for version in VERSIONS.values():
        assert ends(at(path, rule), data(SecretValue()), version) == (through, past)


@each_case(
    ("path", "rule", "through", "past"),
    [
        ("$trigger body key", {"_eq": "{{$env.KEY}}"}, UNKNOWN, YES),
        ("$trigger body key", {"_neq": "{{$env.KEY}}"}, YES, YES),
        ("$trigger body key", {"_in": ["{{$env.KEY}}", "test"]}, YES, YES),
        ("token key", {"_eq": "{{$env.KEY}}"}, UNKNOWN, YES),
        ("token key", {"_neq": "{{$env.KEY}}"}, UNKNOWN, UNKNOWN),
        ("$accountability user", {"_eq": "{{$env.KEY}}"}, UNKNOWN, UNKNOWN),
        ("row key", {"_eq": "{{$env.KEY}}"}, UNKNOWN, UNKNOWN),
        ("$env KEY", {"_eq": "{{$trigger.body.key}}"}, UNKNOWN, YES),
        ("$env KEY", {"_neq": "{{$trigger.body.key}}"}, UNKNOWN, UNKNOWN),
    ],
)
def test_a_variable_that_is_not_in_the_repository(path: str, rule: dict[str, Any], through: Tri, past: Tri) -> None:
    assert ends(at(path, rule), data(UNKNOWN_ENV), VERSIONS[12]) == (through, past)


@each_case(
    ("path", "rule", "through", "past"),
    [
        ("row key", {"_eq": "{{$trigger.body.key}}"}, UNKNOWN, YES),
        ("row key", {"_eq": "{{ token.key }}"}, UNKNOWN, YES),
        ("row key", {"_eq": "{{ row.other }}"}, UNKNOWN, UNKNOWN),
        ("row key", {"_eq": "published"}, YES, YES),
        ("$trigger body key", {"_eq": "{{$trigger.body.other}}"}, YES, YES),
        ("$trigger body key", {"_eq": "{{ token.key }}"}, YES, YES),
        ("$trigger body key", {"_eq": "{{ row.key }}"}, UNKNOWN, YES),
        ("$trigger body key", {"_eq": "{{ $accountability.ip }}"}, YES, YES),
        ("$accountability ip", {"_eq": "{{ row.address }}"}, UNKNOWN, UNKNOWN),
        ("$accountability ip", {"_eq": "{{ $accountability.ip }}"}, UNKNOWN, UNKNOWN),
        ("$accountability role", {"_eq": "{{ row.role }}"}, YES, YES),
        ("token role", {"_eq": "admin"}, YES, YES),
        ("token role", {"_eq": "{{ row.role }}"}, UNKNOWN, UNKNOWN),
    ],
)
def test_rows_and_tokens(path: str, rule: dict[str, Any], through: Tri, past: Tri) -> None:
    assert ends(at(path, rule), data(ABSENT), VERSIONS[12]) == (through, past)


@each_case("written", ["0", "x", "9", "0123456789", "\u4e00\u4e01", "0\u4e00", "something"])
@each_case("operator", ["_neq", "_nin", "_ncontains", "_nstarts_with", "_nends_with"])
def test_there_is_always_another_text_to_send(operator: str, written: str) -> None:
    rule = {operator: [written] if operator == "_nin" else written}
    assert ends(at("$trigger body key", rule), data(ABSENT), VERSIONS[12]) == (YES, YES)


@pytest.mark.parametrize("header", ["x-partner", "x-hook"])
def test_a_long_mixed_text_in_a_header_is_a_secret(header: str) -> None:
    assert can_know(("$trigger", "headers", header), SECRET) is NO
    assert can_know(("$trigger", "headers", header), "partner") is YES


@each_case("operator", ["_in", "_nin"])
@each_case(
    ("version", "listed", "throws"),
    [
        (Version(10, 13, 4), ["{{known}}", 5], True),
        (Version(10, 13, 4), ["{{known}}"], True),
        (Version(10, 13, 4), [[1], 5], True),
        (Version(10, 13, 4), ["{{known}}", "{{$env.KEY}}"], True),
        (Version(11, 6, 1), ["{{none}}", 5], True),
        (Version(10, 13, 4), [7, 5], False),
        (Version(10, 13, 4), "{{known}}", False),
        (Version(11, 7, 0), ["{{known}}", 5], False),
        (Version(12, 4, 1), ["{{known}}", 5], False),
    ],
)
def test_a_list_that_a_template_puts_into_a_list(operator: str, version: Version, listed: object, throws: bool) -> None:
    """Joi takes no list as one of several values: until rules are read like item rules the condition ends badly (run with
    `@directus/utils` of 10.13.4)."""
    known = {"known": KnownValue([5, 7]), "none": KnownValue([])}
    found = ends(at("$trigger body a", {operator: listed}), data(SecretValue()) | known, version)
    assert found == ((NO, YES) if throws else (YES, YES))


@each_case(
    ("path", "rule", "through", "past"),
    [
        # Of a whole part of the data it is only plain that it is there.
        ("$trigger", {"_submitted": True}, YES, NO),
        ("$trigger", {"_nnull": True}, YES, NO),
        ("$trigger", {"_nempty": True}, YES, YES),
        ("$trigger", {"_eq": 1}, YES, YES),
        ("$accountability user", {"_eq": "$CURRENT_USER"}, YES, NO),
        ("$accountability role", {"_eq": "$CURRENT_ROLE"}, YES, NO),
        ("$accountability role", {"_in": "$CURRENT_ROLES"}, YES, NO),
        ("$accountability role", {"_eq": "$CURRENT_USER"}, NO, YES),
        ("$accountability user", {"_eq": "$CURRENT_POLICIES"}, NO, YES),
        # A list of which a caller chooses a part may have the value, or not.
        ("$accountability role", {"_in": ["editor", "{{$trigger.body.x}}"]}, UNKNOWN, YES),
        ("$accountability role", {"_in": ["editor", "{{ row.x }}"]}, YES, YES),
        # Headers are texts: numbers are sent as such, truth is not.
        ("$trigger headers x-hook", {"_eq": 7}, YES, YES),
        ("$trigger headers x-hook", {"_eq": "7"}, YES, YES),
        ("$trigger headers x-hook", {"_eq": True}, NO, YES),
        ("$trigger body key", {"_eq": True}, YES, YES),
        ("$trigger body key", {"_eq": 7}, YES, YES),
    ],
)
def test_what_is_compared_with_what_callers_are(path: str, rule: dict[str, Any], through: Tri, past: Tri) -> None:
    given = data(ABSENT)
    caller = {"user": KnownValue("u1"), "role": KnownValue("editor"), "roles": KnownValue(["editor"])}
    given["$accountability"] = RecordValue(caller, ABSENT)
    assert ends(at(path, rule), given, VERSIONS[12]) == (through, past)


@each_case(
    ("path", "sent"),
    [
        ("$trigger body count(items)", {("$trigger", "body", "items")}),
        ("$trigger body year(date)", {("$trigger", "body", "date")}),
        ("row count(items)", set()),
    ],
)
def test_a_function_is_computed_of_its_field(path: str, sent: set[tuple[str, ...]]) -> None:
    found = value_at(tuple(path.split(" ")), data(ABSENT))
    assert isinstance(found, Computed)
    assert sent_paths(found) == sent


def test_a_function_of_a_variable_that_is_not_in_the_repository() -> None:
    assert value_at(("$env", "count(KEY)"), data(UNKNOWN_ENV)) == UNKNOWN_ENV
    assert value_at(("$env", "KEY"), data(KnownValue("x"))) == KnownValue("x")
