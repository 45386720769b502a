"""One variable, two values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.answers import Answer, check, fail
from directus_guard.directus.deployment import Known
from directus_guard.directus.variables import is_known_variable
from directus_guard.finding import Confidence, Related, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment import Environment


@check(
    "shadowed-variable",
    severity=Severity.MEDIUM,
    title="A setting is overridden by another place",
    summary="A variable is set twice with different values; only one of them has an effect.",
)
def shadowed_variable(env: Environment) -> Iterator[Answer]:
    for name in sorted(env.settings):
        setting = env[name]
        if not setting.shadowed or not setting.known:
            continue
        different = [
            other
            for other in setting.shadowed
            if isinstance(other.value, Known) and other.value.text.reveal() != setting.text
        ]
        if not different or not is_known_variable(name, env.version):
            continue
        yield fail(
            env,
            setting,
            message=(
                f"`{name}` is set by {different[0].origin} too, with another value that has no effect: {setting.origin or 'this place'} wins."
                + (
                    " Directus' own file beats the process environment."
                    if env.deployment.config_file is not None
                    else ""
                )
            ),
            expected="one place for each variable",
            related=tuple(Related(other.location, f"`{name}` is set here without effect") for other in different),
            confidence=Confidence.MEDIUM,
        )
