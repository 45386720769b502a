"""Ansible tasks that start a container: docker_container, podman_container, docker_swarm_service, and Compose written inline."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard import limits
from directus_guard.directus.environment.deployment import (
    Deployment,
    Mount,
    Platform,
    PublishedPort,
    Service,
    Unknown,
    Variable,
)
from directus_guard.directus.environment.recognise import is_directus_environment, is_directus_image, is_other_program
from directus_guard.directus.gaps import Gap, unseen
from directus_guard.finding import Location
from directus_guard.sources import command_line
from directus_guard.sources.deployments import (
    ansible_variables,
    application,
    compose,
    docker_command,
    dotenv_files,
    image_reference,
)
from directus_guard.sources.files import registry
from directus_guard.sources.formats import docker_env_file, templates, yaml_document
from directus_guard.sources.formats.yaml_document import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import Image
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.yaml_document import MappingEntry, Node

_CONTAINERS: Final = frozenset({"docker_container", "podman_container", "docker_swarm_service"})
_STACKS: Final = {"docker_compose_v2": "definition", "docker_compose": "definition", "docker_stack": "compose"}
_FILES: Final = frozenset({"template", "copy"})
_GONE: Final = frozenset({"absent", "stopped"})


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus servers of all tasks, in the order of paths and tasks."""
    found: list[Deployment] = []
    variables: ansible_variables.Variables | None = None
    for path in registry.ANSIBLE.paths(repository):
        documents = yaml_document.documents(repository, path)
        tasks = [node for document in documents for node in yaml_document.walk(document) if isinstance(node, Mapping)]
        if not any(_module(entry) in {*_CONTAINERS, *_STACKS} for task in tasks for entry in task.entries):
            continue
        variables = variables or ansible_variables.Variables(repository)
        found += _File(repository, path, tasks, variables.of(path, documents)).deployments()
    return tuple(found)


def _module(entry: MappingEntry) -> str:
    """The module's name without its collection."""
    return entry.key.text.rpartition(".")[2]


class _File:
    """One file of plays or tasks."""

    def __init__(
        self, repository: Repository, path: str, tasks: list[Mapping], scope: ansible_variables.AnsibleScope
    ) -> None:
        self._repository, self._path, self._scope = repository, path, scope
        self._tasks = tasks
        self._names: dict[str, int] = {}

    def deployments(self) -> Iterator[Deployment]:
        containers = [
            (entry.key, node)
            for task in self._tasks
            for entry in task.entries
            if _module(entry) in _CONTAINERS and isinstance(node := entry.value, Mapping)
        ]
        made = [_Container(self, key.location, node) for key, node in containers]
        servers = [index for index, container in enumerate(made) if container.is_server]
        most = limits.DEPLOYMENTS
        if len(servers) > most.number:
            self._repository.further_deployments(self._path)
        around = [container.service for container in made] if servers else []
        for index in servers[: most.number]:
            yield made[index].deployment((*around[:index], *around[index + 1 :]))
        for task in self._tasks:
            for entry in task.entries:
                key = _STACKS.get(_module(entry))
                held = entry.value.get(key) if key and isinstance(entry.value, Mapping) else None
                for item in held.items if isinstance(held, Sequence) else (held,):
                    if isinstance(item, Mapping):
                        yield from self._inline(item)

    def _inline(self, node: Mapping) -> Iterator[Deployment]:
        """A Compose file that is written in a task."""
        for found in compose.of_definition(self._repository, self._path, node):
            yield replace(found, name=self.name(found.name.rpartition("#")[2]), platform=Platform.ANSIBLE)

    def name(self, own: str) -> str:
        """A name for a deployment of this file that no other has."""
        own = application.plain(own) or "task"
        self._names[own] = self._names.get(own, 0) + 1
        return f"{self._path}#{own}" + (f"-{self._names[own]}" if self._names[own] > 1 else "")

    def text(self, node: Node | None) -> str | None:
        """The text of a scalar with its references replaced."""
        return self._scope.resolve(node).text if isinstance(node, Scalar) else None

    def placed(self, destination: str) -> str | None:
        """The file of the repository that a task of this file copies or templates to a place on the machine."""
        for task in self._tasks:
            for entry in task.entries:
                if _module(entry) not in _FILES or not isinstance(entry.value, Mapping):
                    continue
                source, target = entry.value.text("src"), entry.value.text("dest")
                if source is None or target is None:
                    continue
                if destination in (target, posixpath.join(target, posixpath.basename(source).removesuffix(".j2"))):
                    return self._source(source, _module(entry))
        return None

    def _source(self, written: str, module: str) -> str | None:
        """Where Ansible looks for `src`: the role's or the play's `templates` or `files`, then beside the play."""
        kind = "templates" if module == "template" else "files"
        folder = application.folder(self._path)
        bases = [folder] if folder.rpartition("/")[2] not in ("tasks", "handlers") else []
        bases.append(application.folder(folder))
        for base in bases:
            for below in (f"{base}/{kind}", base):
                path = self._repository.resolve(below, written)
                if path is not None and path in self._repository:
                    return path
        return None

    @property
    def repository(self) -> Repository:
        return self._repository

    @property
    def scope(self) -> ansible_variables.AnsibleScope:
        return self._scope

    @property
    def path(self) -> str:
        return self._path


