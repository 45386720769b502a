"""What a permission's `validation` asks of a payload, and whether it pins a field.

The rule is read by `validation_rules` and judged by `joi`, over what is sent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from directus_guard.directus.access.evaluation import FUNCTION, QueryContext, lookup
from directus_guard.directus.access.filters import DynamicVariable, Json, Scalar
from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.directus.access.joi import ABSENT, UNASKED, RefusedError, build, check
from directus_guard.directus.access.like_automaton import unused_text
from directus_guard.directus.access.validation_rules import (
    AllOf,
    AnyOf,
    Leaf,
    Refused,
    Rule,
    coerced,
    leaves_of,
    rule_of,
)
from directus_guard.directus.content import content_key
from directus_guard.directus.tri import Tri


class Pin(Struct, frozen=True):
    """Whether a field can only be sent with one of `values` (None = null), and whether it may be left out."""

    answer: Tri
    values: tuple[Scalar | DynamicVariable, ...] = ()
    omittable: bool = True


NOTHING_BESIDE: Final[Mapping[str, object]] = {}
MANY: Final = 50
"""Values that a rule names for one field and that are tried one by one."""
_COMBINED: Final = 6
"""Of these, so many are tried as the beginning and the end of another text."""


def accepts(rule: Json, payload: Mapping[str, Json], context: QueryContext, *, major: int) -> bool:
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


class SentForm(Struct, frozen=True):
    """In which form a value passes the validations: as it is, or only as an object that names it by its key.

    Not `certain`: a pattern or a variable that is not known decides.
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
        self._leaves: dict[str, list[Leaf]] = {}
        for rule in self._rules:
            for leaf in leaves_of(rule):
                self._leaves.setdefault(leaf.path[0] if leaf.path else "", []).append(leaf)

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that they say something about, in a fixed order."""
        return tuple(sorted(self._leaves))

    def pin(self, name: str, *, anonymous: bool = False) -> Pin:
        """Whether only named values are left for a field.

        Values that are sent in another form than the bare key (`{"role": {"id": …}}`, `{}`) count: only a rule that
        refuses them pins (measured on 10 and 11).
        """
        if not self._rules:
            return Pin(Tri.NO)
        visitor = QueryContext() if anonymous else None
        constants = self.named(name)
        text = unused_text(constants)
        free: list[object] = [*self.texts(name)]
        free += [10**9 + 1, -(10**9) - 1, True, "2035-01-01", {"id": text}, {}]
        free += [{"id": value} for value in constants[:MANY] if not isinstance(value, DynamicVariable)]
        omittable = self._possible({name: ABSENT}, visitor)
        if any(self._possible({name: value}, visitor) for value in free):
            return Pin(Tri.NO, (), omittable)
        # Of very many values all count: to try each would cost their square.
        tried = [None] if len(constants) > MANY else [None, *constants]
        possible = [value for value in tried if self._possible({name: value}, visitor)]
        possible += constants if len(constants) > MANY else []
        distinct = {content_key(value): value for value in possible}
        values = tuple(
            value
            for value in distinct.values()
            if value is None or isinstance(value, (bool, int, float, str, DynamicVariable))
        )
        return Pin(Tri.YES, values, omittable)

    def texts(self, name: str) -> tuple[str, ...]:
        """Texts that they do not name. `_starts_with` and its like leave every text free that has the named ones in it."""
        constants = self.named(name)
        text = unused_text(constants)
        parts = ("", *(value for value in constants[:_COMBINED] if isinstance(value, str)))
        return tuple(f"{first}{text}{last}" for first in parts for last in parts)

    def any_text(
        self, name: str, context: QueryContext, *, named: bool, beside: Mapping[str, object] = NOTHING_BESIDE
    ) -> SentForm | None:
        """Whether some text satisfies them that whoever sends it chooses: a new one, or (`named`) one that they name."""
        known = [value for value in self.named(name) if isinstance(value, str) and value] if named else []
        forms = (self.sendable(name, text, context, beside=beside) for text in (*self.texts(name), *known))
        return next((form for form in forms if form is not None), None)

    def named(self, name: str, *operators: str) -> tuple[object, ...]:
        """The values a field is compared with, by any operator or by these, in a fixed order."""
        named: dict[str, object] = {}
        for leaf in self._leaves.get(name, ()):
            if operators and leaf.operator not in operators:
                continue
            operands = leaf.operand if isinstance(leaf.operand, (list, tuple)) else [leaf.operand]
            named.update((content_key(value), value) for value in map(coerced, operands))
        return tuple(named[key] for key in sorted(named))

    def sendable(
        self,
        name: str,
        value: object,
        context: QueryContext,
        *,
        relation: bool = False,
        beside: Mapping[str, object] = NOTHING_BESIDE,
    ) -> SentForm | None:
        """Whether some payload with this value for a field satisfies them; None if they refuse it. `beside`: the values of fields
        that whoever sends it cannot choose.

        `relation`: the field is a foreign key, which may also be sent as `{"id": key}`: Directus then sets the key
        without a look at the related row, and a deny list does not see it (measured on 10 and 11). `context`: who sends.
        """
        own = self._leaves.get(name, ())
        open_ = any(_unknown(leaf.operand, context) for leaf in own)
        certain = not open_ and not any(leaf.operator == "_regex" for leaf in own)
        # Neither form passes where another text is asked for: of thousands of keys nearly all end here.
        refused = isinstance(value, str) and any(_names_another(rule, name, value) for rule in self._rules)
        for bare in () if refused else (True, False) if relation else (True,):
            if self._possible({**beside, name: value if bare else {"id": value}}, context):
                return SentForm(bare, certain)
        return SentForm(bare=True, certain=False) if open_ else None

    def omittable(self, name: str, context: QueryContext) -> bool:
        """Whether a payload passes that does not have the field."""
        return self._possible({name: ABSENT}, context)

    def judges_alike(self, name: str) -> bool:
        """Whether what they say about a field is the same for everybody who sends it."""
        return not any(_has_variable(leaf.operand) for leaf in self._leaves.get(name, ()))

    def _possible(self, values: Mapping[str, object], context: QueryContext | None) -> bool:
        """Whether the rules can hold with these values, whatever else is sent. Errors refuse."""
        try:
            return all(_can_hold(rule, values, context, self._major) for rule in self._rules)
        except RefusedError:
            return False


def _names_another(rule: Rule, name: str, text: str) -> bool:
    """Whether a rule lets a field have one text only, which is not this one."""
    if isinstance(rule, AllOf):
        return any(_names_another(branch, name, text) for branch in rule.branches)
    if not isinstance(rule, Leaf) or rule.operator != "_eq" or rule.path != (name,):
        return False
    operand = coerced(rule.operand)
    return isinstance(operand, str) and operand != text


def _has_variable(operand: object) -> bool:
    if isinstance(operand, (list, tuple)):
        return any(map(_has_variable, operand))
    return isinstance(coerced(operand), DynamicVariable)


def _unknown(operand: object, context: QueryContext) -> bool:
    """Whether only the instance knows the value of a variable (`$CURRENT_USER.team`)."""
    if isinstance(operand, (list, tuple)):
        return any(_unknown(element, context) for element in operand)
    return isinstance(operand, DynamicVariable) and "." in operand.name and operand.name not in context.variables


def _passes(rule: Rule, payload: Mapping[str, Json], context: QueryContext, major: int) -> bool:
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


def _sent(payload: Mapping[str, Json], path: tuple[str, ...]) -> object:
    """What was sent at a path; `_MISFIT` where something else than an object is on the way, `UNASKED` where
    the object on the way was not sent, so that not even `_submitted` below it is looked at."""
    if path and path[0] not in payload and path[0].endswith(")"):
        return _computed(path[0], payload)
    return _below(payload, path)


def _computed(function: str, payload: Mapping[str, Json]) -> object:
    """`year(date)` and its like over what is sent: an error without a text, and no number of a text that is no date."""
    match = FUNCTION.match(function)
    value = payload.get(match[2]) if match else None
    if match and match[1] == "count":
        return len(value) if isinstance(value, (list, tuple)) else None
    if not isinstance(value, str):
        raise RefusedError
    part = lookup(payload, (function,))
    return math.nan if part is None else part


def _resolved(operand: object, context: QueryContext | None) -> object:
    operand = coerced(operand)
    if isinstance(operand, DynamicVariable):
        return operand if context is None else context.value(operand)
    if isinstance(operand, (list, tuple)):
        flat: list[object] = []
        for element in operand:
            value = _resolved(element, context)
            flat.extend(value) if isinstance(value, (list, tuple)) else flat.append(value)
        return flat
    return operand


def _can_hold(rule: Rule, values: Mapping[str, object], context: QueryContext | None, major: int) -> bool:
    if isinstance(rule, Refused):
        raise RefusedError
    if isinstance(rule, AllOf):
        return all(_can_hold(branch, values, context, major) for branch in rule.branches)
    if isinstance(rule, AnyOf):
        return not rule.branches or any(_can_hold(branch, values, context, major) for branch in rule.branches)
    if not rule.path or rule.path[0] not in values:
        return True
    name, value = rule.path[0], values[rule.path[0]]
    operand = _resolved(rule.operand, context)
    build(rule.operator, operand)
    sent = _below({} if value is ABSENT else {name: value}, rule.path)
    return sent is not _MISFIT and check(rule.operator, operand, sent, major)


def _below(value: object, path: tuple[str, ...]) -> object:
    for index, component in enumerate(path):
        if not isinstance(value, Mapping):
            return _MISFIT
        if component not in value:
            return ABSENT if index == len(path) - 1 else UNASKED
        value = value[component]
    return value
