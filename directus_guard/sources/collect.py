"""All sources over one repository, and what joins them: which file belongs to whom."""

from __future__ import annotations

import importlib
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, cast

from msgspec import Struct
from msgspec.structs import replace

from directus_guard import limits
from directus_guard.directus.environment.deployment import Platform, Unknown, VersionOrigin
from directus_guard.directus.gaps import not_readable, unseen
from directus_guard.sources import beside, extension_trials, unread
from directus_guard.sources.deployments import dotenv_files
from directus_guard.sources.deployments.application import plain
from directus_guard.sources.files import registry, signs
from directus_guard.sources.inner import find
from directus_guard.sources.inner.outward import outward

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from directus_guard.directus.access.records import Edition
    from directus_guard.directus.code import HeldToken, Package
    from directus_guard.directus.environment.deployment import Deployment, Value, Variable, VersionEvidence
    from directus_guard.directus.export import Export
    from directus_guard.directus.instance import Extension
    from directus_guard.directus.project import DatabaseFile
    from directus_guard.directus.versions import Version
    from directus_guard.sources.deployments import dockerfile
    from directus_guard.sources.files.file_set import Source
    from directus_guard.sources.files.repository import Repository

LOOKED_FOR: Final = (
    "Docker Compose files with a Directus service",
    "Kubernetes, Kustomize and Helm manifests",
    "environment files (.env, prod.env, …) with two of SECRET, KEY, DB_CLIENT, PUBLIC_URL, ADMIN_EMAIL",
    "Dockerfiles from a Directus image",
    "exported permissions, policies and roles (Environment Sync, directus-sync, schema-sync, templates, REST answers)",
    "code that depends on Directus' SDK or names its address",
    "fly.toml, render.yaml, railway.json, app.json, PM2, ECS, Terraform and workflow files that start Directus",
    "DigitalOcean app specs, Platform.sh and Upsun, Zerops and Nomad files that start Directus",
    "Quadlet and systemd units, and `gcloud run deploy` in scripts, Cloud Build files and workflows",
    "AWS App Runner and Copilot, App Engine, Azure Container Apps and Instances, and CapRover files",
    "`docker run` with a Directus image in scripts, Makefiles, Justfiles, package.json, systemd units and YAML files",
    "Ansible tasks that start a container, and templates (*.yml.j2, …) of manifests",
    "states and plans of Terraform, Pulumi programs in YAML, Bicep files and modules of NixOS",
    "manifests and environment files inside of scripts, cloud-init and templates of Terraform",
    "package.json that starts Directus",
    "commands that set variables of Directus at a host, in an environment file or before they start it",
)


class Evidence(Struct, frozen=True):
    """Everything a repository says about Directus."""

    deployments: tuple[Deployment, ...]
    databases: tuple[DatabaseFile, ...]
    notices: tuple[str, ...]
    exports: tuple[Export, ...]
    packages: tuple[Package, ...]
    extensions: tuple[Extension, ...]
    manifest_tokens: tuple[HeldToken, ...]


class _Source(Protocol):
    """A module that reads one kind of manifest."""

    def read(self, repository: Repository) -> tuple[Deployment, ...]:
        """Its deployments."""


def collect(repository: Repository, version: Version | None = None, edition: Edition | None = None) -> Evidence:
    """Read every source and join what belongs together. Deployments come in the order of their names.

    `version` and `edition` are those of Directus that the user names, for exports.
    """
    attempt = repository.attempt
    find.hold_all(repository)
    read = tuple(
        found
        for source in registry.MANIFESTS
        for found in attempt(source.module, partial(_read, repository, source), ())
    )
    manifests = _started(repository, attempt("ansible_templates", partial(_filled, repository, read), read))
    built = [
        attempt("dockerfile", partial(_with_dockerfile, repository, found), found)
        for found in map(_with_references, manifests)
    ]
    consumed = frozenset(path for found in built for path in found.consumed)
    built = beside.servers(built)
    images = attempt("dockerfile", partial(_dockerfiles, repository), ())
    alone = _started(repository, (found for found in images if found.location.path not in consumed))
    consumed |= {path for found in alone for path in found.consumed}
    versions = attempt("packages", partial(_versions, repository), {})
    depending = frozenset(versions)
    named = attempt("dotenv_files", partial(dotenv_files.read, repository, depending), ())
    named = attempt("ansible_templates", partial(_filled, repository, named), named)
    files = _started(repository, (found for found in named if found.location.path not in consumed))
    files = [attempt("node_servers", partial(_with_scripts, repository, found), found) for found in files]
    started = attempt("node_servers", partial(_node_servers, repository, (*built, *alone, *files)), ())
    servers = _started(repository, started)
    consumed |= {path for found in servers for path in found.consumed}
    files = [found for found in files if found.location.path not in consumed]
    known = (*built, *alone, *files, *servers)
    commanded = _started(repository, attempt("script_settings", partial(_by_commands, repository, known), ()))
    repository.left_out.difference_update(consumed)
    deployments = tuple(sorted((*known, *commanded), key=lambda found: (found.name, found.location)))
    exported = attempt("exports", partial(exports, repository, version, edition), ())
    packages, left_out = attempt("code", partial(_packages, repository), ((), ()))
    deployments = _with_versions(versions, tuple(_with_templates(repository, found) for found in deployments))
    held = tuple(_with_holder(repository, found) for found in deployments)
    _note_templates(repository, held)
    extensions = attempt("extensions", partial(_extensions, repository), ())
    deployments = extension_trials.with_purpose(_distinct(repository, outward(repository, held)), extensions)
    return Evidence(
        deployments,
        attempt("databases", partial(_databases, repository), ()),
        (
            *_left_out(repository),
            *_notices(repository),
            *unread.notices(repository, deployments, exported),
            *(notice for export in exported for notice in export.notices),
            *left_out,
        ),
        exported,
        outward(repository, packages),
        extensions,
        attempt("manifest_tokens", partial(_manifest_tokens, repository), ()),
    )


