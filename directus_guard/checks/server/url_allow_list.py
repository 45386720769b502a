"""Allow lists for links must name your own https addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.directus.context import is_local_host
from directus_guard.directus.environment.casting import to_array
from directus_guard.finding import Confidence, Severity
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


def _foreign(env: Environment, entries: list[str]) -> str:
    """A host that shares no domain with what the environment calls its own, "" if there is none or nothing to compare with."""
    own = [
        env["PUBLIC_URL"].text,
        *(str(origin) for origin in to_array(env["CORS_ORIGIN"].js) if env["CORS_ORIGIN"].known),
    ]
    domains = {domain for text in own if (domain := _domain(text)) and not is_local_host(domain)}
    if not domains:
        return ""
    return next((entry for entry in entries if (domain := _domain(entry)) and domain not in domains), "")


def _domain(text: str) -> str:
    """The last two labels of an address' host: coarse, which is why the finding has low confidence."""
    try:
        host = urlsplit(text.strip()).hostname or ""
    except ValueError:
        return ""
    return ".".join(host.rsplit(".", 2)[-2:])


@environment_check(
    "url-allow-list",
    severity=Severity.MEDIUM,
    title="Tokens may be mailed to an unsafe address",
    summary="An allow list for reset, invite, registration or sign-in links holds an http:// address or a foreign host.",
)
def url_allow_list(env: Environment) -> Iterator[CheckResult]:
    for setting in (
        env[name] for name in sorted(env.settings) if name.endswith(("_URL_ALLOW_LIST", "_REDIRECT_ALLOW_LIST"))
    ):
        if not setting.known:
            yield from unjudged(setting)
            continue
        entries = [str(entry).strip() for entry in to_array(setting.js)]
        plain = [entry for entry in entries if entry.lower().startswith("http://")]
        if plain:
            yield fail(
                env,
                setting,
                message=(
                    "Directus appends a token to an address of this list and mails or redirects it. Over http:// anyone on the way "
                    "reads it, and a loopback address hands it to whatever listens on the visitor's machine."
                ),
                expected="only https addresses of your own",
            )
        elif foreign := _foreign(env, entries):
            yield fail(
                env,
                setting,
                message=f"`{escape_controls(foreign)}` does not belong to the domain of PUBLIC_URL or CORS_ORIGIN: links with tokens may lead there.",
                expected="only https addresses of your own",
                confidence=Confidence.LOW,
            )
        elif any("example.com" in entry or "example.org" in entry for entry in entries):
            yield fail(
                env,
                setting,
                message="A documentation host is on the list: links with tokens may lead to a host that is not yours.",
                expected="only https addresses of your own",
            )
