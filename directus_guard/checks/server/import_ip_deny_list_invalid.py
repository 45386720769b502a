"""An entry of IMPORT_IP_DENY_LIST that cannot be parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, NotEvaluated, fail, unjudged
from directus_guard.checks.server._deny_list import Kind, judged
from directus_guard.directus.disclosure import mask_urls, shorten
from directus_guard.directus.features import CHECKS_SOCKETS
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "import-ip-deny-list-invalid",
    severity=Severity.MEDIUM,
    title="Deny list holds an entry Directus cannot read",
    summary="IMPORT_IP_DENY_LIST holds an entry that cannot be parsed, so every import is refused; up to 10.8 ranges never match at all.",
    checklist=(30,),
)
def import_ip_deny_list_invalid(env: Environment) -> Iterator[CheckResult]:
    deny = env["IMPORT_IP_DENY_LIST"]
    if not deny.known:
        yield from unjudged(deny)
        return
    judgement = judged(deny)
    if judgement.kind is Kind.INVALID:
        entries = ", ".join(f"`{shorten(mask_urls(entry))}`" for entry in judgement.invalid[:5])
        if CHECKS_SOCKETS.of(env.version):
            yield fail(
                env,
                deny,
                message=(
                    f"Directus cannot parse {entries} and then refuses every import and flow request: sooner or later "
                    "someone empties the list to get them back."
                ),
                expected="addresses, CIDR ranges or `first-last` without blanks, separated by commas",
            )
        else:
            yield fail(
                env,
                deny,
                message=f"Before 10.9.3 Directus compares the list as texts: {entries} never matches anything.",
                expected="Directus 10.9.3 or newer",
            )
    elif env.hidden_version and any("/" in entry or "-" in entry for entry in deny.text.split(",")):
        yield NotEvaluated(
            f"before 10.9.3 Directus compares ranges as texts, and its version is not known: {env.hidden_version}"
        )
