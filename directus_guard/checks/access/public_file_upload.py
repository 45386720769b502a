"""Anonymous visitors may upload files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _public
from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
)
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "public-file-upload",
    collections=("directus_files",),
    severity=Severity.CRITICAL,
    title="Anonymous visitors may upload files",
    summary="The public may create files: storage for anybody, and requests into your network through imports by URL.",
    cwe=(Cwe.DANGEROUS_UPLOAD, Cwe.SERVER_SIDE_REQUEST_FORGERY, Cwe.MISSING_AUTHENTICATION),
    owasp=(OwaspRisk.API4, OwaspRisk.API7),
    checklist=(26,),
    needs=_public.NEEDS,
)
def public_file_upload(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_files", "create"):
        if granted.public:
            yield failure(
                export,
                granted,
                title="Anonymous visitors can upload files",
                message=(
                    "They can fill your storage and serve their files from your domain. With an import by URL the server"
                    " also fetches any address that `IMPORT_IP_DENY_LIST` does not refuse."
                ),
                expected="no such permission; a server of yours checks what visitors send",
                hint="If visitors must send files, let your own server check them and upload them with a token.",
            )
