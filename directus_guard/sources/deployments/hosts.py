"""Hosts with one small manifest: AWS App Runner and Copilot, App Engine, Azure Container Apps and Instances, CapRover."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.deployment import Deployment, Platform, Unknown, Variable
from directus_guard.directus.environment.recognise import is_directus_image
from directus_guard.directus.gaps import Gap, unseen
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.deployments import application, dockerfile, image_reference, manifest
from directus_guard.sources.files import registry  # fmt: skip
from directus_guard.sources.formats import docker_env_file, references, values
from directus_guard.sources.formats.values import List, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.environment.deployment import Image
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

_STORE: Final = "it is read from a secret store"
_CONSOLE: Final = unseen("variables set in the console are not in the repository")
_FROM: Final = lazy_pattern(r"FROM(?:\s+--\S{1,80})?\s+(\S{1,300})", re.IGNORECASE)


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus apps of these hosts, in the order of paths."""
    found: list[Deployment] = []
    for source, reader in (
        (registry.APP_RUNNER, _app_runner), (registry.COPILOT, _copilot), (registry.APP_ENGINE, _app_engine),
        (registry.AZURE, _azure), (registry.CAPROVER, _caprover),
    ):  # fmt: skip
        for path in sorted({path for files in source for path in files.read(repository)}):
            manifest.belonging(repository, path)
            root = _root(repository, path)
            made = reader(repository, path, root) if root is not None else ()
            found += [item for app in made if (item := _deployment(repository, app)) is not None]
    return tuple(sorted(found, key=lambda item: item.name))


class _App(Struct, frozen=True):
    """An app as its host's manifest describes it."""

    path: str
    name: str
    platform: Platform
    location: Location
    variables: tuple[Variable, ...]
    gaps: tuple[Gap, ...] = ()
    image: Image | None = None
    folder: str = ""
    dockerfile: str | None = None
    commands: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    replicas: int | None = None
    consumed: frozenset[str] = frozenset()


def _deployment(repository: Repository, app: _App) -> Deployment | None:
    if not (
        (app.image is not None and is_directus_image(app.image.repository))
        or dockerfile.builds_directus(repository, app.dockerfile)
        or application.configures_directus(app.variables)
        or application.runs_directus(repository, app.folder, *app.commands)
    ):
        return None
    config, own = None, frozenset[str]()
    if app.image is None and app.dockerfile is None:
        config, own = application.own_environment(repository, app.folder, app.variables)
    return Deployment(
        name=f"{app.path}#{app.name}" if app.name else app.path,
        platform=app.platform,
        location=app.location,
        variables=app.variables,
        config_file=config,
        gaps=app.gaps,
        image=app.image,
        version=image_reference.version(app.image),
        hints=tuple(filter(None, (app.name, *app.hints))),
        build_context=application.folder(app.dockerfile) if app.dockerfile else None,
        dockerfile=app.dockerfile,
        replicas=app.replicas,
        consumed=app.consumed | own | {app.path},
    )


def _root(repository: Repository, path: str) -> ObjectValue | None:
    if "captain-definition" in path.lower().rpartition("/")[2]:
        from directus_guard.sources.formats import json_document  # noqa: PLC0415 - only CapRover has JSON without an ending

        root = json_document.document(repository, path)
        return root if isinstance(root, ObjectValue) else None
    return manifest.root(repository, path)


def _existing(repository: Repository, folder: str, *names: str | None) -> str | None:
    """The first of these files that is there."""
    for name in names:
        path = repository.resolve(folder, name) if name else None
        if path is not None and path in repository:
            return path
    return None


def _image(written: Text | None) -> Image | None:
    if written is None:
        return None
    known, dollar, _ = written.text.partition("$")
    reason = "it is filled in when it is deployed" if dollar else ""
    return image_reference.parse(known.rstrip(":@/") if dollar else written.text, written.location, reason)


# --- AWS App Runner: apprunner.yaml in the folder of the source ------------------------------------------------------


