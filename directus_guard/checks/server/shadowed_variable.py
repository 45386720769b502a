"""One variable, two values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, NotEvaluated, fail
from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.directus.environment.variables import is_known_variable
from directus_guard.finding import Confidence, Related, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.environment.deployment import Variable
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.finding import Location


@environment_check(
    "shadowed-variable",
    severity=Severity.MEDIUM,
    title="A setting is overridden by another place",
    summary="A variable is set twice with different values; only one of them has an effect.",
)
def shadowed_variable(env: Environment) -> Iterator[CheckResult]:
    for name in sorted(env.settings):
        setting = env[name]
        if not setting.shadowed:
            continue
        unseen = not setting.known or any(isinstance(other.value, Unknown) for other in setting.shadowed)
        if unseen and is_known_variable(name, env.version):
            yield NotEvaluated(f"`{name}` is set twice, and one of its values comes from outside", setting.location)
        if not setting.known:
            continue
        different = [
            other
            for other in setting.shadowed
            if isinstance(other.value, Known) and other.value.text.reveal() != setting.text
        ]
        if not different or not is_known_variable(name, env.version):
            continue
        title, message = _wording(env, setting, different)
        yield fail(
            env,
            setting,
            title=title,
            message=message,
            expected="one place for each variable",
            related=tuple(Related(other.location, f"`{name}` is set here without effect") for other in different),
            confidence=Confidence.MEDIUM,
        )


def _wording(env: Environment, setting: Setting, others: Sequence[Variable]) -> tuple[str, str]:
    """Title ("" = the check's own) and message: lines of one file, or two places."""
    here, other = setting.location, others[0]
    there = other.location
    if here is not None and here.path == there.path and setting.origin == other.origin:
        lost = sorted(
            one.location.line for one in others if (one.location.path, one.origin) == (here.path, other.origin)
        )
        lines = _enumerated(sorted((here.line, *lost)))
        number = "twice" if len(lost) == 1 else f"{len(lost) + 1} times"
        losing = f"line {lost[0]} has" if len(lost) == 1 else f"lines {_enumerated(lost)} have"
        return (
            "A setting is set twice in one file" if len(lost) == 1 else "A setting is set several times in one file",
            f"This file sets `{setting.name}` {number}, on lines {lines}, with different values. Line {here.line} wins; {losing} no effect.",
        )
    config = env.deployment.config_file
    own = isinstance(config, tuple) and any(variable.location == here for variable in config)
    why = " Directus' own file beats the process environment." if own else ""
    return (
        "",
        f"`{setting.name}` has different values in two places. {_place(setting.origin, here)} wins; {_place(other.origin, there)} has no effect.{why}",
    )


def _enumerated(lines: Sequence[int]) -> str:
    *first, last = map(str, lines)
    return f"{', '.join(first)} and {last}"


def _place(origin: str, location: Location | None) -> str:
    """A place for a sentence: the mechanism and the file."""
    path = f"`{location.path}`" if location is not None else "this place"
    return path if not origin or location is None or origin.endswith(location.path) else f"{origin} in {path}"
