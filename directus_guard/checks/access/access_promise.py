"""Access goes beyond what the config promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _promise_breaks
from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.checks.result import About, CheckResult, NotEvaluated
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.project import Project


@project_check(
    "access-promise",
    evidence=(ProjectPart.PROMISES,),
    without="the config promises nothing about access",
    severity=Severity.HIGH,
    title="Access goes beyond a promise",
    summary="The config promises under `access` what is never, or only, granted. A permission grants more.",
    cwe=(Cwe.INCORRECT_AUTHORIZATION,),
    owasp=(OwaspRisk.API1, OwaspRisk.API3, OwaspRisk.API5),
)
def access_promise(project: Project) -> Iterator[tuple[About, CheckResult]]:
    if not project.models:
        yield None, NotEvaluated("there is no export that shows whether the promises of the config are kept")
    for export in project.models:
        promises = [one for one in project.promises if one.covers("" if export.live else export.name)]
        yield from ((export, answer) for answer in _promise_breaks.judged(export, promises))
