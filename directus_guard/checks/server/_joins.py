"""What the checks share that join a deployment with the export it runs: who may do something, and what the server allows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.checks.result import Failure, NotEvaluated, Pass
from directus_guard.checks.unseen import judge_at_defaults
from directus_guard.directus.environment.loading import major
from directus_guard.directus.gaps import ExportPart
from directus_guard.directus.versions import OLDEST_GENERATION
from directus_guard.finding import Confidence, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.directus.project import Project
    from directus_guard.finding import Fix, Related

About = tuple["Environment | Export | None", "CheckResult"]

ACCESS: Final = (
    ExportPart.ATTACHMENTS,
    ExportPart.PERMISSIONS,
    ExportPart.POLICIES,
    ExportPart.HIDDEN_ROWS,
    ExportPart.POLICY,
    ExportPart.PARENTS,
    ExportPart.USER_POLICIES,
)
"""What of an export tells who may do something."""
NO_EXPORT: Final = "the repository has no export of permissions"


class Ground(Struct, frozen=True):
    """What an export holds that makes a deployment's setting matter: a clause for the message, and its places."""

    text: str
    related: tuple[Related, ...]


def join(
    project: Project,
    grounds: Callable[[Export], Ground | None],
    judge: Callable[[Environment, Ground], Iterator[CheckResult]],
    *,
    gaps: Callable[[Export], tuple[str, ...]],
) -> Iterator[About]:
    """Judge every deployment that runs, or may run, an export with grounds.

    Where `gaps` says why grounds may be hidden, a deployment that would fail is not evaluated; without grounds and gaps
    the export passes, and with either and no visible deployment it is not evaluated.
    """
    for export in project.models:
        ground = grounds(export)
        hidden = () if ground else gaps(export)
        if ground is None and not hidden:
            yield export, Pass()
            continue
        match = project.deployments_of(export)
        if match.missing:
            reason = f"{ground.text}, but {match.missing}" if ground else hidden[0]
            yield export, NotEvaluated(reason, export.location)
        for env in filter(is_judged, match.environments):
            answers = judge_at_defaults(env, partial(_judged_on, judge, ground or _HIDDEN))
            for answer in answers or (Pass(),):
                if ground is None and isinstance(answer, Failure):
                    yield env, NotEvaluated(hidden[0], export.location)
                else:
                    yield env, joined(answer, export, match.doubt)


_HIDDEN: Final = Ground("", ())


def _judged_on(
    judge: Callable[[Environment, Ground], Iterator[CheckResult]], ground: Ground, env: Environment
) -> Iterator[CheckResult]:
    return judge(env, ground)


def access_gaps(export: Export) -> tuple[str, ...]:
    """Why a user may be able to do what the export does not show."""
    return export.unknown(ACCESS)


def is_judged(env: Environment) -> bool:
    """Whether the deployment is of a generation that the checks speak of (8 and older are not; see end-of-life-version)."""
    number = major(env.version_evidence)
    return number is None or number >= OLDEST_GENERATION


def runs_no_script(exports: Sequence[Export]) -> bool:
    """Whether all flows are known, and none of them runs a script."""
    return bool(exports) and not any(
        export.unknown((ExportPart.FLOWS, ExportPart.OPERATIONS))
        or any(operation.type == "exec" for operation in export.operations)
        for export in exports
    )


def joined(answer: CheckResult, export: Export, doubt: str) -> CheckResult:
    """The answer about a deployment, as far as the export takes part: its context if it is an example, and the doubt."""
    if not isinstance(answer, Failure):
        return answer
    return replace(
        answer,
        subject=replace(answer.subject, key=f"{answer.subject.key} {export.name}"),
        message=f"{answer.message} {doubt}".strip(),
        confidence=Confidence.MEDIUM if doubt and answer.confidence is Confidence.HIGH else answer.confidence,
        context=answer.context if export.context.gates else export.context,
    )


def failure(
    env: Environment, name: str, ground: Ground, *, message: str, expected: str, actual: str, fix: Fix, anchor: str = ""
) -> Failure:
    """A failure of what a deployment sets (at the variable `anchor`, if it is set) on the grounds of its export."""
    setting = env[anchor or name]
    return Failure(
        subject=Subject("setting", f"{env.name} {name}", (("deployment", env.name), ("name", name))),
        location=setting.location or env.deployment.location,
        message=message,
        expected=expected,
        actual=actual,
        shown=setting.shown if setting.known else None,
        framed=setting.location is not None,
        related=ground.related,
        fix=fix,
    )
