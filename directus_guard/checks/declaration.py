"""How a check is declared: what it is called, what it judges, and since which version of Directus it has a meaning.

What a check answers about versions, gaps and unseen values that it does not ask about is decided in `audit.judge` alone.
"""

from __future__ import annotations

import operator
from enum import StrEnum
from functools import lru_cache
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from directus_guard.directus.features import ALWAYS, Feature
from directus_guard.directus.gaps import ExportPart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import NotRequired, TypedDict, Unpack

    from directus_guard.checks.result import About, CheckResult
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project
    from directus_guard.finding import Severity
    from directus_guard.weaknesses import Cwe, OwaspRisk

    EnvironmentJudge: TypeAlias = Callable[[Environment], Iterator[CheckResult]]
    ExportJudge: TypeAlias = Callable[[Export], Iterator[CheckResult]]
    ProjectJudge: TypeAlias = Callable[[Project], Iterator[tuple[About, CheckResult]]]
    InstanceJudge: TypeAlias = Callable[[Instance, Project], Iterator[CheckResult]]

    class Description(TypedDict):
        """What a module says of its check in the decorator."""

        severity: Severity
        title: str
        summary: str
        cwe: tuple[Cwe, ...]
        owasp: tuple[OwaspRisk, ...] | str
        checklist: NotRequired[tuple[int, ...]]
        feature: NotRequired[Feature]

    class _Place(TypedDict):
        chapter: str
        module: str


ACCESS: Final = (ExportPart.ATTACHMENTS, ExportPart.PERMISSIONS, ExportPart.POLICIES, ExportPart.HIDDEN_ROWS)
"""What most checks of exports rest on: who may do what."""


class CatalogueRow(Struct, frozen=True, kw_only=True):
    """One row of the catalogue: what every check has."""

    id: str
    severity: Severity
    title: str
    summary: str
    """One or two sentences for lists and SARIF's `fullDescription`."""
    chapter: str
    """The sub-package."""
    module: str
    cwe: tuple[Cwe, ...]
    """What it finds, the nearest weakness first."""
    owasp: tuple[OwaspRisk, ...] | str
    """The risks that follow from it, or the reason why none does: a sentence."""
    checklist: tuple[int, ...] = ()
    """Bullets of the official checklist it implements; () = beyond the checklist."""
    feature: Feature = ALWAYS
    """The versions of Directus in which it has a meaning."""

    @property
    def risks(self) -> tuple[OwaspRisk, ...]:
        """The risks that follow from it; () = none."""
        return () if isinstance(self.owasp, str) else self.owasp

    @property
    def path(self) -> str:
        """Where its page is in the repository."""
        return f"directus_guard/checks/{self.chapter}/{self.id}.md"

    def page(self) -> str:
        """Its documentation page, Markdown."""
        return (Path(__file__).parent / self.chapter / f"{self.id}.md").read_text(encoding="utf-8")


class EnvironmentCheck(CatalogueRow, frozen=True, kw_only=True):
    """A check that judges one deployment's environment at a time."""

    judge: EnvironmentJudge
    itself: bool = False
    """Whether it answers for unseen variables itself, in place of `unseen`'s rule: it speaks of what is absent, or of literals."""
    live: bool = False
    """Whether what a running instance tells of its environment (its version) is enough for it."""
    variables: tuple[str, ...] = ()
    """Where all variables are visible and none of these is set, it has passed and is not asked; () = it is always asked. With a
    `*`: no name that holds the rest. Case does not count."""
    unset: str = ""
    """What the pass says then."""

    def has_passed(self, env: Environment) -> bool:
        """Whether nothing that it judges is set, as far as `variables` tells."""
        if not self.variables or env.gaps:
            return False
        return not self.concerns(env.names)

    def concerns(self, names: frozenset[str]) -> bool:
        """Whether it judges a variable of these names, which are written in capitals."""
        return _any_of(self.variables, names)


@lru_cache(maxsize=4096)
def _any_of(variables: tuple[str, ...], names: frozenset[str]) -> bool:
    """Whether one of the names is that of a variable, or has the part of it. Most deployments of a repository have equal names."""
    for part in variables:
        if "*" not in part:
            if part in names:
                return True
        elif any(map(operator.contains, names, repeat(part.strip("*")))):
            return True
    return False


class ExportMember(StrEnum):
    """What of an export a check judges, by the member of `Export` that has it."""

    SETTINGS = "settings"
    USERS = "users"


