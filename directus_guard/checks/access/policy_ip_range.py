"""An address range that lets everyone in."""

from __future__ import annotations

import ipaddress
from functools import partial
from typing import TYPE_CHECKING

from directus_guard.checks.declaration import project_check
from directus_guard.checks.result import CheckResult, Failure, NotApplicable, NotEvaluated, Pass
from directus_guard.checks.unseen import judge_at_defaults
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.environment.variables import default
from directus_guard.directus.gaps import ExportPart
from directus_guard.directus.masks import addresses
from directus_guard.finding import Confidence, Related, Severity, Subject
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.access.records import Policy, Role
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.directus.project import Project


@project_check(
    "policy-ip-range",
    severity=Severity.MEDIUM,
    title="An address range lets everyone in",
    summary="ip_access of a policy covers every address, or the server lets clients choose theirs.",
)
def policy_ip_range(project: Project) -> Iterator[tuple[Environment | Export | None, CheckResult]]:
    if not project.models:
        yield None, NotApplicable("no exported configuration")
    for export in project.models:
        # On 10 the role carries what policies carry since.
        holders: tuple[Policy | Role, ...] = export.model.policies if export.model.has_policies else export.model.roles
        ranged = [one for one in holders if one.ip_access]
        gaps = export.unknown((ExportPart.POLICIES, ExportPart.ADDRESSES))
        if not ranged and not gaps:
            yield export, Pass("no policy is limited to addresses")
        yield from ((export, NotEvaluated(reason, export.location)) for reason in gaps)
        for policy in ranged:
            yield from ((export, answer) for answer in _judge(project, export, policy))


def _judge(project: Project, export: Export, policy: Policy | Role) -> Iterator[CheckResult]:
    everywhere = _everywhere(policy.ip_access)
    if everywhere:
        yield _failure(
            export,
            policy,
            f"{everywhere} every address, so the list limits nothing.",
            "the addresses that the people with this policy come from, or no list",
        )
        return
    match = project.deployments_of(export)
    forged = partial(_forgeable_in, export, policy, match.doubt)
    answers = [answer for env in match.environments for answer in judge_at_defaults(env, forged)]
    failures = [answer for answer in answers if isinstance(answer, Failure)]
    yield from failures[:1]
    if not failures:
        unknown = [answer.reason for answer in answers if isinstance(answer, NotEvaluated)]
        unknown += [
            f"the default of `IP_TRUST_PROXY` depends on the version: {env.hidden_version}"
            for env in match.environments
            if env.hidden_version and not env["IP_TRUST_PROXY"].is_set
        ]
        if unknown or match.missing:
            why = unknown[0] if unknown else match.missing
            yield NotEvaluated(f"whether clients can choose their address is not known: {why}", policy.location)


def _forgeable_in(export: Export, policy: Policy | Role, doubt: str, env: Environment) -> Iterator[CheckResult]:
    for setting in _forgeable(env):
        stands = setting.location or env.deployment.location
        told = (
            f"`{setting.name}` is `{shorten(setting.shown)}`"
            if setting.is_set
            else f"`{setting.name}` is `true` by default"
        )
        yield _failure(
            export,
            policy,
            f"{told} in {escape_controls(env.name)}: Directus takes the address from a header, which a client that reaches it past the proxy writes itself, and so chooses one of this list. {doubt}".rstrip(),
            "`IP_TRUST_PROXY` with the number of proxies in front or their addresses, and a server that only they reach",
            confidence=Confidence.MEDIUM,
            related=(Related(stands, setting.name),),
        )


def _everywhere(listed: Sequence[str]) -> str:
    """Which entries of a list are every address of IPv4, or of IPv6, by themselves or together, and their verb; "" = none."""
    spans = [(text, *span) for entry in listed for text in entry.split(",") if (span := _span(text.strip()))]
    for bits in (32, 128):
        mine = sorted((first, last, text.strip()) for text, size, first, last in spans if size == bits)
        alone = next((text for first, last, text in mine if first == 0 and last == 2**bits - 1), "")
        if alone:
            return f"`{escape_controls(alone)}` is"
        free = 0
        for first, last, _ in mine:
            if first > free:
                break
            free = max(free, last + 1)
        if free == 2**bits:
            return f"Together {' and '.join(f'`{escape_controls(text)}`' for _, _, text in mine[:4])} are"
    return ""


def _span(text: str) -> tuple[int, int, int] | None:
    """The addresses of an entry: their number of bits, the first and the last; None where it is no address."""
    first, dash, last = text.partition("-")
    try:
        if dash:
            start, end = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
            return (start.max_prefixlen, int(start), int(end)) if start.version == end.version else None
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return network.max_prefixlen, int(network.network_address), int(network.broadcast_address)


def _forgeable(env: Environment) -> Iterator[Setting]:
    """Settings by which a client's own header becomes its address."""
    trust, header = env["IP_TRUST_PROXY"], env["IP_CUSTOM_HEADER"]
    by_default = not trust.is_set and default("IP_TRUST_PROXY", env.version) == "true"
    if by_default or (trust.known and trust.js is True):
        yield trust
    if header.known and header.text and header.js is not False:
        yield header


def _failure(
    export: Export,
    policy: Policy | Role,
    message: str,
    expected: str,
    *,
    confidence: Confidence = Confidence.HIGH,
    related: tuple[Related, ...] = (),
) -> Failure:
    word = "policy" if export.model.has_policies else "role"
    name = escape_controls(policy.name or policy.id)
    return Failure(
        subject=Subject(word, f"{export.name} {name} ip_access", (("model", export.name), (word, name))),
        location=policy.location or export.location,
        message=f"The {word} `{name}` counts only for addresses of its list. {message}",
        expected=expected,
        actual=shorten(f"ip_access: {', '.join(addresses(policy.ip_access))}"),
        framed=False,
        confidence=confidence,
        related=related,
    )
