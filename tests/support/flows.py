"""Flows and operations: given ones, and any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, strategies as st

from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.finding import Location

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

HERE = Location("flows.json")


def flow(
    trigger: str = "webhook", first: str | None = "a", *, name: str = "f", status: str = "active", **options: Any
) -> Flow:
    return Flow(name, name, status, trigger, options, first, HERE)


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(allow_nan=False),
    st.sampled_from(["{{$trigger.body}}", "{{ $last.a }}", "{{", "$full", "$CURRENT_USER", "_and", "a", "x{{b[0]}}", "verify", "throw"]),
    st.text(max_size=5),
)  # fmt: skip
KEYS = st.sampled_from(
    ["filter", "_and", "_or", "_eq", "_in", "_between", "$accountability", "$trigger", "user", "code", "payload", "key", "query",
     "permissions", "collection", "flow", "json", "operation", "secret", "token", "method", "collections", "scope", "_gt", "count(a)"]
)  # fmt: skip
JSON: Any = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
NAMES = st.sampled_from(["a", "b", "c", "d", None])
TYPES = st.sampled_from(
    ["condition", "exec", "item-create", "item-read", "item-update", "item-delete", "json-web-token", "trigger", "request", "mail",
     "transform", "throw-error", "notification", "log", "strange", ""]
)  # fmt: skip
OPERATIONS = st.builds(
    lambda key, type_, options, resolve, reject, of: Operation(key or "a", key or "", type_, of, options, resolve, reject, HERE),
    NAMES, TYPES, st.dictionaries(KEYS, JSON, max_size=4), NAMES, NAMES, st.sampled_from(["f", "g", None]),
)  # fmt: skip
FLOWS = st.builds(
    lambda name, trigger, options, first: Flow(name, name, "active", trigger, options, first, HERE),
    st.sampled_from(["f", "g"]), st.sampled_from(["webhook", "manual", "operation", "event", "schedule", ""]),
    st.dictionaries(KEYS, JSON, max_size=3), NAMES,
)  # fmt: skip
given_any_flows = given(
    st.lists(FLOWS, max_size=3),
    st.lists(OPERATIONS, max_size=8, unique_by=lambda one: (one.flow, one.id)),
    st.randoms(use_true_random=False),
)
"""Any flows, any operations, and what puts these into another order."""


def without_doubles(flows: Sequence[Flow]) -> list[Flow]:
    """Of the flows with one id the last."""
    return list({one.id: one for one in flows}.values())


def shuffled(operations: Sequence[Operation], by: Random) -> list[Operation]:
    """The operations in another order."""
    mixed = list(operations)
    by.shuffle(mixed)
    return mixed
