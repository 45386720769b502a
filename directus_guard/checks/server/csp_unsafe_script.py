"""Scripts must come from known places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail
from directus_guard.checks.server import _csp
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

UNSAFE: Final = frozenset({"'unsafe-inline'", "*", "data:", "http:", "https:", "https://*", "http://*", "blob:"})


@environment_check(
    "csp-unsafe-script",
    severity=Severity.HIGH,
    title="Content Security Policy admits injected scripts",
    summary="script-src gains 'unsafe-inline', `*`, `data:` or `https:` beyond Directus' default.",
    checklist=(32,),
)
def csp_unsafe_script(env: Environment) -> Iterator[CheckResult]:
    changed = _csp.changed(env, _csp.MAIN)
    if not isinstance(changed, _csp.ChangedPolicy):
        yield changed
        return
    settings, effective = changed.settings, changed.policy
    sources = effective.sources("script-src")
    bad = ["*"] if sources is None else [source for source in sources if source in UNSAFE]
    if bad and _csp.is_certain(env, _csp.MAIN, effective, "script-src"):
        own = (_csp.setting_of(settings, name, _csp.MAIN) for name in ("script-src", "default-src"))
        yield fail(
            env,
            next(filter(None, own), settings[0]),
            message=f"`script-src` admits {', '.join(f'`{source}`' for source in bad)}: a script that someone manages to place in the Data Studio runs with the session of whoever opens it.",
            expected="`'self' 'unsafe-eval'` (the default) and exact hosts",
        )
