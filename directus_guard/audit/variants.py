"""One finding for what several variants of one deployment repeat: task definitions and overlays, one for each stage or region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.disclosure import MASK
from directus_guard.directus.environment.deployment import Platform
from directus_guard.finding import Context, Related
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from directus_guard.directus.environment.settings import Environment
    from directus_guard.finding import Finding

_PLATFORMS: Final = (Platform.ECS, Platform.KUBERNETES)
_WORDS: Final = lazy_pattern(
    r"(?<![a-z])(?:dev|devel|development|stage|staging|stg|prod|production|prd|preprod|live|test|testing|qa|uat|int|integration|preview"
    r"|demo|sandbox|local|blue|green|(?:af|ap|ca|eu|me|sa|us)(?:-[a-z]{4,9}){0,2}(?:-\d)?|\d{1,3})(?![a-z])"
)
"""Words of paths and names that tell variants apart: stages, regions, numbers."""
_SEVERAL: Final = lazy_pattern(r"\*(?:[-_.]\*)+")
"""A stage and a region, as in `prod-eu`."""
_NO_WORD: Final = lazy_pattern(r"[-_.]\*(?=[./#]|\Z)")
"""What `task-definition-prod.json` has more than `task-definition.json`, a variant without such a word."""
_OVERLAYS: Final = lazy_pattern(r"(?<=/)(overlays|environments|envs|env|stages|clusters|regions)/[^/]+(?=/)")
"""Folders whose sub-folders are variants, whatever their names are."""


def merged(findings: Iterable[Finding], environments: Iterable[Environment]) -> tuple[Finding, ...]:
    """The findings, in their order. Equal ones of variants become one, at the first, with the other places beside it.

    Masked values may differ, so findings about them stay apart.
    """
    findings = _also_in_instance(findings)
    groups = {env.name: group for env in environments if (group := _group(env))}
    kept: dict[object, list[Finding]] = {}
    for index, finding in enumerate(findings):
        kept.setdefault(_key(finding, groups) or index, []).append(finding)
    return tuple(_one(same) for same in kept.values())


def apart(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings as they were before `merged`."""
    return tuple(one for finding in findings for one in (replace(finding, variants=()), *finding.variants))


def _group(env: Environment) -> str:
    """What the variants of a deployment have in common; "" where it is no such deployment."""
    if env.deployment.platform not in _PLATFORMS:
        return ""
    path, _, fragment = env.name.partition("#")
    if env.deployment.platform is Platform.ECS:
        fragment = fragment.rpartition("/")[2]
    name = _OVERLAYS.sub(r"\1/*", f"/{path}#{fragment}".lower())
    return f"{env.deployment.platform.name} {_NO_WORD.sub('', _SEVERAL.sub('*', _WORDS.sub('*', name)))}"


def _key(finding: Finding, groups: Mapping[str, str]) -> tuple[object, ...] | None:
    details = dict(finding.subject.details)
    group = groups.get(str(details.pop("deployment", "")))
    if group is None or MASK in finding.actual or finding.live:
        return None
    return (
        finding.check, group, tuple(details.items()), finding.severity, finding.confidence, finding.title, finding.expected,
        finding.actual, finding.state, finding.context.gates,
    )  # fmt: skip


def _also_in_instance(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The ways to administrator without those of an instance that an export shows already, at its rows."""
    findings = tuple(findings)
    ways = {_way(finding): finding for finding in reversed(findings) if finding.steps and not finding.live}
    doubled: dict[str, Finding] = {}
    for finding in findings:
        shown = ways.get(_way(finding)) if finding.live and finding.steps else None
        if shown is not None:
            doubled[shown.fingerprint] = finding
    hidden = {finding.fingerprint for finding in doubled.values()}
    return tuple(
        _with_instance(finding, doubled[finding.fingerprint]) if finding.fingerprint in doubled else finding
        for finding in findings
        if finding.fingerprint not in hidden
    )


def _way(finding: Finding) -> tuple[object, ...]:
    """What tells a way apart, wherever it was found."""
    model = str(dict(finding.subject.details).get("model", ""))
    steps = tuple(step.id for step in finding.steps)
    key = finding.subject.key.removeprefix(model)
    return finding.check, key, steps, finding.title, finding.severity, finding.state, finding.context.gates


def _with_instance(shown: Finding, finding: Finding) -> Finding:
    model = str(dict(finding.subject.details).get("model", ""))
    note = f"The instance `{model}` has the same way." if model else "The instance has the same way."
    return replace(shown, details=(*shown.details, note), variants=(*shown.variants, finding))


_ORDER: Final = (Context.PRODUCTION, Context.UNKNOWN, Context.DEVELOPMENT, Context.EXAMPLE)


def _one(same: list[Finding]) -> Finding:
    """The finding whose context weighs most, with the places of the others."""
    first = min(same, key=lambda finding: _ORDER.index(finding.context))
    others = tuple(finding for finding in same if finding is not first)
    if not others:
        return first
    places = tuple(Related(other.location, "the same in another variant of this deployment") for other in others)
    return replace(first, related=(*first.related, *places), variants=others)
