"""The secret that signs every session must not be guessable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.answers import Answer, NotApplicable, check, fail, unjudged
from directus_guard.directus.known_secrets import MIN_BYTES, weakness
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment import Environment


@check(
    "secret-weak",
    severity=Severity.CRITICAL,
    title="SECRET can be guessed",
    summary="SECRET is shorter than 32 bytes, a published example, or of low entropy: whoever guesses it signs in as anybody.",
    itself=True,
)
def secret_weak(env: Environment) -> Iterator[Answer]:
    setting = env["SECRET"]
    if not setting.known:
        yield from unjudged(setting)
    elif not setting.text:
        yield NotApplicable("SECRET is empty; see secret-missing")
    elif why := weakness(setting.text):
        yield fail(
            env,
            setting,
            message=(
                f"SECRET signs every access token, invite and password reset, and {why}. Whoever knows it makes a token for any "
                "administrator without signing in."
            ),
            expected=f"at least {MIN_BYTES} random bytes from outside the repository, e.g. made by `openssl rand -hex 32`",
        )
