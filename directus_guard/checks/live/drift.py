"""The instance differs from the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import instance_check
from directus_guard.checks.result import CheckResult, Failure, NotApplicable, NotEvaluated
from directus_guard.checks.shared.row_fixes import listed
from directus_guard.checks.shared.rows import describe
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.drift import ACCESS, Side, best_match, differences
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Fix, Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.drift import Difference
    from directus_guard.directus.export import Export
    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project

_WIDER: Final = {
    Side.INSTANCE: "The instance allows more than was reviewed.",
    Side.REPOSITORY: "The repository allows more: the next import opens this in the instance, too.",
    Side.NEITHER: "The values do not show which side allows more.",
}


_FIXES: Final = {
    Side.INSTANCE: "Change {} in the instance back to what the repository has.",
    Side.REPOSITORY: "Change {} in the repository to what the instance has.",
    Side.NEITHER: "Make {} equal on both sides: export the instance again, and review the difference.",
}
_MEANT: Final = {
    Side.INSTANCE: "If the change is intended, export it and have it reviewed.",
    Side.REPOSITORY: "If the change is intended, import it into the instance.",
    Side.NEITHER: "",
}
_WHERE: Final = {
    Side.INSTANCE: "more in the instance",
    Side.REPOSITORY: "more in the repository",
    Side.NEITHER: "different values",
}
_TITLES: Final = {
    "permission": "Access to {} differs from the repository",
    "role": "Role {} differs from the repository",
    "policy": "Policy {} differs from the repository",
    "flow": "Flow {} differs from the repository",
    "settings": "Setting {} differs from the repository",
}
_THINGS: Final = {
    "permission": "the permissions on {}",
    "role": "the role {}",
    "policy": "the policy {}",
    "flow": "the flow {}",
    "settings": "the setting {}",
}
"""By kind of difference."""


@instance_check(
    "drift",
    severity=Severity.MEDIUM,
    title="Instance and repository differ",
    summary="The running instance and its export in the repository differ in access, flows or settings that affect security.",
    cwe=(Cwe.CRITICAL_PERMISSIONS,),
    owasp=(OwaspRisk.API9,),
)
def drift(instance: Instance, project: Project) -> Iterator[CheckResult]:
    exports = tuple(export for export in project.exports if export.context.gates)
    if not exports or instance.export is None:
        yield NotApplicable("no export in the repository" if not exports else "no token was given")
        return
    export = best_match(instance.export, exports)
    if export is None:
        names = ", ".join(escape_controls(one.name) for one in exports[:5])
        yield NotEvaluated(f"it is not known which export describes this instance: {names}")
        return
    for side in (instance.export, export):
        yield from (
            NotEvaluated(f"{escape_controls(side.name)}: {reason}", side.location)
            for reason in side.unknown((*ACCESS, ExportPart.FLOWS, ExportPart.OPERATIONS, ExportPart.SETTINGS))
        )
    for found in differences(instance.export, export):
        if found.certain:
            yield _failure(instance, export, found)
        else:
            yield NotEvaluated(
                f"{found.message} Whether that is more than the other side allows is not known.", found.location
            )


def _failure(instance: Instance, export: Export, difference: Difference) -> Failure:
    return Failure(
        subject=Subject(
            difference.kind,
            f"{instance.origin} drift {difference.name} {difference.wider.value}",
            (("model", instance.origin), ("name", difference.name), ("wider", difference.wider.value)),
        ),
        location=difference.location,
        title=titled(_TITLES[difference.kind], difference.about),
        message=f"{difference.message} {_WIDER[difference.wider]}",
        expected=f"the same in {escape_controls(instance.origin)} and in {escape_controls(export.name)}",
        actual=_found(instance, export, difference),
        fix=Fix(_fix(difference)),
    )


def _found(instance: Instance, export: Export, difference: Difference) -> str:
    if difference.policies and instance.export is not None:
        there, here = _rows(export, difference), _rows(instance.export, difference)
        return shorten(f"repository: {_only(there, here)}; instance: {_only(here, there)}")
    if difference.values is None:
        return _WHERE[difference.wider]
    return f"repository: {difference.values[0]}; instance: {difference.values[1]}"


def _only(rows: Mapping[str, str], others: Mapping[str, str]) -> str:
    """The permissions that the other side has not, for a sentence."""
    return ", ".join(text for row, text in rows.items() if row not in others) or "none"


def _rows(export: Export, difference: Difference) -> dict[str, str]:
    """The permissions on the collection in the policies concerned, described. The key also has the whole of a rule."""
    return {
        f"{describe(export, row)} {export.mask.filter(export.model.rule_alone(row))}": describe(export, row)
        for row in export.model.permissions
        if escape_controls(row.collection) == difference.about and export.holder(row) in difference.policies
    }


def _fix(difference: Difference) -> str:
    if difference.values is not None and difference.wider is not Side.NEITHER:
        name, (repository, instance) = f"`{difference.about}`", difference.values
        if difference.wider is Side.INSTANCE:
            return f"Set {name} in the instance to `{repository}`. {_MEANT[Side.INSTANCE]}"
        return f"Set {name} in the repository to `{instance}`. {_MEANT[Side.REPOSITORY]}"
    thing = _THINGS[difference.kind].format(f"`{difference.about}`")
    if difference.policies:
        thing = f"the permissions of {listed(difference.policies)} on `{difference.about}`"
    return f"{_FIXES[difference.wider].format(thing)} {_MEANT[difference.wider]}".rstrip()
