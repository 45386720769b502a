"""Exported configuration: the access model of one export, and what stands beside it (flows, settings)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from directus_guard.finding import Context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access import AccessModel
    from directus_guard.directus.filters import Json
    from directus_guard.finding import Location


@dataclass(frozen=True, slots=True)
class Flow:
    """directus_flows. `operation` is the key of the first operation."""

    id: str
    name: str
    status: str
    trigger: str
    options: Mapping[str, Json]
    operation: str | None
    location: Location


@dataclass(frozen=True, slots=True)
class Operation:
    """directus_operations. `resolve` and `reject` are keys of the operations that follow."""

    id: str
    key: str
    type: str
    flow: str | None
    options: Mapping[str, Json]
    resolve: str | None
    reject: str | None
    location: Location


@dataclass(frozen=True, slots=True)
class Settings:
    """directus_settings, as far as the export has them."""

    values: Mapping[str, Json]
    location: Location


@dataclass(frozen=True)
class Export:
    """Everything one export says."""

    name: str
    """The contract's name of an access model: the export's folder."""
    location: Location
    model: AccessModel
    flows: tuple[Flow, ...] = ()
    operations: tuple[Operation, ...] = ()
    settings: Settings | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    """What the format or this export cannot contain, and why: `parents`, `user policies`, `hidden rows` …"""
    context: Context = Context.UNKNOWN

    @property
    def version_known(self) -> bool:
        """Whether the version of Directus was read somewhere, rather than taken from the format."""
        return "version" not in self.missing
