"""Allow lists for links must name your own https addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.answers import Answer, check, fail, unjudged
from directus_guard.directus.casting import to_array
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment import Environment


@check(
    "url-allow-list",
    severity=Severity.MEDIUM,
    title="Tokens may be mailed to an unsafe address",
    summary="An allow list for reset, invite, registration or sign-in links holds an http:// address or a foreign host.",
)
def url_allow_list(env: Environment) -> Iterator[Answer]:
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
        elif any("example.com" in entry or "example.org" in entry for entry in entries):
            yield fail(
                env,
                setting,
                message="A documentation host is on the list: links with tokens may lead to a host that is not yours.",
                expected="only https addresses of your own",
            )
