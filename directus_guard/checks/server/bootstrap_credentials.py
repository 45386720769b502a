"""The first administrator needs a password of its own, and no token that never ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, NotEvaluated, fail
from directus_guard.checks.shared.secrets import from_outside, untold
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.environment.kept_elsewhere import kept_elsewhere
from directus_guard.directus.environment.known_secrets import MIN_ADMIN_PASSWORD, is_example
from directus_guard.finding import Fix, Severity
from directus_guard.setting_changes import RemoveVariable
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment

_PREFIXED: Final = "DIRECTUS_ADMIN_PASSWORD"
"""A name that Directus does not read; where it is set, something else passes the value on, or the instance has another."""


@environment_check(
    "bootstrap-credentials",
    severity=Severity.HIGH,
    title="Password of the first administrator can be guessed",
    summary="ADMIN_PASSWORD is an example value, or ADMIN_TOKEN is set: a permanent administrator token.",
    cwe=(Cwe.DEFAULT_CREDENTIALS, Cwe.HARD_CODED_CREDENTIALS),
    owasp=(OwaspRisk.API2,),
    itself=True,
)
def bootstrap_credentials(env: Environment) -> Iterator[CheckResult]:
    password, token = env["ADMIN_PASSWORD"], env["ADMIN_TOKEN"]
    if "ADMIN_PASSWORD" not in env and _PREFIXED in env:
        password = env[_PREFIXED]
    if password.known and password.text and _can_be_guessed(env, password):
        yield fail(
            env,
            password,
            title=titled("{} can be guessed", password.name),
            message=(
                "Anyone who guesses it can sign in as the first administrator. Directus creates that user with it at the first "
                f"start, and a later change of the variable has no effect.{_remark(password)}"
            ),
            expected="a random password from outside the repository, and no such variable after the first start",
            fix=Fix(
                f"Set `{password.name}` to a random password. {from_outside(env, password)} If Directus has started with the "
                "old password, change the password of this user in the Data Studio too."
            ),
        )
    if token.known and token.text and not kept_elsewhere(token.text):
        yield fail(
            env,
            token,
            title="`ADMIN_TOKEN` is a permanent administrator token",
            message=(
                "Anyone with this token has full access: it never expires and needs no second factor. Directus stores it for the "
                "first administrator."
            ),
            expected="no ADMIN_TOKEN",
            fix=Fix(
                "Give each program that uses this token a user and a token of its own, with only the permissions that it needs. "
                "Then remove `ADMIN_TOKEN`, and delete the token of the first administrator in the Data Studio.",
                settings=(RemoveVariable(token.name),),
            ),
        )
    for setting in (password, token):
        if setting.name in env and not setting.known:
            yield NotEvaluated(f"`{setting.name}`: {setting.unknown_reason}", setting.location)
        elif why := untold(env, setting):
            yield NotEvaluated(why, setting.location)


def _remark(password: Setting) -> str:
    """Why the password can be guessed, and how a variable with another name reaches Directus."""
    example = is_example(password.text, "ADMIN_PASSWORD")
    why = " The password is an example value or a common word." if example else " The password is too short."
    passed = f" It is assumed that `ADMIN_PASSWORD` gets its value from `{_PREFIXED}`."
    return why + (passed if password.name == _PREFIXED else "")


def _can_be_guessed(env: Environment, password: Setting) -> bool:
    if kept_elsewhere(password.text):
        return False
    short = len(password.text) < MIN_ADMIN_PASSWORD
    # secret-committed reports a short password in a tracked file, and its fix is the same.
    return is_example(password.text, "ADMIN_PASSWORD") or (short and not env.committed(password, password.text))
