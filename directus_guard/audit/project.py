"""The project as Directus of its version sees it: from what the files tell, and from a running instance."""

from __future__ import annotations

import fnmatch
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from directus_guard import limits
from directus_guard.audit.purposes import BY_CONFIG, as_on_base
from directus_guard.directus import context
from directus_guard.directus.environment import loading
from directus_guard.directus.environment.deployment import VersionEvidence, VersionOrigin
from directus_guard.directus.environment.settings import Environment
from directus_guard.directus.gaps import unseen
from directus_guard.directus.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeVar

    from directus_guard.audit.options import Options
    from directus_guard.audit.purposes import BaseProject
    from directus_guard.directus.code import HeldToken, Package, TokenInAddress
    from directus_guard.directus.environment.deployment import Deployment
    from directus_guard.directus.instance import Instance
    from directus_guard.live.target import Target
    from directus_guard.sources.collect import Evidence
    from directus_guard.sources.files.repository import Repository

    InCode = TypeVar("InCode", HeldToken, TokenInAddress)


def project_of(
    evidence: Evidence, repository: Repository, options: Options, base: BaseProject | None = None
) -> Project:
    """Every deployment's environment as Directus of its version sees it. `base`: what the change is compared with."""
    named = repository.named_folders
    exported = tuple(
        replace(item, context=context.of_path(context.below(item.name, named))) for item in evidence.exports
    )
    attempts = (
        repository.attempt(item.name, partial(_environment, item, repository, options), None)
        for item in evidence.deployments
    )
    environments = tuple(env for env in attempts if env is not None)
    project = Project(
        environments,
        evidence.databases,
        exported,
        tuple(_with_purposes(package, named) for package in evidence.packages),
        evidence.extensions,
        manifest_tokens=_for(evidence.manifest_tokens, named),
        promises=options.promises,
        named_folders=named,
    )
    if base is not None:
        project = as_on_base(project, base, repository, options)
    if not any(export.settings for export in exported):
        return project
    with_settings = tuple(replace(env, project_settings=project.settings_of(env)) for env in project.environments)
    return replace(project, environments=with_settings)


def _with_purposes(package: Package, named: Sequence[str]) -> Package:
    """The package, each place in its code with what the file is for."""
    return replace(package, addresses=_for(package.addresses, named), tokens=_for(package.tokens, named))


def _for(items: Iterable[InCode], named: Sequence[str]) -> tuple[InCode, ...]:
    return tuple(replace(item, context=context.of_code(context.below(item.location.path, named))) for item in items)


def _environment(deployment: Deployment, repository: Repository, options: Options) -> Environment:
    version_evidence = deployment.version
    if options.directus_version is not None:
        version_evidence = VersionEvidence(
            options.directus_version, str(options.directus_version), deployment.location, VersionOrigin.OPTION
        )
    version = loading.judged_version(version_evidence)
    if len(deployment.variables) > limits.VARIABLES.number:
        deployment = _first_variables(deployment, repository)
    settings = loading.load(deployment, version)
    purpose, reason = context.classify(deployment, settings, repository.named_folders)
    for glob, given in options.contexts:
        if fnmatch.fnmatchcase(deployment.name, glob):
            purpose, reason = given, BY_CONFIG
            break
    paths = {
        place.path
        for setting in settings.values()
        for place in (setting.location, *(part.location for part in setting.parts))
        if place is not None
    }
    untracked = frozenset(path for path in paths if not repository.tracked(path))
    return Environment(
        deployment,
        settings,
        version,
        version_evidence,
        purpose,
        reason,
        untracked,
        options.largest_upload_at(deployment.name),
        loading.gaps_of(_as_far_as_read(deployment, repository)),
    )


def _first_variables(deployment: Deployment, repository: Repository) -> Deployment:
    """A deployment that sets more than any does is judged by the first of its variables."""
    reason = limits.over(limits.VARIABLES)
    repository.problem(deployment.location.path, f"{reason}; the others were not evaluated", incomplete=True)
    return replace(
        deployment,
        variables=deployment.variables[: limits.VARIABLES.number],
        gaps=(*deployment.gaps, unseen(reason)),
    )


def _as_far_as_read(deployment: Deployment, repository: Repository) -> Deployment:
    """A manifest of which only a part was read may set more: what is not seen in it is not known."""
    path = deployment.location.path
    part = any(problem.path == path for problem in repository.problems)
    return (
        replace(deployment, gaps=(*deployment.gaps, unseen(f"`{path}` was read in part only"))) if part else deployment
    )


def ask_instance(target: Target, repository: Repository, project: Project, options: Options) -> Instance:
    """What the running instance says; what went wrong becomes problems of the report."""
    from directus_guard.live.collect import collect  # noqa: PLC0415 - only whoever asks needs an HTTP library
    from directus_guard.sources.deployments.anchor import anchor  # noqa: PLC0415 - the same

    declared = {name for export in project.exports if export.context.gates for name in export.public_reads}
    found = collect(
        target,
        location=anchor(repository, project.environments, target.origin),
        version=options.directus_version,
        edition=options.edition,
        declared=declared,
    )
    for trouble in found.trouble:
        repository.problem(target.origin, trouble)
    instance = found.instance
    settings = instance.export.settings if instance.export else None
    if settings is not None:
        instance = replace(instance, environment=replace(instance.environment, project_settings=settings.values))
    return _with_context(instance, options)


def _with_context(instance: Instance, options: Options) -> Instance:
    for glob, given in options.contexts:
        if fnmatch.fnmatchcase(instance.origin, glob):
            env = replace(instance.environment, context=given, context_reason=BY_CONFIG)
            export = replace(instance.export, context=given) if instance.export else None
            return replace(instance, environment=env, export=export)
    return instance
