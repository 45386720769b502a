"""A proxy takes the deny list out of play."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail
from directus_guard.checks.shared.titles import titled
from directus_guard.checks.shared.variable_fixes import remove
from directus_guard.directus.disclosure import mask_urls
from directus_guard.finding import Confidence, Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment
    from directus_guard.finding import Fix

NAMES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")


@environment_check(
    "import-proxy-bypass",
    variables=("HTTP_PROXY", "HTTPS_PROXY"),
    severity=Severity.MEDIUM,
    title="A proxy bypasses the import deny list",
    summary="HTTP_PROXY or HTTPS_PROXY is set: Directus tests the proxy's address, not the target's, so the deny list no longer guards imports.",
    cwe=(Cwe.SERVER_SIDE_REQUEST_FORGERY, Cwe.CONFUSED_DEPUTY),
    owasp=(OwaspRisk.API7,),
    checklist=(30,),
)
def import_proxy_bypass(env: Environment) -> Iterator[CheckResult]:
    for name in NAMES:
        proxy = env[name]
        if proxy.known and proxy.text:
            yield fail(
                env,
                proxy,
                title=titled("{} bypasses the import deny list", name),
                message=(
                    "File imports and flow requests can reach internal addresses through the proxy. Directus compares only the address "
                    "of the proxy with `IMPORT_IP_DENY_LIST`."
                ),
                expected="unset for Directus, or a proxy that refuses private addresses",
                fix=_without_effect(env, name)
                or remove(
                    name, "If Directus needs the proxy, block private addresses in the proxy, and accept this finding."
                ),
                actual=mask_urls(proxy.text),
                confidence=Confidence.MEDIUM,
            )


def _without_effect(env: Environment, name: str) -> Fix | None:
    """The name in small letters counts first (`proxy-from-env`, which axios uses): beside it this variable does nothing."""
    counting = env[name.lower()]
    if counting.name == name or not counting.known or not counting.text:
        return None
    return remove(name, f"It has no effect, because `{counting.name}` counts first.", safe=True)
