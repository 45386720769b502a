"""PUBLIC_URL must be https."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.directus.context import is_local_host
from directus_guard.finding import Fix, Severity
from directus_guard.setting_changes import SetVariable
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "public-url",
    variables=("PUBLIC_URL",),
    unset="default",
    severity=Severity.MEDIUM,
    title="`PUBLIC_URL` uses plain http",
    summary="PUBLIC_URL is http:// on a host that is not this machine: links in mails, cookies and tokens travel unencrypted.",
    cwe=(Cwe.CLEARTEXT_TRANSMISSION,),
    owasp=(OwaspRisk.API8,),
)
def public_url(env: Environment) -> Iterator[CheckResult]:
    url = env["PUBLIC_URL"]
    if not url.known:
        yield from unjudged(url)
        return
    try:
        parts = urlsplit(url.text)
        host = parts.hostname or ""
    except ValueError:
        return
    if parts.scheme.lower() == "http" and not is_local_host(host) and "." in host.strip("."):
        yield fail(
            env,
            url,
            message=(
                "Anyone on the network path can read the tokens in reset and invite links, and take over accounts. Directus writes this "
                "address into e-mails and sign-in redirects."
            ),
            expected="an https:// address",
            fix=Fix(
                "Serve Directus over https, and change `http://` to `https://` in `PUBLIC_URL`.",
                safe=env["HSTS_ENABLED"].text == "true",
                settings=(SetVariable(url.name, f"https{url.text[4:]}"),),
            ),
        )
