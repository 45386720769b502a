"""IMPORT_IP_DENY_LIST lets through an address that Directus' own default blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.server._deny_list import Kind, fix, judged, reachable
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "import-ip-deny-list-weakened",
    severity=Severity.HIGH,
    title="File imports reach what Directus blocks by default",
    summary="IMPORT_IP_DENY_LIST lets through an address that Directus' own default blocks: setting it replaces the default.",
    checklist=(30,),
)
def import_ip_deny_list_weakened(env: Environment) -> Iterator[CheckResult]:
    deny = env["IMPORT_IP_DENY_LIST"]
    if not deny.known:
        yield from unjudged(deny)
        return
    judgement = judged(deny)
    if judgement.kind is Kind.WEAKENED:
        yield fail(
            env,
            deny,
            title="`IMPORT_IP_DENY_LIST` blocks less than the default",
            message=(
                f"File imports and flow requests can reach {reachable(judgement.open)}. A list of your own replaces the default "
                "`0.0.0.0,169.254.169.254`, in which `0.0.0.0` means the server itself."
            ),
            fix=fix(deny, judgement.open),
            expected="`0.0.0.0,127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10`",
        )
