"""What is sent beside the rest, so that the operations on the way let the caller through."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from directus_guard.directus.access.validation_rules import AllOf, AnyOf, Leaf, Refused
from directus_guard.directus.flows.conditions import condition_rule, is_met, value_at, values_for
from directus_guard.directus.flows.data import (
    STORED,
    CallerIdentity,
    CallerInput,
    KnownValue,
    RecordValue,
    Written,
    as_object,
    rendered,
)
from directus_guard.directus.flows.templates import UNDEFINED, TemplateError
from directus_guard.directus.tri import Tri
from directus_guard.escalation.requests.request import Chosen
from directus_guard.escalation.tables import USERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access.validation_rules import Rule
    from directus_guard.directus.flows.data import Value as FlowValue
    from directus_guard.directus.flows.templates import Path
    from directus_guard.directus.versions import Version
    from directus_guard.escalation.plans.flow_routes import Passage
    from directus_guard.escalation.requests.request import Value

Sent: TypeAlias = "Mapping[Path, Value]"
"""What is sent, by its path in the data of the flow."""


def let_through(passage: Passage, version: Version, sent: Sent) -> tuple[Sent, bool] | None:
    """What is sent then, and whether that surely passes the operation; None: it cannot be passed with it."""
    operation = passage.operation
    if operation.type == "condition":
        filter_ = operation.options.get("filter")
        if not filter_ or not isinstance(filter_, (dict, list, tuple)):
            return sent, True
        return _Solution(passage, version).of(condition_rule(filter_, version), sent, met=passage.met)
    if operation.type in ("log", "sleep", "trigger") or not passage.met:
        return sent, passage.met
    try:
        if operation.type == "transform":
            return _as_json(rendered(operation.options.get("json"), passage.data), sent)
        if operation.type == "item-read":
            return _with_key(passage, sent)
    except TemplateError:
        return None
    return sent, False


def _as_json(value: FlowValue, sent: Sent) -> tuple[Sent, bool] | None:
    """A transformation takes an object, or the text of one: what is missing is the word `undefined`, and fails."""
    if value == KnownValue(UNDEFINED):
        return None
    if not isinstance(value, CallerInput):
        return sent, isinstance(value, RecordValue) or (isinstance(value, KnownValue) and as_object(value) != STORED)
    below = [path for path in sent if path[: len(value.path)] == value.path]
    if value.text and below:
        return None
    return (sent, True) if below else ({**sent, value.path: "{}" if value.text else {}}, True)


def _with_key(passage: Passage, sent: Sent) -> tuple[Sent, bool] | None:
    """Reading an item that is not there fails."""
    collection = passage.operation.options.get("collection")
    key = rendered(passage.operation.options.get("key"), passage.data)
    for one in key.members.values() if isinstance(key, RecordValue) else (key,):
        if isinstance(one, CallerInput) and isinstance(collection, str):
            item = Chosen(f"id of an item of {collection}")
            sent = sent if one.path in sent else {**sent, one.path: item}
        elif not (isinstance(one, CallerIdentity) and collection == USERS) and not isinstance(one, Written):
            return sent, isinstance(one, KnownValue) and not one.value
    return sent, True


class _Solution:
    def __init__(self, passage: Passage, version: Version) -> None:
        self._data = passage.data
        self._version = version

    def of(self, rule: Rule, sent: Sent, *, met: bool) -> tuple[Sent, bool] | None:
        if isinstance(rule, Leaf):
            return self._leaf(rule, sent, met=met)
        if isinstance(rule, Refused):
            return None if met else (sent, True)
        if isinstance(rule, AllOf) is met:
            return self._all(rule, sent, met=met)
        if not rule.branches:
            return (sent, True) if met and isinstance(rule, AnyOf) else None
        found = (self.of(branch, sent, met=met) for branch in rule.branches)
        return next((one for one in found if one is not None), None)

    def _all(self, rule: AllOf | AnyOf, sent: Sent, *, met: bool) -> tuple[Sent, bool] | None:
        sure = True
        for branch in rule.branches:
            solved = self.of(branch, sent, met=met)
            if solved is None:
                return None
            sent, sure = solved[0], sure and solved[1]
        return sent, sure

    def _leaf(self, leaf: Leaf, sent: Sent, *, met: bool) -> tuple[Sent, bool] | None:
        value = value_at(leaf.path, self._data)
        if not isinstance(value, CallerInput):
            return sent, True
        path = value.path
        if any(one[: len(path)] == path for one in sent):
            given = sent.get(path)
            if not isinstance(given, (str, bool, int, float)) and given is not None:
                # Something that only the server knows: it differs from what a condition spells out.
                given = "(something else)"
            answer = is_met(leaf, self._data, self._version, given) if path in sent else Tri.UNKNOWN
            if answer is Tri.UNKNOWN:
                return sent, False
            return (sent, True) if (answer is Tri.YES) is met else None
        if not met:
            return sent, True  # what is missing meets no condition
        chosen = list(values_for(leaf, self._data, self._version))
        return ({**sent, path: chosen[0]}, True) if chosen else (sent, False)