class _Container:
    """The arguments of one module."""

    def __init__(self, file: _File, location: Location, node: Mapping) -> None:
        self._file, self._location, self._node = file, location, node
        self._gaps: list[Gap] = []
        self._consumed: set[str] = {file.path}
        self._image = self._read_image()
        self._variables = (*self._from_files(), *self._from_env())

    @property
    def is_server(self) -> bool:
        """Whether it is a Directus that serves."""
        state = self._file.text(self._node.get("state"))
        command = " ".join(scalar.text for key in ("entrypoint", "command") for scalar in self._list(key))
        if state in _GONE or (command and not docker_command.may_serve(command)):
            return False
        image = self._image
        if image is not None and is_directus_image(image.repository):
            return True
        names = {variable.name for variable in self._variables}
        if not is_directus_environment(names) or (image is not None and is_other_program(image.repository)):
            return False
        return bool({"SECRET", "KEY", "DB_CLIENT"} & names)

    @property
    def service(self) -> Service:
        """As a service beside a Directus."""
        image = self._image
        name = self._file.text(self._node.get("name")) or (image.repository if image else "")
        return Service(application.plain(name), image, self._variables, tuple(self._ports()), self._location)

    def deployment(self, others: tuple[Service, ...]) -> Deployment:
        name = self._file.text(self._node.get("name")) or ""
        mounts = tuple(self._mounts())
        words = [scalar.text for key in ("entrypoint", "command") for scalar in self._list(key)]
        by_command, taken_in = command_line.environment(words, self._location, self._file.repository)
        self._gaps += taken_in
        return Deployment(
            name=self._file.name(name),
            platform=Platform.ANSIBLE,
            location=self._location,
            variables=(*self._variables, *by_command),
            config_file=self._config_file(mounts),
            gaps=tuple(dict.fromkeys(self._gaps)),
            image=self._image,
            version=image_reference.version(self._image),
            hints=tuple(filter(None, (application.plain(name),))),
            services=others,
            ports=tuple(self._ports()),
            mounts=mounts,
            consumed=frozenset(self._consumed),
        )

    def _list(self, key: str) -> Iterator[Scalar]:
        return ansible_variables.texts(self._file.scope.node(self._node.get(key)))

    def _read_image(self) -> Image | None:
        written = self._node.scalar("image")
        if written is None:
            return None
        held = self._file.scope.resolve(written)
        if held.text is not None:
            return image_reference.parse(held.text, held.location if held.parts == () else written.location)
        reason = held.value.reason if isinstance(held.value, Unknown) else ""
        fallback = held.value.fallback if isinstance(held.value, Unknown) else None
        if fallback is not None:
            return image_reference.parse(fallback.reveal(), written.location, reason, from_fallback=True)
        known = templates.known_part(written.text).rstrip(":@")
        return image_reference.parse(known, written.location, reason)

    def _from_env(self) -> Iterator[Variable]:
        node = self._file.scope.node(self._node.get("env"))
        if isinstance(node, Mapping):
            for entry in node.entries:
                if isinstance(entry.value, Scalar):
                    yield self._file.scope.resolve(entry.value).variable(entry.key.text, "Ansible env")
                else:
                    yield Variable(
                        entry.key.text, Unknown("it is not written as one text"), entry.value.location, "Ansible env"
                    )
        elif isinstance(node, Sequence):
            for item in ansible_variables.texts(node):
                yield from self._assigned(item)
            if not all(isinstance(item, Scalar) and "=" in item.text for item in node.items):
                self._gaps.append(unseen("`env` holds something that sets no variable: what is meant is not known"))
        elif node is not None and not yaml_document.is_null(node):
            self._gaps.append(unseen("`env` is put together when the task runs"))

    def _assigned(self, item: Scalar) -> Iterator[Variable]:
        """`NAME=value` of a list (docker_swarm_service)."""
        name, equals, text = item.text.partition("=")
        place = item.location
        if place.line == place.end_line and place.end_column - place.column == len(item.text):
            place = Location(place.path, place.line, place.column + len(name) + 1, place.end_line, place.end_column)
        if equals:
            yield self._file.scope.resolve(Scalar(text, item.plain, item.tag, place)).variable(name, "Ansible env")

    def _from_files(self) -> Iterator[Variable]:
        """`env_file`: a file of the machine, known where a task of this file puts it there."""
        for key in ("env_file", "env_files"):
            for written in self._list(key):
                path = self._file.placed(written.text)
                text = self._file.repository.text(path) if path is not None else None
                if path is None or text is None:
                    self._gaps.append(unseen("an environment file of the machine is handed over"))
                    continue
                self._consumed.add(path)
                if templates.fills_in(text):
                    self._file.repository.templated(path, templates.plain(text, inline=False).lines)
                    yield from dotenv_files.variables(path, text)
                else:
                    yield from docker_env_file.read(path, text, f"env_file {path.rpartition('/')[2]}")

    def _ports(self) -> Iterator[PublishedPort]:
        for key in ("published_ports", "ports", "publish"):
            for written in self._list(key):
                held = self._file.scope.resolve(written)
                port = docker_command.port(held.text, written.location) if held.text is not None else None
                if port is not None:
                    yield port
                elif held.text is None and written.text.rpartition(":")[2].isdigit():
                    target = written.text.rpartition(":")[2]
                    yield PublishedPort(target, "", "", written.location, "where it is published comes from outside")

    def _mounts(self) -> Iterator[Mount]:
        for key in ("volumes", "volume"):
            for written in self._list(key):
                parts = written.text.split(":")
                if len(parts) in (2, 3):
                    yield Mount(parts[0], parts[1], len(parts) == 3 and "ro" in parts[2].split(","), written.location)

    def _config_file(self, mounts: tuple[Mount, ...]) -> tuple[Variable, ...] | Unknown | None:
        """The file that Directus reads itself, where a task puts it on the machine and it is mounted."""
        pointer = next((one for one in reversed(self._variables) if one.name == "CONFIG_PATH"), None)
        target = "/directus/.env"
        if pointer is not None:
            held = docker_command.config_path(pointer)
            if held is None:
                return Unknown("CONFIG_PATH comes from outside the repository")
            target = held
        mount = next((mount for mount in mounts if mount.target == target), None)
        if mount is None:
            return None if pointer is None else Unknown("the file that CONFIG_PATH names is not in the repository")
        path = self._file.placed(mount.source)
        text = self._file.repository.text(path) if path is not None else None
        if path is None or text is None or templates.fills_in(text):
            return Unknown(f"`{application.plain(target)}` is put together on the machine")
        found, consumed = application.config_variables(self._file.repository, path, target, "mounted .env")
        self._consumed |= consumed
        return found
