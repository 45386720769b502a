"""One leak, one finding: failures of one check about the same value become one, at the place that weighs most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.finding import Context, Related

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.checks.result import Failure
    from directus_guard.secret import Secret

MOST_PLACES: Final = 20
"""Other places that are listed."""
_ORDER: Final = (Context.PRODUCTION, Context.UNKNOWN, Context.DEVELOPMENT, Context.EXAMPLE)


def merged(failures: Sequence[tuple[str, Context, Failure]]) -> list[Failure | None]:
    """Each failure, or None where another one tells it. With every failure the check's id and the context that counts."""
    groups: dict[tuple[str, Secret], list[int]] = {}
    for index, (check, _, failure) in enumerate(failures):
        if failure.leak is not None:
            groups.setdefault((check, failure.leak), []).append(index)
    result: list[Failure | None] = [failure for _, _, failure in failures]
    for group in groups.values():
        group.sort(key=lambda index: (_ORDER.index(failures[index][1]), failures[index][2].location))
        first, *others = (failures[index][2] for index in group)
        for index in group[1:]:
            # The same variable in the same place is left to those who know whose file it is.
            if failures[index][2].location != first.location:
                result[index] = None
        result[group[0]] = _with_others(first, others)
    return result


def _with_others(first: Failure, others: Sequence[Failure]) -> Failure:
    known = {first.location, *(one.location for one in first.related)}
    more: list[Related] = []
    for other in others:
        for one in (Related(other.location, "the same value"), *other.related):
            if one.location not in known:
                known.add(one.location)
                more.append(one)
    if not more:
        return first
    count = f"{len(more)} other places" if len(more) > 1 else "one other place"
    return replace(
        first,
        message=f"{first.message} The same value is in {count}.",
        related=(*first.related, *more)[:MOST_PLACES],
    )
