"""What the two checks on escalation share: one finding for each set of rows that opens a way, with the principals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.result import CheckResult, Failure
from directus_guard.checks.shared.rows import doubt, holder, less_sure, names, remedy, who
from directus_guard.directus.access.principals import Principal, PrincipalKind
from directus_guard.directus.gaps import ExportPart
from directus_guard.escalation import Paths
from directus_guard.finding import Related, Subject
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Export
    from directus_guard.escalation import Path


NEEDS: Final = (ExportPart.ATTACHMENTS, ExportPart.PERMISSIONS, ExportPart.POLICIES, ExportPart.HIDDEN_ROWS, ExportPart.PARENTS, ExportPart.USER_POLICIES, ExportPart.POLICY, ExportPart.FLOWS, ExportPart.OPERATIONS, ExportPart.SETTINGS)  # fmt: skip
"""What of an export both checks rest on."""


def judge(export: Export, *, public: bool) -> Iterator[CheckResult]:
    """The shortest way of each principal; those with the same rows together."""
    paths = Paths(export)
    found: dict[tuple[str, tuple[object, ...]], tuple[Path, list[Principal]]] = {}
    for principal, _ in export.actors:
        if (principal.kind is PrincipalKind.PUBLIC) is public:
            path = paths.of(principal)
            if path is not None:
                key = path.name, tuple(row.identity for row in path.rows)
                found.setdefault(key, (path, []))[1].append(principal)
    for path, principals in found.values():
        yield _failure(export, path, tuple(principals))


def _failure(export: Export, path: Path, principals: tuple[Principal, ...]) -> Failure:
    place = next((step.location for step in path.steps if step.location), None)
    policies = tuple(dict.fromkeys(escape_controls(holder(export, row)) for row in path.rows))
    listed = names(export, principals)
    by = ", ".join(f"`{name}`" for name in policies)
    unsure = doubt(export, path.rows, public=any(one.kind is PrincipalKind.PUBLIC for one in principals))
    steps = "; then ".join(f"{step.action} ({step.permission})" for step in path.steps)
    return Failure(
        subject=Subject(
            "principal",
            f"{export.name} {' '.join(policies)} {path.name}",
            (("model", export.name), ("principals", listed), ("policies", policies)),
        ),
        location=place or export.location,
        message=f"{who(export, principals)} can become administrator: {steps}."
        + (f" Granted by {by}." if by else "")
        + (f" {unsure}" if unsure else ""),
        expected=remedy(export, "no such row", "a rule, fields or a validation that close one of the steps"),
        actual=f"{len(path.steps)} step{'s' if len(path.steps) > 1 else ''}",
        title=f"{_some(listed)} can become administrator",
        framed=False,
        confidence=less_sure(path.confidence, unsure),
        steps=path.steps,
        related=tuple(Related(step.location, step.permission) for step in path.steps if step.location),
    )


def _some(names_: tuple[str, ...]) -> str:
    more = f" and {len(names_) - 2} more" if len(names_) > 2 else ""
    return ", ".join(names_[:2]) + more