def _with_holder(repository: Repository, deployment: Deployment) -> Deployment:
    """What the file is called that holds a deployment's own says what it is for, too."""
    hints: list[str] = []
    path = deployment.location.path
    while (file := repository.inner.get(path)) is not None:
        path = file.holder
        hints += (plain(hint) for hint in (file.hint, path.rpartition("/")[2]) if hint)
    return replace(deployment, hints=(*deployment.hints, *hints)) if hints else deployment


def _distinct(repository: Repository, deployments: tuple[Deployment, ...]) -> tuple[Deployment, ...]:
    """Each deployment once: what a text of a file starts may be read from the text, and as a file of its own. One that is named
    after an example never fails the run, so it counts last."""
    if not repository.inner:
        return deployments
    found: dict[object, Deployment] = {}
    for one in sorted(deployments, key=lambda one: (not one.name.startswith(one.location.path), len(one.name))):
        found.setdefault((one.location, _given(one), tuple(held.location for held in one.variables)), one)
    return tuple(sorted(found.values(), key=lambda one: (one.name, one.location)))


def _read(repository: Repository, source: Source) -> tuple[Deployment, ...]:
    """The deployments of one source."""
    if not source.is_present(repository):
        return ()
    module = cast("_Source", importlib.import_module(f"directus_guard.sources.deployments.{source.module}"))
    return _first(repository, module.read(repository))


def _first(repository: Repository, deployments: tuple[Deployment, ...]) -> tuple[Deployment, ...]:
    """The deployments without those of a file that has more than any does."""
    most = limits.DEPLOYMENTS
    if len(deployments) <= most.number:
        return deployments
    left: dict[str, int] = {}
    kept: list[Deployment] = []
    for found in deployments:
        path = found.location.path
        left[path] = left.get(path, most.number) - 1
        if left[path] >= 0:
            kept.append(found)
        else:
            repository.further_deployments(path)
    return tuple(kept)


def _filled(repository: Repository, deployments: tuple[Deployment, ...]) -> tuple[Deployment, ...]:
    """The deployments with what Ansible puts into the templates and tasks that they were read from."""
    fillable = tuple(filter(_may_be_filled, deployments))
    if not fillable:
        return deployments
    from directus_guard.sources.deployments import ansible_templates  # noqa: PLC0415 - see registry.MANIFESTS

    others = (found for found in deployments if not _may_be_filled(found))
    return (*others, *ansible_templates.filled(repository, fillable))


def _may_be_filled(deployment: Deployment) -> bool:
    paths = (deployment.location.path, *deployment.consumed)
    return deployment.platform is Platform.ANSIBLE or any(path.endswith(registry.JINJA) for path in paths)


def _started(repository: Repository, deployments: Iterable[Deployment]) -> list[Deployment]:
    """The deployments of files that belong to the project. A link and its file are one, unless they give other values."""
    found: dict[object, Deployment] = {}
    for deployment in deployments:
        if repository.ignored(deployment.location.path):
            continue
        path = deployment.location.path
        key = repository.real(path), deployment.name.removeprefix(path), deployment.hints, _given(deployment)
        if key not in found or not repository.is_second_name(path):
            found[key] = deployment
    return list(found.values())


def _given(deployment: Deployment) -> tuple[object, ...]:
    """What a deployment is started with."""
    config = deployment.config_file
    held = config if isinstance(config, Unknown) else _values(config or ())
    return (
        _values(deployment.variables),
        held,
        deployment.image and deployment.image.reference,
        deployment.dockerfile,
        deployment.gaps,
    )


def _values(variables: tuple[Variable, ...]) -> tuple[object, ...]:
    return tuple((variable.name, variable.value) for variable in variables)


