"""`MARKETPLACE_TRUST` must stay exactly `sandbox`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.shared.variable_fixes import set_to
from directus_guard.directus.features import HAS_MARKETPLACE
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "marketplace-trust",
    variables=("MARKETPLACE_TRUST",),
    unset="default",
    severity=Severity.HIGH,
    title="Marketplace extensions may run outside the sandbox",
    summary="MARKETPLACE_TRUST is set to something other than `sandbox`, so extensions from the registry run unsandboxed in the server.",
    cwe=(Cwe.UNTRUSTED_FUNCTIONALITY, Cwe.IMPROPER_ISOLATION),
    owasp=(OwaspRisk.API8, OwaspRisk.API10),
    checklist=(14,),
    feature=HAS_MARKETPLACE,
)
def marketplace_trust(env: Environment) -> Iterator[CheckResult]:
    trust = env["MARKETPLACE_TRUST"]
    if not trust.known:
        yield from unjudged(trust)
    elif trust.js != "sandbox":
        # Directus compares with === "sandbox" (docs/model/environment.md#marketplace)
        yield fail(
            env,
            trust,
            title="`MARKETPLACE_TRUST` allows code outside the sandbox",
            message=(
                "Administrators can install registry extensions that run as part of the server, with its secrets and its network. "
                "Directus accepts only the exact word `sandbox`: another spelling or an empty value means no sandbox."
            ),
            expected="`sandbox`, which is also the default",
            fix=set_to(trust.name, "sandbox", safe=True),
        )
