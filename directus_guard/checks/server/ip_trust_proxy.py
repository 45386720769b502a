"""Client addresses must not be taken from anyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.finding import Confidence, Fix, Severity
from directus_guard.setting_changes import RemoveVariable, SetVariable
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "ip-trust-proxy",
    variables=("IP_TRUST_PROXY", "IP_CUSTOM_HEADER"),
    severity=Severity.MEDIUM,
    title="Any client can forge its address",
    summary="IP_TRUST_PROXY is `true`, or IP_CUSTOM_HEADER is set: a client may claim any address, past ip_access rules, rate limits and the audit log.",
    cwe=(Cwe.LESS_TRUSTED_SOURCE, Cwe.SPOOFING),
    owasp=(OwaspRisk.API8, OwaspRisk.API4),
)
def ip_trust_proxy(env: Environment) -> Iterator[CheckResult]:
    trust, header = env["IP_TRUST_PROXY"], env["IP_CUSTOM_HEADER"]
    if trust.known and trust.js is True:
        yield fail(
            env,
            trust,
            title="`IP_TRUST_PROXY` lets any client forge its address",
            message=(
                "A client can bypass the IP restrictions of policies and rate limits, and write false addresses into the activity log. "
                "With `true` Directus believes every `X-Forwarded-For` header."
            ),
            expected="the number of proxies in front (`1`) or their addresses",
            fix=Fix(
                "Set `IP_TRUST_PROXY` to the number of proxies in front of Directus, such as `1`, or to `false` without a proxy.",
                settings=(SetVariable(trust.name, "1"),),
            ),
        )
    elif "IP_TRUST_PROXY" in env and not trust.known:
        yield from unjudged(trust)
    if header.known and header.text and header.js is not False:
        yield fail(
            env,
            header,
            title="`IP_CUSTOM_HEADER` may let clients forge addresses",
            message=(
                "A client that sends this header can bypass IP restrictions and rate limits, unless your proxy overwrites it. Directus "
                "takes the address of the client from the header that `IP_CUSTOM_HEADER` names."
            ),
            expected="unset, unless the proxy sets the header on every request",
            fix=Fix(
                f"Remove `IP_CUSTOM_HEADER` where no proxy sets this header. Otherwise make your proxy overwrite "
                f"`{escape_controls(header.shown)}` on every request, and accept this finding.",
                settings=(RemoveVariable(header.name),),
            ),
            confidence=Confidence.MEDIUM,
        )
    elif "IP_CUSTOM_HEADER" in env and not header.known:
        yield from unjudged(header)
