"""All sources over one repository, and what joins them: which file belongs to whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from directus_guard.sources import (
    compose,
    databases,
    dockerfile,
    dotenv_files,
    ecs,
    fly,
    helm,
    heroku,
    kubernetes,
    packages,
    pm2,
    railway,
    render,
    terraform,
    workflow,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.deployment import Deployment, VersionEvidence
    from directus_guard.directus.project import DatabaseFile
    from directus_guard.sources.repository import Repository

LOOKED_FOR: Final = (
    "Docker Compose files with a Directus service",
    "Kubernetes, Kustomize and Helm manifests",
    "environment files (.env, prod.env, …) with two of SECRET, KEY, DB_CLIENT, PUBLIC_URL, ADMIN_EMAIL",
    "Dockerfiles from a Directus image",
    "fly.toml, render.yaml, railway.json, app.json, PM2, ECS, Terraform and workflow files that start Directus",
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything a repository says about Directus."""

    deployments: tuple[Deployment, ...]
    databases: tuple[DatabaseFile, ...]
    notices: tuple[str, ...] = ()


_MANIFESTS: Final = (compose, kubernetes, helm, fly, render, railway, heroku, pm2, ecs, terraform, workflow)
"""Sources whose deployments may be built from a Dockerfile or put together from environment files."""


def collect(repository: Repository) -> Evidence:
    """Read every source and join what belongs together. Deployments come in the order of their names."""
    manifests = [found for source in _MANIFESTS for found in source.read(repository)]
    built = [_with_dockerfile(repository, found) for found in manifests]
    consumed = frozenset(path for found in built for path in found.consumed)
    alone = [found for found in dockerfile.read(repository) if found.location.path not in consumed]
    consumed |= {path for found in alone for path in found.consumed}
    files = [found for found in dotenv_files.read(repository) if found.location.path not in consumed]
    versions = packages.versions(repository)
    deployments = tuple(
        sorted(
            (_with_version(found, versions) for found in (*built, *alone, *files)),
            key=lambda found: (found.name, found.location),
        )
    )
    return Evidence(deployments, databases.read(repository), _notices(repository))


def _with_dockerfile(repository: Repository, found: Deployment) -> Deployment:
    """A deployment built from a Dockerfile of the repository has that file's environment beneath its own."""
    path = _dockerfile_path(repository, found)
    described = dockerfile.describe(repository, path) if path else None
    if path is None or described is None:
        return found
    return replace(
        found,
        variables=(*described.variables, *found.variables),
        config_file=described.config_file if found.config_file is None else found.config_file,
        version=found.version or described.version,
        consumed=found.consumed | described.consumed | {path},
    )


def _dockerfile_path(repository: Repository, found: Deployment) -> str | None:
    if found.dockerfile is not None:
        return found.dockerfile if found.dockerfile in repository else None
    if found.build_context is None:
        return None
    path = f"{found.build_context}/Dockerfile".lstrip("/")
    return path if path in repository else None


def _with_version(found: Deployment, versions: Mapping[str, VersionEvidence]) -> Deployment:
    """The version of the nearest package.json or lock file, where nothing closer tells one."""
    if found.version is not None and found.version.version is not None:
        return found
    official = found.image is not None and found.build_context is None
    if official and found.version is not None:
        return found  # the image says what runs, a package.json beside it does not
    nearest = packages.nearest(versions, found.location.path)
    return found if nearest is None else replace(found, version=nearest)


def _notices(repository: Repository) -> tuple[str, ...]:
    skipped = helm.skipped_templates(repository)
    if not skipped:
        return ()
    return (
        f"{len(skipped)} Helm template{'s' if len(skipped) > 1 else ''} skipped (never rendered): judged by the values",
    )
