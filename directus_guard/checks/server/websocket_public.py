"""WebSockets must authenticate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, Pass, fail, unjudged
from directus_guard.checks.shared.titles import titled
from directus_guard.checks.shared.variable_fixes import set_to
from directus_guard.directus.environment.casting import to_boolean
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "websocket-public",
    variables=("WEBSOCKETS_*",),
    unset="default",
    severity=Severity.HIGH,
    title="WebSockets accept connections without sign-in",
    summary="WEBSOCKETS_REST_AUTH or WEBSOCKETS_GRAPHQL_AUTH is `public` while WebSockets are on.",
    cwe=(Cwe.MISSING_AUTHENTICATION,),
    owasp=(OwaspRisk.API2,),
    live=True,
)
def websocket_public(env: Environment) -> Iterator[CheckResult]:
    enabled = env["WEBSOCKETS_ENABLED"]
    if not enabled.known:
        yield from unjudged(enabled)
        return
    if not to_boolean(enabled.js):
        yield Pass("WebSockets are off")
        return
    for endpoint in ("WEBSOCKETS_REST", "WEBSOCKETS_GRAPHQL"):
        name = f"{endpoint}_AUTH"
        mode = env[name]
        if name in env and not mode.known:
            yield from unjudged(mode)
        elif mode.text.lower() == "public" and _is_open(env, endpoint):
            yield fail(
                env,
                mode,
                title=titled("{} accepts connections without sign-in", name),
                message=(
                    "Anyone may connect without an account. Before 12.1.0 a failed authentication message leaves the connection "
                    "without any restriction (GHSA-97xr-jchp-xm3c). From 11.0 to 11.2 every connection is unrestricted "
                    "(GHSA-849r-qrwj-8rv4)."
                ),
                expected="`handshake` (the default) or `strict`",
                fix=set_to(name, "handshake", "Clients that do not sign in are disconnected then."),
            )


def _is_open(env: Environment, endpoint: str) -> bool:
    """Whether Directus opens this endpoint (`websocket/controllers/index.js`); by default it does."""
    switch = env[f"{endpoint}_ENABLED"]
    return not switch.is_set or to_boolean(switch.js)
