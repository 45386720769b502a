"""Environment files: found under every name people use, and turned into deployments where no manifest owns them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.disclosure import is_secret_name
from directus_guard.directus.environment.deployment import Deployment, Known, Platform, Unknown, Variable
from directus_guard.directus.environment.recognise import is_directus_environment
from directus_guard.directus.gaps import unseen
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.deployments.compose_interpolation import accident
from directus_guard.sources.files import registry, signs
from directus_guard.sources.files.name_patterns import matches
from directus_guard.sources.formats import templates
from directus_guard.sources.formats.dotenv import Dialect, Quote, Statement, mistake, parse

if TYPE_CHECKING:
    from directus_guard.sources.files.repository import Repository


def paths(repository: Repository) -> tuple[str, ...]:
    """Every file that is an environment file by its name."""
    return registry.DOTENV.paths(repository)


def is_environment_file(name: str) -> bool:
    """Whether a file is an environment file by its name."""
    lower = name.lower()
    (files,) = registry.DOTENV.files
    return not lower.endswith(files.other) and any(matches(lower, pattern) for pattern in files.names)


def read(repository: Repository, depending: frozenset[str] = frozenset()) -> tuple[Deployment, ...]:
    """A deployment for each environment file that is a Directus server's; the caller drops those a manifest owns.

    Two or more of the core variables make it a Directus server's (docs/contract.md#environment-files). A file called
    `.env` is what Directus itself reads, so it is the whole environment; with any other name something else hands it over.
    In a folder among `depending`, whose package depends on Directus, one core variable and another of Directus' are enough.
    """
    found: list[Deployment] = []
    for path in paths(repository):
        text = repository.text(path)
        if text is None:
            continue
        refused = mistake(text, Dialect.LENIENT)
        if refused:
            repository.problem(path, refused[1], refused[0], incomplete=signs.names_directus(text))
        made = variables(path, text)
        if templates.fills_in(text):
            repository.templated(path, templates.plain(text, inline=False).lines)
        beside = path.rpartition("/")[0] in depending
        if is_directus_environment({variable.name for variable in made}, beside=beside):
            own = path.rsplit("/", 1)[-1] == ".env"
            gaps = () if own else (unseen("what else is given to the server is not in the repository"),)
            found.append(Deployment(path, Platform.DOTENV, Location(path), made, gaps=gaps, consumed=frozenset({path})))
        elif path in repository.inner and _is_part(repository, path, made):
            gaps = (unseen("what else is given to the server is not in the file"),)
            found.append(
                Deployment(
                    path, Platform.DOTENV, Location(path), made, gaps=gaps, partial=True, consumed=frozenset({path})
                )
            )
    return tuple(found)


def _is_part(repository: Repository, path: str, made: tuple[Variable, ...]) -> bool:
    """Whether a file that is written inside of one about Directus gives it a secret."""
    holders = (repository.text(one) or "" for one in sorted(repository.holders(path)))
    given = any(
        signs.is_directus_variable(one.name) and is_secret_name(one.name) and isinstance(one.value, Known)
        for one in made
    )
    return given and any("directus" in text.lower() for text in (path, *holders))


def variables(path: str, text: str) -> tuple[Variable, ...]:
    """The assignments of a file whose reader is not known: a `${X}` in it is unknown, as the reader is."""
    if templates.fills_in(text):
        text = templates.plain(text, inline=False).text
    return tuple(_variable(path, statement) for statement in parse(text, Dialect.LENIENT))


_REFERENCE: Final = lazy_pattern(r"\$(?:\{|[A-Za-z_])")


def _variable(path: str, statement: Statement) -> Variable:
    location = Location(path, statement.line, statement.column, statement.end_line, statement.end_column)
    value: Known | Unknown = Known(statement.text)
    text = statement.text.reveal()
    if statement.quote is not Quote.SINGLE and _REFERENCE.search(text):
        name = accident(text)
        value = Unknown(
            "it refers to another variable, which depends on who reads the file",
            written=statement.text,
            dropped=name,
        )
    elif templates.fills_in(text):
        value = Unknown(templates.REASON, written=statement.text)
    return Variable(statement.name, value, location, path.rsplit("/", 1)[-1])
