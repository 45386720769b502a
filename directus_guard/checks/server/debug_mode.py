"""Debugging aids have no place in production."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import NOT_PRODUCTION, CheckResult, NotApplicable, fail, not_production, unjudged
from directus_guard.checks.shared.variable_fixes import set_to
from directus_guard.directus.environment.casting import to_boolean
from directus_guard.finding import Context, Fix, Severity
from directus_guard.setting_changes import RemoveVariable, SetVariable
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment

AIDS: Final[dict[str, tuple[Callable[[Setting], bool], str, str, str]]] = {
    "LOG_LEVEL": (
        lambda setting: setting.text in ("trace", "debug"),
        "Anyone who can read the log sees values of SQL statements and details of requests.",
        "`info`",
        "Set `LOG_LEVEL` to `info`.",
    ),
    "NODE_OPTIONS": (
        lambda setting: "--inspect" in setting.text,
        "Anyone who can reach the port of Node's debugger can run code in the server.",
        "no `--inspect`",
        "Remove {} from `NODE_OPTIONS`.",
    ),
    "AI_DEVTOOLS_ENABLED": (
        lambda setting: to_boolean(setting.js),
        "The server keeps prompts and answers for the developer tools.",
        "`false`",
        "Set `AI_DEVTOOLS_ENABLED` to `false`.",
    ),
    "EXTENSIONS_AUTO_RELOAD": (
        lambda setting: to_boolean(setting.js),
        "Code that is written into the extensions folder runs at once, without a restart or a review.",
        "`false`",
        "Set `EXTENSIONS_AUTO_RELOAD` to `false`.",
    ),
}


@environment_check(
    "debug-mode",
    severity=Severity.MEDIUM,
    title="Debugging is on in production",
    summary="LOG_LEVEL trace or debug, NODE_OPTIONS with --inspect, AI_DEVTOOLS_ENABLED or EXTENSIONS_AUTO_RELOAD in production.",
    cwe=(Cwe.ACTIVE_DEBUG_CODE, Cwe.SENSITIVE_LOG),
    owasp=(OwaspRisk.API8,),
)
def debug_mode(env: Environment) -> Iterator[CheckResult]:
    if env.context is not Context.PRODUCTION:
        set_ = any(name in env and (not env[name].known or bad(env[name])) for name, (bad, *_) in AIDS.items())
        yield not_production(env) if set_ else NotApplicable(NOT_PRODUCTION)
        return
    for name, (bad, why, expected, fix) in AIDS.items():
        setting = env[name]
        if name not in env:
            continue
        if not setting.known:
            yield from unjudged(setting)
        elif bad(setting):
            yield fail(
                env,
                setting,
                title=f"`{name}` is set for debugging",
                message=why,
                expected=expected,
                fix=_fix(setting, fix),
            )


def _fix(setting: Setting, sentence: str) -> Fix:
    """Without the options that start the debugger, or with the value that the sentence names."""
    if setting.name != "NODE_OPTIONS":
        return set_to(setting.name, "info" if setting.name == "LOG_LEVEL" else "false", safe=True)
    options = [option for option in setting.text.split() if "--inspect" not in option]
    change = SetVariable(setting.name, " ".join(options)) if options else RemoveVariable(setting.name)
    return Fix(sentence.format(_inspecting(setting)), safe=True, settings=(change,))


def _inspecting(setting: Setting) -> str:
    """The options that start Node's debugger."""
    return ", ".join(f"`{option}`" for option in setting.shown.split() if "--inspect" in option)
