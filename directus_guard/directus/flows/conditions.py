"""The `condition` operation of flows: which of its two ways a caller can make it take.

Directus tests the flow's data with `validatePayload(…, { requireAll: true })`: as in `validation`, but what is not
there fails. An empty filter `{}` throws, so that the condition is never met; no filter at all, `{"_and": []}` and
`{"_or": []}` are always met. From 11.7 on the filter is parsed first (`parseFilter`, without turning texts into values).
Before, `validatePayload` gets it as it is: of several keys on one level only the first counts, `_and` and `_or` below a
field ask nothing, and `$CURRENT_USER` is a text (api 21.0.2 to 26.0.1). All measured against 11.0.11 and 13.5.5 of
`@directus/utils`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.access import joi
from directus_guard.directus.access.filters import DynamicVariable
from directus_guard.directus.access.item_rules import MAX_DEPTH
from directus_guard.directus.access.joi import RefusedError
from directus_guard.directus.access.like_automaton import unused_text
from directus_guard.directus.access.validation_rules import AllOf, AnyOf, Leaf, Refused, Rule, rule_of
from directus_guard.directus.features import PARSES_CONDITIONS
from directus_guard.directus.flows.data import (
    ABSENT,
    NULL,
    Absent,
    CallerIdentity,
    CallerInput,
    Computed,
    KnownValue,
    RecordValue,
    SecretValue,
    UnknownEnv,
    Value,
    Written,
    at,
    can_know,
    look_up,
    paths_in,
    rendered,
    sent_paths,
)
from directus_guard.directus.tri import Tri, all_of, any_of
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.flows.templates import Path
    from directus_guard.directus.versions import Version


class Ways(Struct, frozen=True):
    """Whether the caller can make an operation end well (`resolve`) and badly (`reject`)."""

    resolve: Tri
    reject: Tri
    throws: bool = False
    """Ending badly is an error of Directus itself: an `_or` around it does not go on."""


BOTH: Final = Ways(Tri.YES, Tri.YES)
RESOLVES: Final = Ways(Tri.YES, Tri.NO)
REJECTS: Final = Ways(Tri.NO, Tri.YES)
THROWS: Final = Ways(Tri.NO, Tri.YES, throws=True)
OPEN_QUESTION: Final = Ways(Tri.UNKNOWN, Tri.UNKNOWN)


def ways(filter_: Json, data: Mapping[str, Value], version: Version) -> Ways:
    """Which ways the caller can make a condition take. Raises `TemplateError` where its templates cannot be rendered."""
    if isinstance(filter_, str):
        whole = rendered(filter_, data)
        # A text is no filter; a whole value put in its place may be one.
        return REJECTS if isinstance(whole, KnownValue) and isinstance(whole.value, str) else OPEN_QUESTION
    if not filter_ and not isinstance(filter_, (Mapping, list, tuple)):
        return RESOLVES if PARSES_CONDITIONS.of(version) else REJECTS
    for _ in paths_in(filter_):
        pass  # every text is rendered before anything is tested
    return _ways(condition_rule(filter_, version), data, version)


def condition_rule(filter_: Json, version: Version) -> Rule:
    """What a condition asks, as that version reads it."""
    return rule_of(filter_) if PARSES_CONDITIONS.of(version) else _unparsed(filter_, (), 0)


def _unparsed(node: Json, prefix: tuple[str, ...], depth: int) -> Rule:
    """What `validatePayload` and `generateJoi` make of an unparsed filter: of each object the first key."""
    if not isinstance(node, (Mapping, list, tuple)) or not node or depth > MAX_DEPTH:
        return Refused()
    key, value = next(
        iter(node.items() if isinstance(node, Mapping) else ((str(i), one) for i, one in enumerate(node)))
    )
    if not prefix and key in ("_and", "_or"):
        if not isinstance(value, (list, tuple)):
            return Refused()
        branches = tuple(_unparsed(branch, (), depth + 1) for branch in value)
        return AllOf(branches) if key == "_and" else AnyOf(branches)
    if not value and not isinstance(value, (Mapping, list, tuple)):
        return Refused()
    path = (*prefix, key)
    if not isinstance(value, (Mapping, list, tuple)):
        return Refused() if isinstance(value, str) else Leaf(path, None, None)
    if not value:
        return Leaf(path, None, None)
    operator = next(iter(value)) if isinstance(value, Mapping) else "0"
    if not operator.startswith("_"):
        return _unparsed(value, path, depth + 1)
    return Leaf(path, operator, value[operator] if isinstance(value, Mapping) else None)


def tested(filter_: Json, data: Mapping[str, Value], version: Version, *, met: bool) -> frozenset[Path]:
    """The paths of the trigger whose values a condition restricts when it is met (or is not).

    That something is there, or is not some value, restricts nothing. Raises `TemplateError` as `ways`.
    """
    if filter_ is None or isinstance(filter_, (str, bool, int, float)):
        return frozenset()
    return _restricted(condition_rule(filter_, version), data, met=met)


_RESTRICTING: Final = frozenset(
    {
        "_eq", "_in", "_contains", "_icontains", "_starts_with", "_istarts_with", "_ends_with", "_iends_with", "_gt", "_gte",
        "_lt", "_lte", "_between", "_nbetween", "_regex", "_null", "_empty",
    }
)  # fmt: skip
_RESTRICTING_UNMET: Final = frozenset(
    {
        "_neq",
        "_nin",
        "_ncontains",
        "_nstarts_with",
        "_nistarts_with",
        "_nends_with",
        "_niends_with",
        "_nnull",
        "_nempty",
    }
)


def _restricted(rule: Rule, data: Mapping[str, Value], *, met: bool) -> frozenset[Path]:
    if isinstance(rule, Leaf):
        restricting = _RESTRICTING if met else _RESTRICTING_UNMET
        return sent_paths(at(rule.path, data)) if rule.operator in restricting and rule.operand != [] else frozenset()
    if isinstance(rule, Refused):
        return frozenset()
    held = [_restricted(branch, data, met=met) for branch in rule.branches]
    if not held:
        return frozenset()
    if isinstance(rule, AllOf) is met:
        return frozenset[tuple[str, ...]]().union(*held)
    return held[0].intersection(*held[1:])


def _ways(rule: Rule, data: Mapping[str, Value], version: Version) -> Ways:
    if isinstance(rule, Refused):
        return THROWS
    if isinstance(rule, AllOf):
        branches = [_ways(branch, data, version) for branch in rule.branches]
        throws = any(one.throws and one.resolve is Tri.NO for one in branches)
        return Ways(all_of(one.resolve for one in branches), any_of(one.reject for one in branches), throws)
    if isinstance(rule, AnyOf):
        return _any_of(rule, data, version)
    return _leaf(rule, data, version)


def _any_of(rule: AnyOf, data: Mapping[str, Value], version: Version) -> Ways:
    """`_or` stops at the first branch that holds, or that Directus throws at."""
    if not rule.branches:
        return RESOLVES
    resolve, reject = Tri.NO, Tri.YES
    for branch in rule.branches:
        one = _ways(branch, data, version)
        resolve = any_of((resolve, one.resolve))
        reject = all_of((reject, one.reject))
        if one.throws:
            return Ways(resolve, reject, throws=True)
    return Ways(resolve, reject)


# --- one operator --------------------------------------------------------------------------------------------------


class PartlySecret(Struct, frozen=True):
    """A list of these values and of others that the caller does not know."""

    values: tuple[Json, ...]


_Operand: TypeAlias = KnownValue | SecretValue | PartlySecret
_NOW: Final = "2035-01-01T00:00:00.000Z"
_TEXTS: Final = ("", "0", "1", "-1000000000000", "1000000000000", "1970-01-01", "2999-12-31")
_OTHERS: Final[tuple[Json, ...]] = (None, True, False, 0, 1, 10**12, -(10**12), {}, [])
_RANGES: Final = frozenset({"_between", "_nbetween"})
_LISTS: Final = frozenset({"_in", "_nin", *_RANGES})
_ORDERS: Final = frozenset({"_gt", "_gte", "_lt", "_lte", *_RANGES})
_NEGATIVE: Final = frozenset(
    {"_neq", "_nin", "_ncontains", "_nstarts_with", "_nistarts_with", "_nends_with", "_niends_with"}
)


def _leaf(leaf: Leaf, data: Mapping[str, Value], version: Version) -> Ways:
    value = value_at(leaf.path, data)
    operand = operand_of(leaf, data, version)
    if isinstance(operand, KnownValue) and _throws(leaf.operator, operand.value):
        return THROWS
    if isinstance(value, Absent):
        return REJECTS
    if isinstance(operand, UnknownEnv):
        return _against_unseen(leaf, value, data, version)
    if isinstance(value, UnknownEnv):
        # A variable that is not there fails; of one that is they can send something else.
        wrong = isinstance(operand, CallerInput) and leaf.operator not in _NEGATIVE
        return Ways(Tri.UNKNOWN, Tri.YES) if wrong else OPEN_QUESTION
    if isinstance(value, SecretValue):
        return _against_hidden(leaf, operand)
    if isinstance(operand, (SecretValue, PartlySecret)) and leaf.operator in _ORDERS:
        # Directus throws, unless it is a number or a date.
        return Ways(Tri.UNKNOWN, Tri.YES) if isinstance(value, CallerInput) else OPEN_QUESTION
    if isinstance(operand, (Computed, CallerInput)):
        return _against_data(leaf, value, operand)
    if isinstance(value, (KnownValue, CallerInput, CallerIdentity)):
        return _tried(leaf, value, operand, version.major)
    if isinstance(value, RecordValue):
        return BOTH if leaf.operator not in (None, "_nnull", "_submitted") else RESOLVES
    if isinstance(value, Written) or value.carries is Tri.YES:
        return BOTH
    if value.carries is Tri.UNKNOWN:
        return OPEN_QUESTION
    # Stored data is no guard, unless a token of the caller's selected it.
    return Ways(Tri.UNKNOWN, Tri.YES) if value.selected else BOTH


def value_at(path: Path, data: Mapping[str, Value]) -> Value:
    """What a condition looks at. Functions (`count(…)`) are put into the data beside what they are computed of."""
    for index, component in enumerate(path):
        if component.endswith(")") and "(" in component:
            inner = component.partition("(")[2].removesuffix(")")
            base = at((*path[:index], inner), data)
            return base if isinstance(base, UnknownEnv) else Computed(Tri.UNKNOWN, sent_paths(base))
    return at(path, data)


def operand_of(leaf: Leaf, data: Mapping[str, Value], version: Version) -> Value | PartlySecret:
    """What a condition compares with. A list that a template puts into a list becomes part of it where the rule is read
    like an item rule; before, it stays one of its elements."""
    raw = leaf.operand
    if leaf.operator in _WITHOUT_OPERAND:
        return KnownValue(value=True)
    if leaf.operator in _LISTS and isinstance(raw, list):
        elements = [_one(element, data) for element in raw]
        if all(isinstance(element, (KnownValue, SecretValue)) for element in elements):
            flat: list[Json] = []
            nested = False
            for held in (element.value for element in elements if isinstance(element, KnownValue)):
                is_list = isinstance(held, (list, tuple))
                nested = nested or (is_list and not PARSES_CONDITIONS.of(version))
                flat.extend(held) if is_list and not nested else flat.append(held)  # type: ignore[arg-type]  # a list
            if nested:
                return KnownValue(flat)
            return (
                PartlySecret(tuple(flat)) if any(isinstance(one, SecretValue) for one in elements) else KnownValue(flat)
            )
        return next(
            (element for element in elements if isinstance(element, UnknownEnv)),
            Computed(any_of(Tri.YES if isinstance(element, CallerInput) else Tri.NO for element in elements)),
        )
    return _one(raw, data)


def _one(raw: object, data: Mapping[str, Value]) -> Value:
    if isinstance(raw, DynamicVariable):
        return _variable(raw.name, data)
    return rendered(raw, data)  # type: ignore[arg-type]  # what is no variable is JSON


def _variable(name: str, data: Mapping[str, Value]) -> Value:
    """What `parseDynamicVariable` puts in place: paths below the variables are null in a flow."""
    if name.startswith("$NOW"):
        return KnownValue(_NOW)
    member = {"$CURRENT_USER": "user", "$CURRENT_ROLE": "role", "$CURRENT_ROLES": "roles"}.get(name)
    if member is None:
        return NULL
    value = look_up(data.get("$accountability", ABSENT), (member,))
    return NULL if isinstance(value, Absent) else value


def _against_data(leaf: Leaf, value: Value, operand: Computed | CallerInput) -> Ways:
    """A comparison with something that is not known here."""
    if isinstance(operand, CallerInput) or operand.carries is Tri.YES:
        return BOTH if isinstance(value, CallerInput) else Ways(Tri.UNKNOWN, Tri.YES)
    if isinstance(value, CallerInput):
        # Stored data that a caller has to send again may be a secret; that they send something else is in their hand.
        if leaf.operator in _NEGATIVE:
            return Ways(Tri.YES, Tri.UNKNOWN)
        return Ways(Tri.UNKNOWN, Tri.YES)
    return OPEN_QUESTION if isinstance(value, (CallerIdentity, Computed)) else BOTH


def _against_hidden(leaf: Leaf, operand: Value | PartlySecret) -> Ways:
    """A comparison of a variable of the environment, which is there and which the caller does not know."""
    if leaf.operator in _PRESENT:
        return RESOLVES
    if leaf.operator in _MISSING:
        return REJECTS
    if isinstance(operand, CallerInput) and leaf.operator == "_eq":
        return REJECTS
    if isinstance(operand, CallerInput) and leaf.operator == "_neq":
        return RESOLVES
    return Ways(Tri.UNKNOWN, Tri.YES) if isinstance(operand, Computed) and operand.carries is not Tri.NO else BOTH


_PRESENT: Final = frozenset({None, "_nnull", "_nempty", "_submitted"})
_MISSING: Final = frozenset({"_null", "_empty"})
_WITHOUT_OPERAND: Final = (_PRESENT | _MISSING) - {None}


def _against_unseen(leaf: Leaf, value: Value, data: Mapping[str, Value], version: Version) -> Ways:
    """A comparison with an environment that is not in sight: what callers cannot send is not known, the rest is."""
    if isinstance(value, Computed) and value.carries is Tri.YES and leaf.operator not in _NEGATIVE:
        return Ways(Tri.UNKNOWN, Tri.YES)
    if not isinstance(value, CallerInput):
        return OPEN_QUESTION
    if leaf.operator in _NEGATIVE:
        return BOTH
    others = leaf.operand if leaf.operator == "_in" and isinstance(leaf.operand, list) else []
    single = (replace(leaf, operand=[other]) for other in others if len(others) > 1)
    resolve = any_of((Tri.UNKNOWN, *(_leaf(one, data, version).resolve for one in single)))
    return Ways(resolve, Tri.YES)


def _tried(
    leaf: Leaf, value: KnownValue | CallerInput | CallerIdentity, operand: Value | PartlySecret, major: int
) -> Ways:
    """Try what the value may be; of what is the caller's to choose, only what they can know."""
    if not isinstance(operand, (KnownValue, SecretValue, PartlySecret)):
        # Their own user or role on the right: an anonymous caller's is null, and known.
        return BOTH if isinstance(value, CallerInput) else OPEN_QUESTION
    return _outcomes(leaf, value, operand, major)