def exports(
    repository: Repository, version: Version | None = None, edition: Edition | None = None
) -> tuple[Export, ...]:
    """Every export, in the order of its folder. `version` and `edition` as in `collect`."""
    if not (registry.EXPORTS.is_present(repository) or registry.WHOLE_SNAPSHOTS.is_present(repository)):
        return ()
    from directus_guard.sources.exports import reader as source  # noqa: PLC0415 - see registry.MANIFESTS

    return source.read(repository, version, edition)


def _dockerfiles(repository: Repository) -> tuple[Deployment, ...]:
    if not registry.DOCKERFILE.is_present(repository):
        return ()
    from directus_guard.sources.deployments import dockerfile  # noqa: PLC0415 - see registry.MANIFESTS

    return dockerfile.read(repository)


def _packages(repository: Repository) -> tuple[tuple[Package, ...], tuple[str, ...]]:
    if not registry.CODE.is_present(repository):
        return (), ()
    from directus_guard.sources.code import packages as code  # noqa: PLC0415 - see registry.MANIFESTS

    return code.read(repository)


def _extensions(repository: Repository) -> tuple[Extension, ...]:
    if not registry.EXTENSIONS.is_present(repository):
        return ()
    from directus_guard.sources.files import extensions  # noqa: PLC0415 - see registry.MANIFESTS

    return extensions.read(repository)


def _manifest_tokens(repository: Repository) -> tuple[HeldToken, ...]:
    found: tuple[HeldToken, ...] = ()
    if registry.CLIENT_TOKENS.is_present(repository):
        from directus_guard.sources.code import manifest_tokens  # noqa: PLC0415 - see registry.MANIFESTS

        found += manifest_tokens.read(repository)
    if registry.COMMAND_TOKENS.is_present(repository):
        from directus_guard.sources.code import command_tokens  # noqa: PLC0415 - see registry.MANIFESTS

        found += command_tokens.read(repository)
    return tuple(dict.fromkeys(outward(repository, found)))


def _databases(repository: Repository) -> tuple[DatabaseFile, ...]:
    if not registry.DATABASES.is_present(repository):
        return ()
    from directus_guard.sources.files import databases  # noqa: PLC0415 - see registry.MANIFESTS

    return databases.read(repository)


def _with_templates(repository: Repository, deployment: Deployment) -> Deployment:
    """A deployment of a manifest with template lines may have more variables than the plain part names."""
    paths = sorted(({deployment.location.path} | deployment.consumed) & repository.templates.keys())
    gaps = tuple(unseen(f"template lines of `{path}` are not evaluated") for path in paths)
    return replace(deployment, gaps=(*deployment.gaps, *gaps)) if gaps else deployment


def _note_templates(repository: Repository, deployments: tuple[Deployment, ...]) -> None:
    """Note the templates that may concern Directus: files of a deployment, of a chart for it, and those that name it."""
    if not repository.templates:
        return
    from directus_guard.sources.deployments import helm  # noqa: PLC0415 - see registry.MANIFESTS

    read = {path for found in deployments for path in (found.location.path, *found.consumed)}
    charts = tuple(f"{chart}/".lstrip("/") for chart in helm.charts_of_directus(repository))
    for path in sorted(repository.templates):
        if (
            path in read
            or path.startswith(charts)
            or "directus" in path.lower()
            or signs.names_directus(repository.text(path) or "")
        ):
            repository.note_template(path)


def _node_servers(repository: Repository, others: tuple[Deployment, ...]) -> tuple[Deployment, ...]:
    if not registry.NODE_SERVER.is_present(repository):
        return ()
    from directus_guard.sources.deployments import node_server  # noqa: PLC0415 - see registry.MANIFESTS

    return node_server.read(repository, others)


def _by_commands(repository: Repository, others: tuple[Deployment, ...]) -> tuple[Deployment, ...]:
    if not registry.SCRIPTS.is_present(repository):
        return ()
    from directus_guard.sources.deployments import script_settings  # noqa: PLC0415 - see registry.MANIFESTS

    return script_settings.read(repository, others)


def _with_scripts(repository: Repository, deployment: Deployment) -> Deployment:
    from directus_guard.sources.deployments import node_server  # noqa: PLC0415 - see registry.MANIFESTS

    return node_server.with_scripts(repository, deployment)


def _versions(repository: Repository) -> Mapping[str, VersionEvidence]:
    """By the folder of each package that depends on Directus."""
    if not registry.VERSIONS.is_present(repository):
        return {}
    from directus_guard.sources.deployments import packages  # noqa: PLC0415 - see registry.MANIFESTS

    return packages.versions(repository)


