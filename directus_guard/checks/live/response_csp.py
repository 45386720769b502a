"""The policy that browsers really get is weaker than Directus' own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import instance_check
from directus_guard.checks.live._header import subject
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.environment.csp import ANY_HOST, MAIN, Csp, default_csp, is_loose, parse_header
from directus_guard.directus.versions import NEWEST
from directus_guard.finding import Severity
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project

_FETCHES: Final = ("img-src", "connect-src", "font-src", "style-src")
"""What injected CSS can send data with (checklist, bullet 32)."""
_CODE: Final = ("script-src", "object-src")
_FROM_ANYWHERE: Final = ANY_HOST | {"'unsafe-inline'", "data:"}


@instance_check(
    "response-csp",
    severity=Severity.MEDIUM,
    title="Browsers get a loose Content Security Policy",
    summary="The Content-Security-Policy header that really arrives is missing, only reports, or admits more than Directus' own.",
    checklist=(32,),
)
def response_csp(instance: Instance, _: Project) -> Iterator[CheckResult]:
    if instance.page is None:
        yield NotEvaluated("the Data Studio's page was not answered")
        return
    headers = instance.page.headers
    policies = [policy for text in headers.get("content-security-policy", ()) for policy in parse_header(text)]
    if not policies and "content-security-policy-report-only" in headers:
        yield _failure(
            instance, "Browsers are told to report violations of the policy, and to allow them.", "report only"
        )
    elif not policies:
        message = "No policy arrives: a proxy on the way removes it. Injected markup may then load scripts and send data anywhere."
        yield _failure(instance, message, "no such header")
    else:
        yield from _judge(instance, policies)


def _judge(instance: Instance, policies: Sequence[Csp]) -> Iterator[CheckResult]:
    """Browsers apply every policy that arrives, so that one strict one is enough."""
    own = default_csp(instance.version or NEWEST, prefix=MAIN)
    wider = [
        name
        for name in _FETCHES
        if all(is_loose(policy.sources(name)) for policy in policies)
        and (instance.custom_css or not is_loose(own.sources(name)))
    ]
    wider += [name for name in _CODE if all(_runs_more(policy, own, name) for policy in policies)]
    if wider:
        css = " The Data Studio gets custom CSS here, which can send what it sees." if instance.custom_css else ""
        yield _failure(
            instance,
            f"The policy that arrives admits every host in {', '.join(f'`{name}`' for name in wider)}: injected markup or CSS can load from there and send to there.{css}",
            shorten("; ".join(_shown(policies[0], name) for name in wider)),
        )


def _runs_more(policy: Csp, own: Csp, name: str) -> bool:
    """Whether code may come from where Directus' own policy does not let it come from."""
    sources = policy.sources(name)
    return sources is None or bool((_FROM_ANYWHERE & set(sources)) - set(own.sources(name) or ()))


def _shown(policy: Csp, name: str) -> str:
    sources = policy.sources(name)
    return escape_controls(f"{name} {'(unrestricted)' if sources is None else ' '.join(sources)}")


def _failure(instance: Instance, message: str, actual: str) -> Failure:
    return Failure(
        subject=subject(instance, "content-security-policy"),
        location=instance.location,
        message=message,
        expected="Directus' own policy or a stricter one with the exact hosts (`CONTENT_SECURITY_POLICY_DIRECTIVES__…`), which the proxy leaves alone",
        actual=actual,
        framed=False,
    )
