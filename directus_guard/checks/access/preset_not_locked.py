"""A preset looks like a lock and is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_fixes import listed, without_fields
from directus_guard.checks.shared.row_words import policy_title
from directus_guard.checks.shared.rows import every, failure, unpinned
from directus_guard.finding import Confidence, PinFields, Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import Export
    from directus_guard.finding import RowChange


_TELLING: Final = ("role", "status", "user", "owner", "author", "tenant", "organi", "team", "approved", "verified")
"""Parts of names of fields that decide who may do what; a preset elsewhere may well be a mere default."""


@export_check(
    "preset-not-locked",
    severity=Severity.MEDIUM,
    title="A preset does not lock its field",
    summary="A preset on a field that a request may set, too: the value in the request wins.",
    cwe=(Cwe.MASS_ASSIGNMENT,),
    owasp=(OwaspRisk.API3,),
    checklist=(8,),
)
def preset_not_locked(export: Export) -> Iterator[CheckResult]:
    for granted in every(export, "create", "update"):
        presets = granted.row.presets
        names = unpinned(export, granted, *presets) if isinstance(presets, Mapping) else ()
        if isinstance(presets, Mapping) and names:
            values = presets.values()
            telling = any(word in name.lower() for name in names for word in _TELLING)
            telling = telling or any(isinstance(value, str) and value.startswith("$CURRENT") for value in values)
            yield failure(
                export,
                granted,
                title=policy_title(
                    export, export.holder(granted.row), "does not lock {} of {}", names[0], granted.row.collection
                ),
                message=(
                    f"Users can send any value of {listed(names)}: a preset is only a default, and a value in the request wins."
                    " It also fills fields that `fields` does not name."
                ),
                expected="no such permission, or a flow that sets the field",
                rule="the field not among `fields`, or a validation with `_eq` on it beside the preset",
                changes=_changes(granted.row, presets, names),
                confidence=Confidence.HIGH if telling else Confidence.MEDIUM,
            )


def _changes(row: Permission, presets: Mapping[str, Json], names: tuple[str, ...]) -> tuple[RowChange, ...]:
    """Without the fields in `fields` the presets lock them. Where every field is named, a validation does."""
    if "*" not in (row.fields or ()):
        return without_fields(row, names)
    values = [presets.get(name) for name in names]
    known = [value if isinstance(value, str) and value.startswith("$CURRENT") else "" for value in values]
    pinned = [PinFields((name,), value) for name, value in zip(names, known, strict=True) if value]
    others = tuple(name for name, value in zip(names, known, strict=True) if not value)
    return (*pinned, *((PinFields(others),) if others else ()))
