"""Data becomes code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.flows import _flows
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.flows.templates import TemplateError, parse
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Operation
    from directus_guard.directus.flows.templates import Path

_CHOSEN: Final = frozenset({"userAgent", "origin"})
"""Of `$accountability`, what callers send as headers."""


@export_check(
    "script-injection",
    severity=Severity.HIGH,
    title="Data becomes part of a script",
    summary="The code of a Run Script operation is built from a template: whoever has a say in the value writes code.",
    checklist=(3,),
    needs=(ExportPart.FLOWS, ExportPart.OPERATIONS),
)
def script_injection(export: Export) -> Iterator[CheckResult]:
    yield from _flows.gaps(export)
    keys: dict[str | None, set[str]] = {}
    for operation in export.operations:
        keys.setdefault(operation.flow, set()).add(operation.key)
    for operation in export.operations:
        if operation.type == "exec":
            paths = [path for path in _paths(operation) if _is_data(path, keys[operation.flow])]
            if paths:
                named = ", ".join(f"`{shorten('.'.join(path))}`" for path in dict.fromkeys(paths))
                yield _flows.operation_failure(
                    export,
                    operation,
                    message=(
                        f"Directus puts {named} into the code before it runs it, as it is: a quotation mark in the value ends the text "
                        "it was meant for, and what follows is code. It sees all data of the flow and decides what the next operations get."
                    ),
                    expected="the value read in the script (`data.$trigger…`), no template in the code",
                    actual=f"code with {named} in double braces",
                )


def _paths(operation: Operation) -> tuple[Path, ...]:
    code = operation.options.get("code")
    try:
        return parse(code).paths if isinstance(code, str) else ()
    except TemplateError:
        return ()  # Directus cannot render it, and so does not run it


def _is_data(path: Path, keys: set[str]) -> bool:
    """Whether people have a say in what stands there; variables and names that do not exist are no data."""
    if path[:1] == ("$accountability",):
        return len(path) < 2 or path[1] in _CHOSEN
    return bool(path) and (path[0] in ("$trigger", "$last") or path[0] in keys)
