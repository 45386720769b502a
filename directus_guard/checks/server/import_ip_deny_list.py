"""IMPORT_IP_DENY_LIST is set without weakening the default, but leaves part of the checklist's baseline open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.server._deny_list import Kind, fix, judged, reachable
from directus_guard.checks.server._recommended_deny_list import recommended
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "import-ip-deny-list",
    variables=("IMPORT_IP_DENY_LIST",),
    unset="default",
    severity=Severity.MEDIUM,
    title="File imports reach private networks",
    summary="IMPORT_IP_DENY_LIST is set without weakening the default, but leaves part of the checklist's baseline open.",
    cwe=(Cwe.SERVER_SIDE_REQUEST_FORGERY,),
    owasp=(OwaspRisk.API7,),
    checklist=(30,),
)
def import_ip_deny_list(env: Environment) -> Iterator[CheckResult]:
    deny = env["IMPORT_IP_DENY_LIST"]
    if not deny.known:
        yield from unjudged(deny)
        return
    judgement = judged(deny)
    if judgement.kind is Kind.PLAIN:
        yield fail(
            env,
            deny,
            title="`IMPORT_IP_DENY_LIST` leaves internal networks open",
            message=(
                f"Anyone who may import a file by URL can read answers of internal services. The list leaves open {reachable(judgement.open)}."
            ),
            fix=fix(deny),
            expected=f"`{','.join(recommended(env.version))}`",
        )
