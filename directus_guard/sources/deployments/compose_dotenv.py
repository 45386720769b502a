"""The statements of an environment file with the values that Compose gives them (compose-go's dotenv)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.disclosure import shown_name
from directus_guard.directus.environment.deployment import Known, Part, Unknown, Variable
from directus_guard.finding import Location
from directus_guard.secret import Secret
from directus_guard.sources.deployments.compose_interpolation import interpolate, plain
from directus_guard.sources.deployments.compose_scope import ComposeVariable, taken, value, within
from directus_guard.sources.formats import dotenv

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.limits import Budget


def as_variable(value: Known | Unknown, location: Location) -> ComposeVariable:
    """The value of a variable, for the interpolation."""
    if isinstance(value, Known):
        return ComposeVariable(value.text.reveal(), location)
    return ComposeVariable(None, location, value.fallback.reveal() if value.fallback else "", value)


class ComposeStatement(Struct, frozen=True):
    """A statement of an environment file and its value; `parts` and `literal` as in `Variable`."""

    statement: dotenv.Statement
    value: Known | Unknown
    parts: tuple[Part, ...] = ()
    literal: Secret | None = None


def values(
    path: str,
    statements: tuple[dotenv.Statement, ...],
    project: Mapping[str, ComposeVariable],
    earlier: Mapping[str, ComposeVariable],
    room: Budget,
) -> Iterator[ComposeStatement]:
    """Each statement with its value. References see the files before, then the project's variables, then what is
    above (compose-go, Project.WithServicesEnvironmentResolved and dotenv.expandVariables).
    """
    above: dict[str, ComposeVariable] = {}

    def find(name: str) -> ComposeVariable | None:
        if name in earlier:
            return earlier[name]
        # The process environment is asked before the lines above; that it names the variable cannot be seen here.
        if name in project and project[name].text is not None:
            return project[name]
        return above.get(name)

    def lookup(name: str) -> str | None:
        found = find(name)
        return found.text if found else None

    def unattended(name: str) -> str:
        found = find(name)
        return "" if found is None else found.fallback if found.text is None else found.text

    for statement in statements:
        if statement.inherited:
            given = project.get(statement.name)
            if given is not None and given.text is not None:
                yield ComposeStatement(
                    statement, Known(Secret(given.text)), (Part(given.location, Secret(given.text)),), Secret("")
                )
            else:
                yield ComposeStatement(
                    statement, Unknown(f"`{shown_name(statement.name)}` is handed on from outside the repository")
                )
            continue
        if statement.quote is dotenv.Quote.SINGLE:
            held: Known | Unknown = Known(statement.text)
            result = plain(statement.text.reveal())
        else:
            text = statement.text.reveal()
            result = within(room, interpolate(text, lookup))
            held = value(result, statement.text.reveal())
            if isinstance(held, Unknown):
                fallback = interpolate(text, unattended).text
                held = replace(held, fallback=Secret(fallback) if fallback else None)
        parts = taken(result, find)
        above[statement.name] = as_variable(held, statement_location(path, statement))
        yield ComposeStatement(statement, held, parts, Secret(result.literal) if parts else None)


def raw_variables(path: str, text: str, origin: str) -> Iterator[Variable]:
    """`format: raw`: the text behind the first `=`, as it is."""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        name, equals, held = line.partition("=")
        if equals and name.strip() and not name.lstrip().startswith("#"):
            location = Location(path, number, len(name) + 2, number, len(line) + 1)
            yield Variable(name.strip(), Known(Secret(held)), location, origin)


def statement_location(path: str, statement: dotenv.Statement) -> Location:
    """Where a statement of an environment file is written."""
    return Location(path, statement.line, statement.column, statement.end_line, statement.end_column)
