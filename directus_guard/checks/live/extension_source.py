"""Extensions of others that can do too much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.checks.result import About, CheckResult, Failure, NotApplicable, NotEvaluated
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.gaps import InstancePart
from directus_guard.finding import Fix, Location, Severity, Subject
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.instance import Extension
    from directus_guard.directus.project import Project

_ON_THE_SERVER: Final = frozenset({"bundle", "endpoint", "hook", "operation"})
"""Types whose code runs in the server's process."""
_ANYWHERE: Final = lazy_pattern(r"(?:(?:https?|\*)://)?\*{1,2}(?:/\*{0,2}){0,3}\Z")


@project_check(
    "extension-source",
    evidence=(ProjectPart.EXTENSIONS, ProjectPart.INSTANCE),
    without="no extension in the repository",
    severity=Severity.MEDIUM,
    title="An extension can do too much",
    summary="An enabled extension from the registry runs outside the sandbox, or a sandbox lets its code fetch any URL.",
    cwe=(Cwe.UNTRUSTED_FUNCTIONALITY, Cwe.IMPROPER_ISOLATION),
    owasp=(OwaspRisk.API8, OwaspRisk.API10),
    checklist=(14, 15),
)
def extension_source(project: Project) -> Iterator[tuple[About, CheckResult]]:
    instance = project.instance
    for extension in project.extensions:
        for answer in _judge(extension, "repository", extension.location):
            yield None, answer
    if instance is None:
        return
    reason = instance.why_unknown(InstancePart.EXTENSIONS)
    if reason:
        wanted = bool(instance.silent) or instance.export is not None
        yield instance, NotEvaluated(reason) if wanted else NotApplicable(reason)
    for extension in instance.extensions:
        for answer in _judge(extension, instance.origin, instance.location):
            yield instance, answer


def _judge(extension: Extension, where: str, place: Location | None) -> Iterator[CheckResult]:
    name = escape_controls(extension.name)
    if not extension.enabled:
        return
    if extension.sandbox is not None and extension.sandbox.enabled:
        loose = [escape_controls(url) for url in extension.sandbox.urls if _ANYWHERE.match(url.strip())]
        if not loose:
            return
        title = "Sandbox of {} allows any address"
        message = f"`{name}` can send the data that it works on anywhere, and can reach services inside your network."
        expected, actual = "the hosts that it needs, each by name", shorten(", ".join(loose))
        fix = f"Replace `{shorten(loose[0])}` in `package.json` of `{name}`, under `requestedScopes.request.urls`, by the addresses that it needs, such as `https://api.example.com/**`. Build and install the extension again."
    elif extension.source == "registry" and extension.type in _ON_THE_SERVER:
        title = "Registry extension {} runs outside the sandbox"
        message = (
            f"`{name}` can read the database, all environment variables and your network. "
            f"Directus runs extensions of type {extension.type} in the server's process."
        )
        expected = "a sandboxed extension, or one that was reviewed and comes with the deployment"
        actual = f"registry, {extension.type}, no sandbox"
        fix = f"Disable `{name}` in the Data Studio. If you need it, review a version and ship it with the deployment."
    else:
        return
    yield Failure(
        subject=Subject("source", f"{where} extension {name}", (("name", name),)),
        location=place or Location(where),
        title=titled(title, name),
        message=message,
        expected=expected,
        actual=actual,
        framed=False,
        fix=Fix(fix),
    )