def _app_runner(_: Repository, path: str, root: ObjectValue) -> Iterator[_App]:
    run = root.object("run")
    if run is None or root.get("runtime") is None:
        return
    variables = values.pairs(run.items("env"), "run.env")
    odd = (*values.misread(run.get("env"), "run.env", List), *values.misread_items(run.items("env"), "run.env"))
    secrets = (item for item in run.items("secrets") if isinstance(item, ObjectValue) and item.text("name"))
    stored = tuple(Variable(item.text("name") or "", Unknown(_STORE), item.location, "run.secrets") for item in secrets)
    commands = tuple(command for key in ("command", "pre-run") if (command := _words(run.get(key))))
    yield _App(
        path, "", Platform.APP_RUNNER, Location(path), (*variables, *stored), (_CONSOLE, *odd),
        folder=application.folder(path), commands=commands,
    )  # fmt: skip


def _words(value: Value | None) -> str:
    return " ".join(part.text for part in values.walk(value) if isinstance(part, Text)) if value is not None else ""


# --- AWS Copilot: copilot/NAME/manifest.yml --------------------------------------------------------------------------


def _copilot(repository: Repository, path: str, root: ObjectValue) -> Iterator[_App]:
    name = root.text("name")
    if name is None or root.get("type") is None:
        return
    yield _copilot_app(repository, path, name, root, None)
    environments = root.object("environments")
    for entry in environments.entries if environments else ():
        if isinstance(entry.value, ObjectValue) and any(
            entry.value.get(key) for key in ("variables", "secrets", "image")
        ):
            yield _copilot_app(repository, path, f"{name}/{entry.key.text}", root, entry.value)


def _copilot_app(repository: Repository, path: str, name: str, root: ObjectValue, over: ObjectValue | None) -> _App:
    """The service, or one environment of it: what the environment says is laid over the rest."""
    gaps: list[Gap] = []
    consumed: set[str] = set()
    variables: list[Variable] = []
    image: Image | None = None
    built: str | None = None
    for layer in (root, over) if over is not None else (root,):
        file = layer.text("env_file")
        held = _existing(repository, "", file)
        if held is not None:
            consumed.add(held)
            variables += docker_env_file.read(held, repository.text(held) or "", "env_file")
        elif file is not None:
            gaps.append(unseen(f"the environment file `{application.plain(file)}` is not in the repository"))
    for layer in (root, over) if over is not None else (root,):
        variables += _copilot_variables(layer)
        gaps += values.misread(layer.get("variables"), "variables", ObjectValue)
        described = layer.object("image")
        if described is not None:
            image = _image(described.scalar("location")) or image
            built = _copilot_build(repository, described) or built
    return _App(
        path, name, Platform.COPILOT, root.locate("name"), references.unknown(variables, "Copilot"), tuple(gaps),
        image=image, dockerfile=None if image else built, commands=(_words(root.get("command")),), hints=(),
        replicas=values.count(root.text("count")), consumed=frozenset(consumed),
    )  # fmt: skip


def _copilot_variables(layer: ObjectValue) -> Iterator[Variable]:
    held = layer.object("variables")
    for entry in held.entries if held else ():
        if isinstance(entry.value, ObjectValue):
            reason = "it is taken from another stack"
            yield Variable(entry.key.text, Unknown(reason), entry.key.location, "variables")
        else:
            made = values.variable(entry.key.text, entry.value, "variables", _not_null)
            if made is not None:
                yield made
    secrets = layer.object("secrets")
    for entry in secrets.entries if secrets else ():
        yield Variable(entry.key.text, Unknown(_STORE), entry.key.location, "secrets")


def _copilot_build(repository: Repository, image: ObjectValue) -> str | None:
    """`image.build`: a path, or `dockerfile` and `context`, from the root of the repository."""
    build = image.object("build")
    if build is None:
        return _existing(repository, "", image.text("build"))
    context = build.text("context") or ""
    return _existing(repository, "", build.text("dockerfile"), f"{context}/Dockerfile".lstrip("/"))


