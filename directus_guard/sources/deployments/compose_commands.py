"""Commands that start Compose projects: the files they name together, the environment files and variables they give.

`docker compose -f a.yml -f b.yml --env-file prod.env up`, `docker stack deploy -c a.yml`, COMPOSE_FILE in a script, a recipe
or a pipeline.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources import script_texts
from directus_guard.sources.deployments import application
from directus_guard.sources.deployments.compose_scope import ComposeVariable
from directus_guard.sources.deployments.compose_starts import default_files
from directus_guard.sources.files import registry, signs
from directus_guard.sources.formats import holes, shell_output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from directus_guard.sources.deployments.compose_files import ComposeFiles
    from directus_guard.sources.formats.shell_commands import Command
    from directus_guard.sources.formats.traced import Traced

MAX_COMMANDS: Final = 50
"""Different starts of one repository that are followed."""
_MOST_TRIED: Final = 500
"""Commands of one repository that are looked at."""
_LONGEST_PATH: Final = 1_000
_PROGRAMS: Final = (
    "docker-compose",
    "podman-compose",
    "docker",
    "podman",
    "nerdctl",
    "docker-compose.exe",
    "docker.exe",
)
_FILE: Final = frozenset({"-f", "--file"})
_STACK_FILE: Final = frozenset({"-c", "--compose-file"})
_TAKES_VALUE: Final = frozenset(
    [
        "-p",
        "--project-name",
        "--profile",
        "--ansi",
        "--parallel",
        "--progress",
        "-H",
        "--host",
        "--context",
        "--log-level",
        "-l",
        "--config",
        "--tlscacert",
        "--tlscert",
        "--tlskey",
        "--orchestrator",
        "--resolve-image",
    ]
)
"""Other options whose value is the next word."""
_REFERENCED: Final = lazy_pattern(r"\$\{?([A-Za-z_][A-Za-z0-9_]{0,200})")
_NAME: Final = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*")
_STATEMENT: Final = lazy_pattern(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=")


class ComposeStart(Unprinted, frozen=True):
    """One way that a project is started. Paths are those of the repository; `script` is the file that says so."""

    script: str
    files: tuple[str, ...]
    folder: str
    """The project's folder."""
    env_files: tuple[str, ...] | None
    """What is read in the place of its `.env`; None: that."""
    trial: bool
    """Whether it is a job of a workflow that only tests."""
    whole: bool
    """Whether nothing but the names of the files and of environment files is given, so that no other start is assumed."""
    variables: Mapping[str, ComposeVariable]
    """What the environment of the command holds, as far as the files of the project ask for it."""

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it apart from other starts."""
        given = tuple(sorted((name, held.text) for name, held in self.variables.items()))
        return self.files, self.folder, self.env_files, self.trial, given


class _Options(Struct):
    """What the words of a command say."""

    files: list[Traced]
    env_files: list[Traced]
    folder: Traced | None = None


def read(files: ComposeFiles) -> tuple[ComposeStart, ...]:
    """The starts that say more than that a folder's project is started, each once, in the order of paths and commands."""
    found: dict[object, ComposeStart] = {}
    for starts in islice(_starts(files), _MOST_TRIED):
        for start in starts:
            if len(found) < MAX_COMMANDS:
                found.setdefault(start.key, start)
    return tuple(found.values())


def _starts(files: ComposeFiles) -> Iterator[tuple[ComposeStart, ...]]:
    """For each command that starts a project: the ways it tells, none where it says no more than the folder, or names
    what is not here. What tests give, or a command's environment, leaves open that others start the same files otherwise.
    """
    repository = files.repository
    asked = {
        name
        for path in registry.COMPOSE_FILES.named(repository)
        for name in _REFERENCED.findall(repository.text(path) or "")
    }
    for path in registry.COMPOSE_COMMANDS.paths(repository):
        text = repository.text(path) or ""
        if not signs.names_compose_files(text) and asked.isdisjoint(_NAME.findall(text)):
            continue
        for script in script_texts.scripts(repository, path, signs.starts_compose):
            yield from _Script(files, script).starts()


def started_by_default(files: ComposeFiles) -> frozenset[str]:
    """The files that commands start without naming any: what Compose finds in a folder."""
    found: set[str] = set()
    for path in registry.COMPOSE_COMMANDS.paths(files.repository):
        for script in script_texts.scripts(files.repository, path, signs.starts_compose):
            if not script.trial:
                found |= _Script(files, script).defaults()
    return frozenset(found)


