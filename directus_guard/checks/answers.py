"""How a check is declared and how it answers.

A check is a generator over `Failure`, `Pass`, `NotEvaluated` and `NotApplicable`. Yielding nothing means pass.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct, field

from directus_guard.directus.environment.deployment import Unset
from directus_guard.finding import Confidence, Context, Location, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.directus.code import Package
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project
    from directus_guard.finding import Fix, Related, Step
    from directus_guard.secret import Secret

DOCUMENTATION: Final = "https://github.com/directus-guard/directus-guard/blob/main/directus_guard/checks"


class Failure(Struct, frozen=True):
    """The check fails on one object. All texts are safe to show."""

    subject: Subject
    location: Location
    message: str
    expected: str
    actual: str
    title: str = ""
    """A title for this finding where the check's own would be too general."""
    shown: str | None = None
    """What a code frame may show in place of the text at `location`; None = `actual`."""
    framed: bool = True
    """Whether a code frame says anything: not where something is missing."""
    confidence: Confidence = Confidence.HIGH
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    steps: tuple[Step, ...] = ()
    """The steps of an attack, for escalations."""
    context: Context | None = None
    """Counts in place of the deployment's context, where the value itself tells more."""
    details: tuple[str, ...] = ()
    """What the message counts, one by one; reports list them below it."""
    leak: Secret | None = None
    """The value that is known to others: failures of one check with the same one are one finding. Never shown."""


class Pass(Struct, frozen=True):
    """The check holds."""

    reason: str = ""


class NotEvaluated(Struct, frozen=True):
    """The evidence is there but does not tell."""

    reason: str
    location: Location | None = None


class NotApplicable(Struct, frozen=True):
    """The check has no meaning here."""

    reason: str


Answer = Failure | Pass | NotEvaluated | NotApplicable
About: TypeAlias = "Environment | Export | Package | Instance | None"
"""What an answer of a project check is about; None: the repository as a whole."""


class Check(Struct, frozen=True):
    """One row of the catalogue."""

    id: str
    severity: Severity
    title: str
    summary: str
    """One or two sentences for lists and SARIF's `fullDescription`."""
    checklist: tuple[int, ...]
    """Bullets of the official checklist it implements; () = beyond the checklist."""
    module: str
    chapter: str
    since: tuple[int, ...] = (0,)
    """The first Directus version it applies to."""
    until: tuple[int, ...] = (9999,)
    """The first Directus version it no longer applies to."""
    judge: Callable[[Environment], Iterator[Answer]] | None = None
    judge_project: Callable[[Project], Iterator[tuple[About, Answer]]] | None = None
    judge_export: Callable[[Export], Iterator[Answer]] | None = None
    judge_instance: Callable[[Instance, Project], Iterator[Answer]] | None = None
    itself: bool = False
    """Whether it answers for unseen variables itself, in place of `unseen`'s rule: it speaks of what is absent, or of literals."""
    live: bool = False
    """Whether what a running instance tells of its environment (its version) is enough for it."""
    needs: tuple[str, ...] = ()
    """What of an export it rests on (keys of `Export.missing`, or their beginnings): without it nothing can be passed."""
    tags: tuple[str, ...] = field(default=())

    @property
    def documentation(self) -> str:
        """The address of its page."""
        return f"{DOCUMENTATION}/{self.chapter}/{self.id}.md"

    def page(self) -> str:
        """Its documentation page, Markdown."""
        return (Path(__file__).parent / self.chapter / f"{self.id}.md").read_text(encoding="utf-8")


def check(
    id: str,  # noqa: A002 - the field's own word for it
    *,
    severity: Severity,
    title: str,
    summary: str,
    checklist: tuple[int, ...] = (),
    since: tuple[int, ...] = (0,),
    until: tuple[int, ...] = (9999,),
    live: bool = False,
    itself: bool = False,
) -> Callable[[Callable[[Environment], Iterator[Answer]]], Check]:
    """Declare a check that judges one environment at a time."""

    def declare(judge: Callable[[Environment], Iterator[Answer]]) -> Check:
        chapter, module = judge.__module__.rsplit(".", 2)[-2:]
        return Check(
            id,
            severity,
            title,
            summary,
            checklist,
            module,
            chapter,
            since,
            until,
            judge=judge,
            live=live,
            itself=itself,
        )

    return declare


