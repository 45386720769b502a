"""Credentials in operations."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.flows import _flows
from directus_guard.checks.flows._credentials import credentials
from directus_guard.directus.disclosure import MASK, shorten
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Confidence, Fix, RowPatch, SetMember, Severity
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Operation


_FIX: Final = (
    "Set a new variable, such as `{}`, to a new credential, and add it to `FLOWS_ENV_ALLOW_LIST`. "
    "Write `{}` in place of the credential{}. {} the old credential: it stays in the history of the repository."
)


@export_check(
    "flow-secret",
    severity=Severity.HIGH,
    title="An operation holds a credential",
    summary="A header, address, body, signing key or script of a flow's operation holds a credential in plain text.",
    cwe=(Cwe.CLEARTEXT_STORAGE, Cwe.HARD_CODED_CREDENTIALS),
    owasp=(OwaspRisk.API8,),
    needs=(ExportPart.FLOWS, ExportPart.OPERATIONS),
)
def flow_secret(export: Export) -> Iterator[CheckResult]:
    yield from _flows.gaps(export)
    for operation in export.operations:
        for number, place in enumerate(credentials(operation), 1):
            shown = shorten(place)
            yield _flows.operation_failure(
                export,
                operation,
                title="Operation {} of flow {} holds a credential",
                message=(
                    f"Anyone who can read this repository, or `directus_operations`, can use the credential in {_named(shown)}. "
                    "Directus stores the options of operations unencrypted."
                ),
                expected="`{{ $env.NAME }}` with NAME in FLOWS_ENV_ALLOW_LIST, and the old credential revoked",
                actual=f"{shown}: {MASK}",
                fix=_fix(export, operation, number, place),
                options=(tuple(place.partition(" (")[0].split(".")),),
                part=shown.replace(" ", ""),
                confidence=Confidence.MEDIUM if operation.type == "exec" else Confidence.HIGH,
            )


_SCHEME: Final = lazy_pattern(r"(?:Bearer|Basic|Token) ", re.IGNORECASE)


def _patches(operation: Operation, place: str, variable: str) -> tuple[RowPatch, ...]:
    """The change of a header: a variable in place of its value."""
    name = place.removeprefix("headers.")
    headers = operation.options.get("headers")
    if name == place or operation.type != "request":
        return ()
    value = headers.get(name) if isinstance(headers, Mapping) else _value(headers, name)
    scheme = _SCHEME.match(value) if isinstance(value, str) else None
    written = json.dumps(f"{scheme[0] if scheme else ''}{{{{ $env.{variable} }}}}")
    member = ("options", "headers", name) if isinstance(headers, Mapping) else ("options", "headers", name, "value")
    return (RowPatch(operation.location, (SetMember(member, written),)),)


def _value(headers: Json, name: str) -> Json:
    """The value of a header in a list of them."""
    found = (one for one in headers if isinstance(one, Mapping)) if isinstance(headers, list) else ()
    return next((one.get("value") for one in found if one.get("header") == name), None)


def _named(place: str) -> str:
    """A place for a sentence: `code (apiKey)` is `apiKey` in `code`."""
    option, _, part = place.removesuffix(")").partition(" (")
    return f"`{part}` in `{option}`" if part else f"`{place}`"


def _fix(export: Export, operation: Operation, number: int, place: str) -> Fix:
    """A variable for each credential. What a condition compares with is the callers' to send."""
    name = _variable(export, operation, number)
    reading = f"data.$env.{name}" if operation.type == "exec" else f"{{{{ $env.{name} }}}}"
    end = "Give the callers the new value, and no longer accept" if operation.type == "condition" else "Revoke"
    where = " and its quotation marks, inside the function: `data` is its parameter" if operation.type == "exec" else ""
    return Fix(_FIX.format(name, reading, where, end), rows=_patches(operation, place, name))


def _variable(export: Export, operation: Operation, number: int) -> str:
    """A name of its own for the credential: of the flow, of the operation, and a number from the second on."""
    words = f"{_flows.operation_of(export, operation)} {operation.key} TOKEN{'' if number == 1 else f' {number}'}"
    return re.sub(r"[^A-Z0-9]+", "_", words.upper()).strip("_")
