"""A proxy takes the deny list out of play."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail
from directus_guard.directus.disclosure import mask_urls
from directus_guard.finding import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

NAMES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")


@environment_check(
    "import-proxy-bypass",
    severity=Severity.MEDIUM,
    title="The import deny list is tested against the proxy",
    summary="HTTP_PROXY or HTTPS_PROXY is set: Directus tests the proxy's address, not the target's, so the deny list no longer guards imports.",
    checklist=(30,),
)
def import_proxy_bypass(env: Environment) -> Iterator[CheckResult]:
    for name in NAMES:
        proxy = env[name]
        if proxy.known and proxy.text:
            yield fail(
                env,
                proxy,
                message=(
                    f"Imports and flow requests go through the proxy of `{name}`, and the deny list sees only the proxy's address: internal "
                    f"targets are reached through it unless the proxy refuses them. Without `{name}` the deny list counts."
                ),
                expected="unset for Directus, or a proxy that refuses private addresses",
                actual=mask_urls(proxy.text),
                confidence=Confidence.MEDIUM,
            )
