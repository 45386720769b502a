"""A database in git is every account in git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import project_check
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated
from directus_guard.finding import Confidence, Severity, Subject
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.project import Project


@project_check(
    "committed-database",
    severity=Severity.CRITICAL,
    title="A Directus database is committed",
    summary="A tracked SQLite database or SQL dump of Directus holds accounts, password hashes, tokens or sessions.",
)
def committed_database(project: Project) -> Iterator[tuple[Environment | None, CheckResult]]:
    for file in project.databases:
        if not file.holds:
            why = file.unread or "could only be searched in part"
            yield None, NotEvaluated(f"`{escape_controls(file.location.path)}` {why}", file.location)
            continue
        yield (
            None,
            Failure(
                subject=Subject("source", file.location.path, (("name", file.location.path),)),
                location=file.location,
                message=(
                    f"This {file.kind} of a Directus holds {', '.join(file.holds)}. Everyone with the repository, or a copy of it, has them, "
                    "also after the file is removed: change the passwords and tokens, and remove the file from the history."
                ),
                expected="no database and no dump in git; exports of schema and permissions instead",
                actual=", ".join(file.holds),
                framed=False,
                confidence=Confidence.HIGH,
            ),
        )
