"""IMPORT_IP_DENY_LIST covers the baseline but not the special ranges where cloud metadata and internal services also live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.server._deny_list import Kind, fix, judged, reachable
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "import-ip-deny-list-extended",
    variables=("IMPORT_IP_DENY_LIST",),
    unset="default",
    severity=Severity.LOW,
    title="Deny list misses special ranges",
    summary="IMPORT_IP_DENY_LIST covers the baseline but not the special ranges where cloud metadata and internal services also live.",
    cwe=(Cwe.SERVER_SIDE_REQUEST_FORGERY,),
    owasp=(OwaspRisk.API7,),
    checklist=(31,),
)
def import_ip_deny_list_extended(env: Environment) -> Iterator[CheckResult]:
    deny = env["IMPORT_IP_DENY_LIST"]
    if not deny.known:
        yield from unjudged(deny)
        return
    judgement = judged(deny)
    if judgement.kind is Kind.EXTENDED:
        yield fail(
            env,
            deny,
            title="`IMPORT_IP_DENY_LIST` misses special ranges",
            message=(
                "File imports may reach internal services of a cloud provider, such as metadata. The list leaves open "
                f"{reachable(judgement.open)}."
            ),
            fix=fix(deny),
            expected="the same list with these ranges added",
        )
