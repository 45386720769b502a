"""Debugging aids have no place in production."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import NOT_PRODUCTION, CheckResult, NotApplicable, fail, not_production, unjudged
from directus_guard.directus.environment.casting import to_boolean
from directus_guard.finding import Context, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment

AIDS: Final[dict[str, tuple[Callable[[Setting], bool], str, str]]] = {
    "LOG_LEVEL": (
        lambda setting: setting.text in ("trace", "debug"),
        "At this level the log holds SQL with values and request details.",
        "`info`",
    ),
    "NODE_OPTIONS": (
        lambda setting: "--inspect" in setting.text,
        "Node's debugger listens; whoever reaches it runs code in the server.",
        "no `--inspect`",
    ),
    "AI_DEVTOOLS_ENABLED": (
        lambda setting: to_boolean(setting.js),
        "Prompts and answers are kept for the developer tools.",
        "`false`",
    ),
    "EXTENSIONS_AUTO_RELOAD": (
        lambda setting: to_boolean(setting.js),
        "Code that is written into the extensions folder runs at once, without a restart or a review.",
        "`false`",
    ),
}


@environment_check(
    "debug-mode",
    severity=Severity.MEDIUM,
    title="Debugging is on in production",
    summary="LOG_LEVEL trace or debug, NODE_OPTIONS with --inspect, AI_DEVTOOLS_ENABLED or EXTENSIONS_AUTO_RELOAD in production.",
)
def debug_mode(env: Environment) -> Iterator[CheckResult]:
    if env.context is not Context.PRODUCTION:
        set_ = any(name in env and (not env[name].known or bad(env[name])) for name, (bad, _, _) in AIDS.items())
        yield not_production(env) if set_ else NotApplicable(NOT_PRODUCTION)
        return
    for name, (bad, why, expected) in AIDS.items():
        setting = env[name]
        if name not in env:
            continue
        if not setting.known:
            yield from unjudged(setting)
        elif bad(setting):
            yield fail(env, setting, message=why, expected=expected)