def _with_versions(
    versions: Mapping[str, VersionEvidence], deployments: tuple[Deployment, ...]
) -> tuple[Deployment, ...]:
    if not versions:
        return deployments
    from directus_guard.sources.deployments import packages  # noqa: PLC0415 - see registry.MANIFESTS

    return tuple(_with_version(found, packages.nearest(versions, found.location.path)) for found in deployments)


def _with_references(deployment: Deployment) -> Deployment:
    """Compose replaces its references itself."""
    if deployment.platform is Platform.COMPOSE:
        return deployment
    from directus_guard.sources.formats import references  # noqa: PLC0415 - most repositories have no other manifest

    return replace(deployment, variables=references.whole(deployment.variables))


def _with_dockerfile(repository: Repository, deployment: Deployment) -> Deployment:
    """A deployment built from a Dockerfile of the repository has that file's environment beneath its own."""
    path = _dockerfile_path(repository, deployment)
    if path is None:
        return deployment
    pointer = next((one.value for one in reversed(deployment.variables) if one.name == "CONFIG_PATH"), None)
    described = _described(repository, path, pointer, deployment) if path in repository else None
    if described is None:
        subject = f"`{plain(path)}`, which it is built from,"
        gap = not_readable(subject) if path in repository else unseen(f"{subject} is not in the repository")
        state = "not readable" if path in repository else "not in the repository"
        repository.problem(path, f"{deployment.location.path} builds Directus from it, but it is {state}")
        return replace(deployment, gaps=(*deployment.gaps, gap), consumed=deployment.consumed | {path})
    return replace(
        deployment,
        variables=(*described.variables, *deployment.variables, *described.by_command),
        gaps=tuple(dict.fromkeys((*deployment.gaps, *described.gaps))),
        config_file=described.config_file if deployment.config_file is None else deployment.config_file,
        version=deployment.version or _built_version(deployment, described.version),
        consumed=deployment.consumed | described.consumed | {path},
    )


def _described(
    repository: Repository, path: str, pointer: Value | None, deployment: Deployment
) -> dockerfile.DockerfileFacts | None:
    from directus_guard.sources.deployments import dockerfile  # noqa: PLC0415 - see registry.MANIFESTS

    given = deployment.variables if deployment.platform in _BUILD_WITH_VARIABLES else ()
    return dockerfile.describe(
        repository,
        path,
        config_path=pointer,
        target=deployment.build_target,
        arguments=(*given, *deployment.build_args),
    )


def _built_version(deployment: Deployment, version: VersionEvidence | None) -> VersionEvidence | None:
    """The version that is built; where the platform hands variables to the build that cannot be seen, a default is assumed."""
    if version is None or version.origin is not VersionOrigin.BUILD_ARGUMENT or not deployment.gaps:
        return version
    if deployment.platform not in _BUILD_WITH_VARIABLES:
        return version
    return replace(version, assumed=version.assumed or f"a build argument may be given: {deployment.gaps[0].reason}")


_BUILD_WITH_VARIABLES: Final = frozenset({
    Platform.RENDER, Platform.RAILWAY, Platform.DIGITALOCEAN, Platform.CAPROVER,
})  # fmt: skip
"""Platforms that hand a service's variables to its build as arguments."""


def _dockerfile_path(repository: Repository, deployment: Deployment) -> str | None:
    """The Dockerfile it is built from: the one it names, or one in the folder where a platform looks for one."""
    if deployment.dockerfile is not None or deployment.build_context is None:
        return deployment.dockerfile
    path = f"{deployment.build_context}/Dockerfile".lstrip("/")
    return path if path in repository else None


def _with_version(deployment: Deployment, nearest: VersionEvidence | None) -> Deployment:
    """The version of the nearest package.json or lock file, where nothing closer tells one."""
    if deployment.version is not None and deployment.version.version is not None:
        return deployment
    official = deployment.image is not None and deployment.build_context is None
    if official and deployment.version is not None:
        return deployment  # the image says what runs, a package.json beside it does not
    return deployment if nearest is None else replace(deployment, version=nearest)


def _left_out(repository: Repository) -> Iterator[str]:
    """Says which files start no deployment because git ignores them."""
    paths = sorted(repository.left_out)
    if paths:
        shown = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
        yield f"git ignores these files, so they start no deployment: {shown}"


def _notices(repository: Repository) -> tuple[str, ...]:
    if not registry.CHARTS.named(repository):
        return ()
    from directus_guard.sources.deployments import helm  # noqa: PLC0415 - see registry.MANIFESTS

    skipped = helm.skipped_templates(repository)
    if not skipped:
        return ()
    broken = sum(path in helm.unreadable_templates(repository) for path in skipped)
    many = f"{len(skipped)} Helm templates are" if len(skipped) > 1 else "1 Helm template is"
    rest = f"; of {broken} not even the plain part can be read" if broken else ""
    return (
        f"{many} not rendered: the plain part and the chart's values are judged, but not what a template inserts{rest}",
    )
