"""The API description shows more public access than anything declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import instance_check
from directus_guard.checks.live._declared import declared, not_public
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.gaps import InstancePart
from directus_guard.finding import Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project


@instance_check(
    "anonymous-schema",
    severity=Severity.LOW,
    title="The API description shows undeclared public access",
    summary="The OpenAPI document that anonymous visitors get lists collections or actions that are not declared public.",
    cwe=(Cwe.SYSTEM_INFORMATION,),
    owasp=(OwaspRisk.API9,),
    checklist=(21,),
)
def anonymous_schema(instance: Instance, project: Project) -> Iterator[CheckResult]:
    if reason := instance.why_unknown(InstancePart.LISTED):
        yield NotEvaluated(reason)
        return
    meant = declared(instance, project)
    more = {
        name: undeclared
        for name, actions in sorted(instance.listed.items())
        if (undeclared := [action for action in actions if action not in meant.access.get(name, ())])
    }
    if more and meant.unknown:
        shown = ", ".join(f"`{escape_controls(name)}`" for name in list(more)[:8])
        yield NotEvaluated(f"{meant.unknown}. The API description lists: {shown}")
        return
    for name, actions in more.items():
        shown = escape_controls(name)
        yield Failure(
            subject=Subject(
                "collection", f"{instance.origin} {shown}", (("model", instance.origin), ("collection", shown))
            ),
            location=instance.location,
            title=titled("The API lists {} as public", shown),
            message=f"Anonymous visitors may {', '.join(actions)} `{shown}`. {meant.by} not allow this. Directus lists in `/server/specs/oas` what the permissions of the public allow.",
            expected="the same public access in the instance and in the repository",
            actual=f"listed for visitors: {', '.join(actions)}",
            fix=not_public(instance, meant, actions, shown),
        )
