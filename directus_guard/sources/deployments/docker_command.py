"""`docker run`, `docker create` and `docker service create` (podman and nerdctl alike) taken apart."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from directus_guard import limits
from directus_guard.directus.environment.deployment import (
    Deployment,
    Known,
    Mount,
    Platform,
    PublishedPort,
    Service,
    Unknown,
    Variable,
)
from directus_guard.directus.environment.recognise import is_directus_environment, is_directus_image, is_other_program
from directus_guard.directus.gaps import Gap, unseen
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources import command_line
from directus_guard.sources.deployments import application, docker_build, image_reference
from directus_guard.sources.formats import docker_env_file, holes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from directus_guard.directus.environment.deployment import Image
    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.shell_commands import Command
    from directus_guard.sources.formats.traced import Traced

_SUBCOMMANDS: Final = (("run",), ("create",), ("container", "run"), ("container", "create"), ("service", "create"))
_PORT: Final = lazy_pattern(
    r"(?:(\[[^\]]{0,60}\]|[0-9]{1,3}(?:\.[0-9]{1,3}){3}):)?(?:([0-9-]{0,20}):)?([0-9-]{1,20})(?:/[a-z]{1,5})?"
)
_HOME: Final = "/directus"


class DockerRun(Unprinted, frozen=True):
    """One container that a command starts."""

    location: Location
    program: str
    image: Traced
    options: Sequence[tuple[str, Traced]]
    """Long names without dashes, and values."""
    command: tuple[Traced, ...]
    unseen: bool
    """Whether a shell variable may hold further options."""

    def values(self, name: str) -> Iterator[Traced]:
        """All values of an option, in order."""
        return (value for option, value in self.options if option == name)


def parse(command: Command) -> DockerRun | None:
    """The container that a command starts, None where it starts none."""
    given = command.arguments(*docker_build.PROGRAMS)
    if given is None:
        return None
    program = next(word.text for word in command.words if word.text.rpartition("/")[2] in docker_build.PROGRAMS)
    given = _without_global_options(given)
    texts = tuple(word.text for word in given[:2])
    skipped = next((len(names) for names in _SUBCOMMANDS if texts[: len(names)] == names), 0)
    if not skipped:
        return None
    options: list[tuple[str, Traced]] = []
    unseen = False
    index = skipped
    while index < len(given):
        word = given[index]
        if word.text == "--":
            index += 1
            break
        if word.spread and any(_is_directus(later.text) for later in given[index + 1 :]):
            unseen = True
        elif not word.text.startswith("-") or word.text == "-":
            break
        else:
            found, used = docker_build.option(word, given[index + 1] if index + 1 < len(given) else None)
            options += found
            index += used
        index += 1
    if index >= len(given):
        return None
    return DockerRun(command.words[0].location, program, given[index], options, given[index + 1 :], unseen)


def _without_global_options(given: tuple[Traced, ...]) -> tuple[Traced, ...]:
    index = 0
    while index < len(given) and given[index].text.startswith("-"):
        index += 1 + docker_build.option(given[index], given[index + 1] if index + 1 < len(given) else None)[1]
    return given[index:]


def _is_directus(text: str) -> bool:
    return is_directus_image(holes.before(text).partition("@")[0].rpartition(":")[0] or text)


def image_of(run: DockerRun) -> Image:
    """The image reference, as far as it is known."""
    written = run.image
    if not written.unknown:
        return image_reference.parse(written.text, written.location)
    fallback = written.fallback
    if fallback is not None:
        return image_reference.parse(fallback, written.location, written.unknown, from_fallback=True)
    return image_reference.parse(written.known_start.rstrip(":@"), written.location, written.unknown)


class Runs:
    """The containers that the commands of one file start. `outer` are variables that whoever runs them exports."""

    def __init__(
        self,
        repository: Repository,
        path: str,
        commands: Sequence[Command],
        outer: Mapping[str, Variable] | None = None,
    ) -> None:
        self._repository = repository
        self._path = path
        self._outer = outer or {}
        made = ((command, parse(command)) for command in commands)
        self._runs = [(command, run) for command, run in made if run is not None]
        self._built = dict(docker_build.builds(commands))

    def deployments(
        self, platform: Platform = Platform.DOCKER_RUN, hints: tuple[str, ...] = ()
    ) -> Iterator[Deployment]:
        """The Directus servers among them; the others stand around them."""
        most = limits.DEPLOYMENTS
        if len(self._runs) > most.number:
            self._repository.further_deployments(self._path)
        made = [(run, *self._environment(command, run)) for command, run in self._runs[: most.number]]
        around = [_service(run, variables) for run, variables, _, _ in made]
        names: dict[str, int] = {}
        for index, (run, variables, gaps, consumed) in enumerate(made):
            if not self._is_server(run, variables):
                continue
            base = next((name.text for name in run.values("name") if not name.unknown), "") or "run"
            names[base] = names.get(base, 0) + 1
            name = base if names[base] == 1 else f"{base}-{names[base]}"
            image = image_of(run)
            mounts = tuple(_mounts(run))
            config, read = self._config_file(mounts, variables)
            built = self._built.get(run.image.text.partition(":")[0])
            folder, dockerfile = docker_build.located(self._repository, self._path, built) if built else (None, None)
            yield Deployment(
                name=f"{self._path}#{application.plain(name)}",
                platform=platform,
                location=run.location,
                variables=tuple(variables),
                config_file=config,
                gaps=tuple(gaps),
                image=image,
                version=image_reference.version(image) if folder is None else None,
                hints=(*hints, application.plain(name)),
                build_context=folder,
                dockerfile=dockerfile,
                build_args=built.arguments if built else (),
                services=(*around[:index], *around[index + 1 :]),
                ports=tuple(_ports(run)),
                mounts=mounts,
                replicas=next((int(text.text) for text in run.values("replicas") if _is_count(text.text)), None),
                consumed=frozenset({self._path}) | consumed | read,
            )

    def _is_server(self, run: DockerRun, variables: Sequence[Variable]) -> bool:
        """Whether a container is a Directus that serves: not one that only runs a command of it and is gone."""
        image = image_of(run)
        words = " ".join(word.text for word in (*run.values("entrypoint"), *run.command))
        if words.strip() and not may_serve(words):
            return False
        if is_directus_image(image.repository):
            return True
        names = {variable.name for variable in variables}
        if not is_directus_environment(names) or is_other_program(image.repository):
            return False
        return bool({"SECRET", "KEY", "DB_CLIENT"} & names)

    def _environment(self, command: Command, run: DockerRun) -> tuple[list[Variable], list[Gap], frozenset[str]]:
        """The variables in the order of their precedence: those of files first."""
        variables: list[Variable] = []
        gaps: list[Gap] = [unseen("a shell variable of the command may set further options")] if run.unseen else []
        consumed: set[str] = set()
        for written in run.values("env-file"):
            path = self._local(written)
            text = self._repository.text(path) if path is not None else None
            if path is None or text is None:
                shown = "?" if written.unknown else application.plain(written.text)
                gaps.append(unseen(f"the `--env-file` `{shown}` is not in the repository"))
                continue
            consumed.add(path)
            try:
                self._repository.budgets.again(limits.ENVIRONMENT_AGAIN, path, text.count("\n") + 1)
            except limits.OverBudgetError as error:
                self._repository.problem(self._path, f"{error}: some are unknown", incomplete=True)
                gaps.append(unseen(f"the `--env-file` `{application.plain(written.text)}` was not read"))
                break
            variables += docker_env_file.read(path, text, f"--env-file {path.rpartition('/')[2]}")
        for written in run.values("env"):
            name, equals, value = written.partition("=")
            if name.unknown or not name.text:
                gaps.append(unseen("a variable whose name is not known is handed over"))
            elif equals:
                variables.append(value.variable(name.text, f"{run.program} run --env"))
            else:
                variables.append(self._handed_on(command, name, run))
        words = (word.text for word in (*run.values("entrypoint"), *run.command))
        by_command, taken_in = command_line.environment(words, run.location, self._repository)
        variables += by_command
        gaps += taken_in
        if any(True for _ in run.values("env-host")):
            gaps.append(unseen("all of the host's environment is handed over"))
        return variables, gaps, frozenset(consumed)

    def _handed_on(self, command: Command, name: Traced, run: DockerRun) -> Variable:
        """`-e NAME`: the value that the variable has where the command runs."""
        origin = f"{run.program} run --env"
        given = command.variable(name.text)
        if given is not None and given.value is not None and given.exported and not given.value.unknown:
            made = given.value.variable(name.text, origin)
            return Variable(made.name, made.value, made.location, origin, (*made.via, name.location))
        outer = self._outer.get(name.text)
        if given is None and outer is not None:
            return Variable(name.text, outer.value, outer.location, origin, (*outer.via, name.location))
        reason = "it is handed on from the environment of whoever starts the container"
        return Variable(name.text, Unknown(reason), name.location, origin)

    def _local(self, written: Traced) -> str | None:
        """The file of the repository that a path on the command line names: relative to the file's folder or one above.

        `$(pwd)/x`, `$PWD/x` and `$(dirname "$0")/x` are such paths, too.
        """
        text = written.text
        if holes.begin(text):
            if not _begins_here(written):
                return None
            text = holes.after_first(text).lstrip("/")
        own = f"{self._path}/{text.lstrip('/')}"  # a file that the text with the command writes there
        if own in self._repository.inner:
            return own
        if holes.are_in(text) or text.startswith(("/", "~")) or not text:
            return None
        folder = application.folder(self._path)
        while True:
            path = self._repository.resolve(folder, text)
            if path is not None and path in self._repository:
                return path
            if not folder:
                return None
            folder = application.folder(folder)

    def _config_file(
        self, mounts: Sequence[Mount], variables: Sequence[Variable]
    ) -> tuple[tuple[Variable, ...] | Unknown | None, frozenset[str]]:
        pointer = next((one for one in reversed(variables) if one.name == "CONFIG_PATH"), None)
        target = f"{_HOME}/.env"
        if pointer is not None:
            named = config_path(pointer)
            if named is None:
                return Unknown("CONFIG_PATH comes from outside the repository"), frozenset()
            target = named
        written = next((mount.source for mount in mounts if mount.target == target), None)
        if written is None:
            return None, frozenset()
        folder = application.folder(self._path)
        while True:
            path = self._repository.resolve(folder, written)
            if path is not None and path in self._repository:
                return application.config_variables(self._repository, path, target, "mounted .env")
            if not folder:
                return Unknown(f"`{application.plain(target)}` is mounted from outside the repository"), frozenset()
            folder = application.folder(folder)


_SERVES: Final = lazy_pattern(r"\bstart\b|\bbootstrap\b|\bserve\b|pm2|cli\.js|(?:^|[\s/])(?:ba|da)?sh\b")


def may_serve(command: str) -> bool:
    """Whether a container's command may start Directus' server: it names it, a shell, or what is not known."""
    return holes.are_in(command) or _SERVES.search(command) is not None


def _service(run: DockerRun, variables: Sequence[Variable]) -> Service:
    image = image_of(run)
    name = next((name.text for name in run.values("name") if not name.unknown), "") or image.repository
    return Service(
        application.plain(name), image, tuple(variables), tuple(_ports(run)), run.location, tuple(word.text for word in run.command if not word.unknown)
    )  # fmt: skip


def _ports(run: DockerRun) -> Iterator[PublishedPort]:
    for written in run.values("publish"):
        fields = dict(part.partition("=")[::2] for part in written.text.split(","))
        if "target" in fields:  # the long form of `docker service create`
            yield PublishedPort(fields["target"], fields.get("published", ""), "", written.location)
            continue
        text = holes.filled(written.text, "0")
        match = _PORT.fullmatch(text)
        if match is None:
            continue
        if written.unknown and (holes.begin(written.text) or not match[1]):
            yield PublishedPort(match[3], "", "", written.location, "where it is published comes from outside")
        elif (found := port(text, written.location)) is not None:
            yield found


def _mounts(run: DockerRun) -> Iterator[Mount]:
    for written in run.values("volume"):
        parts = _relative(written).split(":")
        if len(parts) == 1:
            yield Mount("", parts[0], False, written.location)
        elif len(parts) in (2, 3):
            yield Mount(parts[0], parts[1], len(parts) == 3 and "ro" in parts[2].split(","), written.location)
    for written in run.values("mount"):
        fields = dict(part.partition("=")[::2] for part in _relative(written).split(","))
        source = fields.get("source") or fields.get("src") or ""
        target = fields.get("target") or fields.get("destination") or fields.get("dst") or ""
        read_only = fields.get("readonly", fields.get("ro", "false")) in ("", "true", "1")
        if target:
            yield Mount(source, target, read_only, written.location)


def _relative(written: Traced) -> str:
    """A path of a mount without the part that means the current folder."""
    return written.text.replace(f"{holes.only()}/", "./") if _begins_here(written) else written.text


def _begins_here(written: Traced) -> bool:
    """Whether what is not known of a path is taken for the folder where the command runs: `$PWD`, `$(…)`."""
    return written.outside in ("", "PWD")


def port(text: str, location: Location) -> PublishedPort | None:
    """`[address:][published:]target[/protocol]`."""
    match = _PORT.fullmatch(text)
    return match and PublishedPort(match[3], match[2] or "", (match[1] or "").strip("[]"), location)


def config_path(pointer: Variable) -> str | None:
    """The path in the container that CONFIG_PATH names, None where it is not known."""
    if not isinstance(pointer.value, Known):
        return None
    return posixpath.normpath(posixpath.join(_HOME, pointer.value.text.reveal()))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6
