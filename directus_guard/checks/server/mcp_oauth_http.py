"""MCP clients must use https."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.shared.variable_fixes import set_to
from directus_guard.directus.environment.casting import to_boolean
from directus_guard.directus.features import HAS_MCP_OAUTH
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "mcp-oauth-http",
    variables=("MCP_OAUTH_CIMD_ALLOW_HTTP",),
    unset="default",
    severity=Severity.HIGH,
    title="MCP sign-in accepts plain http",
    summary="MCP_OAUTH_CIMD_ALLOW_HTTP lets client metadata come over plain http, so an attacker on the network path can pose as the client.",
    cwe=(Cwe.CLEARTEXT_TRANSMISSION, Cwe.SPOOFING),
    owasp=(OwaspRisk.API2,),
    feature=HAS_MCP_OAUTH,
)
def mcp_oauth_http(env: Environment) -> Iterator[CheckResult]:
    allow = env["MCP_OAUTH_CIMD_ALLOW_HTTP"]
    if not allow.known:
        yield from unjudged(allow)
    elif to_boolean(allow.js):
        yield fail(
            env,
            allow,
            title="`MCP_OAUTH_CIMD_ALLOW_HTTP` accepts plain http",
            message=(
                "An attacker on the network path can pose as the MCP client and receive its authorization. Directus then fetches "
                "the metadata of clients over http."
            ),
            expected="`false` (the default)",
            fix=set_to(allow.name, "false", safe=True),
        )