def _throws(operator: str | None, operand: Json) -> bool:
    if operator in ("_in", "_nin", "_between", "_nbetween") and not isinstance(operand, (list, tuple)):
        return not (isinstance(operand, str) and operator in ("_in", "_nin"))
    try:
        joi.build(operator, operand)
    except RefusedError:
        return True
    return False


def _outcomes(leaf: Leaf, value: KnownValue | CallerInput | CallerIdentity, operand: _Operand, major: int) -> Ways:
    holds = _holds(leaf, operand, major)
    if isinstance(value, KnownValue):
        return RESOLVES if holds(value.value) else REJECTS
    constants = _constants(operand)
    something = unused_text(constants)
    if isinstance(value, CallerIdentity):
        if not isinstance(operand, KnownValue) and leaf.operator is not None:
            return OPEN_QUESTION
        found = {holds(candidate) for candidate in (something, *constants) if isinstance(candidate, str)}
        return OPEN_QUESTION if len(found) > 1 else RESOLVES if True in found else REJECTS
    if leaf.operator == "_regex":
        return Ways(_regex(leaf, value.path, operand), Tri.YES)
    return _chosen(value, something, constants, holds)


def _holds(leaf: Leaf, operand: _Operand, major: int) -> Callable[[object], bool]:
    return lambda candidate: joi.check(leaf.operator, _missed(operand, candidate), candidate, major)


