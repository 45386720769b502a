"""The first administrator must not have a password everybody knows, nor a token that never ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, NotEvaluated, fail
from directus_guard.checks.shared.secrets import untold
from directus_guard.directus.environment.kept_elsewhere import kept_elsewhere
from directus_guard.directus.environment.known_secrets import MIN_ADMIN_PASSWORD, is_example
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment

_PREFIXED: Final = "DIRECTUS_ADMIN_PASSWORD"
"""A name that Directus does not read; where it stands, something else hands the value on (or the instance has another)."""


@environment_check(
    "bootstrap-credentials",
    severity=Severity.HIGH,
    title="The first administrator can be guessed",
    summary="ADMIN_PASSWORD is an example value, or ADMIN_TOKEN is set: a permanent administrator token.",
    itself=True,
)
def bootstrap_credentials(env: Environment) -> Iterator[CheckResult]:
    password, token = env["ADMIN_PASSWORD"], env["ADMIN_TOKEN"]
    if "ADMIN_PASSWORD" not in env and _PREFIXED in env:
        password = env[_PREFIXED]
    if password.known and password.text and _can_be_guessed(env, password):
        email = env["ADMIN_EMAIL"]
        known = (
            "the e-mail address is beside it" if email.known and email.text else "the e-mail address is easy to find"
        )
        yield fail(
            env,
            password,
            message=(
                f"Directus creates its first administrator with this password, and {known}. It stays valid until someone "
                "changes it in Directus; changing it here has no effect any more."
            ),
            expected="a random password from outside the repository, and both variables removed after the first start",
        )
    if token.known and token.text and not kept_elsewhere(token.text):
        yield fail(
            env,
            token,
            message="Directus stores this as a static token of the first administrator: it never expires and passes no second factor.",
            expected="no ADMIN_TOKEN; make a token for a user with only the permissions that are needed",
            title="A permanent administrator token is set",
        )
    for setting in (password, token):
        if setting.name in env and not setting.known:
            yield NotEvaluated(f"`{setting.name}`: {setting.unknown_reason}", setting.location)
        elif why := untold(env, setting):
            yield NotEvaluated(why, setting.location)


def _can_be_guessed(env: Environment, password: Setting) -> bool:
    if kept_elsewhere(password.text):
        return False
    short = len(password.text) < MIN_ADMIN_PASSWORD
    # A short one in a tracked file is secret-committed's, and the remedy is the same.
    return is_example(password.text, "ADMIN_PASSWORD") or (short and not env.committed(password, password.text))