class ExportCheck(CatalogueRow, frozen=True, kw_only=True):
    """A check that judges one export, or the configuration of a running instance, at a time."""

    judge: ExportJudge
    needs: Iterable[ExportPart]
    """What of an export it rests on: without it nothing can be passed."""
    collections: tuple[str, ...] = ()
    """It finds nothing where only administrators have permissions on these, and is not asked then; () = it is always asked."""
    follows_changes: bool = False
    """Whether it finds nothing where only administrators can change who may do what: then it is not asked."""
    evidence: tuple[ExportMember, ...] = ()
    """It judges these; of an export without any of them it is not asked. () = it is always asked."""
    without: str = ""
    """Why it is not applicable then."""

    def finds_nothing(self, export: Export) -> bool:
        """Whether nothing that it judges is in the export, as far as `collections` and `follows_changes` tell."""
        if self.follows_changes and export.is_fixed:
            return True
        return bool(self.collections) and export.granted_collections.isdisjoint(self.collections)

    def is_without(self, export: Export) -> bool:
        """Whether the export has nothing of what it judges, as far as `evidence` tells."""
        return bool(self.evidence) and not any(getattr(export, member) for member in self.evidence)


class ProjectPart(StrEnum):
    """What of a project a check judges, by the member of `Project` that has it."""

    DEPLOYMENTS = "environments"
    EXPORTS = "models"
    DATABASES = "databases"
    PACKAGES = "packages"
    TOKENS = "manifest_tokens"
    EXTENSIONS = "extensions"
    INSTANCE = "instance"
    PROMISES = "promises"


class ProjectCheck(CatalogueRow, frozen=True, kw_only=True):
    """A check that judges the whole repository at once; each answer says what it is about."""

    judge: ProjectJudge
    evidence: tuple[ProjectPart, ...]
    """It judges these; of a project without any of them it is not asked."""
    without: str = ""
    """Why it is not applicable then; "" = it has passed."""


class InstanceCheck(CatalogueRow, frozen=True, kw_only=True):
    """A check that judges a running instance, beside what the repository says."""

    judge: InstanceJudge


Check: TypeAlias = EnvironmentCheck | ExportCheck | ProjectCheck | InstanceCheck


def _place(judge: Callable[..., object]) -> _Place:
    chapter, module = judge.__module__.rsplit(".", 2)[-2:]
    return {"chapter": chapter, "module": module}


def environment_check(
    name: str,
    *,
    itself: bool = False,
    live: bool = False,
    variables: tuple[str, ...] = (),
    unset: str = "",
    **description: Unpack[Description],
) -> Callable[[EnvironmentJudge], EnvironmentCheck]:
    """Declare a check by its id, with the members of `CatalogueRow` and `EnvironmentCheck`."""
    return lambda judge: EnvironmentCheck(
        id=name,
        judge=judge,
        itself=itself,
        live=live,
        variables=variables,
        unset=unset,
        **_place(judge),
        **description,
    )


def export_check(
    name: str,
    *,
    needs: Iterable[ExportPart] = ACCESS,
    collections: tuple[str, ...] = (),
    follows_changes: bool = False,
    evidence: tuple[ExportMember, ...] = (),
    without: str = "",
    **description: Unpack[Description],
) -> Callable[[ExportJudge], ExportCheck]:
    """Declare a check by its id, with the members of `CatalogueRow` and `ExportCheck`."""
    return lambda judge: ExportCheck(
        id=name,
        judge=judge,
        needs=needs,
        collections=collections,
        follows_changes=follows_changes,
        evidence=evidence,
        without=without,
        **_place(judge),
        **description,
    )


def project_check(
    name: str, *, evidence: tuple[ProjectPart, ...], without: str = "", **description: Unpack[Description]
) -> Callable[[ProjectJudge], ProjectCheck]:
    """Declare a check by its id, with the members of `CatalogueRow` and `ProjectCheck`."""
    return lambda judge: ProjectCheck(
        id=name, judge=judge, evidence=evidence, without=without, **_place(judge), **description
    )


def instance_check(name: str, **description: Unpack[Description]) -> Callable[[InstanceJudge], InstanceCheck]:
    """Declare a check by its id, with the members of `CatalogueRow`."""
    return lambda judge: InstanceCheck(id=name, judge=judge, **_place(judge), **description)