def values_for(leaf: Leaf, data: Mapping[str, Value], version: Version) -> Iterator[Json]:
    """What a caller may send so that a test of what they send is met, the plainest first; nothing where that is not known."""
    value, operand = value_at(leaf.path, data), operand_of(leaf, data, version)
    if not isinstance(value, CallerInput) or not isinstance(operand, (KnownValue, PartlySecret)):
        return
    constants = _constants(operand)
    sure, _ = _candidates(value, unused_text(constants), constants)
    yield from (one for one in sure if is_met(leaf, data, version, one) is Tri.YES)


def is_met(leaf: Leaf, data: Mapping[str, Value], version: Version, sent: Json) -> Tri:
    """Whether a test is met by what a caller sends where it looks."""
    operand = operand_of(leaf, data, version)
    if not isinstance(operand, (KnownValue, PartlySecret)) or leaf.operator == "_regex":
        return Tri.UNKNOWN
    if isinstance(operand, KnownValue) and _throws(leaf.operator, operand.value):
        return Tri.NO
    return Tri.YES if _holds(leaf, operand, version.major)(sent) else Tri.NO


def _missed(operand: _Operand, candidate: object) -> object:
    """The operand, with a longer text than the candidate for each value that the caller does not know: they miss it."""
    if isinstance(operand, KnownValue):
        return operand.value
    longer = f"{candidate}x"
    return longer if isinstance(operand, SecretValue) else [*operand.values, longer]


