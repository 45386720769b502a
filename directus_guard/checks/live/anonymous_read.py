"""Anonymous visitors get items that nothing declares public."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import instance_check
from directus_guard.checks.live._declared import declared, not_public
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.access.sensitive import sensitive_fields
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.gaps import InstancePart
from directus_guard.finding import Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.live._declared import Declared
    from directus_guard.directus.instance import Instance, Probe
    from directus_guard.directus.project import Project

_PRIVATE: Final = frozenset({
    "directus_access", "directus_activity", "directus_flows", "directus_notifications", "directus_operations",
    "directus_permissions", "directus_policies", "directus_presets", "directus_revisions", "directus_roles",
    "directus_settings", "directus_shares", "directus_users", "directus_versions",
})  # fmt: skip
"""System collections that are never meant to be public."""
_LISTED: Final = 8


@instance_check(
    "anonymous-read",
    severity=Severity.HIGH,
    title="Anonymous visitors read an undeclared collection",
    summary="A request without a token returns items of a collection that nothing declares public.",
    cwe=(Cwe.MISSING_AUTHORIZATION,),
    owasp=(OwaspRisk.API1,),
    checklist=(21,),
)
def anonymous_read(instance: Instance, project: Project) -> Iterator[CheckResult]:
    meant = declared(instance, project)
    undecided: list[str] = []
    for probe in instance.probes:
        if probe.unknown:
            yield NotEvaluated(f"`{escape_controls(probe.collection)}`: {probe.unknown}")
        if not probe.readable or "read" in meant.access.get(probe.collection, ()):
            continue
        if meant.unknown and not _is_private(instance, probe):
            undecided.append(f"`{escape_controls(probe.collection)}`")
        else:
            yield _failure(instance, probe, meant)
    if undecided:
        more = f" and {len(undecided) - _LISTED} more" if len(undecided) > _LISTED else ""
        yield NotEvaluated(f"{meant.unknown}. Readable without a token: {', '.join(undecided[:_LISTED])}{more}")
    if not instance.probes and not instance.listed and meant.unknown:
        yield NotEvaluated(f"no collection is known to ask for: {meant.unknown}")
    if meant.unknown and (reason := instance.why_unknown(InstancePart.LISTED)):
        yield NotEvaluated(f"it is not known which collections are public: {reason}")


def _is_private(instance: Instance, probe: Probe) -> bool:
    schema = instance.export.schema if instance.export else None
    return probe.collection in _PRIVATE or bool(sensitive_fields(schema, probe.collection, probe.fields))


def _failure(instance: Instance, probe: Probe, meant: Declared) -> Failure:
    name = escape_controls(probe.collection)
    count = "items" if probe.count is None else "1 item" if probe.count == 1 else f"{probe.count} items"
    why = "Its fields look personal or secret." if meant.unknown else f"{meant.by} not allow this."
    return Failure(
        subject=Subject("collection", f"{instance.origin} {name}", (("model", instance.origin), ("collection", name))),
        location=instance.location,
        title=titled("Anonymous visitors can read {}", name),
        message=f"Anyone on the internet can read {count} of `{name}` without a token. {why}",
        expected="403 without a token, or a public policy in the repository that declares it",
        actual=shorten(f"{count}; fields {', '.join(map(escape_controls, probe.fields)) or 'none'}"),
        fix=not_public(instance, meant, ("read",), name),
    )
