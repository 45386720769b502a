"""A CSP variable must do what it spells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.answers import Answer, NotEvaluated, check, fail
from directus_guard.checks.server import _csp
from directus_guard.directus.csp import Csp
from directus_guard.directus.disclosure import shorten, visible
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment import Environment, Setting


@check(
    "csp-ineffective",
    severity=Severity.MEDIUM,
    title="CSP variable does not do what it says",
    summary="A CSP variable has no effect, or another than it spells: wrong name, a comma list merged by index into the default, or a value that stops Directus at start.",
    checklist=(32,),
)
def csp_ineffective(env: Environment) -> Iterator[Answer]:
    for prefix in (_csp.MAIN, _csp.ASSETS):
        settings = _csp.variables(env, prefix)
        if not settings:
            continue
        effective = _csp.policy(env, prefix)
        if effective is None:
            yield NotEvaluated(_csp.unseen(env, prefix), settings[0].location)
        elif not isinstance(effective, Csp):
            yield fail(
                env,
                _culprit(settings),
                message=f"Directus does not start with this policy: {visible(effective.message)}.",
                expected="directives with quoted keywords: `'self'`, `'none'`",
            )
        else:
            for setting in settings:
                why = _without_effect(setting, effective, prefix)
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
    words = ("self", "none", "unsafe-inline", "unsafe-eval", "strict-dynamic")
    return next(
        (setting for setting in settings if any(word in setting.text.replace(",", " ").split() for word in words)),
        settings[0],
    )


def _without_effect(setting: Setting, effective: Csp, prefix: str) -> str:
    """What the variable does instead of what it spells; "" when it does what it says."""
    rest = setting.name[len(prefix) :].upper()
    if not rest.startswith("_DIRECTIVES__"):
        if rest in ("_REPORT_ONLY", "_USE_DEFAULTS"):
            return ""
        return f"`{setting.name}` has no effect: Directus reads directives from `{prefix}_DIRECTIVES__NAME` only."
    directive = rest.removeprefix("_DIRECTIVES__").replace("_", "-").lower()
    spelled = setting.text.split(":", 1)[-1] if setting.text.startswith(("array:", "string:")) else setting.text
    wanted = [part for part in spelled.replace(",", " ").split() if part]
    actual = list(effective.sources(directive) or ())
    if "," in setting.text and prefix == _csp.MAIN and actual != wanted:
        return f"A comma makes a list of this value, and Directus merges lists index by index into its default: the header says `{directive} {' '.join(actual)}`."
    return ""
