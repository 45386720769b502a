"""What the command of a container adds to its environment: `sh -c "export A=b; node cli.js start"`, `env A=b …`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Unknown, Variable
from directus_guard.directus.environment.variables import is_known_variable
from directus_guard.directus.gaps import Gap, unseen
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats import holes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.shell_commands import Command
    from directus_guard.sources.formats.traced import Traced

_SET: Final = lazy_pattern(r"(?:\A|[\s;&|(\"'])([A-Z][A-Z0-9_]{1,80})=(?!=)")
_TAKES: Final = lazy_pattern(
    r"(?:\A|[\s;&|(\"'/])(?:(?:source|eval)\s|\.\s{1,4}[\w./~$-]|(?:doppler|infisical|op|sops|chamber|envconsul|vault-env|aws-vault|"
    r"dotenvx?|env-cmd|teller|phase|bao|vals|summon|berglas|dotenv-cli)\s{1,4}(?:run|exec|exec-env|exec-file|-\S))"
)
_SCRIPT: Final = lazy_pattern(r"([A-Za-z0-9_.-]{1,80}\.(?:sh|bash))(?=[\s\"';&|,)\]]|\Z)")
_COMMENT: Final = lazy_pattern(r"^[ \t]*#.*$", re.MULTILINE)
_MAX: Final = 64 * 1024
"""Characters of a command, and of a script, that are looked at."""
_MAX_SCRIPTS: Final = 5
_SERVES: Final = lazy_pattern(r"\bstart\b|\bserve\b|\bpm2|cli\.js\Z")
_SETTERS: Final = frozenset({"env", "cross-env", "cross-env-shell"})
"""Programs that run another with the `NAME=value` words in front of it."""


def environment(
    words: Iterable[str], location: Location, repository: Repository | None = None
) -> tuple[tuple[Variable, ...], tuple[Gap, ...]]:
    """The variables of Directus that a command sets, and why there may be others. Scripts of the repository that it names
    (by their names: where the image has them is not looked up) count as the command. `location`: in the file that has it.

    A value is known where each command that starts the server is given the same text, and the file shows that text.
    """
    held = tuple(words)
    if not held:
        return (), ()
    text = " ".join(held)[:_MAX]
    scripts = dict(_scripts(text, repository)) if repository is not None else {}
    everything = "\n".join((text, *(_COMMENT.sub("", one) for one in scripts.values())))
    if "=" not in everything and _TAKES.search(everything) is None:
        return (), ()
    names = tuple(dict.fromkeys(name for name in _SET.findall(everything) if is_known_variable(name)))
    known = _known(names, held, location, repository, scripts) if names and repository is not None else {}
    unknown = Unknown("its command sets it")
    variables = tuple(known.get(name) or Variable(name, unknown, location, "command") for name in names)
    return variables, (unseen("its command takes in further variables"),) if _TAKES.search(everything) else ()


def _scripts(command: str, repository: Repository) -> Iterator[tuple[str, str]]:
    """The paths and texts of the scripts that a command runs."""
    names = {name.lower() for name in _SCRIPT.findall(command)}
    for path in repository.named(*sorted(names))[:_MAX_SCRIPTS] if names else ():
        yield path, (repository.text(path) or "")[:_MAX]


def _known(
    names: Sequence[str], words: tuple[str, ...], location: Location, repository: Repository, scripts: Mapping[str, str]
) -> dict[str, Variable]:
    """The variables whose values are known."""
    from directus_guard.sources.formats import traced  # noqa: PLC0415 - few commands set variables of Directus

    texts = [word for word in words if " " in word.strip()] or [" ".join(words)]
    found: dict[str, list[Variable | None]] = {}
    for text in texts:
        for name, value in _values(traced.whole("", text[:_MAX]), names):
            place = None if value is None else _place(repository.text(location.path) or "", location, name, value.text)
            found.setdefault(name, []).append(
                None if value is None or place is None else Variable(name, value.value, place, "command")
            )
    for path, text in scripts.items():
        for name, value in _values(traced.whole(path, text), names):
            found.setdefault(name, []).append(None if value is None else value.variable(name, "command"))
    return {
        name: held[0]
        for name, held in found.items()
        if held[0] is not None and all(one is not None and one.value == held[0].value for one in held)
    }


def _values(script: Traced, names: Sequence[str]) -> Iterator[tuple[str, Traced | None]]:
    """What the commands of a script that start the server are given for these variables; None where that is not known."""
    from directus_guard.sources.formats import shell_commands  # noqa: PLC0415 - the same

    commands = shell_commands.commands(script)
    serving = [one for one in commands if _may_serve(" ".join(word.text for word in one.words))]
    for name in names:
        for command in serving:
            given, value = _value(command, name)
            if given:
                yield name, None if value is None or value.unknown else value


def _may_serve(command: str) -> bool:
    """Whether a command starts the server, as far as it is known."""
    return holes.are_in(command) or _SERVES.search(command) is not None


def _value(command: Command, name: str) -> tuple[bool, Traced | None]:
    """Whether a variable is given to a command, and its text."""
    for index, word in enumerate(command.words):
        written, equals, value = word.partition("=")
        if equals and written.text == name:
            return any(one.text.rpartition("/")[2] in _SETTERS for one in command.words[:index]), value
    held = command.variable(name)
    return (True, held.value) if held is not None and held.exported else (False, None)


def _place(text: str, location: Location, name: str, value: str) -> Location | None:
    """Where a file has `name=value`, at or behind a place if it is there, else anywhere."""
    from directus_guard.sources.formats.dockerfile_syntax import Positions  # noqa: PLC0415 - the same

    positions = Positions(location.path, text)
    pattern = re.compile(rf"(?<![A-Z0-9_]){name}=\\?[\"']?(?={re.escape(value)})")
    match = pattern.search(text, positions.offset(location.line, 1)) or pattern.search(text)
    return positions.region(match.end(), match.end() + len(value)) if match is not None else None
