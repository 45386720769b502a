"""The variables of the environment files that a Compose service names (compose-go's dotenv)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Known, Unknown, Variable, not_readable
from directus_guard.sources.deployments.compose_dotenv import as_variable, raw_variables, statement_location, values
from directus_guard.sources.formats import dotenv
from directus_guard.sources.formats.dotenv import Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.environment.deployment import Value
    from directus_guard.sources.deployments.compose_files import ComposeFiles
    from directus_guard.sources.deployments.compose_members import EnvFile
    from directus_guard.sources.deployments.compose_scope import ComposeVariable


def env_files(
    files: ComposeFiles, entries: tuple[EnvFile, ...], project: Mapping[str, ComposeVariable]
) -> tuple[list[Variable], list[str]]:
    """The variables of all `env_file`s in their order, and why there may be others. `project`: the variables of the
    project that is started; those of one it includes do not count here.
    """
    variables: list[Variable] = []
    opened: list[str] = []
    earlier: dict[str, ComposeVariable] = {}
    for entry in entries:
        found, phrase = _env_file(files, entry, project, earlier)
        if entry.outside and entry.path is not None:
            found = tuple(replace(one, value=_by_default(one.value, entry.outside)) for one in found)
            phrase = phrase or f"env_file `{plain_name(entry.written)}` may be another one"
        variables += found
        opened += [phrase] if phrase else []
        for variable in found:
            earlier[variable.name] = as_variable(variable.value, variable.location)
    return variables, opened


def _by_default(value: Value, reason: str) -> Value:
    """A value that a variable has unless something outside the repository names another file."""
    return Unknown(reason, value.text, defaulted=True, replaceable=True) if isinstance(value, Known) else value


def _env_file(
    files: ComposeFiles, entry: EnvFile, project: Mapping[str, ComposeVariable], earlier: Mapping[str, ComposeVariable]
) -> tuple[tuple[Variable, ...], str]:
    """The variables of an `env_file`, and why there may be others ("" = there are none)."""
    if entry.path is None:
        return (), f"env_file `{plain_name(entry.written)}` comes from outside the repository"
    path = files.own(entry.path)
    text = files.repository.text(path) if path in files.repository else None
    if text is None:
        subject = f"env_file `{plain_name(entry.written)}`"
        return (), not_readable(subject) if path in files.repository else f"{subject} is not in the repository"
    origin = f"env_file {path.rsplit('/', 1)[-1]}"
    if entry.raw:
        return tuple(raw_variables(path, text, origin)), ""
    mistake = dotenv.mistake(text, Dialect.COMPOSE)
    if mistake:
        files.repository.problem(path, f"Compose refuses it: {mistake[1]}", mistake[0])
    made = tuple(
        Variable(
            read.statement.name,
            read.value,
            statement_location(path, read.statement),
            origin,
            parts=read.parts,
            literal=read.literal,
        )
        for read in values(path, dotenv.parse(text, Dialect.COMPOSE), project, earlier)
    )
    return made, "" if not mistake else f"env_file `{plain_name(entry.written)}` is not valid"


def plain_name(text: str) -> str:
    """A file name as people may see it: the default of a reference may be a secret."""
    return re.sub(r"\$\{([A-Za-z0-9_]*)[^}]*\}", r"${\1}", text)[:200]
