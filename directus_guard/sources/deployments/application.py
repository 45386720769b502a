"""What the platforms that start a program from a repository folder or an image have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Known, Unknown, Variable
from directus_guard.directus.environment.recognise import is_directus_environment
from directus_guard.directus.gaps import not_readable, unseen
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats import json_document
from directus_guard.sources.formats.values import ObjectValue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.gaps import Gap
    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository

_PUNCTUATION: Final = lazy_pattern(r"[\s\"',\[\]]+")
_STARTS: Final = lazy_pattern(
    r"(?:\A|[\s/=])directus(?:@\S+)? (?:start|bootstrap)(?:\s|;|&|\Z)|directus/(?:dist/)?cli(?:/run)?\.js"
)


def starts_directus(command: str) -> bool:
    """Whether a command line, or a list of its words as JSON writes it, runs the Directus server."""
    return "directus" in command and _STARTS.search(_PUNCTUATION.sub(" ", command)) is not None


_COMMAND: Final = lazy_pattern(
    r"(?:\A|[\s/;&])(?:(?:directus|cli\.js)\s+(?:bootstrap|database|schema|users|roles|count|init)\b|node\s+(?:-e|--eval|-p|--print)\s)"
)
"""A command of Directus that ends, and a program in the command itself."""
_SERVES: Final = lazy_pattern(
    r"\bstart\b|\bserver?\b|pm2|\bdev\b|entrypoint|(?<!\bwait-for)(?<!\bwait-for-it)\.sh\b|[^ -~\s]|\$"
)
"""What starts a server, and what may do anything, as another script may."""


def runs_once(words: Iterable[str]) -> tuple[Gap, ...]:
    """Why a container does not show what serves, if the words of its command only prepare the database, such as
    `npx directus schema apply`, or run a program of their own, and start no server."""
    command = " ".join(words)
    if _COMMAND.search(command) is None or _SERVES.search(command) is not None:
        return ()
    return (unseen("it runs a command and ends: what serves is another service"),)


def configures_directus(variables: Iterable[Variable]) -> bool:
    """Whether these variables are a Directus server's own."""
    return is_directus_environment({variable.name for variable in variables})


def own_environment(
    repository: Repository, folder: str, variables: Iterable[Variable]
) -> tuple[tuple[Variable, ...] | Unknown | None, frozenset[str]]:
    """The config file of a Directus that is started in a folder of the repository, and the path it was read from.

    It is `.env`, or what CONFIG_PATH among `variables` names (docs/model/environment.md#loading). Without such a file
    there is none.
    """
    name = ".env"
    for variable in variables:
        if variable.name == "CONFIG_PATH":
            if not isinstance(variable.value, Known):
                return Unknown("CONFIG_PATH comes from outside the repository"), frozenset()
            name = variable.value.text.reveal()
    path = repository.resolve(folder, name)
    if name != ".env" and (path is None or path not in repository):
        return Unknown("the file that CONFIG_PATH names is not in the repository"), frozenset()
    if path is None or path not in repository:
        return None, frozenset()
    return config_variables(repository, path, name, "Directus' own .env" if name == ".env" else f"`{plain(name)}`")


def config_variables(
    repository: Repository, path: str, target: str, origin: str, via: tuple[Location, ...] = ()
) -> tuple[tuple[Variable, ...] | Unknown, frozenset[str]]:
    """The variables of the file of the repository that Directus itself reads at `target`, and the paths they are from."""
    from directus_guard.sources.deployments import config_file  # noqa: PLC0415 - few projects have such a file

    repository.belongs(path)
    text = repository.text(path)
    if text is None:
        return Unknown.of(not_readable(f"`{plain(path)}`, which Directus reads itself,")), frozenset({path})
    found = config_file.parse(
        path, text, target, origin, via, lambda message, line: repository.problem(path, message, line)
    )
    return found, frozenset({path})


def folder(path: str) -> str:
    """The folder of a path, "" for the root."""
    return path.rpartition("/")[0]


def is_below(folder: str, above: str) -> bool:
    """Whether a folder is another one, or inside of it."""
    return not above or folder == above or folder.startswith(f"{above}/")


def plain(text: str, limit: int = 80) -> str:
    """A name from a hostile file as a phrase may repeat it."""
    return "".join(character if character.isprintable() and character != "`" else "?" for character in text[:limit])


def at(variable: Variable, location: Location) -> Variable:
    """The variable as if it stood there: its text is wrapped in another (base64), where it has no place of its own."""
    return Variable(variable.name, variable.value, location, variable.origin, variable.via)


_SCRIPT: Final = lazy_pattern(
    r"(?:\A|[\s;&|/])(?:npm|pnpm|yarn|bun)\s{1,4}(?:run(?:-script)?\s{1,4})?([A-Za-z0-9:_.-]{1,60})"
)


def runs_directus(repository: Repository, folder: str, *commands: str) -> bool:
    """Whether one of the commands starts Directus, itself or through a script of the folder's package.json."""
    if any(map(starts_directus, commands)):
        return True
    names = {name for command in commands for name in _SCRIPT.findall(_PUNCTUATION.sub(" ", command))}
    path = f"{folder}/package.json".lstrip("/")
    text = repository.text(path) if names and path in repository else None
    if text is None or "directus" not in text:
        return False
    try:
        root = json_document.parse(path, text)
    except json_document.JsonError:
        return False  # packages.py tells about it
    scripts = root.object("scripts") if isinstance(root, ObjectValue) else None
    return scripts is not None and any(starts_directus(scripts.text(name) or "") for name in sorted(names))
