"""systemd: Podman's Quadlet units (`*.container`), and services that start Directus from a folder of the machine.

A container only gets what its own section names, and there `Environment=` beats `EnvironmentFile=` (`podman run --env`
beats `--env-file`); for a service it is the other way round.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from directus_guard import limits
from directus_guard.directus.environment.deployment import (
    Deployment,
    Known,
    Mount,
    Platform,
    PublishedPort,
    Unknown,
    Variable,
)
from directus_guard.directus.environment.recognise import is_directus_image
from directus_guard.directus.gaps import Gap, unseen
from directus_guard.finding import Location
from directus_guard.sources import command_line
from directus_guard.sources.deployments import application, dockerfile, image_reference, manifest
from directus_guard.sources.files import registry
from directus_guard.sources.formats import docker_env_file, systemd_unit
from directus_guard.sources.formats.systemd_unit import expanded, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from directus_guard.directus.environment.deployment import Image
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.systemd_unit import Unit
    from directus_guard.sources.formats.traced import Traced

_CONFIG_FILE: Final = "/directus/.env"
_EXECS: Final = ("ExecStartPre", "ExecStart", "ExecStartPost")


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus units, in the order of paths."""
    drop_ins = _drop_ins(repository)
    found: list[Deployment] = []
    for path in registry.SYSTEMD.paths(repository):
        manifest.belonging(repository, path)
        laid_over = _of(path, drop_ins)
        unit = systemd_unit.unit(repository, path, laid_over)
        if unit is None:
            continue
        kind = _Container if path.lower().endswith(".container") else _Service
        made = kind(repository, path, unit, laid_over).deployment()
        found += [made] if made is not None else []
    return tuple(found)


def _drop_ins(repository: Repository) -> Mapping[str, Sequence[str]]:
    """Files in folders like `cms.container.d`, by that folder, in the order of their names."""
    found: dict[str, list[str]] = {}
    for path in registry.DROP_INS.named(repository):
        folder = application.folder(path)
        if folder.endswith((".container.d", ".service.d")) or folder.rpartition("/")[2] in ("container.d", "service.d"):
            found.setdefault(folder, []).append(path)
    return found