def _not_null(text: Text) -> str | None:
    return None if text.kind is TextKind.NULL else text.text


# --- Google App Engine: app.yaml -------------------------------------------------------------------------------------


def _app_engine(repository: Repository, path: str, root: ObjectValue) -> Iterator[_App]:
    if root.get("runtime") is None or root.get("run") is not None:
        return
    folder = application.folder(path)
    variables = values.variables(root.object("env_variables"), "env_variables")
    custom = root.text("runtime") == "custom"
    gaps = values.misread(root.get("env_variables"), "env_variables", ObjectValue)
    if root.get("includes") is not None:
        gaps = (*gaps, unseen("files that it includes may set further variables"))
    entrypoint = root.text("entrypoint") or ("" if custom else "npm start")
    yield _App(
        path, root.text("service") or "", Platform.APP_ENGINE, Location(path), variables, gaps, folder=folder,
        dockerfile=_existing(repository, folder, "Dockerfile") if custom else None, commands=(entrypoint,),
    )  # fmt: skip


# --- Azure Container Apps and Container Instances --------------------------------------------------------------------


def _azure(_: Repository, path: str, root: ObjectValue) -> Iterator[_App]:
    properties = root.object("properties")
    if properties is None:
        return
    template, configuration = properties.object("template"), properties.object("configuration")
    secrets: dict[str, Value] = {
        secret.text("name") or "": value
        for secret in (configuration.objects("secrets") if configuration else ())
        if (value := secret.get("value")) is not None
    }
    containers = template.objects("containers") if template else properties.objects("containers")
    scale = template.object("scale") if template else None
    for index, container in enumerate(containers):
        described = container.object("properties") or container
        name = container.text("name") or f"containers-{index + 1}"
        own = root.text("name")
        yield _App(
            path, f"{own}/{name}" if own and own != name else name, Platform.AZURE, container.locate("name"),
            tuple(_azure_variables(described, secrets)), tuple(_azure_odd(described)), image=_image(described.scalar("image")),
            replicas=values.count(scale.text("minReplicas") if scale else None),
        )  # fmt: skip


def _azure_odd(container: ObjectValue) -> Iterator[Gap]:
    for key in ("env", "environmentVariables"):
        yield from values.misread(container.get(key), key, List)
        yield from values.misread_items(container.items(key), key)


def _azure_variables(container: ObjectValue, secrets: Mapping[str, Value]) -> Iterator[Variable]:
    for key in ("env", "environmentVariables"):
        for item in container.objects(key):
            name = item.text("name")
            held = item.get("value") or item.get("secureValue")
            reference = item.text("secretRef")
            if reference is not None:
                held = secrets.get(reference)
            if not name:
                continue
            made = values.variable(name, held, key) if held is not None else None
            place = item.locate("secretRef")
            if made is None:
                yield Variable(name, Unknown(_STORE), place, key)
            else:
                via = (place,) if reference is not None else ()
                yield Variable(name, made.value, made.location, key, via)


# --- CapRover: captain-definition ------------------------------------------------------------------------------------


def _caprover(repository: Repository, path: str, root: ObjectValue) -> Iterator[_App]:
    if root.get("schemaVersion") is None:
        return
    folder = application.folder(path)
    lines = root.get("dockerfileLines")
    image = _image(root.scalar("imageName"))
    for line in lines.items if isinstance(lines, List) else ():
        base = _FROM.match(line.text.strip()) if isinstance(line, Text) else None
        if base is not None:
            image = image_reference.parse(base[1], line.location)
    built = _existing(repository, folder, (root.text("dockerfilePath") or "").removeprefix("./") or None)
    gaps = (unseen("variables set in CapRover are not in the repository"),)
    yield _App(path, "", Platform.CAPROVER, Location(path), (), gaps, image, folder, None if image else built)
