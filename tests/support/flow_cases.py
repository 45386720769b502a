"""Filters, templates and data of flows, at random."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final

from directus_guard.directus.flows.conditions import ways
from directus_guard.directus.flows.data import ABSENT, CallerInput, KnownValue, RecordValue
from directus_guard.directus.flows.templates import TemplateError
from directus_guard.directus.tri import Tri
from directus_guard.directus.versions import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.flows.data import Value


UTILS: Final = {10: "utils-10@npm:@directus/utils@11.0.11", 12: "utils-12@npm:@directus/utils@13.5.5"}

VERSIONS: Final = {10: Version(10, 13, 4), 12: Version(12, 4, 1)}

ANONYMOUS: Final[dict[str, Any]] = {
    "user": None,
    "role": None,
    "roles": [],
    "admin": False,
    "app": False,
    "ip": "192.0.2.1",
}

PIECES: Final = (
    "{{", "}}", "{{{", "$trigger", "$env", "$last", ".", " ", "body", "a", "b", "[0]", "[", "]", '["a"]', "'", "x-y", "\n", "",
    "$trigger.body.a", "{{ $trigger.body }}", "{{$env.X}}", "{{ $trigger.body.list[1] }}", "{{ a b }}", "+0",
)  # fmt: skip

TEXTS: Final = ("", "a", "b", "abc", "undefined", "null", "true", "5", "2034-05-01")

VALUES: Final[tuple[Any, ...]] = (*TEXTS, None, True, False, 0, 5, 2.5, [], ["a"], {}, {"a": 1})

OPERATORS: Final = (
    "_eq", "_neq", "_in", "_nin", "_contains", "_ncontains", "_icontains", "_starts_with", "_nstarts_with", "_ends_with",
    "_nends_with", "_istarts_with", "_niends_with", "_null", "_nnull", "_empty", "_nempty", "_gt", "_gte", "_lt", "_lte",
    "_between", "_nbetween", "_submitted", "_unknown",
)  # fmt: skip

PATHS: Final = (
    ("$trigger", "body", "a"), ("$trigger", "headers", "x-y"), ("$trigger", "query", "b"), ("$accountability", "user"),
    ("$accountability", "role"), ("$accountability", "admin"), ("$accountability",), ("$trigger", "body"), ("$last",),
    ("nowhere",), ("$trigger", "body", "a", "b"), ("$accountability", "nothing"),
)  # fmt: skip


def data_of(random: Random) -> dict[str, Any]:
    body: Any = random.choice(
        ({}, {"a": random.choice(VALUES)}, {"a": {"b": random.choice(VALUES)}, "list": [1, 2]}, None, "x")
    )
    return {
        "$trigger": {
            "body": body,
            "headers": random.choice(({}, {"x-y": random.choice(TEXTS)})),
            "query": random.choice(({}, {"b": random.choice(TEXTS)})),
            "method": "POST",
        },
        "$last": random.choice(VALUES),
        "$accountability": ANONYMOUS,
        "$env": random.choice(({}, {"X": "a"})),
    }


def operand(random: Random, operator: str) -> Any:
    if operator in ("_in", "_nin", "_between", "_nbetween"):
        return [random.choice((*TEXTS, 0, 5)) for _ in range(random.choice((0, 1, 2, 2, 2)))]
    return random.choice(
        (*TEXTS, None, True, False, 0, 5, "{{$env.X}}", "{{ $last }}", "x{{$last}}", "$CURRENT_USER", "{{")
    )


def filter_of(random: Random, depth: int = 2) -> Any:
    if depth and random.random() < 0.4:
        key = random.choice(("_and", "_or"))
        return {key: [filter_of(random, depth - 1) for _ in range(random.choice((0, 1, 2, 2)))]}
    if random.random() < 0.05:
        return random.choice(({}, None, {"$trigger": {}}, {"$trigger": None}))
    operator = random.choice(OPERATORS)
    rule: Any = {operator: operand(random, operator)}
    if random.random() < 0.1:
        rule = {random.choice(("_and", "_or")): [rule, {"_null": True}]}
    for component in reversed(random.choice(PATHS)):
        rule = {component: rule}
    return rule


def trigger() -> Value:
    parts = {name: CallerInput(("$trigger", name), text=name != "body") for name in ("body", "headers", "query")}
    return RecordValue({**parts, "method": KnownValue("POST")}, ABSENT)


def ends(filter_: Any, data: Mapping[str, Value], version: Version) -> tuple[Tri, Tri]:
    """Whether a caller can make a condition end well, and badly."""
    found = ways(filter_, data, version)
    return found.resolve, found.reject


def possible(filter_: Any, data: dict[str, Value], major: int) -> set[bool]:
    try:
        found = ways(filter_, data, VERSIONS[major])
    except TemplateError:
        return {False}
    return {end for end, answer in ((True, found.resolve), (False, found.reject)) if answer is not Tri.NO}


_KNOWN: Final[dict[str, Any]] = {
    "a": {"b": {"c": "deep"}, "list": [1, 2, 3], "x": {"y": {"z": {"x": {"y": {"z": {"x": {"y": "far"}}}}}}}}
}
_TEMPLATES: Final = (
    "{{ a[ }}", "x{{ a[] }}", "{{a[ ]}}", "{{a.x.y.z.x.y.z.x.y}}", "{{a.x.y.z.x.y.z.x.y.q.r.s}}", "{{ .a }}", "{{ a['b']c }}",
    "{{ a['b']. }}", "{{ a['b'].c }}", "{{a..b}}", "{{a.b.}}", "{{ a['b\"] }}", "{{ a['] }}", "{{a[[b]}}", '{{ a["b"].c }}',
    "{{a.list.length}}", "{{a.list.[0]}}", "{{a.list[0].}}", "n{{a.list.length}}",
)  # fmt: skip
"""Chosen by hand: what brackets, dots and quotation marks may do."""

_SENT: Final[dict[str, Any]] = {
    "$trigger": {"body": {"a": 5, "list": [1, 2], "when": "2020-01-01"}, "headers": {}, "query": {}, "method": "POST"},
    "$last": None,
    "$accountability": ANONYMOUS,
    "$env": {},
}
_RULES: Final[tuple[Any, ...]] = (
    {"a": "text"}, {"a": 5}, {"a": 0}, {"a": []}, {"a": ["_eq"]}, {"when": {"_lt": "$NOW"}}, {"when": {"_gt": "$NOW(-1 day)"}},
    {"a": {"_eq": "$CURRENT_POLICIES"}}, {"a": {"_in": "5"}}, {"a": {"_in": "5,6"}}, {"a": {"_nin": "5"}}, {"a": {"_between": "1"}},
    {"a": {"_in": 5}}, {"a": {"_regex": "^5$"}}, {"a": {"_regex": 5}}, {"a": {"_regex": None}}, {"a": {"_in": []}},
    {"a": {"_in": ["{{$trigger.body.list}}", 5]}}, {"a": {"_nin": ["{{$trigger.body.list}}"]}}, {"a": {"_in": [[5], 6]}},
)  # fmt: skip
_FILTERS: Final[tuple[Any, ...]] = (
    *({"$trigger": {"body": rule}} for rule in _RULES),
    {"_and": "x"},
    {"_or": {"0": {"$trigger": {"body": {"a": {"_eq": 5}}}}}},
    [{"$trigger": {"body": {"a": {"_eq": 5}}}}],
    {"$accountability": {"user": {"_eq": "$CURRENT_USER"}}},
    {"$accountability": {"user": {"_eq": "$CURRENT_USER.email"}}},
    "text",
)
"""Chosen by hand: filters that are none, and operands of other kinds than the operator asks for."""


def texts(number: int) -> list[tuple[str, dict[str, Any]]]:
    """The chosen templates and so many more, and the data that they are rendered with."""
    random = Random(4)
    return [(text, _KNOWN) for text in _TEMPLATES] + [
        ("".join(random.choice(PIECES) for _ in range(random.randint(1, 6))), data_of(random)) for _ in range(number)
    ]


def conditions(number: int) -> list[tuple[Any, dict[str, Any], dict[str, Any]]]:
    """The chosen filters and so many more, the data of the flow, and who runs it."""
    random = Random(7)
    return [(filter_, _SENT, ANONYMOUS) for filter_ in _FILTERS] + [
        (filter_of(random), data_of(random), ANONYMOUS) for _ in range(number)
    ]
