"""The rows of directus_flows and directus_operations that an export, or an instance, has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.finding import Location


FLOW_STATES: Final = ("active", "inactive")
TRIGGERS: Final = ("event", "webhook", "schedule", "operation", "manual")


class Flow(Struct, frozen=True):
    """directus_flows. `operation` is the key of the first operation."""

    id: str
    name: str
    status: str
    trigger: str
    options: Mapping[str, Json]
    operation: str | None
    location: Location


class Operation(Struct, frozen=True):
    """directus_operations. `resolve` and `reject` are keys of the operations that follow."""

    id: str
    key: str
    type: str
    flow: str | None
    options: Mapping[str, Json]
    resolve: str | None
    reject: str | None
    location: Location
