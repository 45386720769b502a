"""Scripts must come from known places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail
from directus_guard.checks.server import _csp
from directus_guard.checks.shared.csp_words import MORE_HOSTS, NEEDED, NOTATION
from directus_guard.finding import Fix, Severity
from directus_guard.setting_changes import SetVariable
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.environment.settings import Environment

UNSAFE: Final = frozenset({"'unsafe-inline'", "*", "data:", "http:", "https:", "https://*", "http://*", "blob:"})


@environment_check(
    "csp-unsafe-script",
    variables=("CONTENT_SECURITY_POLICY*",),
    unset="default",
    severity=Severity.HIGH,
    title="Content Security Policy allows injected scripts",
    summary="script-src gains 'unsafe-inline', `*`, `data:` or `https:` beyond Directus' default.",
    cwe=(Cwe.CROSS_SITE_SCRIPTING, Cwe.PROTECTION_FAILURE),
    owasp=(OwaspRisk.API8,),
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
        setting = next(filter(None, own), settings[0])
        yield fail(
            env,
            setting,
            message=(
                "A script that an attacker places in the Data Studio runs with the session of each user who opens it: `script-src` "
                f"allows {_csp.listed(bad)}."
            ),
            expected="`'self' 'unsafe-eval'` (the default) and exact hosts",
            fix=_fix(env, sources or (), bad),
        )


def _fix(env: Environment, sources: Sequence[str], bad: Sequence[str]) -> Fix:
    """What is left of the sources, with those that the Data Studio needs."""
    kept = [source for source in sources if source not in bad and source != "'none'"]
    text = " ".join(dict.fromkeys((*NEEDED["script-src"].split(), *kept)))
    name = _csp.variable(env, _csp.MAIN, "script-src").name
    return Fix(
        f"Set `{escape_controls(name)}` to `{escape_controls(text)}`. {MORE_HOSTS} {NOTATION}",
        # The Data Studio has no inline script; a host may be that of an extension.
        safe=set(bad) == {"'unsafe-inline'"},
        settings=(SetVariable(name, text),),
    )
