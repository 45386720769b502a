"""A permission's `validation`: what a payload must satisfy, and whether it pins a field.

The same JSON as an item rule, but judged by `validatePayload` of `@directus/utils` (Joi) over what is sent, not by SQL
over items. So the semantics differ (facts §3.4, and differential tests against 11.0.11, 13.4.1 and 13.5.5 of that
package): a field that is not sent passes everything but `_submitted`; the `false` of `_null: false` and its like is
ignored; empty lists restrict nothing; unknown operators pass; and an object sent for a foreign key is not equal to any
key, so that a deny list lets `{"role": {"id": …}}` through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from msgspec import Struct

from directus_guard.directus.access.evaluation import Context, lookup
from directus_guard.directus.access.filters import Json, Scalar, Variable
from directus_guard.directus.access.item_rules import COERCED, DYNAMIC, MAX_DEPTH, is_unrestricted, listed
from directus_guard.directus.access.values import instant
from directus_guard.directus.tri import Tri


class Pin(Struct, frozen=True):
    """Whether a field can only be sent with one of `values` (None = null), and whether it may be left out."""

    answer: Tri
    values: tuple[Scalar | Variable, ...] = ()
    omittable: bool = True


class Leaf(Struct, frozen=True):
    """One operator on what stands at a path. None: nothing is asked of it."""

    path: tuple[str, ...]
    operator: str | None
    operand: object


class AllOf(Struct, frozen=True):
    """`_and`."""

    branches: tuple[Rule, ...]


class AnyOf(Struct, frozen=True):
    """`_or`; without branches it holds."""

    branches: tuple[Rule, ...]


class Refused(Struct, frozen=True):
    """Directus throws where it comes here: the request fails. `at_once`: already when the rule is read."""

    at_once: bool = False


Rule: TypeAlias = "Leaf | AllOf | AnyOf | Refused"


class RefusedError(Exception):
    """The rule cannot be evaluated: Directus answers an error and writes nothing."""


MANY: Final = 50
"""Values that a rule names for one field and that are tried one by one."""
ABSENT: Final = object()
_LISTS: Final = frozenset({"_in", "_nin", "_between", "_nbetween"})
_STRINGS: Final = frozenset(
    f"_{sign}{case}{kind}"
    for sign in ("", "n")
    for case in ("", "i")
    for kind in ("contains", "starts_with", "ends_with")
) - {"_nicontains"}


def accepts(rule: Json, payload: Mapping[str, Json], context: Context, *, major: int) -> bool:
    """Whether a payload satisfies a validation. `_regex` is taken as satisfied by any text: it is not run here."""
    if is_unrestricted(rule):
        return True
    try:
        return _passes(rule_of(rule), payload, context, major)
    except RefusedError:
        return False


def pins(rules: Sequence[Json], name: str, *, anonymous: bool = False, major: int) -> Pin:
    """Whether validations together (all must hold) leave only named values for a field: `Validations.pin`."""
    return Validations(rules, major).pin(name, anonymous=anonymous)


class Sent(Struct, frozen=True):
    """In which form a value passes the validations: as it stands, or only as an object that names it by its key.

    Not `certain`: a pattern or a variable that nobody knows decides.
    """

    bare: bool
    certain: bool = True


class Validations:
    """The validations of all rows of an action, which must all hold, read once for many questions.

    Each question is about one field; the others are taken as chosen by whoever sends the payload.
    """

    def __init__(self, rules: Sequence[Json], major: int) -> None:
        self._rules = [rule_of(rule) for rule in rules if not is_unrestricted(rule)]
        self._major = major
        self._checks: dict[str, list[Leaf]] = {}
        for rule in self._rules:
            for check in _checks(rule):
                self._checks.setdefault(check.path[0] if check.path else "", []).append(check)

    def pin(self, name: str, *, anonymous: bool = False) -> Pin:
        """Whether only named values are left for a field.

        Values that are sent in another form than the bare key (`{"role": {"id": …}}`, `{}`) count: only a rule that
        refuses them pins (measured on 10 and 11).
        """
        nobody = Context() if anonymous else None
        constants = [value for value in self.named(name) if not isinstance(value, Mapping)]
        free: list[object] = ["\x00free", 10**9 + 1, -(10**9) - 1, True, "2035-01-01", {"id": "\x00free"}, {}]
        free += [{"id": value} for value in constants[:MANY] if not isinstance(value, Variable)]
        omittable = self._possible(name, ABSENT, nobody)
        if any(self._possible(name, value, nobody) for value in free):
            return Pin(Tri.NO, (), omittable)
        # Of very many values all count: to try each would cost their square.
        tried = [None] if len(constants) > MANY else [None, *constants]
        possible = [value for value in tried if self._possible(name, value, nobody)]
        possible += constants if len(constants) > MANY else []
        distinct = {repr(value): value for value in possible}
        values = tuple(
            value
            for value in distinct.values()
            if value is None or isinstance(value, (bool, int, float, str, Variable))
        )
        return Pin(Tri.YES, values, omittable)

    def named(self, name: str) -> tuple[object, ...]:
        """The values a field is compared with, in a fixed order."""
        named: dict[str, object] = {}
        for check in self._checks.get(name, ()):
            operands = check.operand if isinstance(check.operand, (list, tuple)) else [check.operand]
            named.update((repr(value), value) for value in map(coerced, operands))
        return tuple(named[key] for key in sorted(named))

    def sendable(self, name: str, value: object, context: Context, *, relation: bool = False) -> Sent | None:
        """Whether some payload with this value for a field satisfies them; None if they refuse it.

        `relation`: the field is a foreign key, which may also be sent as `{"id": key}`: Directus then sets the key
        without a look at the related row, and a deny list does not see it (measured on 10 and 11). `context`: who sends.
        """
        own = self._checks.get(name, ())
        open_ = any(_unknown(check.operand, context) for check in own)
        certain = not open_ and not any(check.operator == "_regex" for check in own)
        for bare in (True, False) if relation else (True,):
            if self._possible(name, value if bare else {"id": value}, context):
                return Sent(bare, certain)
        return Sent(bare=True, certain=False) if open_ else None

    def omittable(self, name: str, context: Context) -> bool:
        """Whether a payload passes that does not have the field."""
        return self._possible(name, ABSENT, context)

    def _possible(self, name: str, value: object, context: Context | None) -> bool:
        """Whether the rules can hold with this value, whatever else is sent. Errors refuse."""
        try:
            return all(_can_hold(rule, name, value, context, self._major) for rule in self._rules)
        except RefusedError:
            return False


def _unknown(operand: object, context: Context) -> bool:
    """Whether a variable stands for something that only the instance knows (`$CURRENT_USER.team`)."""
    if isinstance(operand, (list, tuple)):
        return any(_unknown(element, context) for element in operand)
    return isinstance(operand, Variable) and "." in operand.name and operand.name not in context.variables


# --- parsing -----------------------------------------------------------------------------------------------------


def rule_of(node: Json) -> Rule:
    """The rule a JSON value spells, its texts as they stand (`COERCED` is the caller's to apply)."""
    rule = _rule(node, (), 0)
    return Refused() if _unreadable(rule) else rule


def coerced(operand: object) -> object:
    """An operand after `parseFilter` took the texts `true`, `false` and `null` as those values."""
    if isinstance(operand, (list, tuple)):
        return [coerced(element) for element in operand]
    return COERCED.get(operand, operand) if isinstance(operand, str) else operand


def _unreadable(rule: Rule) -> bool:
    if isinstance(rule, Refused):
        return rule.at_once
    return isinstance(rule, (AllOf, AnyOf)) and any(map(_unreadable, rule.branches))


def _rule(node: Json, prefix: tuple[str, ...], depth: int) -> Rule:
    if depth > MAX_DEPTH or node is None:
        return Refused(at_once=True)
    if isinstance(node, (bool, int, float, str)):
        return Leaf(prefix, "_eq", _operand(node)) if prefix else Refused()
    entries = node.items() if isinstance(node, Mapping) else [(str(i), value) for i, value in enumerate(node)]
    rules = [_entry(key, value, prefix, depth + 1) for key, value in entries]
    if not rules:
        # Below a field nothing is asked; in the place of a rule there is no field to look at.
        return Leaf(prefix, None, None) if prefix else Refused()
    return rules[0] if len(rules) == 1 else AllOf(tuple(rules))


def _entry(key: str, value: Json, prefix: tuple[str, ...], depth: int) -> Rule:
    if key in ("_and", "_or"):
        if not isinstance(value, (list, tuple)):
            return Refused(at_once=True)
        branches = tuple(_rule(branch, prefix, depth) for branch in value)
        return AllOf(branches) if key == "_and" else AnyOf(branches)
    if key.startswith("_"):
        if not prefix:
            return Leaf((key,), None, None)
        if key in _LISTS:
            return Leaf(prefix, key, [_operand(element) for element in listed(value)])
        return Leaf(prefix, key, _operand(value))
    return _rule(value, (*prefix, key), depth)


def _operand(value: Json) -> object:
    return Variable(value) if isinstance(value, str) and value.startswith(DYNAMIC) else value


def _checks(rule: Rule) -> list[Leaf]:
    if isinstance(rule, Leaf):
        return [rule]
    if isinstance(rule, (AllOf, AnyOf)):
        return [check for branch in rule.branches for check in _checks(branch)]
    return []


# --- judging -----------------------------------------------------------------------------------------------------


def _passes(rule: Rule, payload: Mapping[str, Json], context: Context, major: int) -> bool:
    if isinstance(rule, Refused):
        raise RefusedError
    if isinstance(rule, AllOf):
        # Every branch is looked at, so that an error of any branch counts.
        return all(_passes(branch, payload, context, major) for branch in rule.branches)
    if isinstance(rule, AnyOf):
        return not rule.branches or any(_passes(branch, payload, context, major) for branch in rule.branches)
    operand = _resolved(rule.operand, context)
    build(rule.operator, operand)
    value = _sent(payload, rule.path)
    return value is not _MISFIT and check(rule.operator, operand, value, major)


_MISFIT: Final = object()
_UNASKED: Final = object()


def _sent(payload: Mapping[str, Json], path: tuple[str, ...]) -> object:
    """What was sent at a path; `_MISFIT` where something else than an object stands on the way, `_UNASKED` where
    the object on the way was not sent, so that not even `_submitted` below it is looked at."""
    if path and path[0] not in payload and path[0].endswith(")"):
        computed = lookup(payload, path[:1])
        return ABSENT if computed is None else computed
    return _below(payload, path)


def _resolved(operand: object, context: Context | None) -> object:
    operand = coerced(operand)
    if isinstance(operand, Variable):
        return operand if context is None else context.value(operand)
    if isinstance(operand, (list, tuple)):
        flat: list[object] = []
        for element in operand:
            value = _resolved(element, context)
            flat.extend(value) if isinstance(value, (list, tuple)) else flat.append(value)
        return flat
    return operand


def _can_hold(rule: Rule, name: str, value: object, context: Context | None, major: int) -> bool:
    if isinstance(rule, Refused):
        raise RefusedError
    if isinstance(rule, AllOf):
        return all(_can_hold(branch, name, value, context, major) for branch in rule.branches)
    if isinstance(rule, AnyOf):
        return not rule.branches or any(_can_hold(branch, name, value, context, major) for branch in rule.branches)
    if rule.path[:1] != (name,):
        return True
    operand = _resolved(rule.operand, context)
    build(rule.operator, operand)
    sent = _below({} if value is ABSENT else {name: value}, rule.path)
    return sent is not _MISFIT and check(rule.operator, operand, sent, major)


def _below(value: object, path: tuple[str, ...]) -> object:
    for index, component in enumerate(path):
        if not isinstance(value, Mapping):
            return _MISFIT
        if component not in value:
            return ABSENT if index == len(path) - 1 else _UNASKED
        value = value[component]
    return value


def build(operator: str | None, operand: object) -> None:
    """Raise `RefusedError` for what Joi refuses while the schema is built, whatever is sent."""
    if operator in ("_eq", "_neq") and isinstance(operand, (list, tuple)):
        raise RefusedError
    if operator in ("_between", "_nbetween"):
        limits = operand if isinstance(operand, (list, tuple)) else ()
        if len(limits) < 2 or not (all(map(_is_number, limits)) or all(map(_is_moment, limits[:2]))):
            raise RefusedError
    if operator in ("_gt", "_gte", "_lt", "_lte") and not (_is_number(operand) or _is_moment(operand)):
        raise RefusedError


def _is_number(value: object) -> bool:
    return _number(value) is not None


def _is_moment(value: object) -> bool:
    return _moment(value) is not None


def check(operator: str | None, operand: object, value: object, major: int) -> bool:
    """One Joi schema on one value; `ABSENT` where nothing was sent. Raises `RefusedError` where Directus throws."""
    if value is _UNASKED:
        return True
    if operator == "_submitted":
        return value is not ABSENT
    if value is ABSENT or operator is None:
        return True
    if operator in ("_eq", "_neq"):
        return any(_same(value, one) for one in _spellings(operand, major)) == (operator == "_eq")
    if operator in ("_in", "_nin"):
        among = operand if isinstance(operand, list) else [operand]
        return not among or any(_same(value, one) for one in among) == (operator == "_in")
    if operator in ("_null", "_nnull"):
        return (value is None) == (operator == "_null")
    if operator in ("_empty", "_nempty"):
        return (isinstance(value, str) and not value) == (operator == "_empty")
    if operator in _STRINGS:
        return _string(operator, operand, value)
    if operator in ("_gt", "_gte", "_lt", "_lte"):
        return _compared(operator, operand, value)
    if operator in ("_between", "_nbetween") and isinstance(operand, list):
        low, high = ("_gte", "_lte") if operator == "_between" else ("_lt", "_gt")
        return _compared(low, operand[0], value) and _compared(high, operand[1], value)
    if operator == "_regex":
        return value is True if operand is None else isinstance(value, str)
    return True


def _spellings(operand: object, major: int) -> tuple[object, ...]:
    """Joi compares exactly; Directus adds the number a text names, and from 11 on the text of a number."""
    if isinstance(operand, bool) or operand is None:
        return (operand,)
    if isinstance(operand, (int, float)):
        return (operand, str(operand)) if major >= 11 else (operand,)
    number = _number(operand)
    return (operand,) if number is None or operand == "" else (operand, number)


def _same(value: object, operand: object) -> bool:
    """Joi's equality: no conversion, objects by content."""
    if isinstance(value, bool) or isinstance(operand, bool):
        return value is operand
    return (type(value) is type(operand) and value == operand) or _both_numbers(value, operand)


def _both_numbers(value: object, operand: object) -> bool:
    return isinstance(value, (int, float)) and isinstance(operand, (int, float)) and value == operand


def _string(operator: str, operand: object, value: object) -> bool:
    if not isinstance(operand, str):
        return value is True
    negated = operator in ("_ncontains", "_nstarts_with", "_nends_with", "_nistarts_with", "_niends_with")
    bare = "_" + operator.removeprefix("_n") if negated else operator
    ignore_case = bare.startswith("_i")
    kind = bare.removeprefix("_i" if ignore_case else "_").lstrip("_")
    if isinstance(value, (list, tuple)) and kind == "contains":
        found = any(isinstance(one, str) and one and _has(kind, one, operand, ignore_case) for one in value)
        return not found if negated else found
    if not isinstance(value, str) or not value:
        return False
    return _has(kind, value, operand, ignore_case) != negated


def _has(kind: str, value: str, operand: str, ignore_case: bool) -> bool:
    if ignore_case:
        value, operand = value.lower(), operand.lower()
    if kind == "contains":
        return operand in value
    return value.startswith(operand) if kind == "starts_with" else value.endswith(operand)


def _number(value: object) -> float | None:
    """JavaScript's `Number()` as far as JSON reaches."""
    if isinstance(value, (bool, int, float)):
        return float(value)
    if value is None:
        return 0.0
    if not isinstance(value, str):
        return None
    stripped = value.strip()
    try:
        return (
            float(stripped)
            if stripped.strip("+-")[:1].isdigit() or stripped[:1] == "."
            else (None if stripped else 0.0)
        )
    except ValueError:
        return None


def _compared(operator: str, operand: object, value: object) -> bool:
    limit = _number(operand)
    sent: float | None
    if limit is not None:
        if value is None or isinstance(value, bool) or (isinstance(value, str) and not value.strip()):
            return False
        sent = _number(value)
    else:
        limit, sent = _moment(operand), _moment(value)
        if limit is None:
            raise RefusedError
    if sent is None:
        return False
    return {"_gt": sent > limit, "_gte": sent >= limit, "_lt": sent < limit, "_lte": sent <= limit}[operator]


def _moment(value: object) -> float | None:
    """Milliseconds as Joi reads dates: ISO texts, numbers."""
    if isinstance(value, str):
        moment = instant(value)
        return (
            _number(value)
            if moment is None and value.strip()
            else None
            if moment is None
            else moment.timestamp() * 1000
        )
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
