"""A database in git contains every account."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated
from directus_guard.checks.shared.titles import titled
from directus_guard.finding import Confidence, Fix, Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.project import Project


@project_check(
    "committed-database",
    evidence=(ProjectPart.DATABASES,),
    severity=Severity.CRITICAL,
    title="A Directus database is committed",
    summary="A tracked SQLite database or SQL dump of Directus holds accounts, password hashes, tokens or sessions.",
    cwe=(Cwe.EXPOSED_BACKUP, Cwe.SENSITIVE_FILE),
    owasp=(OwaspRisk.API8,),
)
def committed_database(project: Project) -> Iterator[tuple[Environment | None, CheckResult]]:
    for file in project.databases:
        if not file.holds:
            why = file.unread or "could only be searched in part"
            yield None, NotEvaluated(f"`{escape_controls(file.location.path)}` {why}", file.location)
            continue
        name = escape_controls(file.location.path)
        yield (
            None,
            Failure(
                subject=Subject("source", file.location.path, (("name", file.location.path),)),
                location=file.location,
                title=titled("A Directus database is committed: {}", name),
                message=(
                    f"Anyone with the repository, or a copy of it, can read this {file.kind}: {', '.join(file.holds)}. "
                    "The history keeps it after the file is deleted."
                ),
                expected="no database and no dump in git, but exports of schema and permissions",
                fix=Fix(
                    "Change the passwords, tokens and second factors of the users in it, and the credentials in its settings and flows. "
                    f"Then copy the file to a place outside the repository, and add `{name}` to `.gitignore`. "
                    "Remove it from the history, in a fresh clone, with "
                    f"`git filter-repo --path {shlex.quote(name)} --invert-paths`: this deletes the file, too. "
                    "Then add the remote again, and push all branches and tags with `--force`. "
                    "Old clones and forks still have it: everybody has to clone again."
                ),
                actual=", ".join(file.holds),
                framed=False,
                confidence=Confidence.HIGH,
            ),
        )