class _Script:
    """The commands of one shell, in their order: where it is, and what it has written into `.env` so far."""

    def __init__(self, files: ComposeFiles, script: script_texts.ScriptText) -> None:
        self._files, self._repository, self._script = files, files.repository, script
        self._folder = script.folder
        self._written: dict[str, Traced] = {}

    def starts(self) -> Iterator[tuple[ComposeStart, ...]]:
        """Its commands that start a project, as `_starts` gives them."""
        for command in self._script.commands:
            moved = command.arguments("cd", "pushd")
            if moved:
                self._move(moved[0])
            for written in shell_output.written(command):
                if written.path.text.rpartition("/")[2] == ".env":
                    self._note(written.lines)
            options = parse(command)
            if options is not None:
                yield self._start(command, options)

    def defaults(self) -> frozenset[str]:
        """What its commands start that name no files."""
        found: set[str] = set()
        for command in self._script.commands:
            moved = command.arguments("cd", "pushd")
            if moved:
                self._move(moved[0])
            options = parse(command)
            if options is not None and not options.files and not self._by_variable(command):
                held = self._default(options.folder)
                found |= set(held[1] if held is not None else ())
        return frozenset(found)

    def _move(self, folder: Traced) -> None:
        path = _relative(folder)
        moved = None if path is None else self._repository.resolve(self._folder, path)
        self._folder = moved if moved is not None and len(moved) < _LONGEST_PATH else ""

    def _note(self, lines: Sequence[Traced]) -> None:
        for line in lines:
            match = _STATEMENT.match(line.text)
            if match is not None:
                self._written[match[1]] = shell_output.without_quotes(line.cut(match.end()))

    def _start(self, command: Command, options: _Options) -> tuple[ComposeStart, ...]:
        names = options.files or self._by_variable(command)
        found = self._resolved(names) if names else self._default(options.folder)
        if found is None:
            return ()
        base, files = found
        folder = application.folder(files[0])
        if options.folder is not None:
            written = _relative(options.folder)
            named = self._repository.resolve(base, written) if written is not None else None
            folder = folder if named is None else named
        env_files = None
        if options.env_files:
            paths = [self._below(base, word) for word in options.env_files]
            env_files = tuple(path for path in paths if path is not None)
            if len(env_files) < len(paths):
                return ()
        variables = dict(self._variables(command, files))
        trial = self._script.trial
        whole = bool(names) and not trial and not variables
        made = []
        if variables or env_files is not None or whole:
            made.append(ComposeStart(self._script.path, files, folder, env_files, trial, whole, variables))
        if names and not whole:
            made.append(ComposeStart(self._script.path, files, folder, None, False, True, {}))
        return tuple(made)

    def _by_variable(self, command: Command) -> list[Traced]:
        """The files in COMPOSE_FILE."""
        value = self._value(command, "COMPOSE_FILE")
        if value is None or value.unknown or not value.text:
            return []
        return list(value.split(";" if ";" in value.text else ":"))

    def _value(self, command: Command, name: str) -> Traced | None:
        """What a variable of the command's environment holds, None where that is not known."""
        held = command.variable(name)
        if held is not None:
            return held.value if held.exported else None
        return self._script.environment.get(name)

    def _variables(self, command: Command, files: tuple[str, ...]) -> Iterator[tuple[str, ComposeVariable]]:
        wanted = {name for path in files for name in _REFERENCED.findall(self._repository.text(path) or "")}
        for name in sorted(wanted):
            value = self._value(command, name) or self._written.get(name)
            if value is not None and not value.unknown:
                yield name, ComposeVariable(value.text, value.variable(name, "").location)

    def _bases(self) -> Iterator[str]:
        """Where the command may run: the folder it went to, the script's own folder, and those above."""
        folder = application.folder(self._script.path)
        while True:
            if self._folder:
                yield f"{folder}/{self._folder}".lstrip("/")
            yield folder
            if not folder:
                return
            folder = application.folder(folder)

    def _resolved(self, names: Sequence[Traced]) -> tuple[str, tuple[str, ...]] | None:
        """The first of these folders that has all the files, and their paths."""
        for base in self._bases():
            paths = [self._below(base, name) for name in names]
            known = tuple(path for path in paths if path is not None)
            if len(known) == len(paths):
                return base, known
        return None

    def _below(self, base: str, name: Traced) -> str | None:
        written = _relative(name)
        path = self._repository.resolve(base, written) if written else None
        return path if path is not None and path in self._repository else None

    def _default(self, folder: Traced | None) -> tuple[str, tuple[str, ...]] | None:
        """The files that Compose looks for itself."""
        below = _relative(folder) if folder is not None else "."
        for base in self._bases():
            place = self._repository.resolve(base, below) if below is not None else None
            files = default_files(self._repository, place) if place is not None else ()
            if files:
                return base, files
        return None


def _relative(written: Traced) -> str | None:
    """A path below the folder where the command runs; None where it is not known. `$PWD/x` and `$(dirname "$0")/x` are such."""
    text = written.text if written.fallback is None else written.fallback
    if holes.begin(text):
        text = holes.after_first(text).lstrip("/") or "."
    return None if holes.are_in(text) or text.startswith(("/", "~")) or not text else text


def parse(command: Command) -> _Options | None:
    """The options of a command that starts a Compose project, None for any other command."""
    given = command.arguments(*_PROGRAMS)
    if given is None:
        return None
    program = next(word.text for word in command.words if word.text.rpartition("/")[2] in _PROGRAMS)
    words = [word.text for word in given]
    if "compose" in program:
        return _options(given, _FILE)
    if "compose" in words[:6]:
        return _options(given[words.index("compose") + 1 :], _FILE)
    if words[:2] in (["stack", "deploy"], ["stack", "up"]):
        return _options(given[2:], _STACK_FILE, anywhere=True)
    return None


def _options(given: Sequence[Traced], file_options: frozenset[str], *, anywhere: bool = False) -> _Options | None:
    """The options before the subcommand. Without a subcommand nothing is started."""
    found = _Options([], [])
    takers: dict[str, Callable[[Traced], object]] = {
        **dict.fromkeys(file_options, found.files.append),
        "--env-file": found.env_files.append,
    }
    words = iter(given)
    for word in words:
        option, equals, value = word.partition("=")
        taken: Traced | None = value if equals else None
        name = option.text
        if name in takers or name in ("--project-directory", "--workdir"):
            taken = value if equals else next(words, None)
            if taken is None:
                return None
            if name in takers:
                takers[name](taken)
            else:
                found.folder = taken
        elif name in _TAKES_VALUE:
            taken = taken or next(words, None)
        elif not name.startswith("-") and not anywhere:
            return found
    return found if anywhere and found.files else None
