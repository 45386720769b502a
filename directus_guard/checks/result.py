"""How a check answers: it is a generator over `Failure`, `Pass`, `NotEvaluated` and `NotApplicable`. Yielding nothing means pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from directus_guard.directus.environment.deployment import Unset
from directus_guard.finding import Confidence, Context, Location, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.code import Package
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.directus.instance import Instance
    from directus_guard.finding import Fix, Member, Related, Severity, Step
    from directus_guard.secret import Secret


class Failure(Struct, frozen=True):
    """The check fails on one object. All texts are safe to show."""

    subject: Subject
    location: Location
    """Of a stored row: all of it."""
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
    severity: Severity | None = None
    """Counts in place of the check's own, and of what the config says of the check."""
    context: Context | None = None
    """Counts in place of the deployment's context, where the value itself tells more."""
    details: tuple[str, ...] = ()
    """What the message counts, one by one; reports list them below it."""
    members: tuple[Member, ...] = ()
    """What matters in the stored row at `location`, most first: there the finding is shown."""
    studio: str = ""
    """The path of its page in the Data Studio, below `/admin/`."""
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


CheckResult = Failure | Pass | NotEvaluated | NotApplicable
About: TypeAlias = "Environment | Export | Package | Instance | None"
"""What an answer of a project check is about; None: the repository as a whole."""


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


def not_production(env: Environment) -> CheckResult:
    """The answer of a check about production where nothing says that it is: a variable that would tell may be unseen."""
    unseen = env["PUBLIC_URL"] if env.context is Context.UNKNOWN else None
    if unseen is not None and unseen.is_set and unseen.unknown_reason:
        return NotEvaluated(
            f"it is not known whether this is production: `PUBLIC_URL`: {unseen.unknown_reason}", unseen.location
        )
    return NotApplicable(NOT_PRODUCTION)


def unjudged(setting: Setting) -> Iterator[CheckResult]:
    """The answer for a variable whose text is not known: it is not set (its default counts), or it is not visible."""
    if isinstance(setting.value, Unset):
        yield Pass("default")
    else:
        yield NotEvaluated(f"`{setting.name}`: {setting.unknown_reason}", setting.location)