def _of(path: str, drop_ins: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The drop-ins of a unit. One in the unit's own folder hides one with the same name in the folder for the whole kind."""
    folder, _, name = path.rpartition("/")
    kind = f"{folder}/{name.rpartition('.')[2]}.d".lstrip("/")
    by_name = {other.rpartition("/")[2]: other for place in (kind, f"{path}.d") for other in drop_ins.get(place, ())}
    return tuple(by_name[name] for name in sorted(by_name))


class _UnitReader:
    """Reads one unit with its drop-ins."""

    def __init__(self, repository: Repository, path: str, unit: Unit, drop_ins: Sequence[str]) -> None:
        self._repository, self._path, self._unit, self._drop_ins = repository, path, unit, drop_ins
        self._gaps: list[Gap] = []
        self._consumed: set[str] = {path, *drop_ins}

    def _environment_files(self, section: str) -> Iterator[tuple[str, str]]:
        """Path and text of each `EnvironmentFile` of a section that is in the repository."""
        for file in self._unit.all(section, "EnvironmentFile"):
            path = _file(self._repository, self._path, file.text)
            text = self._repository.text(path) if path is not None else None
            if path is None or text is None:
                self._gaps.append(_missing(file))
                continue
            self._consumed.add(path)
            try:
                self._repository.budgets.again(limits.ENVIRONMENT_AGAIN, path, text.count("\n") + 1)
            except limits.OverBudgetError as error:
                self._repository.problem(self._path, f"{error}: some are unknown", incomplete=True)
                self._gaps.append(unseen(f"the environment file `{application.plain(file.text)}` was not read"))
                return
            yield path, text


class _Container(_UnitReader):
    """A `[Container]` of Quadlet."""

    def deployment(self) -> Deployment | None:
        image, built = self._image()
        variables = tuple(self._variables())
        command = " ".join(part.text for part in self._unit.all("Container", "Exec"))
        if not (
            (image is not None and is_directus_image(image.repository))
            or dockerfile.builds_directus(self._repository, built)
            or application.configures_directus(variables)
            or application.starts_directus(command)
        ):
            return None
        mounts = tuple(self._mounts())
        place = image.location if image else Location(self._path)
        by_command, taken_in = command_line.environment((command,), place, self._repository)
        variables += by_command
        self._gaps += taken_in
        name = self._unit.last("Container", "ContainerName")
        return Deployment(
            name=self._path,
            platform=Platform.SYSTEMD,
            location=place,
            variables=variables,
            config_file=self._config_file(mounts, variables),
            gaps=tuple(dict.fromkeys(self._gaps)),
            image=image,
            version=image_reference.version(image),
            hints=tuple(filter(None, (_stem(self._path), name.text if name and not name.unknown else ""))),
            build_context=application.folder(built) if built else None,
            dockerfile=built,
            ports=tuple(self._ports()),
            mounts=mounts,
            consumed=frozenset(self._consumed),
        )

    def _image(self) -> tuple[Image | None, str | None]:
        """The image, or the Dockerfile of the `.build` unit that makes it."""
        written = self._unit.last("Container", "Image")
        if written is None:
            return None, None
        beside = self._repository.resolve(application.folder(self._path), written.text)
        if written.text.endswith((".image", ".build")) and beside is not None and beside in self._repository:
            other = systemd_unit.unit(self._repository, beside)
            self._consumed.add(beside)
            if other is not None and written.text.endswith(".image"):
                written = other.last("Image", "Image") or written
            elif other is not None:
                return None, self._dockerfile(other, beside)
        held = expanded(written)
        known = held.known_start.rstrip(":@") if held.unknown else held.text
        return image_reference.parse(known, held.location, held.unknown), None

    def _dockerfile(self, build: Unit, path: str) -> str | None:
        """The file of a `.build` unit: `File=`, else the Containerfile or Dockerfile of its working directory."""
        folder = application.folder(path)
        directory, file = build.last("Build", "SetWorkingDirectory"), build.last("Build", "File")
        if directory is not None and directory.text not in ("unit", "file"):
            resolved = self._repository.resolve(folder, directory.text)
            folder = folder if resolved is None else resolved
        for name in (file.text,) if file is not None else ("Containerfile", "Dockerfile"):
            found = self._repository.resolve(folder, name)
            if found is not None and found in self._repository:
                return found
        return None

    def _variables(self) -> Iterator[Variable]:
        for path, text in self._environment_files("Container"):
            yield from docker_env_file.read(path, text, f"EnvironmentFile {path.rpartition('/')[2]}")
        for value in self._unit.all("Container", "Environment"):
            yield from systemd_unit.environment(value, "Environment", relaxed=True)
        for secret in self._unit.all("Container", "Secret"):
            yield from _secret(secret)
        yield from self._arguments()
        host = self._unit.last("Container", "EnvironmentHost")
        if host is not None and host.text.lower() in ("true", "yes", "1", "on"):
            self._gaps.append(unseen("the whole environment of the machine is handed on"))

    def _arguments(self) -> Iterator[Variable]:
        """`PodmanArgs=--env A=b`: handed to `podman run` as it is."""
        for value in self._unit.all("Container", "PodmanArgs"):
            following = iter(words(value, relaxed=True))
            for word in following:
                option, sign, text = word.partition("=")
                if option.text == "--env-file":
                    self._gaps.append(unseen("an `--env-file` is given to `podman run`"))
                elif option.text in ("-e", "--env"):
                    held = text if sign else next(following, None)
                    if held is not None:
                        yield _assigned(held)

    def _mounts(self) -> Iterator[Mount]:
        for value in self._unit.all("Container", "Volume"):
            source, _, rest = value.partition(":")
            target, _, options = rest.partition(":")
            yield Mount(source.text, target.text or source.text, "ro" in options.text.split(","), value.location)

    def _config_file(
        self, mounts: Sequence[Mount], variables: Sequence[Variable]
    ) -> tuple[Variable, ...] | Unknown | None:
        """The file that Directus reads itself: `/directus/.env`, or what CONFIG_PATH names, if it is mounted."""
        target = _CONFIG_FILE
        for variable in variables:
            if variable.name == "CONFIG_PATH":
                if not isinstance(variable.value, Known):
                    return Unknown("CONFIG_PATH comes from outside the repository")
                target = variable.value.text.reveal()
        mount = next((mount for mount in mounts if mount.target == target), None)
        if mount is None:
            return (
                None if target == _CONFIG_FILE else Unknown("the file that CONFIG_PATH names is not in the repository")
            )
        path = _file(self._repository, self._path, mount.source)
        if path is None:
            return Unknown(f"`{application.plain(target)}` is not in the repository")
        origin = f"`{application.plain(target)}` of the container"
        found, read = application.config_variables(self._repository, path, target, origin, (mount.location,))
        self._consumed |= read
        return found

    def _ports(self) -> Iterator[PublishedPort]:
        """`PublishPort=[[address:]host:]container`."""
        for value in self._unit.all("Container", "PublishPort"):
            host, _, target = value.text.rpartition(":")
            address, _, published = host.rpartition(":")
            yield PublishedPort(
                target.split("/")[0], published, address.strip("[]"), value.location, expanded(value).unknown
            )


def _secret(value: Traced) -> Iterator[Variable]:
    """`Secret=name,type=env,target=DB_PASSWORD`: a variable whose value Podman keeps."""
    name, *options = value.text.split(",")
    given = dict(option.partition("=")[::2] for option in options)
    if given.get("type") == "env":
        reason = "Podman takes it from its secret store"
        yield Variable(given.get("target") or name, Unknown(reason), value.location, "Secret")


def _assigned(word: Traced) -> Variable:
    """`A=b`, or `A` alone, which hands on what the service has."""
    name, sign, text = word.partition("=")
    if sign:
        return expanded(text).variable(name.text, "podman run --env")
    return Variable(name.text, Unknown("it is handed on from the machine"), word.location, "podman run --env")


def _file(repository: Repository, unit: str, written: str) -> str | None:
    """A file that a unit names: beside the unit, or, by its absolute path, in a folder that mirrors a machine's root."""
    written = written.removeprefix("-")
    folder = application.folder(unit)
    if "%" in written:
        return None
    if not written.startswith("/"):
        path = repository.resolve(folder, written)
        return path if path is not None and path in repository else None
    while True:
        path = f"{folder}{written}" if folder else written[1:]
        if path in repository:
            return path
        if not folder:
            return None
        folder = application.folder(folder)


class _Service(_UnitReader):
    """A `[Service]` that runs Directus itself, from a folder of the machine."""

    def __init__(self, repository: Repository, path: str, unit: Unit, drop_ins: Sequence[str]) -> None:
        super().__init__(repository, path, unit, drop_ins)
        directory = unit.last("Service", "WorkingDirectory")
        self._folder = _folder(repository, path, directory.text if directory else "")
        self._commands = [value.text.lstrip("@-:+!|") for key in _EXECS for value in unit.all("Service", key)]

    def deployment(self) -> Deployment | None:
        variables = tuple(self._variables())
        if not self._starts_directus() and not (
            application.configures_directus(variables) and not self._is_container()
        ):
            return None
        config, own = None, frozenset[str]()
        if self._folder is not None:
            config, own = application.own_environment(self._repository, self._folder, variables)
        else:
            self._gaps.append(
                unseen("the folder that it runs in, with a `.env` that may be there, is not in the repository")
            )
        start = self._unit.last("Service", "ExecStart")
        return Deployment(
            name=self._path,
            platform=Platform.SYSTEMD,
            location=start.location if start else Location(self._path),
            variables=variables,
            config_file=config,
            gaps=tuple(dict.fromkeys(self._gaps)),
            hints=(_stem(self._path),),
            consumed=frozenset(self._consumed | own),
        )

    def _starts_directus(self) -> bool:
        if any(map(application.starts_directus, self._commands)):
            return True
        folder = self._folder
        return folder is not None and application.runs_directus(self._repository, folder, *self._commands)

    def _is_container(self) -> bool:
        return any(word in command for command in self._commands for word in ("docker", "podman"))

    def _variables(self) -> Iterator[Variable]:
        removed = {word.text for value in self._unit.all("Service", "UnsetEnvironment") for word in words(value)}
        yield from (variable for variable in self._given() if variable.name not in removed)

    def _given(self) -> Iterator[Variable]:
        for value in self._unit.all("Service", "Environment"):
            yield from systemd_unit.environment(value, "Environment")
        for path, text in self._environment_files("Service"):
            yield from systemd_unit.environment_file(path, text, f"EnvironmentFile {path.rpartition('/')[2]}")
        for value in self._unit.all("Service", "PassEnvironment"):
            for word in words(value):
                yield Variable(word.text, Unknown("it is handed on from the machine"), word.location, "PassEnvironment")


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _missing(file: Traced) -> Gap:
    return unseen(f"the environment file `{application.plain(file.text)}` is not in the repository")


def _folder(repository: Repository, unit: str, written: str) -> str | None:
    """The repository's folder behind a `WorkingDirectory=`, where the repository mirrors a machine's root."""
    if not written.startswith("/") or "%" in written:
        return None
    folder = application.folder(unit)
    while True:
        path = f"{folder}{written}".strip("/")
        after = bisect_left(repository.files, f"{path}/")
        if repository.files[after : after + 1] and repository.files[after].startswith(f"{path}/"):
            return path
        if not folder:
            return None
        folder = application.folder(folder)
