"""Variables of Directus that commands set: at a host, in an environment file that a script writes, before they start it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.deployment import Deployment, Platform, Unknown
from directus_guard.directus.environment.recognise import CORE, is_directus_environment
from directus_guard.directus.gaps import unseen
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources import script_texts
from directus_guard.sources.deployments import application, dotenv_files, host_commands
from directus_guard.sources.files import registry, signs
from directus_guard.sources.formats import holes, shell_output

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.directus.environment.deployment import Variable
    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.shell_commands import Command
    from directus_guard.sources.formats.traced import Traced

_SECRET: Final = lazy_pattern(r"SECRET|PASSWORD|TOKEN|KEY|PASSPHRASE|CONNECTION_STRING|CREDENTIALS")
_STATEMENT: Final = lazy_pattern(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=")
_TELLING: Final = CORE - {"SECRET", "KEY"}
"""Core variables that other programs are not given by the same names."""
_HELPERS: Final = frozenset(
    [
        "script",
        "scripts",
        "bin",
        "deploy",
        "deployment",
        "ops",
        "infra",
        "infrastructure",
        "ci",
        "tools",
        "hack",
        ".github",
        "workflows",
        "docs",
        ".gitlab",
        ".circleci",
        "setup",
        "docker",
    ]
)
"""Folders of scripts for the folder above them."""
_WRITTEN: Final = "what else the file holds is not known"
_HOSTED: Final = "variables set at the host by other commands are not known"
_STARTED: Final = "what else the environment of the process holds is not in the repository"
_MAX_STARTS: Final = 100
"""Commands of one script whose variables are looked at."""


_MAX_VALUES: Final = 20
"""Of one variable, for one place; further ones are not looked at."""


class _Target(Struct, frozen=True):
    """Where variables go. `reason`: why it may have others; `starts`: whether Directus is started with them."""

    platform: Platform
    label: str
    reason: str
    starts: bool = False


class _Group(Struct, eq=False):
    """Variables that go to the same place, one value each."""

    target: _Target
    number: int
    variables: dict[str, Variable]
    hints: dict[str, None]
    starts: bool = False

    __repr__ = object.__repr__


def read(repository: Repository, others: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """The deployments that commands give variables to, in the order of paths. `others` are those that are known already.

    Two or more core variables, or a command that starts Directus, are a deployment. Fewer are a part of one, of which only
    what is set here is known; they count where the file, or a deployment near it, is Directus'.
    """
    folders = [application.folder(other.location.path) for other in others]
    found: list[Deployment] = []
    for path in registry.SCRIPTS.paths(repository):
        text = repository.text(path) or ""
        near = "directus" in f"{path}\n{text}".lower() or _is_near(path, folders)
        if not near and not signs.names_directus(text):
            continue
        found += (made for group in _groups(repository, path) if (made := _deployment(path, group, near=near)))
    return tuple(found)


def _groups(repository: Repository, path: str) -> Iterable[_Group]:
    """What goes to the same place. A second value of a variable is one more place: neither hides the other."""
    groups: dict[tuple[Platform, str, int], _Group] = {}
    for script in script_texts.scripts(repository, path, signs.sets_variables):
        for place, variable in _settings(script):
            number = 1
            while (group := groups.get((place.platform, place.label, number))) is not None:
                held = group.variables.get(variable.name)
                if held is None or held.value == variable.value or number == _MAX_VALUES:
                    break
                number += 1
            if group is None:
                group = groups[place.platform, place.label, number] = _Group(place, number, {}, {})
            group.variables.setdefault(variable.name, variable)
            group.hints |= dict.fromkeys(script.hints)
            group.starts = group.starts or place.starts
    return groups.values()


def _is_near(path: str, folders: Sequence[str]) -> bool:
    """Whether a deployment is in the folder that a script is for, above or below it."""
    folder = application.folder(path)
    while folder and folder.rpartition("/")[2].lower() in _HELPERS:
        folder = application.folder(folder)
    return any(application.is_below(one, folder) or application.is_below(folder, one) for one in folders)


def _deployment(path: str, group: _Group, *, near: bool) -> Deployment | None:
    variables = tuple(group.variables.values())
    telling = near or not _TELLING.isdisjoint(group.variables)
    whole = (telling and is_directus_environment(group.variables)) or group.starts
    if not whole and not (near and any(_is_secret(variable) for variable in variables)):
        return None
    label = application.plain(group.target.label)
    return Deployment(
        name=f"{path}#{label}" if group.number == 1 else f"{path}#{label}-{group.number}",
        platform=group.target.platform,
        location=_place(variables),
        variables=variables,
        gaps=(unseen(group.target.reason),),
        hints=(*group.hints, label),
        consumed=frozenset({path}),
        partial=not whole,
    )


def _place(variables: Sequence[Variable]) -> Location:
    return variables[0].via[0] if variables[0].via else variables[0].location


def _is_secret(variable: Variable) -> bool:
    """Whether a variable may hold a secret that is written down."""
    return _SECRET.search(variable.name) is not None and not isinstance(variable.value, Unknown)


def _settings(script: script_texts.ScriptText) -> Iterator[tuple[_Target, Variable]]:
    """Each variable that the commands of a script set, and where it goes."""
    starts = 0
    own = Platform.WORKFLOW if script.trial else Platform.SCRIPT
    for name, value in script.commands[-1].exported(signs.is_directus_variable, after=True) if script.commands else ():
        yield _Target(own, "export", _STARTED), value.variable(name, "exported by a script")
    for command in script.commands:
        for host in host_commands.variables(command):
            if signs.is_directus_variable(host.name) and not holes.are_in(host.name):
                label = f"{command.words[0].text.rpartition('/')[2]}-{host.target}".rstrip("-")
                yield _Target(host.platform, label, _HOSTED), host.value.variable(host.name, "command")
        for written in shell_output.written(command):
            label = _environment_file(written.path)
            for name, value in _statements(written.lines) if label else ():
                yield _Target(own, label, _WRITTEN), value.variable(name, "written by a command")
        if starts < _MAX_STARTS and _takes_variables(command):
            starts += 1
            started = application.starts_directus(" ".join(word.text for word in command.words))
            for name, value in given_to(command):
                yield _Target(own, "start", _STARTED, started), value.variable(name, "command")


def _environment_file(path: Traced) -> str:
    """The name of the environment file that a path leads to, "" for any other file."""
    name = path.text.rpartition("/")[2]
    known = holes.filled(name, "")
    if known and dotenv_files.is_environment_file(holes.filled(name, "x")):
        return known
    return "GITHUB_ENV" if path.outside == "GITHUB_ENV" else ""


def _statements(lines: Sequence[Traced]) -> Iterator[tuple[str, Traced]]:
    for line in lines:
        match = _STATEMENT.match(line.text)
        name = host_commands.own_name(match[1]) if match is not None else ""
        if match is not None and signs.is_directus_variable(name):
            end = len(line.text.rstrip())
            yield name, shell_output.without_quotes(line.cut(match.end(), end))


def _takes_variables(command: Command) -> bool:
    """Whether a command may start Directus, or has variables in front of it."""
    words = command.words
    return bool(
        command.before
        or any(_ENV.match(word.text) for word in words[:8])
        or application.starts_directus(" ".join(word.text for word in words))
    )


def given_to(command: Command) -> Iterator[tuple[str, Traced]]:
    """The variables of Directus that a command is given: exported before, written in front of it, or by `env`."""
    yield from command.exported(signs.is_directus_variable)
    for name, value in command.before:
        if signs.is_directus_variable(host_commands.own_name(name)):
            yield host_commands.own_name(name), value
    words = command.words
    start = next((index for index, word in enumerate(words[:8]) if _ENV.match(word.text)), None)
    for word in words[start + 1 :] if start is not None else ():
        match = _STATEMENT.match(word.text)
        if match is not None:
            if signs.is_directus_variable(match[1]):
                yield match[1], word.cut(match.end())
        elif not word.text.startswith("-"):
            return


_ENV: Final = lazy_pattern(r"(?:\S*/)?env\Z|cross-env")
