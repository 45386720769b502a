"""An address range that lets everyone in."""

from __future__ import annotations

import ipaddress
from functools import partial
from typing import TYPE_CHECKING

from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated, Pass
from directus_guard.checks.shared import studio
from directus_guard.checks.shared.row_fixes import listed
from directus_guard.checks.shared.row_words import policy_title
from directus_guard.checks.unseen import judge_at_defaults
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.environment.variables import default
from directus_guard.directus.gaps import ExportPart
from directus_guard.directus.masks import addresses
from directus_guard.finding import Confidence, Fix, Related, Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.access.records import Policy, Role
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.directus.project import Project


@project_check(
    "policy-ip-range",
    evidence=(ProjectPart.EXPORTS,),
    without="no exported configuration",
    severity=Severity.MEDIUM,
    title="An address range lets everyone in",
    summary="`ip_access` of a policy covers every address, or the server lets clients choose their address.",
    cwe=(Cwe.INCORRECT_AUTHORIZATION, Cwe.LESS_TRUSTED_SOURCE),
    owasp=(OwaspRisk.API2,),
)
def policy_ip_range(project: Project) -> Iterator[tuple[Environment | Export | None, CheckResult]]:
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
        shown = listed(everywhere, 4)
        yield _failure(
            export,
            policy,
            title="is limited to no IP address",
            message=f"Its users can come from anywhere: {shown} in `ip_access` {'covers' if len(everywhere) == 1 else 'cover'} every IP address.",
            expected="the addresses that the users with this policy come from, or no list",
            fix=_narrower(policy, everywhere, shown),
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
        place = setting.location or env.deployment.location
        given = f"`{shorten(setting.shown)}`" if setting.is_set else "`true` by default"
        yield _failure(
            export,
            policy,
            title="trusts the address that a client sends",
            message=(
                "A client can write an address of the list into a header, and so get what the list protects."
                f" `{setting.name}` is {given} in `{escape_controls(env.name)}`. {doubt}"
            ).rstrip(),
            expected="`IP_TRUST_PROXY` with the number of proxies in front or their addresses, and a server that only they reach",
            fix=_forging_stopped(env),
            confidence=Confidence.MEDIUM,
            related=(Related(place, setting.name),),
        )


def _forging_stopped(env: Environment) -> str:
    """How a server stops taking addresses from clients, for every setting by which it does."""
    held = [setting.name for setting in _forgeable(env)]
    texts = ["Remove `IP_CUSTOM_HEADER`."] if "IP_CUSTOM_HEADER" in held else []
    if "IP_TRUST_PROXY" in held:
        texts.append("Set `IP_TRUST_PROXY` to the number of proxies in front of Directus, such as `1`.")
    elif env["IP_TRUST_PROXY"].js is False:
        texts.append("Behind a proxy, set `IP_TRUST_PROXY` to the number of proxies, such as `1`.")
    return " ".join(texts)


def _narrower(policy: Policy | Role, everywhere: tuple[str, ...], shown: str) -> str:
    """Entries that cover everything go; where they are all there is, others must come in their place."""
    entries = {text.strip() for entry in policy.ip_access for text in entry.split(",")} - {""}
    others = entries - set(everywhere)
    if others and not _everywhere(sorted(others)):
        return (
            f"Remove {shown} from `ip_access`. First add the addresses of its users that the other entries leave out."
        )
    return f"Replace {shown} in `ip_access` by the addresses that its users come from."


def _everywhere(entries: Sequence[str]) -> tuple[str, ...]:
    """Which entries of a list are every address of IPv4, or of IPv6, by themselves or together; () = none."""
    spans = [(text.strip(), *span) for entry in entries for text in entry.split(",") if (span := _span(text.strip()))]
    for bits in (32, 128):
        mine = sorted((first, last, text.strip()) for text, size, first, last in spans if size == bits)
        alone = next((text for first, last, text in mine if first == 0 and last == 2**bits - 1), "")
        if alone:
            return (alone,)
        free = 0
        needed = []
        for first, last, text in mine:
            if first > free:
                break
            needed += [text] if last >= free else []
            free = max(free, last + 1)
        if free == 2**bits:
            return tuple(needed)
    return ()


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
    *,
    title: str,
    message: str,
    expected: str,
    fix: str,
    confidence: Confidence = Confidence.HIGH,
    related: tuple[Related, ...] = (),
) -> Failure:
    word = "policy" if export.model.has_policies else "role"
    name = escape_controls(policy.name or policy.id)
    return Failure(
        subject=Subject(word, f"{export.name} {name} ip_access", (("model", export.name), (word, name))),
        location=policy.location or export.location,
        members=(("ip_access",),),
        studio=studio.of_holder(export, policy.id),
        title=policy_title(export, policy.name or policy.id, title),
        message=message,
        expected=expected,
        actual=shorten(f"ip_access: {', '.join(addresses(policy.ip_access))}"),
        framed=False,
        fix=Fix(fix),
        confidence=confidence,
        related=related,
    )
