"""The values that dynamic variables of a rule can stand for, as far as it makes a difference to its conditions."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import combinations, islice, product
from typing import TYPE_CHECKING, Final, NamedTuple

from directus_guard.directus.access.cells import operands_of
from directus_guard.directus.access.evaluation import QueryContext
from directus_guard.directus.access.filters import (
    Condition,
    DynamicVariable,
    Filter,
    Json,
    Path,
    Quantified,
    Scalar,
    conditions,
)
from directus_guard.directus.access.values import adjusted, instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_ASSIGNMENTS: Final = 96


class Assignments(NamedTuple):
    """Values for the variables of a rule, and whether these are all that matter."""

    contexts: tuple[QueryContext, ...]
    complete: bool


_SOME_DAY: Final = datetime(2035, 1, 1, tzinfo=UTC)


def assignments_of(node: Filter, anonymous: bool) -> Assignments | None:
    """Every way to give the variables values that matters to the conditions; None if they are too many."""
    uses: Counter[str] = Counter()
    scalars: dict[str, set[Scalar]] = {}
    lists: dict[str, set[Scalar]] = {}
    moments: dict[str, set[Scalar]] = {}
    case_matters = False
    leaves = list(_all_conditions(node))
    constants: dict[Path, set[Scalar]] = {}
    for leaf in leaves:
        constants.setdefault(leaf.path, set()).update(
            value for value in operands_of(leaf) if not isinstance(value, DynamicVariable) and value is not None
        )
    for leaf in leaves:
        case_matters = case_matters or leaf.operator.removeprefix("_n").strip("_") in (
            "contains",
            "starts_with",
            "ends_with",
        )
        for value in operands_of(leaf):
            if isinstance(value, DynamicVariable):
                kind = moments if value.name.startswith("$NOW") else lists if _is_list(value, leaf) else scalars
                kind.setdefault(value.name, set()).update(constants[leaf.path])
                uses[value.name] += 1
    if anonymous:
        choices: list[list[Json]] = []
        names: list[str] = []
        visitor: dict[str, Json] = {**dict.fromkeys(scalars), **dict.fromkeys(lists, ())}
    else:
        visitor = {}
        names = sorted(scalars) + sorted(lists)
        fresh = [f"({name})" for name in sorted(scalars)]
        choices = [_scalar_choices(name, scalars[name], fresh) for name in sorted(scalars)]
        choices += [_list_choices(name, lists[name], uses[name]) for name in sorted(lists)]
    times = _moments(moments)
    total = len(times) * (2 if case_matters else 1)
    for choice in choices:
        total *= len(choice)
    if total > MAX_ASSIGNMENTS:
        choices = [choice[:1] for choice in choices]
    contexts = tuple(
        QueryContext(now=now, variables={**visitor, **dict(zip(names, values, strict=True))}, ignore_case=ignore_case)
        for ignore_case in ((True, False) if case_matters else (True,))
        for now in times
        for values in product(*choices)
    )
    return Assignments(contexts, total <= MAX_ASSIGNMENTS) if len(contexts) <= MAX_ASSIGNMENTS else None


def _all_conditions(node: Filter) -> Iterator[Condition]:
    for leaf in conditions(node):
        if isinstance(leaf, Condition):
            yield leaf
        elif isinstance(leaf, Quantified):
            for inner in _all_conditions(leaf.filter):
                yield Condition((*leaf.path, *inner.path), inner.operator, inner.operand)


def _is_list(variable: DynamicVariable, leaf: Condition) -> bool:
    """Whether the value of a variable is a list: the two that always do, and paths used where a list is wanted."""
    always = variable.name in ("$CURRENT_ROLES", "$CURRENT_POLICIES")
    return always or ("." in variable.name and leaf.operator in ("_in", "_nin"))


def _scalar_choices(name: str, constants: set[Scalar], fresh: Sequence[str]) -> list[Json]:
    mine = f"({name})"
    others: list[Json] = [value for value in fresh if value < mine]
    nothing: list[Json] = [] if name == "$CURRENT_USER" else [None]
    return [mine, *sorted(constants, key=repr), *others, *nothing]


def _list_choices(name: str, constants: set[Scalar], uses: int) -> list[Json]:
    """Lists with a value of its own and without, and with each set of constants: no more at once than conditions look
    into the list, since each of them looks for one value. Of very many sets there are enough to be too many."""
    known = sorted(constants, key=repr)
    sets = (subset for size in range(min(len(known), uses) + 1) for subset in combinations(known, size))
    subsets = list(islice(sets, MAX_ASSIGNMENTS))
    return [*((f"({name})", *subset) for subset in subsets), *subsets]


def _moments(moments: Mapping[str, set[Scalar]]) -> tuple[datetime, ...]:
    """Times of asking: one of its own, and for each date in the rule the moments around where `$NOW(…)` meets it."""
    times = {_SOME_DAY}
    for name, constants in moments.items():
        offset = adjusted(_SOME_DAY, name) - _SOME_DAY
        for constant in constants:
            moment = instant(constant) if isinstance(constant, str) else None
            if moment is not None:
                times.update(_around(moment, offset))
    return tuple(sorted(times))


def _around(moment: datetime, offset: timedelta) -> Iterator[datetime]:
    """The moments around the one that is `offset` before another; none where the calendar ends."""
    for shift in (-1, 0, 1):
        with suppress(OverflowError):
            yield moment - offset + timedelta(seconds=shift)
