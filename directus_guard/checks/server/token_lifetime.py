"""Tokens must not live long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.environment import duration
from directus_guard.finding import Fix, Severity
from directus_guard.setting_changes import SetVariable
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

LIMITS: Final = {
    "ACCESS_TOKEN_TTL": (3600, "1h"),
    "REFRESH_TOKEN_TTL": (30 * 86400, "30d"),
    "SESSION_COOKIE_TTL": (7 * 86400, "7d"),
    "USER_INVITE_TOKEN_TTL": (7 * 86400, "7d"),
}
"""Seconds, and how to write them."""

WHY: Final = {
    "ACCESS_TOKEN_TTL": "Anyone who steals an access token can use it for all of this time. It cannot be revoked.",
    "REFRESH_TOKEN_TTL": "A stolen refresh token keeps a session open for all of this time.",
    "SESSION_COOKIE_TTL": "A session stays open for all of this time in every browser where a user signed in.",
    "USER_INVITE_TOKEN_TTL": "Anyone who gets hold of an invitation can open an account for all of this time.",
}
_RENEWED: Final = " Programs that keep a token longer must then renew it with their refresh token."


@environment_check(
    "token-lifetime",
    variables=("*_TTL",),
    severity=Severity.MEDIUM,
    title="Tokens are valid for too long",
    summary="ACCESS_TOKEN_TTL over 1h, REFRESH_TOKEN_TTL over 30d, SESSION_COOKIE_TTL over 7d or USER_INVITE_TOKEN_TTL over 7d.",
    cwe=(Cwe.SESSION_EXPIRATION,),
    owasp=(OwaspRisk.API2,),
)
def token_lifetime(env: Environment) -> Iterator[CheckResult]:
    for name, (limit, most) in LIMITS.items():
        ttl = env[name]
        if name not in env:
            continue
        if not ttl.known:
            yield from unjudged(ttl)
            continue
        seconds = duration.parse(ttl.text)
        if seconds is not None and seconds > limit * 1000:
            yield fail(
                env,
                ttl,
                title=titled("{} is too long", name),
                message=WHY[name],
                expected=f"at most `{most}`",
                fix=Fix(
                    f"Set `{name}` to `{most}` or less.{_RENEWED if name == 'ACCESS_TOKEN_TTL' else ''}",
                    safe=True,
                    settings=(SetVariable(name, most),),
                ),
            )
