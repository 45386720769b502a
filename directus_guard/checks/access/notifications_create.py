"""Mail to any user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_words import can, they
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
    unpinned,
)
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "notifications-create",
    collections=("directus_notifications",),
    severity=Severity.MEDIUM,
    title="Mail can be sent to any user",
    summary="A permission to create notifications for any `recipient`: Directus sends each as mail, with the HTML it holds.",
    cwe=(Cwe.INCORRECT_AUTHORIZATION, Cwe.UI_MISREPRESENTATION),
    owasp=(OwaspRisk.API6,),
)
def notifications_create(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_notifications", "create"):
        if unpinned(export, granted, "recipient"):
            yield failure(
                export,
                granted,
                title=can(export, granted.row, "notifications to any user"),
                message=(
                    f"{they(granted)} can send any user a mail with a form that collects passwords. Directus sends each notification"
                    " from the project's own address, with the HTML in `message`."
                ),
                expected="no such permission; a flow sends what is to be sent",
                rule="a validation that fixes `recipient`",
                hint="Use a flow to send notifications.",
            )
