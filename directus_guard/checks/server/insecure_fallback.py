"""A fallback in a manifest is a secret that others know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, NotEvaluated, fail
from directus_guard.checks.shared.secrets import bearing, default_of, password_name, secret_of
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.disclosure import MASK
from directus_guard.directus.environment.kept_elsewhere import kept_elsewhere
from directus_guard.directus.environment.known_secrets import is_example, weakness
from directus_guard.finding import Confidence, Fix, Severity
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.setting_changes import RequireVariable
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment

_REFERENCE: Final = lazy_pattern(r"(\$\{([A-Za-z_][A-Za-z0-9_]*):?-)[^{}]*\}")
"""A value that is one reference with a fallback."""


@environment_check(
    "insecure-fallback",
    severity=Severity.HIGH,
    title="A secret falls back to a known value",
    summary="`${SECRET:-change-me}`: if the variable is not set, the server runs with the value written into the manifest.",
    cwe=(Cwe.INSECURE_DEFAULT, Cwe.DEFAULT_CREDENTIALS),
    owasp=(OwaspRisk.API8,),
    itself=True,
)
def insecure_fallback(env: Environment) -> Iterator[CheckResult]:
    if env.gaps:
        yield NotEvaluated(env.unseen)
    for setting in bearing(env):
        fallback = secret_of(setting.name, setting.fallback or "")
        if not fallback or kept_elsewhere(fallback):
            continue
        weak = is_example(fallback, password_name(setting.name, setting.fallback or "")) or (
            setting.name == "SECRET" and weakness(fallback)
        )
        if default_of(setting) and (setting.name == "SECRET" or not weak):
            continue  # secret-weak and secret-committed judge a default, which is a literal
        reference = _REFERENCE.fullmatch(setting.written)
        found = fail(
            env,
            setting,
            title=titled(
                "{} falls back to a guessable value" if weak else "{} falls back to a committed value", setting.name
            ),
            message=(
                f"{'Anyone can guess' if weak else 'Anyone who can read the repository has'} this value. If "
                f"`{escape_controls(setting.name)}` is not set, the server starts with it, without an error."
            ),
            expected="a start that fails without a value",
            fix=Fix(_fix(setting, reference), settings=(RequireVariable(setting.name),)),
            actual=f"{reference[1]}{MASK}}}" if reference else "a fallback",
            confidence=Confidence.HIGH if weak else Confidence.MEDIUM,
        )
        yield replace(found, shown=f"{reference[1]}{MASK}}}" if reference else MASK)


def _fix(setting: Setting, reference: re.Match[str] | None) -> str:
    started = (
        " If Directus has started with the old password, change the password of the first administrator in the Data Studio too."
        if setting.name == "ADMIN_PASSWORD"
        else ""
    )
    if reference:
        return f"Replace the value with `${{{reference[2]}:?}}`, so that the start fails without a value.{started}"
    return (
        f"Remove the fallback of `{escape_controls(setting.name)}`, so that the start fails without a value.{started}"
    )
