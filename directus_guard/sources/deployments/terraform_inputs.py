"""What commands and Terragrunt give to the variables of a Terraform module: `-var name=text`, `TF_VAR_name=text`, `inputs = { … }`."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources import script_texts
from directus_guard.sources.deployments import application
from directus_guard.sources.files import registry
from directus_guard.sources.formats import hcl_document, holes
from directus_guard.sources.formats.values import ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.shell_commands import Command
    from directus_guard.sources.formats.traced import Traced
    from directus_guard.sources.formats.values import Value

_PREFIX: Final = "TF_VAR_"
_MAX_STARTS: Final = 50
"""Commands and files of one repository that are followed."""


def read(repository: Repository) -> tuple[tuple[str, str | None, Mapping[str, Value]], ...]:
    """The ways in which modules are started that give them values: what says so, the module's folder (None where it is not
    known), and the values by the names of its variables."""
    return tuple(islice(_all(repository), _MAX_STARTS))


def _all(repository: Repository) -> Iterator[tuple[str, str | None, Mapping[str, Value]]]:
    for path in registry.TERRAGRUNT.named(repository):
        yield from _of_terragrunt(repository, path)
    modules = registry.TERRAFORM.paths(repository)
    for path in registry.TERRAFORM_COMMANDS.paths(repository):
        for script in script_texts.scripts(repository, path, _starts_terraform):
            outer = {name: value for name, value in script.environment.items() if name.startswith(_PREFIX)}
            for command in script.commands:
                options = command.arguments("terraform", "tofu", "terragrunt")
                given = dict(_given(command, options, outer)) if options is not None else {}
                if given:
                    yield path, _folder(repository, modules, path, script.folder, options or ()), given


def _starts_terraform(text: str) -> bool:
    return "terraform" in text or "tofu" in text or "terragrunt" in text


def _given(command: Command, options: tuple[Traced, ...], outer: Mapping[str, Traced]) -> Iterator[tuple[str, Value]]:
    """The values that a command gives; the later ones win."""
    exported = command.exported(lambda name: name.startswith(_PREFIX))
    for name, value in (*outer.items(), *exported, *command.before):
        if name.startswith(_PREFIX):
            yield from _known(name.removeprefix(_PREFIX), value)
    for index, word in enumerate(options):
        if word.text in ("-var", "--var") and index + 1 < len(options):
            pair = options[index + 1]
        elif word.text.startswith(("-var=", "--var=")):
            pair = word.partition("=")[2]
        else:
            continue
        name_of, equals, value = pair.partition("=")
        if equals:
            yield from _known(name_of.text, value)


def _known(name: str, value: Traced) -> Iterator[tuple[str, Value]]:
    if not holes.are_in(value.text):
        yield name, Text(value.text, TextKind.STRING, value.variable(name, "").location)


def _folder(
    repository: Repository, modules: tuple[str, ...], path: str, folder: str, options: tuple[Traced, ...]
) -> str | None:
    """The folder that `-chdir` names, from where the script is or from above; else where the workflow runs it; None if unknown."""
    moved = next((word.text.partition("=")[2] for word in options if word.text.startswith("-chdir=")), folder)
    if not moved:
        return None
    base = application.folder(path)
    while True:
        place = repository.resolve(base, moved)
        if place is not None and any(one.startswith(f"{place}/") for one in modules):
            return place
        if not base:
            return None
        base = application.folder(base)


def _of_terragrunt(repository: Repository, path: str) -> Iterator[tuple[str, str | None, Mapping[str, Value]]]:
    inputs = next((one.value for one in hcl_document.attributes(repository, path) if one.key.text == "inputs"), None)
    source = _SOURCE.search(repository.text(path) or "")
    if isinstance(inputs, ObjectValue):
        folder = application.folder(path)
        written = source[1].replace("//", "/") if source is not None else "."
        place = repository.resolve(folder, written)
        yield folder or path, place, {entry.key.text: entry.value for entry in inputs.entries}


_SOURCE: Final = lazy_pattern(r"\bterraform\s{0,9}\{[^{}]{0,2000}?\bsource\s{0,40}=\s{0,40}\"(\.[^\"\n$%]{0,300})\"")
