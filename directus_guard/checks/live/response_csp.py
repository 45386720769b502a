"""The policy that browsers receive is weaker than that of Directus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import instance_check
from directus_guard.checks.live._header import subject
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated
from directus_guard.checks.shared.csp_words import MORE_HOSTS, NOTATION
from directus_guard.checks.shared.row_fixes import listed
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.environment.csp import (
    ANY_HOST,
    MAIN,
    STUDIO_SOURCES,
    Csp,
    default_csp,
    is_loose,
    parse_header,
)
from directus_guard.directus.versions import NEWEST
from directus_guard.finding import Fix, Severity
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project

_FETCHES: Final = ("img-src", "connect-src", "font-src", "style-src")
"""What injected CSS can send data with (checklist, bullet 32)."""
_CODE: Final = ("script-src", "object-src")
_PROXY: Final = "If a proxy sets the header, correct it there."
_FROM_ANYWHERE: Final = ANY_HOST | {"'unsafe-inline'", "data:"}


@instance_check(
    "response-csp",
    severity=Severity.MEDIUM,
    title="Browsers receive a loose Content Security Policy",
    summary="The Content-Security-Policy header that arrives is missing, only reports, or allows more than that of Directus.",
    cwe=(Cwe.PROTECTION_FAILURE,),
    owasp=(OwaspRisk.API8,),
    checklist=(32,),
)
def response_csp(instance: Instance, _: Project) -> Iterator[CheckResult]:
    if instance.page is None:
        yield NotEvaluated("the instance did not answer with the page of the Data Studio")
        return
    headers = instance.page.headers
    policies = [policy for text in headers.get("content-security-policy", ()) for policy in parse_header(text)]
    if not policies and "content-security-policy-report-only" in headers:
        yield _failure(
            instance,
            "The Content Security Policy only reports",
            "Injected markup can load scripts and send data anywhere: browsers report violations, but do not block them.",
            "report only",
            f"Set `CONTENT_SECURITY_POLICY_REPORT_ONLY` to `false`. {_PROXY}",
        )
    elif not policies:
        yield _failure(
            instance,
            "No Content Security Policy arrives",
            "Injected markup can load scripts and send data anywhere. Directus sends a policy, so a proxy on the way removes it.",
            "no such header",
            "Make the proxy pass on the header `Content-Security-Policy` of Directus.",
        )
    else:
        yield from _judge(instance, policies)


def _judge(instance: Instance, policies: Sequence[Csp]) -> Iterator[CheckResult]:
    """Browsers apply every policy that arrives, so a single strict policy is enough."""
    own = default_csp(instance.version or NEWEST, prefix=MAIN)
    wider = [
        name
        for name in _FETCHES
        if all(is_loose(policy.sources(name)) for policy in policies)
        and (instance.custom_css or not is_loose(own.sources(name)))
    ]
    wider += [name for name in _CODE if all(_runs_more(policy, own, name) for policy in policies)]
    if wider:
        css = " The Data Studio loads custom CSS here, which can send what it sees." if instance.custom_css else ""
        yield _failure(
            instance,
            titled("{} of the Content Security Policy is too wide", wider[0]),
            f"{_harm(wider)}: {', '.join(_allows(policies[0], own, name) for name in wider)}.{css}",
            shorten("; ".join(_shown(policies[0], name) for name in wider)),
            f"Set {_assignments(wider, own)}. {MORE_HOSTS} {NOTATION} {_PROXY}",
        )


def _harm(directives: Sequence[str]) -> str:
    """What injected markup can do where these directives are wide."""
    if set(directives) <= set(_CODE):
        return "Injected markup can run code with the session of whoever opens it"
    return "Injected markup or CSS can load from any host and send data there"


def _allows(policy: Csp, own: Csp, name: str) -> str:
    """What a wide directive lets through, a clause."""
    sources = policy.sources(name)
    more = sorted((_FROM_ANYWHERE & set(sources or ())) - set(own.sources(name) or ()))
    return f"`{name}` allows {listed(more) if name in _CODE and more else 'any host'}"


def _runs_more(policy: Csp, own: Csp, name: str) -> bool:
    """Whether code may come from places that the policy of Directus does not allow."""
    sources = policy.sources(name)
    return sources is None or bool((_FROM_ANYWHERE & set(sources)) - set(own.sources(name) or ()))


def _shown(policy: Csp, name: str) -> str:
    sources = policy.sources(name)
    return escape_controls(f"{name} {'(unrestricted)' if sources is None else ' '.join(sources)}")


def _assignments(directives: Sequence[str], own: Csp) -> str:
    """Variables with values that the Data Studio works with."""
    *first, last = (
        f"`CONTENT_SECURITY_POLICY_DIRECTIVES__{_variable(name)}` to `{STUDIO_SOURCES.get(name) or _text(own, name)}`"
        for name in directives
    )
    return f"{', '.join(first)}, and {last}" if first else last


def _text(own: Csp, directive: str) -> str:
    return " ".join(own.sources(directive) or ("'self'",))


def _variable(directive: str) -> str:
    return directive.upper().replace("-", "_")


def _failure(instance: Instance, title: str, message: str, actual: str, fix: str) -> Failure:
    return Failure(
        subject=subject(instance, "content-security-policy"),
        location=instance.location,
        title=title,
        message=message,
        expected="the policy of Directus, or a stricter policy with the exact hosts (`CONTENT_SECURITY_POLICY_DIRECTIVES__…`)",
        actual=actual,
        fix=Fix(fix),
    )
