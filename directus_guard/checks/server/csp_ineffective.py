"""A CSP variable must do what it spells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail
from directus_guard.checks.server import _csp
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.environment.csp import FETCH, KEYWORDS, OTHER, Csp, directive_names, effective_csp
from directus_guard.finding import Severity
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "csp-ineffective",
    severity=Severity.MEDIUM,
    title="CSP variable does not do what it says",
    summary="A CSP variable has no effect, or another than it spells: wrong name, a comma list merged by index into the default, or a value that stops Directus at start.",
    checklist=(32,),
)
def csp_ineffective(env: Environment) -> Iterator[CheckResult]:
    for prefix in (_csp.MAIN, _csp.ASSETS):
        settings = _csp.known(env, prefix)
        if not settings:
            continue
        effective = _csp.policy(env, prefix)
        if not isinstance(effective, Csp):
            broken = "Directus does not start" if prefix == _csp.MAIN else "Directus serves no file"
            yield fail(
                env,
                _culprit(settings),
                message=f"{broken} with this policy: {escape_controls(effective.message)}.",
                expected="directives with quoted keywords: `'self'`, `'none'`",
            )
            continue
        for setting in settings:
            why = _without_effect(env, setting, effective, prefix)
            if why:
                yield fail(
                    env,
                    setting,
                    message=why,
                    expected="blanks between the sources: `\"'self' https://cdn.example.com\"`",
                    actual=shorten(effective.header),
                )


def _culprit(settings: tuple[Setting, ...]) -> Setting:
    """The variable with an unquoted keyword, else the first."""
    return next(
        (setting for setting in settings if not KEYWORDS.isdisjoint(setting.text.replace(",", " ").split())),
        settings[0],
    )


def _without_effect(env: Environment, setting: Setting, effective: Csp, prefix: str) -> str:
    """What the variable does instead of what it spells; "" when it does what it says."""
    directive = dict(directive_names([setting.name], prefix)).get(setting.name)
    if directive is None:
        if setting.name[len(prefix) :].upper() in ("_REPORT_ONLY", "_USE_DEFAULTS"):
            return ""
        return f"`{escape_controls(setting.name)}` has no effect: Directus reads directives from `{prefix}_DIRECTIVES__NAME` only."
    if directive not in FETCH and directive not in OTHER:
        return f"`{escape_controls(setting.name)}` has no effect: browsers know no directive `{escape_controls(directive)}`."
    winner = _csp.setting_of(_csp.known(env, prefix), directive, prefix)
    if winner is not None and winner.name != setting.name and winner.text != setting.text:
        return f"`{escape_controls(setting.name)}` has no effect: `{escape_controls(winner.name)}` sets the same directive."
    if isinstance(setting.js, dict):
        return f"`{escape_controls(setting.name)}` has no effect as it is written: an object is no list of sources."
    spelled = _spelled(setting)
    actual = effective.directives.get(directive)
    if spelled is None or actual is None or not _csp.is_certain(env, prefix, effective, directive):
        return ""
    header = f"the header says `{escape_controls(' '.join((directive, *actual)))}`"
    if actual != spelled and isinstance(setting.js, tuple):
        nothing = effective.directives == _without(env, setting, prefix)
        what = "it has no effect" if nothing else "it does something else than it says"
        return f"This value is a list, and Directus merges a list index by index into its own default; so {what}: {header}."
    unquoted = [source for source in actual if source in KEYWORDS]
    if unquoted and directive in FETCH:
        return f"`{unquoted[0]}` without single quotes is the name of a host, so it has no effect: {header}."
    return ""


def _without(env: Environment, setting: Setting, prefix: str) -> Mapping[str, tuple[str, ...]]:
    """The directives of the policy if the variable were not set."""
    others = {other.name: other.text for other in _csp.known(env, prefix) if other.name != setting.name}
    policy = effective_csp(others, env.version, prefix=prefix)
    return policy.directives if isinstance(policy, Csp) else {}


def _spelled(setting: Setting) -> tuple[str, ...] | None:
    """The sources that the value spells; None where it spells none (`null` removes a directive)."""
    match setting.js:
        case str() as text:
            return tuple(text.split())
        case tuple() as entries:
            return tuple(part for entry in entries for part in str(entry).split())
        case _:
            return None
