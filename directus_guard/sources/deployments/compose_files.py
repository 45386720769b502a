"""The files of a repository as Compose reads them: their documents, and the `.env` beside them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from directus_guard import limits
from directus_guard.sources.deployments.compose_dotenv import as_variable, statement_location, values
from directus_guard.sources.files import signs
from directus_guard.sources.formats import dotenv, yaml_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.finding import Location
    from directus_guard.limits import Budget
    from directus_guard.sources.deployments.compose_scope import ComposeVariable
    from directus_guard.sources.files.repository import Repository

    _EnvironmentFile: TypeAlias = tuple[tuple[dotenv.Statement, ...], tuple[int, str] | None]


class ComposeFiles:
    """The files of a repository as Compose reads them."""

    def __init__(self, repository: Repository, stand_ins: Mapping[str, str] | None = None) -> None:
        """`stand_ins`: files that are read in the place of others (`.env.example` where `.env` is named)."""
        self.repository = repository
        self.room: Final = repository.budgets.of(limits.REFERENCES)
        self._stand_ins = stand_ins or {}
        self._environments: dict[str, Mapping[str, ComposeVariable]] = {}
        self._services: dict[str, dict[str, list[yaml_document.MappingEntry]]] = {}
        self._environment_files: dict[str, _EnvironmentFile] = {}
        self._used: set[str] = set()
        self._documents: dict[str, tuple[yaml_document.Mapping, ...]] = {}

    def put(self, path: str, documents: tuple[yaml_document.Node, ...]) -> None:
        """Take the documents of a file that were read before."""
        self._documents[path] = _mappings(documents)
        self._services.pop(path, None)

    def statements(self, path: str, text: str) -> tuple[dotenv.Statement, ...]:
        """The statements of an environment file that a service names."""
        found, _ = self._environment_file(path, text)
        if path in self._used:
            self.repository.budgets.of(limits.ENVIRONMENT_AGAIN).spend(len(found))
        self._used.add(path)
        return found

    def mistake(self, path: str, text: str) -> tuple[int, str] | None:
        """The line of the mistake for which Compose refuses an environment file, and what it is; None if it takes the file."""
        return self._environment_file(path, text)[1]

    def _environment_file(self, path: str, text: str) -> _EnvironmentFile:
        if path not in self._environment_files:
            self._environment_files[path] = dotenv.compose(text)
        return self._environment_files[path]

    def own(self, path: str) -> str:
        """The file that is read for a path."""
        return self._stand_ins.get(path, path)

    def environment(self, folder: str) -> Mapping[str, ComposeVariable]:
        """The project's `.env`: only an input of the interpolation."""
        if folder not in self._environments:
            self._environments[folder] = self.variables(self.own(f"{folder}/.env".lstrip("/")))
        return self._environments[folder]

    def variables(self, path: str) -> Mapping[str, ComposeVariable]:
        """The variables of an environment file, none where it is not here."""
        text = self.repository.text(path) if path in self.repository else None
        return self.repository.within(path, partial(_variables, path, text, self.room), {}) if text else {}

    def roots(self, path: str) -> tuple[yaml_document.Mapping, ...]:
        """The documents of a file, which Compose merges like files; () if it is not readable."""
        if path not in self._documents:
            self._documents[path] = _mappings(yaml_document.documents(self.repository, path))
        return self._documents[path]

    def services(self, path: str) -> dict[str, list[yaml_document.MappingEntry]]:
        """The entries of each service: one for each document of the file that has it."""
        if path not in self._services:
            self._services[path] = self._entries(path)
        return self._services[path]

    def _entries(self, path: str) -> dict[str, list[yaml_document.MappingEntry]]:
        found: dict[str, list[yaml_document.MappingEntry]] = {}
        for root in self.roots(path):
            services = root.mapping("services")
            for entry in services.entries if services else ():
                found.setdefault(entry.key.text, []).append(entry)
        return found

    def note(self, path: str, message: str, place: Location) -> None:
        """Note a value of another type; the run is incomplete without it where the file is about Directus."""
        text = self.repository.text(path) or ""
        self.repository.problem(path, message, place.line, incomplete=signs.concerns_directus(text))


def _mappings(documents: tuple[yaml_document.Node, ...]) -> tuple[yaml_document.Mapping, ...]:
    return tuple(root for root in documents if isinstance(root, yaml_document.Mapping))


def _variables(path: str, text: str, room: Budget) -> Mapping[str, ComposeVariable]:
    """The variables of the project's environment file, for the interpolation."""
    found: dict[str, ComposeVariable] = {}
    for read in values(path, dotenv.compose(text)[0], {}, {}, room):
        found[read.statement.name] = as_variable(read.value, statement_location(path, read.statement))
    return found