def _constants(operand: _Operand) -> Sequence[Json]:
    """The values an operand is known to have."""
    if isinstance(operand, KnownValue):
        return operand.value if isinstance(operand.value, (list, tuple)) else [operand.value]
    return operand.values if isinstance(operand, PartlySecret) else ()


def _chosen(value: CallerInput, something: str, constants: Sequence[Json], holds: Callable[[object], bool]) -> Ways:
    """They may always leave it out, which a condition does not forgive."""
    sure, perhaps = _candidates(value, something, constants)
    resolve = Tri.YES if any(map(holds, sure)) else Tri.UNKNOWN if any(map(holds, perhaps)) else Tri.NO
    return Ways(resolve, Tri.YES)


def _candidates(value: CallerInput, something: str, constants: Sequence[Json]) -> tuple[list[Json], list[Json]]:
    """What they surely can send, and what they can send if they know it."""
    sure: list[Json] = [something, *_TEXTS, *(() if value.text else (*_OTHERS, [something]))]
    perhaps: list[Json] = []
    for constant in constants:
        if isinstance(constant, str):
            known = can_know(value.path, constant)
            (sure if known is Tri.YES else perhaps if known is Tri.UNKNOWN else []).append(constant)
        elif not value.text:
            sure.append(constant)
        elif isinstance(constant, (int, float)) and not isinstance(constant, bool):
            sure.append(str(constant))
    return sure, perhaps


_OF_TEMPLATE: Final = lazy_pattern(r"\A\^?[\w -]*\{\{[^{}]*\}\}\$?\Z")


def _regex(leaf: Leaf, path: Path, operand: KnownValue | SecretValue | PartlySecret) -> Tri:
    """A pattern is met by whoever knows it; one that spells out a secret may not be."""
    if not isinstance(operand, KnownValue):
        return Tri.NO if isinstance(leaf.operand, str) and _OF_TEMPLATE.match(leaf.operand) else Tri.UNKNOWN
    pattern = next(iter(_constants(operand)), None)
    if not isinstance(pattern, str):
        return Tri.NO if pattern is None else Tri.YES
    literals = "".join(character if character.isalnum() or character in "-_" else " " for character in pattern).split()
    longest = max(literals, key=len, default="")
    return Tri.YES if can_know(path, longest) is Tri.YES else Tri.UNKNOWN
