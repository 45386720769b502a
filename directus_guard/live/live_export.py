"""The access model, flows and settings of a running instance, as an `Export`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from directus_guard.directus.access.attached_rows import AttachedRows
from directus_guard.directus.access.model import TOO_DEEP, AccessModel
from directus_guard.directus.access.records import Edition
from directus_guard.directus.access.schema import Schema
from directus_guard.directus.export import Export, Settings
from directus_guard.directus.features import HAS_EDITIONS
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.directus.gaps import LICENCE_UNKNOWN, ExportPart, Gaps
from directus_guard.directus.settings import typed
from directus_guard.directus.versions import NEWEST, Version
from directus_guard.live.answers import ObjectAnswer, rows_of
from directus_guard.live.client import Unanswered
from directus_guard.live.instance_environment import purpose
from directus_guard.live.requested_rows import (
    ACCESS,
    FLOWS,
    OLD_PERMISSIONS,
    OLD_ROLES,
    OPERATIONS,
    PERMISSIONS,
    POLICIES,
    ROLES,
    SETTINGS,
    USERS,
)
from directus_guard.live.schema_rows import CollectionRow, FieldRow, RelationRow
from directus_guard.live.system_rows import (
    AccessRow,
    FlowRow,
    OldRoleRow,
    OperationRow,
    PermissionRow,
    PolicyRow,
    RoleRow,
    UserRow,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.finding import Location
    from directus_guard.live.requested_rows import RequestedRows
    from directus_guard.live.session import LiveSession, Record


class LiveExport:
    """The access model, flows and settings, as an `Export` named by the origin."""

    def __init__(self, session: LiveSession, edition: Edition | None) -> None:
        self.session = session
        self.edition = edition
        self.gaps = Gaps()
        self.total: int | None = None
        """Permission rows that are stored, also those that 12 Core does not show; None: the answer does not tell."""

    async def run(self) -> Export:
        """Ask for everything an export holds."""
        session = self.session
        old = session.old
        roles, policies, access, permissions, users = await asyncio.gather(
            self._roles(old=old),
            self._of(ExportPart.POLICIES, POLICIES, PolicyRow, skip=old),
            self._of(ExportPart.ATTACHMENTS, ACCESS, AccessRow, skip=old),
            self._permissions(),
            self._of(ExportPart.USERS, USERS, UserRow),
        )
        flows, operations, settings, schema = await asyncio.gather(
            self._of(ExportPart.FLOWS, FLOWS, FlowRow),
            self._of(ExportPart.OPERATIONS, OPERATIONS, OperationRow),
            self._settings(),
            self._schema(),
        )
        version = session.version or NEWEST
        if session.version is None:
            self.gaps.note(ExportPart.VERSION, "the instance does not show its version")
        rules: dict[str, Json] = {}
        rows = tuple(row.record(rules) for row in permissions)
        edition = self._edition(version)
        self._note_hidden(len(rows), version)
        model = AccessModel(
            source=session.target.origin,
            version=version,
            edition=edition,
            roles=tuple(row.record() for row in roles),
            policies=tuple(row.record() for row in policies),
            access=AttachedRows(row.record() for row in access),
            permissions=rows,
            users=tuple(row.record() for row in users),
            fields={name: frozenset(fields) for name, fields in schema.by_collection.items()} if schema else {},
        )
        if model.too_deep:
            self.gaps.note(ExportPart.ATTACHMENTS, TOO_DEEP)
        place = session.location
        return Export(
            name=session.target.origin,
            location=place,
            model=model,
            flows=tuple(_flow(row, place) for row in flows),
            operations=tuple(_operation(row, place) for row in operations),
            settings=Settings(settings, place) if settings is not None else None,
            schema=schema,
            gaps=tuple(self.gaps),
            context=purpose(session)[0],
            live=True,
        )

    async def _of(
        self, part: ExportPart, requested: RequestedRows, model: type[Record], *, skip: bool = False
    ) -> tuple[Record, ...]:
        if skip:
            return ()
        rows = await self.session.attempt(part, requested.path, self.session.rows(requested, model), ())
        self._pass_on(part)
        return rows

    def _pass_on(self, part: ExportPart) -> None:
        gap = self.session.gaps.take(part)
        if gap is not None:
            self.gaps.overrule(part, gap.reason)

    async def _roles(self, *, old: bool) -> tuple[RoleRow | OldRoleRow, ...]:
        rows: tuple[RoleRow | OldRoleRow, ...] = (
            await self._of(ExportPart.PARENTS, OLD_ROLES, OldRoleRow)
            if old
            else await self._of(ExportPart.PARENTS, ROLES, RoleRow)
        )
        reason = self.gaps.reason(ExportPart.PARENTS)
        if old and reason is not None:  # 10 keeps there who is an administrator
            self.gaps.overrule(ExportPart.POLICIES, reason)
        return rows

    async def _permissions(self) -> tuple[PermissionRow, ...]:
        """All of them at once: the endpoint knows no limit (docs/model/live.md#endpoints-for-the-auditor). Rows that
        only the framework adds are dropped."""
        session = self.session

        async def ask() -> tuple[PermissionRow, ...]:
            holder = "role" if session.old else "policy"
            session.fields(OLD_PERMISSIONS if session.old else PERMISSIONS)
            query = {"limit": "-1", "meta": "total_count"}
            found = await session.asked(rows_of(PermissionRow), "/permissions", query)
            self.total = found.meta.total_count
            rows = tuple(row for row in found.data if not row.system and (row.id is not None or session.old))
            if any(holder not in row.model_fields_set or (row.policy is None and not session.old) for row in rows):
                raise Unanswered(f"/permissions answered a row without `{holder}`")
            return rows

        rows = await session.attempt(ExportPart.PERMISSIONS, "/permissions", ask(), ())
        self._pass_on(ExportPart.PERMISSIONS)
        return rows

    async def _settings(self) -> Mapping[str, Json] | None:
        async def ask() -> Mapping[str, Json]:
            self.session.fields(SETTINGS)
            found = await self.session.asked(ObjectAnswer, "/settings")
            values, odd = typed(found.data)  # type: ignore[arg-type]  # what the decoder gives is JSON
            for name, expected in odd.items():
                self.gaps.note(ExportPart.SETTINGS, f"/settings answered `{name}` that is not {expected}", name)
            return values

        values = await self.session.attempt(ExportPart.SETTINGS, "/settings", ask(), None)
        self._pass_on(ExportPart.SETTINGS)
        return values

    async def _schema(self) -> Schema | None:
        """The data model; whole for administrators, for others what they can read."""
        session = self.session
        if session.sight is not None and "directus_fields" not in session.sight:
            self.gaps.note(ExportPart.DATA_MODEL, "only administrators can read the data model")
            return None

        async def ask(path: str, model: type[Record]) -> tuple[Record, ...]:
            return (await session.asked(rows_of(model), path)).data

        collections, fields, relations = await asyncio.gather(
            session.attempt(ExportPart.DATA_MODEL, "/collections", ask("/collections", CollectionRow), ()),
            session.attempt(ExportPart.DATA_MODEL, "/fields", ask("/fields", FieldRow), ()),
            session.attempt(ExportPart.DATA_MODEL, "/relations", ask("/relations", RelationRow), ()),
        )
        whole = session.sight is None and ExportPart.DATA_MODEL not in session.gaps
        self._pass_on(ExportPart.DATA_MODEL)
        if not fields:
            return None
        return Schema(
            tuple(row.record() for row in collections if row.schema_ is not None),
            tuple(row.record() for row in fields),
            tuple(row.record() for row in relations),
            session.target.origin,
            whole,
        )

    def _edition(self, version: Version) -> Edition:
        """12 tells whether it has a licence; before 12 there were none."""
        license_ = self.session.info.license if self.session.info else None
        if self.edition is not None or not HAS_EDITIONS.of(version):
            return self.edition or Edition.LICENSED
        if license_ is None:
            self.gaps.note(ExportPart.EDITION, LICENCE_UNKNOWN)
            return Edition.LICENSED
        return Edition.LICENSED if license_.source else Edition.CORE

    def _note_hidden(self, shown: int, version: Version) -> None:
        """12 Core leaves rows with rules out of its answer, but counts them (docs/model/access.md#editions)."""
        if not HAS_EDITIONS.of(version) or ExportPart.PERMISSIONS in self.gaps:
            return
        if self.total is None:
            self.gaps.note(
                ExportPart.HIDDEN_ROWS, "/permissions does not say how many rows there are: Core may hide some"
            )
            return
        hidden = self.total - shown
        if hidden > 0:
            self.gaps.note(
                ExportPart.HIDDEN_ROWS,
                f"{hidden} permission row{'s are' if hidden > 1 else ' is'} stored that Directus 12 Core neither honours nor shows",
            )


def _flow(row: FlowRow, place: Location) -> Flow:
    return Flow(row.id, row.name or "", row.status, row.trigger or "", _options(row.options), row.operation, place)


def _operation(row: OperationRow, place: Location) -> Operation:
    return Operation(row.id, row.key, row.type, row.flow, _options(row.options), row.resolve, row.reject, place)


def _options(value: dict[str, object] | None) -> Mapping[str, Json]:
    return value or {}  # type: ignore[return-value]  # what the decoder gives is JSON
