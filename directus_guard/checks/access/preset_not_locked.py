"""A preset looks like a lock and is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import every, failure, unpinned
from directus_guard.finding import Confidence, Severity
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


_TELLING: Final = ("role", "status", "user", "owner", "author", "tenant", "organi", "team", "approved", "verified")
"""Parts of names of fields that decide who may do what; a preset elsewhere may well be a mere default."""


@export_check(
    "preset-not-locked",
    severity=Severity.MEDIUM,
    title="A preset does not lock its field",
    summary="A field preset on a field that the payload may set too: what is sent wins.",
    checklist=(8,),
)
def preset_not_locked(export: Export) -> Iterator[CheckResult]:
    for granted in every(export, "create", "update"):
        presets = granted.row.presets
        names = unpinned(export, granted, *presets) if isinstance(presets, Mapping) else ()
        if names:
            values = presets.values() if isinstance(presets, Mapping) else ()
            telling = any(word in name.lower() for name in names for word in _TELLING)
            telling = telling or any(isinstance(value, str) and value.startswith("$CURRENT") for value in values)
            shown = ", ".join(f"`{escape_controls(name)}`" for name in names[:5])
            yield failure(
                export,
                granted,
                f"The preset of {shown} fills in what is not sent; a request that sends another value keeps it (measured).",
                "no such row, or a flow that sets the field",
                rule="the field not among the row's fields, or a validation with `_eq` on it beside the preset",
                confidence=Confidence.HIGH if telling else Confidence.MEDIUM,
            )
