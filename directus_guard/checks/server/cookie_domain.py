"""Cookies should stay on one host."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, NotEvaluated, fail, unjudged
from directus_guard.checks.server._cookies import cookie_prefixes
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.disclosure import shorten
from directus_guard.finding import Fix, Severity
from directus_guard.setting_changes import RemoveVariable
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "cookie-domain",
    variables=("*_COOKIE_DOMAIN",),
    severity=Severity.LOW,
    title="Session cookie is shared with every subdomain",
    summary="A cookie domain is a parent of the host in PUBLIC_URL, so every subdomain receives the session.",
    cwe=(Cwe.UNPROTECTED_CREDENTIALS,),
    owasp=(OwaspRisk.API8, OwaspRisk.API2),
)
def cookie_domain(env: Environment) -> Iterator[CheckResult]:
    url = env["PUBLIC_URL"]
    for prefix in cookie_prefixes(env.version):
        name = f"{prefix}_DOMAIN"
        domain = env[name]
        if name not in env:
            continue
        if not domain.known:
            yield from unjudged(domain)
            continue
        parent = domain.text.strip().lstrip(".").lower()
        host = _host(url.text) if url.known else None
        if parent and host is None:
            yield NotEvaluated("`PUBLIC_URL` is not known, which has the host of the site", domain.location)
        elif parent and host != parent and host is not None and host.endswith(f".{parent}"):
            yield fail(
                env,
                domain,
                title=titled("{} covers every subdomain", name),
                message=(
                    f"Every host under `{shorten(parent)}` receives the session cookie, so one weak subdomain is enough to steal it."
                ),
                expected="unset, or exactly the host of PUBLIC_URL",
                fix=Fix(
                    f"Remove `{name}`, so that only the host of `PUBLIC_URL` receives the cookie. If a front end on another subdomain needs it, accept this finding.",
                    settings=(RemoveVariable(name),),
                ),
            )


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
