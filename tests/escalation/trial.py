"""Random configurations, judged without a server: how many are not evaluated, and whether the proposed changes are right.

What rests on a deny list is counted apart: for it no plan is made, on purpose.
`python -m tests.escalation.trial plain|pinned|flows FIRST END` prints the figures of each major, and what does not agree.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.access.evaluation import QueryContext
from directus_guard.directus.access.validation import Validations
from directus_guard.escalation import Paths, Unplanned
from directus_guard.escalation.cuts import Cuts, applied
from directus_guard.escalation.cuts.alternatives import without_fields
from directus_guard.escalation.cuts.changes import PermissionChange
from directus_guard.escalation.tables import POLICIES, ROLES
from directus_guard.escalation.work import TooMuchWorkError
from tests.lab.offline import offline
from tests.lab.random_escalation import configuration
from tests.support.random_escalations import instance, pinned_instance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import Export
    from directus_guard.escalation.cuts import Change, Cut

MAJORS: Final = (10, 11, 12)


NO_PLAN: Final = "no plan without"
"""Something is still reached without a part of the fix, but no requests were found that do it."""
NO_PLAN_OF_DENY_LIST: Final = f"{NO_PLAN}, as of a deny list"
"""The same, where all that is reached rests on a deny list (`DENY_LIST`)."""
NO_PLAN_AS_SAID: Final = f"{NO_PLAN}, as the fix says"
"""The same, where the fix says of the change that without it another way may be left."""
WAY: Final = "way"
DENY_LIST: Final = "deny list"
"""All that is reached rests on a validation that lists which values of `admin_access` are refused. No plan is made for it."""
NOT_EVALUATED: Final = "not evaluated"


def _with_flows(seed: int) -> Export:
    major = MAJORS[seed % len(MAJORS)]
    return offline(configuration(f"flows-{major}-{seed}", major), major)[0].export()


GENERATORS: Final[dict[str, Callable[[int], Export]]] = {
    "plain": lambda seed: instance(seed)[0],
    "pinned": pinned_instance,
    "flows": _with_flows,
}


def parts_of(export: Export, cut: Cut) -> Iterator[tuple[str, Change, tuple[Change, ...]]]:
    """What of a cut can be left out, and the changes that remain: a change, or one of the fields that it drops."""
    for change in cut.changes:
        others = tuple(one for one in cut.changes if one is not change)
        yield change.sentence, change, others
        if isinstance(change, PermissionChange):
            for name in change.dropped:
                fewer = without_fields(export, change.row, tuple(one for one in change.dropped if one != name))
                yield f"{name}: {change.sentence}", change, (*others, fewer) if fewer else others


def kept_out(export: Export) -> Export:
    """The same where validations that refuse `admin_access` in some spelling refuse it in every spelling."""
    major = export.model.version.major

    def closed(row: Permission) -> Permission:
        if row.collection not in (ROLES, POLICIES) or row.action not in ("create", "update"):
            return row
        rules = Validations([row.validation], major)
        if rules.sendable("admin_access", True, QueryContext()) is not None:
            return row
        return replace(row, validation={"_and": [row.validation, {"admin_access": {"_eq": False}}]})

    permissions = tuple(closed(row) for row in export.model.permissions)
    return replace(export, model=replace(export.model, permissions=permissions))


def rests_on_deny_list(export: Export, principal: Principal) -> bool:
    """Whether nothing is reached without what such validations may let through."""
    return Paths(kept_out(export)).answer(principal) is None


def disagreements(export: Export, principal: Principal, cut: Cut) -> Iterator[str]:
    """What is wrong with a cut: something is still reached, or a part of it can be left out without a plan."""
    if Paths(applied(export, cut.changes)).way(principal) is not None:
        yield "still reached"
    for part, change, left in parts_of(export, cut):
        answer = Paths(applied(export, left)).answer(principal)
        if isinstance(answer, Unplanned):
            denies = rests_on_deny_list(applied(export, left), principal)
            said = change.key in cut.unsure
            yield f"{NO_PLAN_OF_DENY_LIST if denies else NO_PLAN_AS_SAID if said else NO_PLAN}: {part}"
        elif answer is None:
            yield f"not needed: {part}"


def judge(export: Export) -> Iterator[tuple[Principal, str, list[str]]]:
    """Each principal: `nothing`, `not evaluated`, `deny list`, `too much work` or `way`, and what is wrong with its cut."""
    paths, cuts = Paths(export), Cuts(export)
    for principal, _ in export.actors:
        try:
            answer = paths.answer(principal)
        except TooMuchWorkError:
            yield principal, "too much work", []
            continue
        if isinstance(answer, Unplanned):
            yield principal, DENY_LIST if rests_on_deny_list(export, principal) else NOT_EVALUATED, []
            continue
        if answer is None:
            yield principal, "nothing", []
            continue
        cut = cuts.of(principal, answer.plan)
        try:
            yield principal, WAY, ["no cut"] if cut is None else list(disagreements(export, principal, cut))
        except TooMuchWorkError:
            yield principal, WAY, ["too much work"]


def main() -> int:
    generator, first, end = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    found: dict[int, Counter[str]] = {major: Counter() for major in MAJORS}
    for seed in range(first, end):
        export = GENERATORS[generator](seed)
        counts = found[export.model.version.major]
        kinds = set()
        for principal, kind, wrong in judge(export):
            kinds.add(kind)
            counts += Counter((kind, "principals"))
            counts += Counter(one.partition(":")[0] for one in wrong)
            if wrong or kind in (NOT_EVALUATED, DENY_LIST, "too much work"):
                print(generator, seed, principal.name, kind, *wrong, sep="; ", flush=True)
        counts += Counter((*(f"configurations with {kind}" for kind in kinds), "configurations"))
        found[export.model.version.major] = counts
    for major, counts in found.items():
        print(major, dict(sorted(counts.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
