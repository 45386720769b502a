"""Changes of a configuration that take something away, and the configuration once they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.access.records import PUBLIC_LABEL
from directus_guard.escalation.tables import ACCESS_TABLES, PERMISSIONS
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.escalation.tables import Goals
    from directus_guard.finding import Location


class PermissionChange(Struct, frozen=True):
    """A permission becomes another one, or (None) is deleted. `dropped`: the fields that it loses by that."""

    row: Permission
    becomes: Permission | None
    sentence: str
    """What to do, an imperative sentence without a full stop."""
    dropped: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from every other change."""
        return self.row.identity, self.sentence

    @property
    def limits(self) -> bool:
        """Whether it rests on a rule, a validation or named fields."""
        return self.becomes is not None

    @property
    def location(self) -> Location | None:
        """Where the permission is."""
        return self.row.location


class OperationChange(Struct, frozen=True):
    """An operation of a flow becomes another one, or (None) is deleted."""

    operation: Operation
    becomes: Operation | None
    sentence: str

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from every other change."""
        return self.operation.id, self.sentence

    @property
    def location(self) -> Location | None:
        """Where the operation is."""
        return self.operation.location


class FlowChange(Struct, frozen=True):
    """A flow becomes another one."""

    flow: Flow
    becomes: Flow
    sentence: str

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from every other change."""
        return self.flow.id, self.sentence

    @property
    def location(self) -> Location | None:
        """Where the flow is."""
        return self.flow.location


class SettingsChange(Struct, frozen=True):
    """Settings get other values."""

    values: tuple[tuple[str, Json], ...]
    location: Location | None
    sentence: str

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from every other change."""
        return (self.sentence,)


Change: TypeAlias = PermissionChange | OperationChange | FlowChange | SettingsChange


def applied(export: Export, changes: Iterable[Change]) -> Export:
    """The export once all changes are made. A permission is known by its keys and its place."""
    rows: dict[tuple[object, ...], Permission | None] = {}
    operations: dict[tuple[object, ...], Operation | None] = {}
    flows: dict[str, Flow] = {}
    settings: dict[str, Json] = {}
    for change in changes:
        match change:
            case PermissionChange(row, becomes):
                rows[row.identity] = becomes
            case OperationChange(operation, then):
                operations[_key(operation)] = then
            case FlowChange(flow, another):
                flows[flow.id] = another
            case SettingsChange(values):
                settings.update(values)
    return _made(export, rows, operations, flows, settings)


def _made(
    export: Export,
    rows: Mapping[tuple[object, ...], Permission | None],
    operations: Mapping[tuple[object, ...], Operation | None],
    flows: Mapping[str, Flow],
    settings: Mapping[str, Json],
) -> Export:
    permissions = (rows.get(row.identity, row) for row in export.model.permissions)
    held = (operations.get(_key(one), one) for one in export.operations)
    return replace(
        export,
        model=replace(export.model, permissions=tuple(row for row in permissions if row is not None)),
        operations=tuple(one for one in held if one is not None),
        flows=tuple(flows.get(one.id, one) for one in export.flows),
        settings=replace(export.settings, values={**export.settings.values, **settings})
        if export.settings and settings
        else export.settings,
    )


def _key(operation: Operation) -> tuple[object, ...]:
    return operation.id, operation.key, operation.flow, operation.location


def relevant(export: Export, goals: Goals) -> Export:
    """The export without the permissions that no way rests on or leads to: without flows, those on other collections, unless
    a permission can be moved to another collection."""
    if export.flows or export.operations or any(map(_may_move_permissions, export.model.permissions)):
        return export
    tables = ACCESS_TABLES.union(collection for collection, _ in goals)
    kept = tuple(row for row in export.model.permissions if row.collection in tables)
    return replace(export, model=replace(export.model, permissions=kept))


def _may_move_permissions(row: Permission) -> bool:
    """Whether whoever has it may change permissions, or give themselves one that lets them."""
    return row.collection == PERMISSIONS and row.action in ("create", "update")


def named(export: Export, row: Permission) -> str:
    """A permission in a sentence."""
    holder = export.holder(row)
    if holder == PUBLIC_LABEL:
        of = "the Public policy"
    elif export.model.has_policies:
        of = f"policy `{escape_controls(holder)}`"
    else:
        of = "the public role" if holder == "public" else f"role `{escape_controls(holder)}`"
    return f"the permission of {of} to {escape_controls(row.action)} `{escape_controls(row.collection)}`"


def listed(names: Iterable[str]) -> str:
    """Names in a sentence."""
    *others, last = (f"`{escape_controls(name)}`" for name in names)
    return f"{', '.join(others)} and {last}" if others else last


OWN_RECORD: Final[Json] = {"id": {"_eq": "$CURRENT_USER"}}
OWN_ROLE: Final[Json] = {"role": {"_eq": "$CURRENT_ROLE"}}
