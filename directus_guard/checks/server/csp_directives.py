"""The policy of the Data Studio must name its hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, Failure
from directus_guard.checks.server import _csp
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.environment.csp import is_loose
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

JUDGED: Final = ("img-src", "connect-src", "font-src", "style-src")


@environment_check(
    "csp-directives",
    variables=("CONTENT_SECURITY_POLICY*",),
    unset="default",
    severity=Severity.MEDIUM,
    title="Content Security Policy allows any host",
    summary="A CSP variable is set, and img-src, connect-src, font-src or style-src still loads from any host.",
    cwe=(Cwe.PROTECTION_FAILURE,),
    owasp=(OwaspRisk.API8,),
    checklist=(32,),
)
def csp_directives(env: Environment) -> Iterator[CheckResult]:
    changed = _csp.changed(env, _csp.MAIN)
    if not isinstance(changed, _csp.ChangedPolicy):
        yield changed
        return
    settings, effective = changed.settings, changed.policy
    loose = {
        name: sources for name, sources in _csp.loose(env, effective, JUDGED).items() if _seen_to_be_loose(env, name)
    }
    if loose:
        own = (_csp.setting_of(settings, name, _csp.MAIN) for name in loose)
        anchor = next(filter(None, own), settings[0])
        shown = "; ".join(
            f"{name} {'(unrestricted)' if sources is None else ' '.join(sources)}" for name, sources in loose.items()
        )
        yield Failure(
            subject=_csp.subject(env, _csp.MAIN, tuple(loose)),
            location=anchor.location or env.deployment.location,
            message=(
                "Injected CSS or markup can send what it reads to any host: "
                f"{_csp.listed(loose)} {'allow' if len(loose) > 1 else 'allows'} every host. Directus merges your variables into its "
                "own defaults."
            ),
            expected="`'self'` and the exact hosts, separated by spaces, in each of the four directives",
            actual=shorten(shown),
            shown=anchor.shown,
            fix=_csp.closed(env, loose),
        )


def _seen_to_be_loose(env: Environment, directive: str) -> bool:
    """Whether a visible value makes the directive loose, and not only a default that an unseen variable may replace."""
    variable = _csp.variable(env, _csp.MAIN, directive)
    by_default = is_loose(_csp.default(env, _csp.MAIN).sources(directive))
    return variable.known or not variable.assumed or not by_default
