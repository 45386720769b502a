"""Sign-in providers must not hand accounts to anyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.answers import Answer, NotEvaluated, check, fail, unjudged
from directus_guard.directus.casting import is_truthy
from directus_guard.finding import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment import Environment


@check(
    "sso-registration",
    severity=Severity.HIGH,
    title="Anyone at the identity provider gets an account",
    summary="AUTH_*_ALLOW_PUBLIC_REGISTRATION is on without requiring a verified e-mail address.",
)
def sso_registration(env: Environment) -> Iterator[Answer]:
    for name in sorted(env.settings):
        if not name.startswith("AUTH_") or not name.endswith("_ALLOW_PUBLIC_REGISTRATION"):
            continue
        setting = env[name]
        if not setting.known:
            yield from unjudged(setting)
            continue
        if not is_truthy(setting.js):
            continue
        verified = env[name.replace("_ALLOW_PUBLIC_REGISTRATION", "_REQUIRE_VERIFIED_EMAIL")]
        if verified.known and is_truthy(verified.js):
            continue
        if verified.unknown_reason:
            yield NotEvaluated(f"`{verified.name}`: {verified.unknown_reason}", setting.location)
            continue
        yield fail(
            env,
            setting,
            message=(
                "Whoever signs in at this provider receives a Directus account with the default role, also with an e-mail address the "
                "provider never verified: an address that belongs to someone else may be claimed."
            ),
            expected=f"`false`, or `{verified.name}=true` where the driver knows it",
            confidence=Confidence.MEDIUM,
        )
