"""`docker run` in shell scripts, Makefiles, Justfiles, package.json, systemd units, and in texts of YAML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources import jenkins_texts, pipelines, script_texts
from directus_guard.sources.deployments import build_recipes
from directus_guard.sources.deployments.docker_command import Runs
from directus_guard.sources.files import registry
from directus_guard.sources.formats import shell_commands, systemd_unit, traced, values, yaml_document
from directus_guard.sources.formats.values import List, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from directus_guard.directus.environment.deployment import Deployment
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.shell_commands import Command
    from directus_guard.sources.formats.traced import Traced

_STARTS: Final = lazy_pattern(r"(?:docker|podman|nerdctl)(?:\.exe)?\b[^\n]{0,200}?\b(?:run|create)\b")
_TEMPLATE: Final = lazy_pattern(r"\$?\{\{[^{}\n]{0,300}\}\}|\$\[\[[^\]\n]{0,300}\]\]")
_UNIT: Final = lazy_pattern(r"^Exec(?:Start|StartPre|StartPost)[ \t]*=[ \t]*[-@:+!|]{0,4}", re.MULTILINE)


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus servers that a command starts, in the order of paths and places."""
    found: list[Deployment] = []
    for path in registry.DOCKER_RUN.paths(repository):
        text = repository.text(path)
        if text is None or "/.github/" in f"/{path}":  # `workflow` reads those
            continue
        commands, given = _commands(repository, path, text)
        outer = {name: value.variable(name, path.rpartition("/")[2]) for name, value in given.items()}
        found += Runs(repository, path, commands, outer).deployments()
    return tuple(found)


def mentions(text: str) -> bool:
    """Whether a text may start a container by a command, or build the image of one."""
    called = "docker" in text or "podman" in text or "nerdctl" in text
    return called and ("run" in text or "create" in text or "build" in text)


def _commands(repository: Repository, path: str, text: str) -> tuple[Sequence[Command], Mapping[str, Traced]]:
    """The commands of a file, and what its build tool gives to all of them."""
    if pipelines.is_pipeline(path) or jenkins_texts.is_jenkins(path):
        return [one for script in script_texts.scripts(repository, path, mentions) for one in script.commands], {}
    name = path.rpartition("/")[2].lower()
    if name.endswith((".yml", ".yaml")):
        return _joined(repository, path, _of_yaml(repository, path, text)), {}
    if name.endswith(".json"):
        return _joined(repository, path, script_texts.of_package(path, text)), {}
    if name.endswith(".service"):
        return _joined(repository, path, _of_unit(path, text)), systemd_unit.given(path, text)
    recipes = build_recipes.of(path, text)
    if recipes is not None:
        return _joined(repository, path, recipes.scripts), recipes.exported
    return _joined(repository, path, [traced.whole(path, text)]), {}


def _joined(repository: Repository, path: str, scripts: Sequence[Traced] | Iterator[Traced]) -> list[Command]:
    """The commands of the scripts that may start a container; what is left unread of a long one is noted."""
    found: list[Command] = []
    for script in scripts:
        if not mentions(script.text):
            continue
        if len(script.text) > shell_commands.MAX_CHARACTERS and "directus" in script.text.lower():
            size = shell_commands.MAX_CHARACTERS // 1024
            repository.problem(path, f"only the first {size} KiB of a script are read", incomplete=True)
        found += shell_commands.commands(script)
    return found


def _of_yaml(repository: Repository, path: str, text: str) -> Iterator[Traced]:
    """Every text of the file that may be a script; a list of words is a command, too (cloud-init)."""
    for document in yaml_document.documents(repository, path):
        for value in values.walk(values.from_yaml(document)):
            if (
                isinstance(value, Text)
                and value.kind is TextKind.STRING
                and _STARTS.search(value.text.replace("\n", " "))
            ):
                yield _script(path, text, value)
            elif isinstance(value, List) and len(value.items) > 1:
                first = value.items[0]
                if isinstance(first, Text) and first.text.rpartition("/")[2] in ("docker", "podman", "nerdctl"):
                    yield _from_words(path, text, value)


def _script(path: str, text: str, value: Text) -> Traced:
    return traced.scalar(path, text, value.text, value.location).with_holes(_TEMPLATE, "a template puts it in")


def _from_words(path: str, text: str, value: List) -> Traced:
    """A list of words as one command line; words with spaces get quotes."""
    words = [_script(path, text, item) for item in value.items if isinstance(item, Text)]
    return words[0].joined(part for word in words[1:] for part in (_quoted(word)))


def _quoted(word: Traced) -> tuple[Traced, ...]:
    first, last = word.pieces[0], word.pieces[-1]
    before = word.made([traced.Piece(" '", first.start, first.start)])
    after = word.made([traced.Piece("'", last.end, last.end)])
    return (
        (before, word, after)
        if "'" not in word.text
        else (word.made([traced.Piece(" ", first.start, first.start)]), word)
    )


def _of_unit(path: str, text: str) -> Iterator[Traced]:
    """The command lines of a systemd unit; `%` begins what systemd puts in."""
    whole = traced.whole(path, text)
    for match in _UNIT.finditer(text):
        end = match.end()
        while (stop := text.find("\n", end)) > 0 and text[stop - 1] == "\\":
            end = stop + 1
        stop = len(text) if stop < 0 else stop
        yield whole.cut(match.end(), stop).with_holes(_SPECIFIER, "systemd puts it in")


_SPECIFIER: Final = lazy_pattern(r"%[A-Za-z]")
