"""Ask every check about everything it judges: which answers count is decided here alone (versions, gaps, bugs)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard import deadline
from directus_guard.checks import catalogue, unseen
from directus_guard.checks.declaration import Check, EnvironmentCheck, ExportCheck, InstanceCheck, ProjectCheck
from directus_guard.checks.result import Failure, NotApplicable, NotEvaluated, Pass
from directus_guard.directus.environment import loading
from directus_guard.directus.environment.deployment import Platform
from directus_guard.directus.environment.settings import Environment
from directus_guard.directus.export import Export
from directus_guard.directus.instance import Instance
from directus_guard.directus.versions import OLDEST_GENERATION
from directus_guard.finding import Context, Location
from directus_guard.progress import Stage, step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from directus_guard.audit.options import Options
    from directus_guard.checks.result import About, CheckResult
    from directus_guard.directus.project import Project


class Judged(Struct, frozen=True, gc=False):
    """One answer of one check."""

    check: Check
    answer: CheckResult
    about: About
    bug: bool = False
    """Whether the check failed inside and this is said in place of its answer."""

    @property
    def subject(self) -> str:
        return self.about.name if self.about else "repository"

    @property
    def name(self) -> str:
        """The deployment or export that it is about, else its place."""
        return self.about.name if isinstance(self.about, Environment | Export) else self.place

    @property
    def place(self) -> str:
        """Where what it is about lies, as far as a config of a folder is concerned; "" = nowhere, as an instance."""
        if self.live:
            return ""
        if isinstance(self.about, Environment | Export):
            return self.about.name.partition("#")[0]
        location = getattr(self.answer, "location", None)
        return location.path if isinstance(location, Location) else ""

    @property
    def context(self) -> Context:
        return self.about.context if self.about else Context.UNKNOWN

    @property
    def live(self) -> bool:
        """Whether what it says is about a running instance, so that its place is only an anchor."""
        about = self.about
        if isinstance(about, Environment):
            return about.deployment.platform is Platform.INSTANCE
        return isinstance(about, Instance) or (isinstance(about, Export) and about.live)


def judge(project: Project, options: Options) -> Iterator[Judged]:
    """Ask every check; a check that yields nothing has passed, one that fails inside is not evaluated."""
    wanted = {setting.check for setting in options.local if setting.severity is not None}
    off = {check for check, severity in options.severities if severity is None} - wanted
    local = {setting.check for setting in options.local}
    for check in catalogue().values():
        if check.id in off:
            continue
        for about, ask_one in _questions(check, project):
            try:
                answers = _without_asking(check, about)
                if not answers:
                    with deadline.guarded(deadline.TimeShare.JUDGE):
                        step(Stage.CHECKING)
                        answers = ask_one()
                if check.id in local:
                    answers = [
                        one
                        for one in answers
                        if options.severities_at(one.place, one.name).get(check.id, True) is not None
                    ]
                yield from answers
            except deadline.TimeOverError:
                yield Judged(check, NotEvaluated(deadline.NO_TIME), about)
            except Exception as error:
                if options.debug:
                    raise
                yield Judged(check, NotEvaluated(BUG.format(type(error).__name__)), about, bug=True)


BUG: Final = "this is a bug in directus-guard ({}); run again with --debug and report the traceback"


def _questions(check: Check, project: Project) -> Iterator[tuple[About, Callable[[], Sequence[Judged]]]]:
    """What a check is asked, one question for each thing it judges, and what the question is about."""
    instance = project.instance
    match check:
        case ProjectCheck():
            yield None, partial(_ask_project, check, project)
        case ExportCheck():
            for export in project.models:
                yield export, partial(_about, check, export, partial(_ask_export, check, export))
        case EnvironmentCheck():
            # Of a running instance only its version is known: enough for few checks.
            running = (instance.environment,) if instance is not None and check.live else ()
            for env in (*project.environments, *running):
                yield env, partial(_about, check, env, partial(_ask_environment, check, env))
        case InstanceCheck():
            if instance is not None:
                yield instance, partial(_about, check, instance, partial(_ask_instance, check, instance, project))


def _without_asking(check: Check, about: About) -> Sequence[Judged]:
    """The answer that follows from the version and the names of the variables alone; () = the check has to be asked."""
    if isinstance(check, EnvironmentCheck) and isinstance(about, Environment):
        answer = _settled(check, about)
        return (Judged(check, answer, about),) if answer else ()
    return ()


def _about(check: Check, about: About, answer: Callable[[], Sequence[CheckResult]]) -> list[Judged]:
    return [Judged(check, one, about) for one in answer()]


def _ask_project(check: ProjectCheck, project: Project) -> list[Judged]:
    if not any(getattr(project, part) for part in check.evidence):
        return [Judged(check, NotApplicable(check.without) if check.without else Pass(), None)]
    answers = [Judged(check, answer, about) for about, answer in check.judge(project)]
    return answers or [Judged(check, Pass(), None)]


def _ask_export(check: ExportCheck, export: Export) -> Sequence[CheckResult]:
    if not check.feature.of(export.model.version):
        return (NotApplicable(f"Directus {export.model.version} does not have it"),)
    answers: tuple[CheckResult, ...] = ()
    if check.is_without(export):
        answers = (NotApplicable(check.without),)
    elif not check.finds_nothing(export):
        answers = tuple(check.judge(export))
    if any(isinstance(answer, Failure) for answer in answers):
        return answers
    # What the export cannot contain may hold what the check looks for.
    gaps = tuple(NotEvaluated(reason, export.location) for reason in export.unknown(check.needs))
    return gaps or answers or (Pass(),)


def ask_environment(check: EnvironmentCheck, env: Environment) -> Sequence[CheckResult]:
    """What a check answers about one deployment."""
    settled = _settled(check, env)
    return (settled,) if settled else _ask_environment(check, env)


def _settled(check: EnvironmentCheck, env: Environment) -> CheckResult | None:
    """The answer of a check that need not look at any value; None = it has to."""
    major = loading.major(env.version_evidence)
    if major is not None and major < OLDEST_GENERATION and check.chapter != "deployment":
        return NotApplicable(f"Directus {major} is another product generation; see end-of-life-version")
    if not check.feature.of(env.version):
        if env.hidden_version:
            return NotEvaluated(f"the version of Directus is not known: {env.hidden_version}")
        return NotApplicable(f"Directus {env.version} does not have it")
    return Pass(check.unset) if check.has_passed(env) else None


def _ask_environment(check: EnvironmentCheck, env: Environment) -> Sequence[CheckResult]:
    judge_unseen = unseen.judge_itself if check.itself else unseen.judge_at_defaults
    return judge_unseen(env, check.judge) or (Pass(),)


def _ask_instance(check: InstanceCheck, instance: Instance, project: Project) -> Sequence[CheckResult]:
    if instance.silent:
        return (NotEvaluated(instance.silent),)
    return tuple(check.judge(instance, project)) or (Pass(),)
