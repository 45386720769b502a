"""A variable no version reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail
from directus_guard.checks.shared.titles import titled
from directus_guard.checks.shared.variable_fixes import rename
from directus_guard.directus.disclosure import MASK, is_secret_name
from directus_guard.directus.environment.variables import closest, is_known_variable, is_open_group
from directus_guard.finding import Confidence, Severity
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

_WITHOUT: Final = "The project has run without it so far: if you do not want it, remove the variable instead."


@environment_check(
    "unknown-variable",
    severity=Severity.LOW,
    title="Variable has no effect in Directus",
    summary="A variable looks like one of Directus' but no version reads it: a wrong prefix, a typo, or an old name.",
    cwe=(Cwe.PROTECTION_FAILURE,),
    owasp=(OwaspRisk.API8,),
)
def unknown_variable(env: Environment) -> Iterator[CheckResult]:
    for name in sorted(env.settings):
        setting = env[name]
        if is_known_variable(name) or is_open_group(name) or setting.location is None:
            continue
        near = closest(name)
        if near is None or env[near].is_set:
            continue
        yield fail(
            env,
            setting,
            title=titled("{} has no effect in Directus", escape_controls(name)),
            message=f"Directus uses its default for `{near}`. No version of Directus reads `{escape_controls(name)}`.",
            expected=f"`{near}`, or nothing",
            fix=rename(name, near, _WITHOUT, safe=not env.deployment.build_context and not is_secret_name(name)),
            actual=setting.text if setting.known and setting.text in ("true", "false") else MASK,
            confidence=Confidence.MEDIUM,
        )
