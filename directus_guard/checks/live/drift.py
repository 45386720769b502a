"""The instance is not what the repository says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import instance_check
from directus_guard.checks.result import CheckResult, Failure, NotApplicable, NotEvaluated
from directus_guard.directus.drift import ACCESS, Side, best_match, differences
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity, Subject
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.drift import Difference
    from directus_guard.directus.export import Export
    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project

_WIDER: Final = {
    Side.INSTANCE: "The instance is wider: somebody changed it there, and no review saw it.",
    Side.REPOSITORY: "The repository is wider: the next import of it opens this in the instance too.",
    Side.NEITHER: "Which side allows more is not told by the values.",
}


@instance_check(
    "drift",
    severity=Severity.MEDIUM,
    title="Instance and repository disagree",
    summary="The running instance and its export in the repository differ in access, flows or settings that security depends on.",
)
def drift(instance: Instance, project: Project) -> Iterator[CheckResult]:
    exports = tuple(export for export in project.exports if export.context.gates)
    if not exports or instance.export is None:
        yield NotApplicable("no export in the repository" if not exports else "no token was given")
        return
    export = best_match(instance.export, exports)
    if export is None:
        names = ", ".join(escape_controls(one.name) for one in exports[:5])
        yield NotEvaluated(f"which of the exports describes this instance is not known: {names}")
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
                f"{found.message} Whether that is more than the other side allows cannot be told.", found.location
            )


def _failure(instance: Instance, export: Export, difference: Difference) -> Failure:
    return Failure(
        subject=Subject(
            difference.kind,
            f"{instance.origin} drift {difference.name} {difference.wider.value}",
            (("model", instance.origin), ("name", difference.name), ("wider", difference.wider.value)),
        ),
        location=difference.location,
        message=f"{difference.message} {_WIDER[difference.wider]}",
        expected=f"the same in {escape_controls(instance.origin)} and in {escape_controls(export.name)}: export what is meant, or import it again",
        actual=f"wider: {difference.wider.value}",
        framed=False,
    )