def export_check(
    id: str,  # noqa: A002 - the field's own word for it
    *,
    severity: Severity,
    title: str,
    summary: str,
    checklist: tuple[int, ...] = (),
    since: tuple[int, ...] = (0,),
    needs: tuple[str, ...] = ("attachments", "permissions", "policies", "hidden rows"),
) -> Callable[[Callable[[Export], Iterator[Answer]]], Check]:
    """Declare a check that judges one export at a time."""

    def declare(judge: Callable[[Export], Iterator[Answer]]) -> Check:
        chapter, module = judge.__module__.rsplit(".", 2)[-2:]
        return Check(id, severity, title, summary, checklist, module, chapter, since, judge_export=judge, needs=needs)

    return declare


def project_check(
    id: str,  # noqa: A002 - the field's own word for it
    *,
    severity: Severity,
    title: str,
    summary: str,
    checklist: tuple[int, ...] = (),
) -> Callable[[Callable[[Project], Iterator[tuple[About, Answer]]]], Check]:
    """Declare a check that judges the whole repository at once; each answer says what it is about."""

    def declare(judge: Callable[[Project], Iterator[tuple[About, Answer]]]) -> Check:
        chapter, module = judge.__module__.rsplit(".", 2)[-2:]
        return Check(id, severity, title, summary, checklist, module, chapter, judge_project=judge)

    return declare


def instance_check(
    id: str,  # noqa: A002 - the field's own word for it
    *,
    severity: Severity,
    title: str,
    summary: str,
    checklist: tuple[int, ...] = (),
) -> Callable[[Callable[[Instance, Project], Iterator[Answer]]], Check]:
    """Declare a check that judges a running instance, beside what the repository says."""

    def declare(judge: Callable[[Instance, Project], Iterator[Answer]]) -> Check:
        chapter, module = judge.__module__.rsplit(".", 2)[-2:]
        return Check(id, severity, title, summary, checklist, module, chapter, judge_instance=judge)

    return declare


def fail(
    env: Environment,
    setting: Setting,
    *,
    message: str,
    expected: str,
    actual: str | None = None,
    title: str = "",
    confidence: Confidence = Confidence.HIGH,
    related: tuple[Related, ...] = (),
    fix: Fix | None = None,
    context: Context | None = None,
    leak: Secret | None = None,
) -> Failure:
    """A failure at the value of `setting`. `actual` defaults to the value as it may be shown."""
    value = setting.shown if actual is None else actual
    return Failure(
        subject=setting_subject(env, setting.name),
        location=setting.location or env.deployment.location,
        message=message,
        expected=expected,
        actual=value or "(empty)",
        title=title,
        shown=setting.shown if setting.known else None,
        confidence=confidence,
        related=related,
        fix=fix,
        context=context,
        leak=leak,
    )


def setting_subject(env: Environment, name: str) -> Subject:
    """The subject of a finding about one variable of one deployment."""
    return Subject("setting", f"{env.name} {name}", (("deployment", env.name), ("name", name)))


NOT_PRODUCTION: Final = "it is not known to be production"


def not_production(env: Environment) -> Answer:
    """The answer of a check about production where nothing says that it is: a variable that would tell may be unseen."""
    unseen = env["PUBLIC_URL"] if env.context is Context.UNKNOWN else None
    if unseen is not None and unseen.is_set and unseen.unknown_reason:
        return NotEvaluated(
            f"whether it is production is not known: `PUBLIC_URL`: {unseen.unknown_reason}", unseen.location
        )
    return NotApplicable(NOT_PRODUCTION)


def unjudged(setting: Setting) -> Iterator[Answer]:
    """The answer for a variable whose text is not known: nobody sets it (its default counts), or it cannot be seen."""
    if isinstance(setting.value, Unset):
        yield Pass("default")
    else:
        yield NotEvaluated(f"`{setting.name}`: {setting.unknown_reason}", setting.location)
