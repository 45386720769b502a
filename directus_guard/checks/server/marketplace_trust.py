"""`MARKETPLACE_TRUST` must stay exactly `sandbox`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.directus.features import HAS_MARKETPLACE
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "marketplace-trust",
    severity=Severity.HIGH,
    title="Marketplace installs code that runs outside the sandbox",
    summary="MARKETPLACE_TRUST is set to something other than `sandbox`, so extensions from the registry run unsandboxed in the server.",
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
            message=(
                "Directus compares MARKETPLACE_TRUST with the exact word `sandbox`; any other value, also another spelling "
                "or an empty one, lets administrators install registry extensions that run as part of the server, with its "
                "secrets and its network."
            ),
            expected="`sandbox`, or leave it out: that is the default",
        )
