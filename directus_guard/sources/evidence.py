"""All sources over one repository, and what joins them: which file belongs to whom."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol, cast

from directus_guard.sources import dotenv_files
from directus_guard.sources.application import MANIFEST_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access import Edition
    from directus_guard.directus.code import Package
    from directus_guard.directus.deployment import Deployment, VersionEvidence
    from directus_guard.directus.export import Export
    from directus_guard.directus.instance import Extension
    from directus_guard.directus.project import DatabaseFile
    from directus_guard.directus.versions import Version
    from directus_guard.sources import dockerfile
    from directus_guard.sources.repository import Repository

LOOKED_FOR: Final = (
    "Docker Compose files with a Directus service",
    "Kubernetes, Kustomize and Helm manifests",
    "environment files (.env, prod.env, …) with two of SECRET, KEY, DB_CLIENT, PUBLIC_URL, ADMIN_EMAIL",
    "Dockerfiles from a Directus image",
    "exported permissions, policies and roles (Environment Sync, directus-sync, schema-sync, templates, REST answers)",
    "code that depends on Directus' SDK or names its address",
    "fly.toml, render.yaml, railway.json, app.json, PM2, ECS, Terraform and workflow files that start Directus",
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything a repository says about Directus."""

    deployments: tuple[Deployment, ...]
    databases: tuple[DatabaseFile, ...]
    notices: tuple[str, ...] = ()
    exports: tuple[Export, ...] = ()
    packages: tuple[Package, ...] = ()
    extensions: tuple[Extension, ...] = ()


class _Source(Protocol):
    """A module that reads one kind of manifest."""

    def read(self, repository: Repository) -> tuple[Deployment, ...]:
        """Its deployments."""


MANIFESTS: Final = {
    "compose": ("*.yml", "*.yaml"),
    "kubernetes": ("*.yml", "*.yaml", "*.json"),
    "helm": ("*values*", "chart.y*ml"),
    "fly": ("*fly*",),
    "render": ("render*",),
    "railway": ("railway*", "nixpacks*"),
    "heroku": ("app.json", "heroku*", "procfile"),
    "pm2": ("ecosystem*", "*pm2*", "process*"),
    "ecs": ("*task*", "*container*", "*ecs*", "*cloudformation*", "template*", "*cfn*", "stack*", "service*", "directus*"),
    "terraform": ("*.tf", "*.tofu"),
    "workflow": ("*.yml", "*.yaml"),
}  # fmt: skip
"""Sources whose deployments may be built from a Dockerfile or put together from environment files, and names of files
that bring one in: a module is only imported for a repository that has some. Most projects need two or three.
"""
CODE: Final = (
    "*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.mts", "*.cts", "*.tsx", "*.vue", "*.svelte", "*.astro", "*.html", "*.htm", "*.twig",
    "*.liquid", "*.hbs", "*.handlebars", "*.ejs", "*.erb", "*.njk", "*.mustache", "*.php", "*.py",
)  # fmt: skip
"""Files of code that may ask a Directus."""
_SIGNS: Final = {"kubernetes": ("apiVersion",), "workflow": ("directus", "Directus")}
"""What one of those files must say besides."""


def collect(repository: Repository, version: Version | None = None, edition: Edition | None = None) -> Evidence:
    """Read every source and join what belongs together. Deployments come in the order of their names.

    `version` and `edition` are those of Directus that the user names, for exports.
    """
    manifests = [found for source in _sources(repository) for found in source.read(repository)]
    built = [_with_dockerfile(repository, found) for found in manifests]
    consumed = frozenset(path for found in built for path in found.consumed)
    alone = [found for found in _dockerfiles(repository) if found.location.path not in consumed]
    consumed |= {path for found in alone for path in found.consumed}
    files = [found for found in dotenv_files.read(repository) if found.location.path not in consumed]
    deployments = tuple(sorted((*built, *alone, *files), key=lambda found: (found.name, found.location)))
    exported = _exports(repository, version, edition)
    packages, left_out = _packages(repository)
    return Evidence(
        _with_versions(repository, deployments),
        _databases(repository),
        (*_notices(repository), *(notice for export in exported for notice in export.notices), *left_out),
        exported,
        packages,
        _extensions(repository),
    )


