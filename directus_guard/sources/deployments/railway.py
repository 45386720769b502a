"""Railway: railway.json or railway.toml, and the variables of a Nixpacks plan. Everything else is set in its dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Deployment, Platform, Variable
from directus_guard.directus.gaps import unseen
from directus_guard.finding import Location
from directus_guard.sources.deployments import application, dockerfile
from directus_guard.sources.files import registry
from directus_guard.sources.formats import json_document, toml_document, values
from directus_guard.sources.formats.values import ObjectValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.files.repository import Repository

_GAP: Final = unseen("variables set in Railway are not in the repository")


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus services of Railway, in the order of paths. A Nixpacks plan alone counts, too: other hosts use it."""
    made: list[Deployment | None] = []
    planned: set[str] = set()
    for path in registry.RAILWAY_FILES.named(repository):
        plan = _plan_beside(repository, path)
        planned |= {plan} if plan else set()
        made.append(_deployment(repository, path, plan))
    made += [_deployment(repository, path, path) for path in registry.NIXPACKS.named(repository) if path not in planned]
    found = [deployment for deployment in made if deployment is not None]
    return tuple(sorted(found, key=lambda deployment: deployment.name))


def _plan_beside(repository: Repository, path: str) -> str | None:
    """The Nixpacks plan that the build reads: the one railway.json names, else the one in its folder."""
    root = _root(repository, path)
    build = root.object("build") if root else None
    named = build.text("nixpacksConfigPath") if build else None
    for name in (named,) if named else registry.NIXPACKS.names:
        plan = repository.resolve(application.folder(path), name)
        if plan is not None and plan in repository:
            return plan
    return None


def _root(repository: Repository, path: str) -> ObjectValue | None:
    if path.lower().endswith(".toml"):
        return toml_document.document(repository, path)
    root = json_document.document(repository, path)
    return root if isinstance(root, ObjectValue) else None


def _deployment(repository: Repository, path: str, plan: str | None) -> Deployment | None:
    root = _root(repository, path)
    if root is None:
        return None
    folder = application.folder(path)
    plan_root = root if plan == path else _root(repository, plan) if plan else None
    built = _dockerfile(repository, folder, root)
    variables = tuple(_variables(root, plan_root))
    commands = list(_commands(root)) + (list(_commands(plan_root)) if plan_root else [])
    starts = application.runs_directus(repository, folder, *commands)
    if not (starts or dockerfile.builds_directus(repository, built) or application.configures_directus(variables)):
        return None
    config, consumed = None, frozenset[str]()
    if built is None:
        config, consumed = application.own_environment(repository, folder, variables)
    return Deployment(
        name=path,
        platform=Platform.RAILWAY,
        location=Location(path),
        variables=variables,
        config_file=config,
        gaps=(_GAP,),
        build_context=folder if built else None,
        dockerfile=built,
        replicas=_replicas(root),
        consumed=consumed | {path} | ({plan} if plan else set()),
    )


def _dockerfile(repository: Repository, folder: str, root: ObjectValue) -> str | None:
    """What `dockerfilePath` names, or the folder's Dockerfile, which Railway prefers unless a builder is named."""
    build = root.object("build")
    named = build.text("dockerfilePath") if build else None
    builder = (build.text("builder") or "").upper() if build else ""
    if named is None and builder in ("NIXPACKS", "RAILPACK", "PAKETO", "HEROKU"):
        return None
    for start in (folder, ""):
        path = repository.resolve(start, (named or "Dockerfile").lstrip("/"))
        if path is not None and path in repository and (named or start == folder):
            return path
    return None


def _variables(root: ObjectValue, plan: ObjectValue | None) -> Iterator[Variable]:
    """The variables of the plan's file, then those of the plan inside railway.json, which is laid over it."""
    if plan is not None:
        yield from values.variables(plan.object("variables"), "Nixpacks variables")
    build = root.object("build")
    inner = build.object("nixpacksPlan") if build else None
    if inner is not None:
        yield from values.variables(inner.object("variables"), "Nixpacks variables")


def _commands(root: ObjectValue) -> Iterator[str]:
    for section in ("deploy", "build", "start"):
        held = root.object(section)
        for key in ("startCommand", "preDeployCommand", "buildCommand", "cmd"):
            value = held.get(key) if held else None
            if value is not None:
                yield " ".join(part.text for part in values.walk(value) if isinstance(part, values.Text))


def _replicas(root: ObjectValue) -> int | None:
    deploy = root.object("deploy")
    return values.count(deploy.text("numReplicas") if deploy else None)
