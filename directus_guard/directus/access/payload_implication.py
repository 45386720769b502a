"""Whether one grant lets through payloads that another refuses: validations compared by what they accept.

As `implication` does for items, by looking for a counterexample: a payload made of values that the conditions of both sides tell
apart. It counts only after both grants have judged it. Without one, YES is only answered where the values tried are
all that matter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.evaluation import QueryContext
from directus_guard.directus.access.filters import DynamicVariable, Json
from directus_guard.directus.access.implication import Implication
from directus_guard.directus.access.item_rules import DYNAMIC, is_unrestricted, listed
from directus_guard.directus.content import content_key
from directus_guard.directus.tri import Tri
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from directus_guard.directus.access.grants import Grant

MAX_PAYLOADS: Final = 3_000
_MAX_ASKERS: Final = 8
_DECIDED: Final = frozenset({"_eq", "_neq", "_in", "_nin", "_null", "_nnull", "_empty", "_nempty", "_submitted"})
"""Operators on a field of its own that tell apart no more values than those that are tried."""
_ABSENT: Final = object()
_FUNCTION: Final = lazy_pattern(r"[a-z]{1,20}\(([^()]{1,200})\)\Z")


def accepts_no_more(new: Grant, old: Grant, *, anonymous: bool = False) -> Implication:
    """Whether every payload that `new` accepts is accepted by `old`, of the fields that both reach.

    With NO, `item` is a payload that only `new` accepts.
    """
    wanted = _conjuncts(old.validations)
    given = _conjuncts(new.validations)
    missing = {text: rule for text, rule in wanted.items() if text not in given}
    names = {name for rule in wanted.values() for name in _fields(rule)}
    same_presets = all(_preset(new, name) == _preset(old, name) for name in names)
    if not missing and same_presets:
        return Implication(Tri.YES)
    judged = list((missing if same_presets else wanted).values())
    related = _related(judged, list(given.values()), new.presets)
    leaves = [leaf for rule in related for leaf in _leaves(rule, ())]
    askers = _askers(leaves, anonymous=anonymous)
    candidates = _candidates(leaves, new, old, askers)
    total = 1
    for values in candidates.values():
        total *= len(values)
    for context in askers:
        for chosen in islice(product(*candidates.values()), MAX_PAYLOADS):
            payload = _payload(dict(zip(candidates, chosen, strict=True)))
            if new.accepts(payload, context) and not old.accepts(payload, context):
                return Implication(Tri.NO, payload, context)
    decided = total <= MAX_PAYLOADS and all(_decided(*leaf) for leaf in leaves)
    return Implication(Tri.YES if decided else Tri.UNKNOWN)


def _preset(grant: Grant, name: str) -> str:
    return content_key(grant.presets.get(name))


def _conjuncts(rules: Sequence[Json]) -> dict[str, Json]:
    """The rules that must all hold, taken apart where groups say no more than that; by their text."""
    found: dict[str, Json] = {}
    for rule in rules:
        for part in _parts(rule, 0):
            found[json.dumps(part, sort_keys=True, default=str)] = part
    return found


def _parts(rule: Json, depth: int) -> Iterator[Json]:
    if isinstance(rule, Mapping) and len(rule) > 1:
        for key, value in rule.items():
            yield from _parts({key: value}, depth)
        return
    inner = rule.get("_and") if isinstance(rule, Mapping) else None
    if isinstance(inner, (list, tuple)) and inner and depth < 16 and not any(is_unrestricted(part) for part in inner):
        for part in inner:
            yield from _parts(part, depth + 1)
    else:
        yield rule


def _related(judged: list[Json], others: list[Json], filled: Iterable[str]) -> list[Json]:
    """The judged rules, those that may refuse a payload for what it leaves out, and those that share a field with any.

    `filled`: fields that have a preset, so that leaving them out is not sending nothing.
    """
    filled = frozenset(filled)
    needed = [rule for rule in others if filled & _fields(rule) or _asks_what_is_sent(rule)]
    related, left = [*judged, *needed], [rule for rule in others if rule not in needed]
    names = {name for rule in related for name in _fields(rule)}
    while touching := [rule for rule in left if names & _fields(rule)]:
        related += touching
        left = [rule for rule in left if rule not in touching]
        names.update(name for rule in touching for name in _fields(rule))
    return related


_MAX_PATH: Final = 16
_DEEPER: Final = "_deeper"
"""What is below the longest path that is looked at: no operator, so that nothing is decided by the values tried."""
_Leaf = tuple[tuple[str, ...], str, Json]
"""Path, operator, operand."""


def _leaves(rule: Json, path: tuple[str, ...]) -> Iterator[_Leaf]:
    if isinstance(rule, Mapping):
        for key, value in rule.items():
            if key in ("_and", "_or") and isinstance(value, (list, tuple)):
                for branch in value:
                    yield from _leaves(branch, path)
            elif key.startswith("_"):
                yield path, key, value
            elif len(path) < _MAX_PATH:
                yield from _leaves(value, (*path, key))
            else:
                yield path, _DEEPER, None
    elif path:
        yield path, "_eq", rule


def _fields(rule: Json) -> set[str]:
    return {_field(path[0]) for path, _, _ in _leaves(rule, ()) if path}


def _asks_what_is_sent(rule: Json) -> bool:
    return any(operator == "_submitted" for _, operator, _ in _leaves(rule, ()))


def _field(component: str) -> str:
    match = _FUNCTION.match(component)
    return match[1] if match else component


def _decided(path: tuple[str, ...], operator: str, operand: Json) -> bool:
    dynamic = isinstance(operand, str) and operand.startswith("$NOW")
    return len(path) == 1 and operator in _DECIDED and not _FUNCTION.match(path[0]) and not dynamic


def _candidates(
    leaves: Sequence[_Leaf], new: Grant, old: Grant, askers: Sequence[QueryContext]
) -> dict[str, list[object]]:
    """The values to try for each field, not being sent first. A field that one side does not reach is not sent."""
    found: dict[str, list[object]] = {}
    for path, _, operand in leaves:
        if not path:
            continue
        name = _field(path[0])
        values = found.setdefault(name, [_ABSENT])
        if new.reaches(name) and old.reaches(name):
            for value in _values(operand, askers):
                below = value
                for component in reversed(path[1:]):
                    below = {component: below}
                values.append(below)
    return {name: _distinct(values) for name, values in found.items()}


def _values(operand: Json, askers: Sequence[QueryContext]) -> Iterator[object]:
    """What a condition tells apart: its constants, in both spellings and beside them, what variables stand for, and
    values of every other kind."""
    yield from ("other", 987654321, None, "", True, False, {"id": "other"}, {}, [])
    whole = [operand] if isinstance(operand, str) else []
    for constant in (*whole, *(listed(operand) if isinstance(operand, (list, tuple, str)) else [operand])):
        if constant is None or isinstance(constant, bool) or not isinstance(constant, (str, int, float)):
            continue
        if isinstance(constant, str) and constant.startswith(DYNAMIC):
            yield from (asker.value(DynamicVariable(constant)) for asker in askers)
        yield constant
        yield {"id": constant}
        if isinstance(constant, str):
            yield from (f"{constant}x", f"x{constant}", f"x{constant}x", constant.upper())
            if constant.isdecimal() and len(constant) < 16:
                yield from (int(constant), int(constant) + 1, int(constant) - 1)
        else:
            yield from (str(constant), constant + 1, constant - 1)


def _distinct(values: Sequence[object]) -> list[object]:
    return list({content_key(value) if value is not _ABSENT else "": value for value in values}.values())


def _payload(chosen: Mapping[str, object]) -> dict[str, Json]:
    return {name: value for name, value in chosen.items() if value is not _ABSENT}  # type: ignore[misc]  # all else is JSON


def _askers(leaves: Sequence[_Leaf], *, anonymous: bool) -> list[QueryContext]:
    """Who may ask: a visitor; a user of whom nothing is known; or just the user that a rule names."""
    if anonymous:
        return [QueryContext()]
    texts = [
        value
        for _, _, operand in leaves
        for value in (operand if isinstance(operand, (list, tuple)) else [operand])
        if isinstance(value, str)
    ]
    variables = sorted({value for value in texts if value.startswith(DYNAMIC)})
    plain = {value: f"({value})" for value in variables if not value.startswith("$NOW")}
    named = [value for value in dict.fromkeys(texts) if not value.startswith("$")] if "$CURRENT_USER" in plain else []
    return [
        QueryContext(variables={**plain, "$CURRENT_USER": user}) for user in ("($CURRENT_USER)", *named[:_MAX_ASKERS])
    ]
