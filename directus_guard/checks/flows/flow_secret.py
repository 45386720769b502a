"""Credentials in operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.flows import _flows
from directus_guard.checks.flows._credentials import credentials
from directus_guard.directus.disclosure import MASK, shorten
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Confidence, Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


_FIX: Final = (
    "Set a new variable `API_TOKEN` to a new credential, and add it to `FLOWS_ENV_ALLOW_LIST`. "
    "Write `{}` in place of the credential. Revoke the old credential: it stays in the history of the repository."
)


@export_check(
    "flow-secret",
    severity=Severity.HIGH,
    title="An operation holds a credential",
    summary="A header, address, body, signing key or script of a flow's operation holds a credential in plain text.",
    needs=(ExportPart.FLOWS, ExportPart.OPERATIONS),
)
def flow_secret(export: Export) -> Iterator[CheckResult]:
    yield from _flows.gaps(export)
    for operation in export.operations:
        for place in credentials(operation):
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
                fix=Fix(_FIX.format("data.$env.API_TOKEN" if operation.type == "exec" else "{{ $env.API_TOKEN }}")),
                options=(tuple(place.partition(" (")[0].split(".")),),
                part=shown.replace(" ", ""),
                confidence=Confidence.MEDIUM if operation.type == "exec" else Confidence.HIGH,
            )


def _named(place: str) -> str:
    """A place for a sentence: `code (apiKey)` is `apiKey` in `code`."""
    option, _, part = place.removesuffix(")").partition(" (")
    return f"`{part}` in `{option}`" if part else f"`{place}`"
