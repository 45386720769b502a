"""One variable, two values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, NotEvaluated, fail
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.directus.environment.variables import is_known_variable
from directus_guard.finding import Confidence, Fix, Related, Severity
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.setting_changes import RemoveShadowed
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.environment.deployment import Variable
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.finding import Location


@environment_check(
    "shadowed-variable",
    severity=Severity.MEDIUM,
    title="A variable has different values in two places",
    summary="A variable is set twice with different values; only one of them has an effect.",
    cwe=(Cwe.DUPLICATE_IDENTIFIER,),
    owasp=(OwaspRisk.API8,),
)
def shadowed_variable(env: Environment) -> Iterator[CheckResult]:
    for name in sorted(env.settings):
        setting = env[name]
        if not setting.shadowed:
            continue
        unseen = not setting.known or any(isinstance(other.value, Unknown) for other in setting.shadowed)
        if unseen and is_known_variable(name, env.version):
            yield NotEvaluated(
                f"`{name}` is set twice, and a value comes from outside the repository", setting.location
            )
        if not setting.known:
            continue
        different = [
            other
            for other in setting.shadowed
            if isinstance(other.value, Known)
            and other.value.text.reveal() != setting.text
            and other.location not in env.for_others
        ]
        if not different or not is_known_variable(name, env.version):
            continue
        title, message, fix = _wording(env, setting, different)
        yield fail(
            env,
            setting,
            title=title,
            message=message,
            expected="one place for each variable",
            fix=Fix(fix, safe=not any(map(_is_input, different)), settings=(RemoveShadowed(name),)),
            related=tuple(Related(other.location, f"`{name}` is set here without effect") for other in different),
            confidence=Confidence.MEDIUM,
        )


def _is_input(variable: Variable) -> bool:
    """Whether Compose may also put the text in for `${…}`, anywhere in its files."""
    return variable.origin.startswith("env_file") and variable.location.path.rpartition("/")[2] == ".env"


_RISK: Final = "The server may not run with the value of `{}` that you expect."


def _wording(env: Environment, setting: Setting, others: Sequence[Variable]) -> tuple[str, str, str]:
    """Title, message and fix: lines of one file, or two places."""
    other = others[0]
    here = _written(setting.origin, setting.location, setting.via)
    there = _written(other.origin, other.location, other.via)
    name = escape_controls(setting.name)
    if here is not None and there is not None and here.path == there.path and setting.origin == other.origin:
        lost = sorted(
            one.location.line for one in others if (one.location.path, one.origin) == (here.path, other.origin)
        )
        lines = _enumerated(sorted((here.line, *lost)))
        number = "twice" if len(lost) == 1 else f"{len(lost) + 1} times"
        losing = f"line {lost[0]}" if len(lost) == 1 else f"lines {_enumerated(lost)}"
        return (
            titled(f"{{}} is set {number} in this file", name),
            f"{_RISK.format(name)} The file sets it on lines {lines}, with different values. Line {here.line} wins.",
            f"Remove {losing}, after you have checked that line {here.line} has the right value.",
        )
    config = env.deployment.config_file
    own = isinstance(config, tuple) and any(variable.location == setting.location for variable in config)
    why = " The config file of Directus overrides the process environment." if own else ""
    ignored = _place(other.origin, there)
    beaten = f"the value {ignored}" if ignored.startswith("under") else ignored
    return (
        titled("{} has different values in two places", name),
        f"{_RISK.format(name)} Directus uses the value from {_place(setting.origin, here)} and ignores {beaten}.{why}".replace(
            "from under", "under"
        ),
        f"Remove `{name}` from {ignored}, after you have checked that the other value is right.".replace(
            "from under", "under"
        ),
    )


_MECHANISM: Final = lazy_pattern(r"\w+")


def _written(origin: str, location: Location | None, via: Sequence[Location]) -> Location | None:
    """Where a mechanism sets a variable: a `${X}` under `environment`, not the line that says what X is."""
    return via[0] if via and _MECHANISM.fullmatch(origin) else location


def _enumerated(lines: Sequence[int]) -> str:
    *first, last = map(str, lines)
    return f"{', '.join(first)} and {last}"


def _place(origin: str, location: Location | None) -> str:
    """A place for a sentence: the mechanism and the file."""
    path = f"`{location.path}`" if location is not None else "this place"
    if not origin or location is None or origin.endswith(location.path):
        return path
    return f"under `{origin}` in {path}" if _MECHANISM.fullmatch(origin) else f"{origin} in {path}"
