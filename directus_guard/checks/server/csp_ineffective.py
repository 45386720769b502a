"""A CSP variable must do what it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail
from directus_guard.checks.server import _csp
from directus_guard.checks.shared.csp_words import NOTATION, with_needed
from directus_guard.checks.shared.titles import titled
from directus_guard.checks.shared.variable_fixes import remove, rename
from directus_guard.directus.disclosure import shown
from directus_guard.directus.environment.csp import FETCH, KEYWORDS, OTHER, Csp, directive_names, effective_csp
from directus_guard.finding import Fix, Severity
from directus_guard.setting_changes import RenameVariable, SetVariable
from directus_guard.spelling import nearest
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.checks.result import Failure
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "csp-ineffective",
    variables=("*CONTENT_SECURITY_POLICY*",),
    severity=Severity.MEDIUM,
    title="A CSP variable does not do what it says",
    summary="A CSP variable has no effect, has another effect, or stops Directus at start: a wrong name, a list, or an invalid value.",
    cwe=(Cwe.PROTECTION_FAILURE,),
    owasp=(OwaspRisk.API8,),
    checklist=(32,),
)
def csp_ineffective(env: Environment) -> Iterator[CheckResult]:
    for prefix in (_csp.MAIN, _csp.ASSETS):
        settings = _csp.known(env, prefix)
        if not settings:
            continue
        effective = _csp.policy(env, prefix)
        if not isinstance(effective, Csp):
            yield _broken(env, settings, prefix, effective.message)
            continue
        for setting in settings:
            fault = _fault(env, setting, effective, prefix)
            if fault:
                yield fail(
                    env,
                    setting,
                    title=titled(fault.title, _short(setting.name)),
                    message=f"{fault.message} {fault.reason}",
                    expected=EXPECTED,
                    fix=fault.fix,
                )


EXPECTED: Final = "spaces between the sources, and keywords in single quotes: `\"'self' https://cdn.example.com\"`"


class _Fault(Struct, frozen=True):
    """Texts about a variable that does not do what it says. `title` has `{}` in place of its name."""

    reason: str
    fix: Fix
    title: str = "{} has no effect"
    message: str = "Browsers do not apply the restriction that you wrote."


def _short(name: str) -> str:
    """A name for a title: without the beginning that all of them have."""
    return f"…{name[name.index('DIRECTIVES') :]}" if "DIRECTIVES" in name else name


def _broken(env: Environment, settings: tuple[Setting, ...], prefix: str, why: str) -> Failure:
    what = "start" if prefix == _csp.MAIN else "serve any file"
    return fail(
        env,
        _culprit(settings),
        title=f"Directus does not {what} with this CSP",
        message=f"Directus {env.version} refuses the Content Security Policy: {escape_controls(why)}.",
        expected=EXPECTED,
        fix=replace(broken_policy_fix(settings, prefix, why), safe=prefix == _csp.MAIN),
    )


def broken_policy_fix(settings: tuple[Setting, ...], prefix: str, why: str) -> Fix:
    """What to change so that Directus accepts the policy."""
    named = re.search(r"`([^`]+)`", why)
    setting = (named and _csp.setting_of(settings, named[1], prefix)) or _culprit(settings)
    if why.startswith("no "):
        name = f"{prefix}_DIRECTIVES__DEFAULT_SRC"
        return Fix(f"Set `{name}` to `'self'`. {NOTATION}", settings=(SetVariable(name, "'self'"),))
    if named is None:
        unreadable = (one for one in settings if re.search(r"[^A-Za-z0-9_]", one.name))
        return _renamed(next(unreadable, setting), prefix)
    if why.startswith(("a duplicate", "`default-src`")):
        return remove(setting.name)
    return _rewritten(setting, prefix)


def _culprit(settings: tuple[Setting, ...]) -> Setting:
    """The variable with an unquoted keyword, else the first."""
    return next(
        (setting for setting in settings if not KEYWORDS.isdisjoint(setting.text.replace(",", " ").split())),
        settings[0],
    )


def _fault(env: Environment, setting: Setting, effective: Csp, prefix: str) -> _Fault | None:
    """What is wrong with a variable of a valid policy; None when it does what it says."""
    directive = dict(directive_names([setting.name], prefix)).get(setting.name)
    if directive is None:
        if setting.name[len(prefix) :].upper() in ("_REPORT_ONLY", "_USE_DEFAULTS"):
            return None
        return _Fault(
            f"Directus reads directives only from variables named `{prefix}_DIRECTIVES__NAME`.",
            _renamed(setting, prefix),
        )
    if directive not in FETCH and directive not in OTHER:
        return _Fault(f"Browsers know no directive `{escape_controls(directive)}`.", _renamed(setting, prefix))
    winner = _csp.setting_of(_csp.known(env, prefix), directive, prefix)
    if winner is not None and winner.name != setting.name and winner.text != setting.text:
        return _Fault(f"`{escape_controls(winner.name)}` sets the same directive.", remove(setting.name, safe=True))
    if isinstance(setting.js, dict):
        return _Fault("An object is not a list of sources.", _rewritten(setting, prefix))
    spelled = _spelled(setting)
    actual = effective.directives.get(directive)
    if spelled is None or actual is None or not _csp.is_certain(env, prefix, effective, directive):
        return None
    header = f"The header says `{escape_controls(' '.join((directive, *actual)))}`."
    if actual != spelled and isinstance(setting.js, tuple):
        nothing = effective.directives == _without(env, setting, prefix)
        reason = (
            "Directus replaces only the first entries of its default list with a list of yours. A text with spaces replaces the "
            f"whole list. {header}"
        )
        return _Fault(
            reason,
            _rewritten(setting, prefix),
            title="{} has no effect" if nothing else "{} keeps sources of the default",
        )
    unquoted = [source for source in actual if source in KEYWORDS]
    if unquoted and directive in FETCH:
        reason = f"Without single quotes `{unquoted[0]}` is the name of a host; from 11.1.2 on Directus does not start with it. {header}"
        return _Fault(reason, _rewritten(setting, prefix), title="{} has an unquoted keyword")
    return None


def _renamed(setting: Setting, prefix: str) -> Fix:
    """The name that is meant, where it is clear, and a value with which the Data Studio works."""
    name = escape_controls(setting.name)
    rest = re.sub(r"\A_*(?:DIRECTIVES)?_*", "", name[len(prefix) :].upper()).replace("_", "-").lower()
    near = nearest(rest, (*FETCH, *OTHER), likeness=0.8)
    if near:
        renamed = f"{prefix}_DIRECTIVES__{near.replace('-', '_').upper()}"
        text = _working(setting, prefix, near)
        if not text or text == setting.text:
            return rename(setting.name, renamed)
        return Fix(
            f"Rename `{name}` to `{renamed}`. Set `{renamed}` to `{text}`.{_needed(setting, prefix, near)} {NOTATION}",
            settings=(RenameVariable(setting.name, renamed), SetVariable(setting.name, text)),
        )
    return Fix(f"Replace `{name}` with a variable for each directive, such as `{prefix}_DIRECTIVES__IMG_SRC`.")


def _rewritten(setting: Setting, prefix: str) -> Fix:
    """The value as one text with spaces and quoted keywords, where it can be shown."""
    name = escape_controls(setting.name)
    directive = dict(directive_names([setting.name], prefix)).get(setting.name, "")
    text = _working(setting, prefix, directive)
    if text:
        return Fix(
            f"Set `{name}` to `{text}`.{_needed(setting, prefix, directive)} {NOTATION}",
            settings=(SetVariable(setting.name, text),),
        )
    return Fix(f"Write the sources in `{name}` with spaces between them, and keywords in single quotes.")


def _working(setting: Setting, prefix: str, directive: str) -> str:
    """The sources as Directus has to get them, with those that the Data Studio needs; "" where they cannot be shown."""
    sources = _quoted(setting)
    text = " ".join(with_needed(directive, sources) if sources and prefix == _csp.MAIN else sources)
    return text if text == shown(setting.name, text) else ""


def _needed(setting: Setting, prefix: str, directive: str) -> str:
    """Why the text has more sources than the value, a sentence with a space before it."""
    sources = _quoted(setting)
    more = [one for one in with_needed(directive, sources) if one not in sources] if prefix == _csp.MAIN else []
    return f" The Data Studio needs {_csp.listed(more)}." if more else ""


def _quoted(setting: Setting) -> list[str]:
    """The sources in the value, with quoted keywords."""
    parts = [part.strip("\"',;") for part in _spelled(setting) or ()]
    return [f"'{part}'" if part in KEYWORDS or part == "none" else part for part in parts]


def _without(env: Environment, setting: Setting, prefix: str) -> Mapping[str, tuple[str, ...]]:
    """The directives of the policy if the variable were not set."""
    others = {other.name: other.text for other in _csp.known(env, prefix) if other.name != setting.name}
    policy = effective_csp(others, env.version, prefix=prefix)
    return policy.directives if isinstance(policy, Csp) else {}


def _spelled(setting: Setting) -> tuple[str, ...] | None:
    """The sources in the value; None where it has no sources (`null` removes a directive)."""
    match setting.js:
        case str() as text:
            return tuple(text.split())
        case tuple() as entries:
            return tuple(part for entry in entries for part in str(entry).split())
        case _:
            return None
