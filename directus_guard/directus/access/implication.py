"""Whether every item that one rule matches is matched by another, by looking for a counterexample.

Per field path the conditions of both rules cut the values into finitely many cells (null, the constants, what lies
between them, strings by the patterns they match); one cell per path decides both rules, so a search over cells is
complete. Dynamic variables stay symbolic: each is tried as a value of its own and as every constant it is compared
with. A counterexample counts only after `evaluation.evaluate` has confirmed it; where that fails, or where the search
would not end, the answer is UNKNOWN, never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.directus.access.assignments import assignments_of
from directus_guard.directus.access.counterexample import KEYS, find_counterexample
from directus_guard.directus.access.filters import EVERYTHING, NOTHING, And, Filter, Json, merged, normalise
from directus_guard.directus.tri import Tri

if TYPE_CHECKING:
    from directus_guard.directus.access.evaluation import QueryContext


class Implication(Struct, frozen=True):
    """Whether every item matched by one rule is matched by the other.

    With NO, `item` is one that only the first rule matches, for a user and at a time as `context` says.
    """

    answer: Tri
    item: Mapping[str, Json] | None = None
    context: QueryContext | None = None


def implies(a: Filter, b: Filter, *, not_null: frozenset[str] = KEYS, anonymous: bool = False) -> Implication:
    """Whether every item that `a` matches is matched by `b`, whoever asks and however the database compares case.

    `not_null`: fields that are never null. `anonymous`: there is no current user, and variables are null.
    """
    a, b = merged(normalise(a)), merged(normalise(b))
    if a in (NOTHING, b) or b == EVERYTHING:
        return Implication(Tri.YES)
    weakest = Tri.YES
    assignments = assignments_of(And((a, b)), anonymous)
    if assignments is None:
        return Implication(Tri.UNKNOWN)
    for context in assignments.contexts:
        counterexample = find_counterexample(a, b, context, not_null)
        if counterexample.answer is Tri.YES:
            return Implication(Tri.NO, counterexample.item, context)
        if counterexample.answer is Tri.UNKNOWN:
            weakest = Tri.UNKNOWN
    return Implication(weakest if assignments.complete else Tri.UNKNOWN)


def example(implication: Implication) -> Mapping[str, Json] | None:
    """The item of a NO with made-up values of variables named after them, ready to be shown."""
    if implication.item is None or implication.context is None:
        return None
    names = {f"({name})": name for name in implication.context.variables}
    shown: Mapping[str, Json] = _renamed(implication.item, names)
    return shown


def _renamed(item: Mapping[str, Json], names: Mapping[str, str]) -> dict[str, Json]:
    def rename(value: Json) -> Json:
        if isinstance(value, str):
            return names.get(value, value)
        if isinstance(value, Mapping):
            return _renamed(value, names)
        return [rename(entry) for entry in value] if isinstance(value, (list, tuple)) else value

    return {key: rename(value) for key, value in sorted(item.items())}
