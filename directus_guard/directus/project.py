"""Everything the checks may judge, in one frozen place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from directus_guard.directus.environment import Environment
    from directus_guard.directus.export import Export
    from directus_guard.finding import Location


@dataclass(frozen=True, slots=True)
class DatabaseFile:
    """A tracked file that is a Directus database or a dump of one. `holds` names what makes it dangerous."""

    location: Location
    kind: str
    holds: tuple[str, ...]
    """Empty only when not all of the file could be searched."""
    partial: bool = False
    """Whether only its beginning, or only its table of contents, was searched."""


@dataclass(frozen=True, slots=True)
class Project:
    """One repository: its Directus deployments, database files and exported configuration."""

    environments: tuple[Environment, ...]
    databases: tuple[DatabaseFile, ...] = ()
    exports: tuple[Export, ...] = ()
