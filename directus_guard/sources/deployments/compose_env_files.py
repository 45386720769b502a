"""The variables of the environment files that a Compose service names (compose-go's dotenv)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Known, Unknown, Variable
from directus_guard.directus.gaps import Gap, not_readable, unseen
from directus_guard.sources.deployments.compose_dotenv import as_variable, raw_variables, statement_location, values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.environment.deployment import Value
    from directus_guard.sources.deployments.compose_files import ComposeFiles
    from directus_guard.sources.deployments.compose_members import EnvFile
    from directus_guard.sources.deployments.compose_scope import ComposeVariable


def env_files(
    files: ComposeFiles, entries: tuple[EnvFile, ...], project: Mapping[str, ComposeVariable]
) -> tuple[list[Variable], list[Gap]]:
    """The variables of all `env_file`s in their order, and why there may be others. `project`: the variables of the
    project that is started; those of one it includes do not count here.
    """
    variables: list[Variable] = []
    gaps: list[Gap] = []
    earlier: dict[str, ComposeVariable] = {}
    for entry in entries:
        found, gap = _env_file(files, entry, project, earlier)
        if entry.outside and entry.path is not None:
            found = tuple(replace(one, value=_by_default(one.value, entry.outside)) for one in found)
            gap = gap or unseen(f"env_file `{plain_name(entry.written)}` may be another one")
        variables += found
        gaps += [gap] if gap else []
        for variable in found:
            earlier[variable.name] = as_variable(variable.value, variable.location)
    return variables, gaps


def _by_default(value: Value, reason: str) -> Value:
    """A value that a variable has unless something outside the repository names another file."""
    return Unknown(reason, value.text, defaulted=True, replaceable=True) if isinstance(value, Known) else value


def _env_file(
    files: ComposeFiles, entry: EnvFile, project: Mapping[str, ComposeVariable], earlier: Mapping[str, ComposeVariable]
) -> tuple[tuple[Variable, ...], Gap | None]:
    """The variables of an `env_file`, and why there may be others (None: there are none)."""
    if entry.path is None:
        return (), unseen(f"env_file `{plain_name(entry.written)}` comes from outside the repository")
    path = files.own(entry.path)
    text = files.repository.text(path) if path in files.repository else None
    if text is None:
        subject = f"env_file `{plain_name(entry.written)}`"
        return (), not_readable(subject) if path in files.repository else unseen(f"{subject} is not in the repository")
    origin = f"env_file {path.rsplit('/', 1)[-1]}"
    if entry.raw:
        return tuple(raw_variables(path, text, origin)), None
    mistake = files.mistake(path, text)
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
        for read in values(path, files.statements(path, text), project, earlier, files.room)
    )
    return made, unseen(f"env_file `{plain_name(entry.written)}` is not valid") if mistake else None


def plain_name(text: str) -> str:
    """A file name as people may see it: the default of a reference may be a secret."""
    return re.sub(r"\$\{([A-Za-z0-9_]*)[^}]*\}", r"${\1}", text)[:200]
