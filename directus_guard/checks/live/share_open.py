"""Shares that anyone with the link can open, forever."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from directus_guard.checks.declaration import instance_check
from directus_guard.checks.result import CheckResult, Failure, NotApplicable, NotEvaluated
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.gaps import InstancePart
from directus_guard.finding import Fix, Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project


@instance_check(
    "share-open",
    severity=Severity.MEDIUM,
    title="Anyone with the link can open a share, forever",
    summary="Shared items without a password, an end or a limit of uses: one finding per collection.",
    cwe=(Cwe.MISSING_AUTHENTICATION, Cwe.SESSION_EXPIRATION),
    owasp=(OwaspRisk.API1,),
    checklist=(20,),
)
def share_open(instance: Instance, _: Project) -> Iterator[CheckResult]:
    if reason := instance.why_unknown(InstancePart.SHARES):
        yield NotEvaluated(reason) if instance.export is not None else NotApplicable(reason)
        return
    unlimited = Counter(one.collection for one in instance.shares if not (one.has_password or one.ends or one.limited))
    for collection, count in sorted(unlimited.items()):
        name = escape_controls(collection)
        yield Failure(
            subject=Subject(
                "collection", f"{instance.origin} shares {name}", (("model", instance.origin), ("collection", name))
            ),
            location=instance.location,
            title=titled("Anyone with the link can open shares of {}", name),
            message=f"Anyone who ever gets the link can open the item. {_count(count)} of `{name}` without a password, an end date or a limit of uses.",
            expected="a password, an end date or a limit of uses on every share",
            actual=f"{count} of `{name}` without any limit",
            fix=Fix(
                f"Set `date_end` of each such share of `{name}`, and delete the shares that you no longer need. In the Data Studio each item lists its shares in the side bar."
            ),
        )


def _count(count: int) -> str:
    return "There is 1 share" if count == 1 else f"There are {count} shares"