def _sources(repository: Repository) -> Iterator[_Source]:
    objects = False
    for name, patterns in MANIFESTS.items():
        paths = repository.named(*patterns)
        if name == "kubernetes":
            paths = tuple(
                p for p in paths if not p.endswith(".json") or MANIFEST_FOLDERS.intersection(p.lower().split("/"))
            )
        signs = _SIGNS.get(name)
        if signs:
            paths = tuple(path for path in paths if any(sign in (repository.text(path) or "") for sign in signs))
        # Values also stand in objects of the cluster (HelmRelease, Application).
        objects = objects or (name == "kubernetes" and bool(paths))
        if paths or (name == "helm" and objects):
            yield cast("_Source", importlib.import_module(f"directus_guard.sources.{name}"))


def _dockerfiles(repository: Repository) -> tuple[Deployment, ...]:
    if not repository.named("*dockerfile*", "containerfile*"):
        return ()
    from directus_guard.sources import dockerfile  # noqa: PLC0415 - see MANIFESTS

    return dockerfile.read(repository)


def _exports(repository: Repository, version: Version | None, edition: Edition | None) -> tuple[Export, ...]:
    if not repository.named("*permission*.json", "*polic*.json", "*flow*.json"):
        return ()
    from directus_guard.sources import exports  # noqa: PLC0415 - see MANIFESTS

    return exports.read(repository, version, edition)


def _packages(repository: Repository) -> tuple[tuple[Package, ...], tuple[str, ...]]:
    files = repository.named(*CODE)
    if not files and not any(_names_a_token(repository.text(path) or "") for path in repository.named(".env*")):
        return (), ()
    from directus_guard.sources import code  # noqa: PLC0415 - see MANIFESTS

    return code.read(repository, files)


def _names_a_token(text: str) -> bool:
    """Whether a file of variables alone, without code beside it, may hold a token of Directus."""
    return "DIRECTUS" in text and "TOKEN" in text


def _extensions(repository: Repository) -> tuple[Extension, ...]:
    if not repository.named("package.json"):
        return ()
    from directus_guard.sources import extensions  # noqa: PLC0415 - see MANIFESTS

    return extensions.read(repository)


def _databases(repository: Repository) -> tuple[DatabaseFile, ...]:
    if not repository.named("*.db*", "*.sqlite*", "*.sql*", "*dump*", "*.backup"):
        return ()
    from directus_guard.sources import databases  # noqa: PLC0415 - see MANIFESTS

    return databases.read(repository)


def _with_versions(repository: Repository, deployments: tuple[Deployment, ...]) -> tuple[Deployment, ...]:
    if not repository.named("package.json"):
        return deployments
    from directus_guard.sources import packages  # noqa: PLC0415 - see MANIFESTS

    versions = packages.versions(repository)
    return tuple(_with_version(found, packages.nearest(versions, found.location.path)) for found in deployments)


def _with_dockerfile(repository: Repository, found: Deployment) -> Deployment:
    """A deployment built from a Dockerfile of the repository has that file's environment beneath its own."""
    path = _dockerfile_path(repository, found)
    described = _described(repository, path) if path else None
    if path is None or described is None:
        return found
    return replace(
        found,
        variables=(*described.variables, *found.variables),
        config_file=described.config_file if found.config_file is None else found.config_file,
        version=found.version or described.version,
        consumed=found.consumed | described.consumed | {path},
    )


def _described(repository: Repository, path: str) -> dockerfile.DockerfileFacts | None:
    from directus_guard.sources import dockerfile  # noqa: PLC0415 - see MANIFESTS

    return dockerfile.describe(repository, path)


def _dockerfile_path(repository: Repository, found: Deployment) -> str | None:
    if found.dockerfile is not None:
        return found.dockerfile if found.dockerfile in repository else None
    if found.build_context is None:
        return None
    path = f"{found.build_context}/Dockerfile".lstrip("/")
    return path if path in repository else None


def _with_version(found: Deployment, nearest: VersionEvidence | None) -> Deployment:
    """The version of the nearest package.json or lock file, where nothing closer tells one."""
    if found.version is not None and found.version.version is not None:
        return found
    official = found.image is not None and found.build_context is None
    if official and found.version is not None:
        return found  # the image says what runs, a package.json beside it does not
    return found if nearest is None else replace(found, version=nearest)


def _notices(repository: Repository) -> tuple[str, ...]:
    if not repository.named("chart.yaml", "chart.yml"):
        return ()
    from directus_guard.sources import helm  # noqa: PLC0415 - see MANIFESTS

    skipped = helm.skipped_templates(repository)
    if not skipped:
        return ()
    return (
        f"{len(skipped)} Helm template{'s' if len(skipped) > 1 else ''} skipped (never rendered): judged by the values",
    )
