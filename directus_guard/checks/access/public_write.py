"""Anonymous visitors may write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _public
from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import (
    every,
    failure,
)
from directus_guard.checks.shared.titles import titled
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "public-write",
    severity=Severity.HIGH,
    title="Anonymous visitors may write",
    summary="The public may create, update or delete items.",
    cwe=(Cwe.MISSING_AUTHORIZATION, Cwe.MISSING_AUTHENTICATION),
    owasp=(OwaspRisk.API5,),
    checklist=(21,),
    needs=_public.NEEDS,
)
def public_write(export: Export) -> Iterator[CheckResult]:
    for granted in every(export, "create", "update", "delete"):
        if granted.public and (granted.row.collection, granted.row.action) != ("directus_files", "create"):
            verb = "change" if granted.row.action == "update" else granted.row.action
            yield failure(
                export,
                granted,
                title=titled(f"Anonymous visitors can {verb} items of {{}}", granted.row.collection),
                message="Everybody on the internet can do this without an account.",
                expected="no such permission; a server of yours checks what visitors send",
                hint=_hint(granted.row.collection) if verb == "create" else "",
            )


def _hint(collection: str) -> str:
    if collection == "directus_users":
        return "If visitors should register, use `public_registration` with `public_registration_verify_email` and a harmless role in `public_registration_role`."
    return "If visitors must send data, let your own server check it and write it with a token."
