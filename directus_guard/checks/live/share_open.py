"""Shares that open to whoever has the link, forever."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from directus_guard.checks.declaration import instance_check
from directus_guard.checks.result import CheckResult, Failure, NotApplicable, NotEvaluated
from directus_guard.directus.gaps import InstancePart
from directus_guard.finding import Severity, Subject
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project


@instance_check(
    "share-open",
    severity=Severity.MEDIUM,
    title="Shares open to whoever has the link, forever",
    summary="Shared items without a password, an end or a limit of uses: one finding per collection.",
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
            message=f"{count} share{'s' if count > 1 else ''} of `{name}` {'have' if count > 1 else 'has'} neither a password nor an end nor a limit of uses: the link alone opens the item, for everybody it is ever forwarded to, and out of mail archives and browser histories too.",
            expected="a password, an end or a number of uses on every share; old shares deleted",
            actual=f"{count} without any limit",
            framed=False,
        )
