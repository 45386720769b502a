"""Fly.io: fly.toml. `[env]` is what the repository tells; secrets are set with `fly secrets` and beat it.

After flyctl's `internal/appconfig`: every value becomes a text, sections may be tables or lists of tables.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import (
    Deployment,
    FileContent,
    Known,
    Mount,
    Platform,
    PublishedPort,
    Unknown,
)
from directus_guard.directus.environment.recognise import is_directus_image
from directus_guard.directus.gaps import unseen
from directus_guard.finding import Location
from directus_guard.secret import Secret
from directus_guard.sources import command_line
from directus_guard.sources.deployments import application, config_file, dockerfile, image_reference
from directus_guard.sources.files import registry
from directus_guard.sources.formats import json_document, toml_document, values, yaml_document
from directus_guard.sources.formats.values import List, ObjectValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import Image, Variable
    from directus_guard.sources.files.repository import Repository

_GAP: Final = unseen("secrets set with `fly secrets` are not in the repository")


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus apps of all fly.toml files, in the order of paths."""
    made = (_deployment(repository, path) for path in registry.FLY.paths(repository))
    return tuple(found for found in made if found is not None)


def _root(repository: Repository, path: str) -> ObjectValue | None:
    lower = path.lower()
    if lower.endswith(".toml"):
        return toml_document.document(repository, path)
    if lower.endswith(".json"):
        root = json_document.document(repository, path)
    else:
        documents = yaml_document.documents(repository, path)
        root = values.from_yaml(documents[0]) if documents else None
    return root if isinstance(root, ObjectValue) else None


def _deployment(repository: Repository, path: str) -> Deployment | None:
    root = _root(repository, path)
    if root is None:
        return None
    folder = application.folder(path)
    build = root.object("build")
    image = _image(build)
    built = None if image else _dockerfile(repository, folder, build)
    variables = tuple(made for table in root.objects("env") for made in values.variables(table, "fly.toml [env]"))
    odd = values.misread(root.get("env"), "env", ObjectValue, List)
    mounts = tuple(_mounts(root))
    if not (
        (image is not None and is_directus_image(image.repository))
        or dockerfile.builds_directus(repository, built)
        or application.configures_directus(variables)
        or any(mount.target.startswith("/directus/") for mount in mounts)
        or any(application.starts_directus(command) for command in _commands(root))
    ):
        return None
    given, taken = command_line.environment(_commands(root), Location(path), repository)
    files = tuple(_files(repository, folder, root))
    config = next((item for item in files if item.path == "/directus/.env"), None)
    app = root.scalar("app")
    return Deployment(
        name=path,
        platform=Platform.FLY,
        location=app.location if app else Location(path),
        variables=(*variables, *given),
        config_file=None if config is None else _config_file(config),
        gaps=(_GAP, *odd, *taken),
        image=image,
        version=image_reference.version(image),
        hints=(app.text,) if app else (),
        build_context=None if image else folder,
        dockerfile=built,
        build_args=values.variables(build.object("args") if build else None, "fly.toml [build.args]"),
        ports=tuple(_ports(root)),
        mounts=mounts,
        files=files,
        replicas=_replicas(root),
        consumed=frozenset({path}),
    )


def _image(build: ObjectValue | None) -> Image | None:
    written = build.scalar("image") if build else None
    return image_reference.parse(written.text, written.location) if written else None


def _dockerfile(repository: Repository, folder: str, build: ObjectValue | None) -> str | None:
    named = build.text("dockerfile") if build else None
    path = repository.resolve(folder, named or "Dockerfile")
    return path if path is not None and (named or path in repository) else None


def _commands(root: ObjectValue) -> Iterator[str]:
    for section in ("processes", "experimental", "deploy"):
        for table in root.objects(section):
            yield from (value.text for value in values.walk(table) if isinstance(value, values.Text))


def _ports(root: ObjectValue) -> Iterator[PublishedPort]:
    """`http_service` is served at 80 and 443, `services` name their ports."""
    for service in root.objects("http_service"):
        target = service.scalar("internal_port")
        place = target.location if target else service.location
        for published in ("80", "443"):
            yield PublishedPort(target.text if target else "8080", published, "", place)
    for service in root.objects("services"):
        target = service.scalar("internal_port")
        for port in service.objects("ports"):
            published_port = port.scalar("port")
            if published_port is not None:
                yield PublishedPort(target.text if target else "", published_port.text, "", published_port.location)


def _mounts(root: ObjectValue) -> Iterator[Mount]:
    for mount in (*root.objects("mount"), *root.objects("mounts")):
        destination = mount.scalar("destination")
        if destination is not None:
            yield Mount(mount.text("source") or "", destination.text, read_only=False, location=destination.location)


def _replicas(root: ObjectValue) -> int | None:
    """What always runs, if that is more than one: a single one says nothing, Fly starts others on demand."""
    for service in (*root.objects("http_service"), *root.objects("services")):
        running = values.count(service.text("min_machines_running"))
        if running is not None and running > 1:
            return running
    return None


def _files(repository: Repository, folder: str, root: ObjectValue) -> Iterator[FileContent]:
    """`[[files]]`: what is put into the machine before it starts."""
    for file in root.objects("files"):
        target = file.text("guest_path")
        if target is None:
            continue
        raw, local, secret = file.scalar("raw_value"), file.scalar("local_path"), file.scalar("secret_name")
        if raw is not None:
            try:
                text = base64.b64decode(raw.text, validate=True).decode()
            except (binascii.Error, ValueError):
                yield FileContent(target, Unknown("it is no base64 of a text"), raw.location)
            else:
                yield FileContent(target, Known(Secret(text)), raw.location)
        elif local is not None:
            path = repository.resolve(folder, local.text)
            content = repository.text(path) if path is not None and path in repository else None
            repository.belongs(path or "")
            if path is None or content is None:
                yield FileContent(target, Unknown("its file is not in the repository"), local.location)
            else:
                yield FileContent(target, Known(Secret(content)), Location(path))
        else:
            place = secret.location if secret else file.location
            yield FileContent(target, Unknown("it is set with `fly secrets`"), place)


def _config_file(content: FileContent) -> tuple[Variable, ...] | Unknown:
    if isinstance(content.value, Unknown):
        return Unknown("`/directus/.env` comes from outside the repository")
    found = config_file.parse(
        content.location.path, content.value.text.reveal(), "/directus/.env", "/directus/.env of the machine"
    )
    if isinstance(found, Unknown) or content.location == Location(content.location.path):
        return found  # the file itself: the places are right
    return tuple(application.at(variable, content.location) for variable in found)
