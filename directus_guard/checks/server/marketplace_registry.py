"""The marketplace must use the registry of Directus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.shared.variable_fixes import remove
from directus_guard.directus.features import HAS_MARKETPLACE
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

OFFICIAL: Final = ("https://registry.directus.io",)


@environment_check(
    "marketplace-registry",
    variables=("MARKETPLACE_REGISTRY",),
    unset="default",
    severity=Severity.MEDIUM,
    title="Extensions come from a custom registry",
    summary="MARKETPLACE_REGISTRY points to a registry other than that of Directus: anyone who controls it controls what is installed.",
    cwe=(Cwe.UNTRUSTED_FUNCTIONALITY, Cwe.NO_INTEGRITY_CHECK),
    owasp=(OwaspRisk.API8, OwaspRisk.API10),
    checklist=(14,),
    feature=HAS_MARKETPLACE,
)
def marketplace_registry(env: Environment) -> Iterator[CheckResult]:
    registry = env["MARKETPLACE_REGISTRY"]
    if not registry.known:
        yield from unjudged(registry)
    elif registry.text.rstrip("/") not in OFFICIAL:
        yield fail(
            env,
            registry,
            title="`MARKETPLACE_REGISTRY` is a custom registry",
            message=(
                "Anyone who controls this registry controls the code of the extensions that administrators install. Directus lists and "
                "downloads extensions from it."
            ),
            expected=f"unset, which is `{OFFICIAL[0]}`",
            fix=remove(registry.name, "The default is the same registry, over https.", safe=True)
            if _is_official(registry.text)
            else remove(registry.name, "If this registry is yours, accept this finding."),
        )


def _is_official(address: str) -> bool:
    """Whether it is the registry of Directus, written in another way: over http, with a port, in quotes."""
    try:
        parts = urlsplit(address.strip().strip("\"'"))
        port = parts.port
    except ValueError:
        return False
    known = parts.hostname == urlsplit(OFFICIAL[0]).hostname and parts.scheme in ("http", "https")
    return known and "@" not in parts.netloc and port in (None, 80, 443) and parts.path in ("", "/")
