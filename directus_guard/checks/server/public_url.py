"""PUBLIC_URL must be https."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.directus.context import is_local_host
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "public-url",
    severity=Severity.MEDIUM,
    title="The instance is served over plain http",
    summary="PUBLIC_URL is http:// on a host that is not this machine: links in mails, cookies and tokens travel in clear.",
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
        host, parts = "", None
    if (
        parts is not None
        and parts.scheme.lower() == "http"
        and host
        and not is_local_host(host)
        and "." in host.strip(".")
    ):
        yield fail(
            env,
            url,
            message="Directus writes this address into reset and invite mails and into sign-in redirects; over http the tokens in them are readable on the way.",
            expected="an https:// address",
        )
