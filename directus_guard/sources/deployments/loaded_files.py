"""Environment files that the command of a script loads: `node --env-file=a.env …`, `dotenv -e a.env -- …`, `env-cmd -f a.env …`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.gaps import Gap, not_readable, unseen
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.deployments import dotenv_files
from directus_guard.sources.formats import holes, shell_commands, traced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.directus.environment.deployment import Variable
    from directus_guard.sources.files.repository import Repository

_ANY_PROGRAM: Final = ("--env-file", "--env-file-if-exists")
_OPTIONS: Final = {
    "dotenv": ("-e", "-p", "--path"),
    "dotenvx": ("-f", "--file"),
    "env-cmd": ("-f", "--file"),
    "dotenv-flow": ("-p", "--path"),
}
"""Programs that run another, and their options that name environment files."""
_SETTING: Final = lazy_pattern(r"(?:dotenv_config_path|DOTENV_CONFIG_PATH)=(.+)", re.DOTALL)
"""How `node -r dotenv/config` is configured."""
_LOADS: Final = lazy_pattern(r"--env-file|dotenv|env-cmd", re.IGNORECASE)


def variables(
    repository: Repository, folder: str, commands: Iterable[str]
) -> tuple[tuple[Variable, ...], tuple[Gap, ...]]:
    """What the files give that are named in the commands, seen from a folder, and why there may be more."""
    found: list[Variable] = []
    gaps: dict[Gap, None] = {}
    for name in dict.fromkeys(_names(commands)):
        path = None if holes.are_in(name) else repository.resolve(folder, name)
        if path is None or path not in repository:
            gaps[unseen("its command loads an environment file that is not in the repository")] = None
            continue
        repository.belongs(path)
        text = repository.text(path)
        if text is None:
            gaps[not_readable(f"`{path}`")] = None
        else:
            found += dotenv_files.variables(path, text)
    return tuple(found), tuple(gaps)


def _names(scripts: Iterable[str]) -> Iterator[str]:
    """The names of the files, in the order in which they are written."""
    for script in scripts:
        if _LOADS.search(script):
            for command in shell_commands.commands(traced.whole("", script)):
                yield from _named([word.text for word in command.words])
                yield from (value.text for name, value in command.before if name == "DOTENV_CONFIG_PATH")


def _named(words: Sequence[str]) -> Iterator[str]:
    options: set[str] = set(_ANY_PROGRAM)
    for index, word in enumerate(words):
        options.update(_OPTIONS.get(word.rpartition("/")[2], ()))
        option, equals, value = word.partition("=")
        if option in options and equals:
            yield value
        elif word in options and index + 1 < len(words):
            yield words[index + 1]
        elif (setting := _SETTING.fullmatch(word)) is not None:
            yield setting[1]
