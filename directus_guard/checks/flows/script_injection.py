"""Data becomes part of a script."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.flows import _flows
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.flows.templates import TemplateError, parse
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Fix, Severity
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Operation
    from directus_guard.directus.flows.templates import Path

_IDENTIFIER: Final = lazy_pattern(r"[A-Za-z_$][\w$]*", re.ASCII)
_CHOSEN: Final = frozenset({"userAgent", "origin"})
"""Of `$accountability`, what callers send as headers."""


@export_check(
    "script-injection",
    severity=Severity.HIGH,
    title="Data becomes part of a script",
    summary="The code of a Run Script operation is built from a template: whoever controls the value writes code.",
    cwe=(Cwe.CODE_INJECTION,),
    owasp=(OwaspRisk.API8,),
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
                paths = list(dict.fromkeys(paths))
                named = ", ".join(f"`{shorten('.'.join(path))}`" for path in paths)
                yield _flows.operation_failure(
                    export,
                    operation,
                    title="Data becomes code in script {} of flow {}",
                    message=(
                        f"Whoever controls {named} can run code in this script, which sees all data of the flow. "
                        "Directus inserts the value into the code as text: quotation marks around it do not protect."
                    ),
                    expected="the value read in the script (`data.$trigger…`), no template in the code",
                    options=(("code",),),
                    actual=f"code with {named} in double braces",
                    fix=Fix(
                        f"Replace {', '.join(map(_replacement, paths))} in the code, and drop quotation marks around it. "
                        "`data` is the parameter of the script's function. Join it to longer texts with `+`."
                    ),
                )


def _replacement(path: Path) -> str:
    """A template, and how a script reads its value from the parameter `data`."""
    reading = "".join(f".{part}" if _IDENTIFIER.fullmatch(part) else f"[{json.dumps(part)}]" for part in path)
    template = f"{{{{ {'.'.join(path)} }}}}"
    return f"`{shorten(template)}` by `{shorten(f'data{reading}')}`"


def _paths(operation: Operation) -> tuple[Path, ...]:
    code = operation.options.get("code")
    try:
        return parse(code).paths if isinstance(code, str) else ()
    except TemplateError:
        return ()  # Directus cannot render it, so it does not run


def _is_data(path: Path, keys: set[str]) -> bool:
    """Whether people control the value at a path: not variables, nor names that do not exist."""
    if path[:1] == ("$accountability",):
        return len(path) < 2 or path[1] in _CHOSEN
    return bool(path) and (path[0] in ("$trigger", "$last") or path[0] in keys)
