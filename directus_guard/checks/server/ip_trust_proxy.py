"""Client addresses must not be taken from anyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.finding import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "ip-trust-proxy",
    severity=Severity.MEDIUM,
    title="Any client can forge its address",
    summary="IP_TRUST_PROXY is `true`, or IP_CUSTOM_HEADER is set: a client may claim any address, past ip_access rules, rate limits and the audit log.",
)
def ip_trust_proxy(env: Environment) -> Iterator[CheckResult]:
    trust, header = env["IP_TRUST_PROXY"], env["IP_CUSTOM_HEADER"]
    if trust.known and trust.js is True:
        yield fail(
            env,
            trust,
            message=(
                "With `true` every X-Forwarded-For header is believed. A client that reaches Directus without a proxy that "
                "replaces the header picks its own address: ip_access of policies, rate limits and the activity log follow it."
            ),
            expected="the number of proxies in front (`1`) or their addresses",
        )
    elif "IP_TRUST_PROXY" in env and not trust.known:
        yield from unjudged(trust)
    if header.known and header.text and header.js is not False:
        yield fail(
            env,
            header,
            message=(
                "Directus takes the client's address from the header that `IP_CUSTOM_HEADER` names; unless the edge overwrites it, any "
                "client can send it."
            ),
            expected="unset, unless the edge sets the header on every request",
            confidence=Confidence.MEDIUM,
        )
    elif "IP_CUSTOM_HEADER" in env and not header.known:
        yield from unjudged(header)
