"""Ways to access that a promise forbids: to administrator, or to a permission, a policy or a role that gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.checks.access import _escalation, _promise_words
from directus_guard.checks.result import Failure, NotEvaluated
from directus_guard.checks.shared import rows
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.access.principals import PUBLIC
from directus_guard.directus.access.promises import ANY, concerned
from directus_guard.directus.access.records import ACTIONS
from directus_guard.directus.access.system_data import SYSTEM_COLLECTIONS
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from directus_guard.checks.access._escalation import Way
    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.access.promises import Promise
    from directus_guard.directus.export import Export

MOST_GOALS: Final = 200
"""So many actions on collections are looked for at once; of more, only the way to administrator."""
NEEDS: Final = _escalation.NEEDS


def ways(export: Export, promise: Promise, having: Collection[Principal]) -> Iterator[CheckResult]:
    """The ways of those whom a promise is about. `having`: those who have the access already."""
    principals = tuple(
        principal
        for principal, access in concerned(export.model, promise)
        if not access.admin and principal not in having
    )
    if not principals:
        return
    goals = _goals(export, promise)
    place = escape_controls(promise.place)
    if len(goals) > MOST_GOALS:
        yield NotEvaluated(
            f"the promise in `{place}` is about too many collections to follow every way to them",
            export.location,
        )
        goals = frozenset()
    where = f"what the promise in `{place}` forbids"
    for way in _escalation.ways_of(export, principals, goals, where):
        yield _failure(export, promise, way) if isinstance(way, _escalation.Way) else way


def _goals(export: Export, promise: Promise) -> frozenset[tuple[str, str]]:
    known = (*SYSTEM_COLLECTIONS, *export.collections) if ANY in promise.collections else promise.collections
    return frozenset(
        (collection, action) for collection in known for action in ACTIONS if promise.is_about(collection, action)
    )


def _failure(export: Export, promise: Promise, way: Way) -> Failure:
    key = f"{_escalation.object_of(export, way)} {_promise_words.name_of(promise)}"
    failure = _escalation.failure_of(export, way, key)
    first = way.principals[0]
    pattern = "{} can get to {} against a promise"
    what = "all" if ANY in promise.collections else promise.collections[0]
    title = (
        titled(pattern.replace("{}", "Anonymous visitors", 1), what)
        if first == PUBLIC
        else titled(pattern, export.names.get(first, first.name), what)
    )
    given = _promise_words.allowed(promise)
    whom = rows.who(export, tuple(way.principals))
    return replace(
        failure,
        title=title,
        message=f"{_promise_words.promised(export, promise)} {failure.message} Then {whom} may {given}.",
        expected="no such access, and no way to it",
        severity=promise.severity,
    )
