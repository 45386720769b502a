"""What the checks on settings share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from directus_guard.checks.result import CheckResult, Failure, NotApplicable, NotEvaluated
from directus_guard.checks.shared import studio
from directus_guard.finding import Fix, RowPatch, SetMember, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.export import Export

NO_SETTINGS: Final = "the export has no settings"


def absent(export: Export, name: str) -> Iterator[CheckResult]:
    """The answer where a setting cannot be seen; nothing where it can."""
    if export.settings is None:
        yield NotApplicable(NO_SETTINGS)
    elif name not in export.settings.values:
        yield NotEvaluated(f"the export leaves out the setting `{name}`", export.settings.location)


def value(export: Export, name: str) -> Json:
    """The value of a setting that is there."""
    return export.settings.values.get(name) if export.settings else None


def failure(
    export: Export,
    name: str,
    *,
    title: str,
    message: str,
    expected: str,
    actual: str,
    fix: str,
    value: Json = None,
    safe: bool = False,
) -> Failure:
    """A failure of one setting, where the export has it. `value`: what the fix gives it, None where that is not one value."""
    row = export.settings.location if export.settings and value is not None else None
    patches = (RowPatch(row, (SetMember((name,), json.dumps(value)),)),) if row else ()
    return Failure(
        subject=Subject("settings", f"{export.name} {name}", (("model", export.name), ("name", name))),
        location=export.settings.location if export.settings else export.location,
        members=((name,),),
        studio=studio.SETTINGS,
        title=title,
        message=message,
        expected=expected,
        actual=actual,
        framed=False,
        fix=Fix(fix, safe=safe, rows=patches),
    )
