"""One export of the records of a folder, with its version and edition, and what of it is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.access.attached_rows import AttachedRows
from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.directus.access.model import TOO_DEEP, AccessModel
from directus_guard.directus.access.records import Access, Edition, Permission, Policy, Role
from directus_guard.directus.access.system_data import was_recommended
from directus_guard.directus.export import Export
from directus_guard.directus.features import HAS_EDITIONS, HAS_POLICIES
from directus_guard.directus.gaps import LICENCE_UNKNOWN, ExportPart, Gaps
from directus_guard.directus.versions import NEWEST, NEWEST_OF, Version
from directus_guard.finding import Location
from directus_guard.sources.export_formats import SCHEMA_SYNC, format_of
from directus_guard.sources.exports import attachments
from directus_guard.sources.exports.gaps import (
    Named,
    note_absent,
    note_dangling,
    note_lists,
    note_loose_operations,
    note_pages,
    note_presets,
)
from directus_guard.sources.exports.records import RecordReader
from directus_guard.sources.exports.rows import (
    flow_of,
    operation_of,
    permissions_of,
    policy_of,
    role_of,
    settings_of,
    user_of,
)
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from directus_guard.directus.access.schema import Schema
    from directus_guard.sources.exports.found_records import FoundRecords
    from directus_guard.sources.exports.snapshot_parts import Snapshot
    from directus_guard.sources.files.repository import Repository


def export_of(
    repository: Repository,
    folder: str,
    records: FoundRecords,
    snapshot: Snapshot | None,
    version: Version | None,
    edition: Edition | None,
) -> Export:
    """The export that the records of a folder make, and what of it is not known."""
    return _Assembly(repository, folder, records, snapshot).export(version, edition)


class _Assembly:
    """Puts one export together. The steps are in an order: earlier ones say what later ones must not say again."""

    def __init__(self, repository: Repository, folder: str, records: FoundRecords, snapshot: Snapshot | None) -> None:
        self._repository, self._folder, self._held, self._snapshot = repository, folder, records, snapshot
        self._form = format_of(folder, records.all_records())
        self._read = RecordReader()
        self._gaps = Gaps()

    def export(self, version: Version | None, edition: Edition | None) -> Export:
        read, held, gaps = self._read, self._held, self._gaps
        version, old = version_of(held, self._snapshot, version, gaps)
        roles = self._roles(old=old)
        policies = self._policies()
        rows = permissions_of(read, held.of("permissions"), old=old)
        tables = (held.of("access"), held.of("policies"), held.of("roles"), held.of("users"))
        attached = attachments.read(read, *tables, holders=[row.policy for row in rows])
        for gap in attached.gaps:
            gaps.overrule(gap.part, gap.reason, gap.subject)
        self._note_parents(roles, attached.access, old=old)
        self._note_unread()
        optional = self._absent(attached.access, old=old)
        users = tuple(user_of(read, record) for record in held.of("users"))
        access = tuple(row for row in attached.access if not row.assumed)
        note_lists(self._repository, self._folder, held, gaps)
        note_pages(self._repository, held, gaps, self._form)
        whole = None if held.unread or read.is_troubled else self._repository
        note_dangling(whole, gaps, Named(rows, policies, access, roles, users), old=old)
        if old:
            note_presets(gaps, rows, roles)
        flows = tuple(flow_of(read, record) for record in held.of("flows"))
        operations = tuple(operation_of(read, record) for record in held.of("operations"))
        if held.has("flows") and held.has("operations"):
            whole = None if held.unread or read.is_troubled else self._repository
            note_loose_operations(whole, gaps, flows, operations)
        stored = next((settings_of(read, record) for record in held.of("settings")), None)
        schema = self._schema(optional, rows)
        self._note_odd_records()
        model = AccessModel(
            source=self._folder or ".",
            version=version,
            edition=edition or edition_of(version, rows, gaps),
            roles=roles,
            policies=policies,
            access=AttachedRows.of(attached.access),
            permissions=rows,
            users=users,
            fields={name: frozenset(fields) for name, fields in schema.by_collection.items()} if schema else {},
            keyed=not old or self._are_keyed(rows),
        )
        if model.too_deep:
            gaps.note(ExportPart.ATTACHMENTS, TOO_DEEP)
        first = min(record.location for record in held.all_records())
        return Export(
            name=_name(self._folder),
            location=Location(first.path, first.line, first.column),
            model=model,
            flows=flows,
            operations=operations,
            settings=stored,
            schema=schema,
            gaps=(*gaps, *optional),
            possibly_public=attached.possibly_public,
            exporter=self._form.name,
            push=self._form.push,
        )

    def _are_keyed(self, rows: Sequence[Permission]) -> bool:
        """Whether permission rows of 10 have keys. Where none has, the exporter left them out, and a row that the API
        merged of several looks like any other; schema-sync reads rows as they are stored."""
        stored = [row for row in rows if not row.system]
        keyed = not stored or any(row.id is not None for row in stored)
        if not keyed and self._form is not SCHEMA_SYNC and not all(is_unrestricted(row.validation) for row in stored):
            self._gaps.note(ExportPart.HIDDEN_ROWS, _MAY_BE_MERGED)
        return keyed

    def _tells(self, kind: str, member: str) -> bool:
        """Whether the export tells a member of a table's rows: its exporter always writes it, or some row has it."""
        return self._form.writes(f"{kind}.{member}") or any(row.has(member) for row in self._held.of(kind))

    def _roles(self, *, old: bool) -> tuple[Role, ...]:
        held, read = self._held, self._read
        inherits = not old and self._tells("roles", "parent")
        return tuple(role_of(read, record, old=old, inherits=inherits) for record in held.of("roles"))

    def _policies(self) -> tuple[Policy, ...]:
        held, read = self._held, self._read
        limits = self._tells("policies", "ip_access")
        policies = tuple(policy_of(read, record, limits=limits) for record in held.of("policies"))
        if policies and not limits:
            self._gaps.overrule(
                ExportPart.ADDRESSES,
                "the export's policies have no `ip_access`: from where they may be used is not known",
            )
        return policies

    def _note_parents(self, roles: Sequence[Role], access: Sequence[Access], *, old: bool) -> None:
        """Note that it is not known what roles inherit."""
        if old:
            return
        inherits = self._tells("roles", "parent")
        if roles and not inherits:
            self._gaps.overrule(
                ExportPart.PARENTS, "the export's roles have no `parent`: what they inherit is not known"
            )
        known = {role.id for role in roles}
        if any(row.role and row.role not in known for row in access):
            self._gaps.note(
                ExportPart.PARENTS,
                "roles are named whose records are not in the export: what they inherit is not known",
            )

    def _note_unread(self) -> None:
        """Note what the files themselves do not show."""
        held, gaps = self._held, self._gaps
        if held.unread:
            gaps.note(ExportPart.UNREAD_FILES, f"not all of the export could be read: {', '.join(sorted(held.unread))}")
        if held.incomplete:
            gaps.note(
                ExportPart.HIDDEN_ROWS, "the export says that it is incomplete: Directus 12 Core hides rows with rules"
            )

    def _absent(self, access: Sequence[Access], *, old: bool) -> Gaps:
        """Tables that an exporter can leave out and that are not there."""
        gaps = self._gaps
        joined = any(not row.assumed for row in access)
        note_absent(self._repository, self._folder, self._held, gaps, form=self._form, old=old, joined=joined)
        taken = (gaps.take(part) for part in _OPTIONAL)
        optional = Gaps(replace(gap, optional=True) for gap in taken if gap is not None)
        if ExportPart.FLOWS in optional and ExportPart.OPERATIONS in optional:
            for part in (ExportPart.FLOWS, ExportPart.OPERATIONS):
                optional.overrule(part, _NOTHING_RUNS, optional=True)
        return optional

    def _schema(self, optional: Gaps, rows: Sequence[Permission]) -> Schema | None:
        """The data model; that there is none, or not all of it, is noted."""
        schema = _schema(self._snapshot)
        if schema is None and not (self._snapshot and self._snapshot.schema.broken):
            optional.overrule(ExportPart.DATA_MODEL, _NO_SNAPSHOT, optional=True)
        elif schema is None or not schema.complete:
            self._gaps.overrule(ExportPart.DATA_MODEL, "the schema snapshot is incomplete: the data model is not known")
        if schema is not None and not schema.broken:
            self._note_without_fields(schema, {row.collection for row in rows})
        return schema

    def _note_without_fields(self, schema: Schema, named: Container[str]) -> None:
        """Note tables that rows speak of and that the data model has no field of: what is in them cannot be judged."""
        for name in sorted(schema.without_fields):
            place = schema.collection[name].location
            if name in named and place is not None:
                message = f"the schema snapshot has no field of `{escape_controls(name)}`: what is in it is not known"
                self._repository.problem(place.path, message, place.line, incomplete=True)

    def _note_odd_records(self) -> None:
        """Report what is wrong with records, and note what it hides."""
        read, gaps = self._read, self._gaps
        for kind, part in _UNIQUE.items():
            read.check_unique(self._held.of(kind), part)
        read.report(self._repository)
        for gap in read.gaps:
            gaps.note(gap.part, gap.reason, gap.subject)


_MAY_BE_MERGED: Final = (
    "no permission row has its `id`: Directus 10 merges rows of a role, collection and action, "
    "so a row without validation may be hidden"
)
_NOTHING_RUNS: Final = "the export has no flows and no operations: what runs is not known"
_NO_SNAPSHOT: Final = "the export has no schema snapshot: the data model is not known"
_OPTIONAL: Final = (ExportPart.USERS, ExportPart.FLOWS, ExportPart.OPERATIONS, ExportPart.SETTINGS)
"""Tables that every exporter can be set to leave out."""
_UNIQUE: Final = {
    "policies": ExportPart.POLICIES,
    "roles": ExportPart.PARENTS,
    "users": ExportPart.USERS,
    "flows": ExportPart.FLOWS,
    "operations": ExportPart.OPERATIONS,
}
"""Tables that other rows name rows of by their key, and the part that is not known where two rows have one key."""


def _schema(snapshot: Snapshot | None) -> Schema | None:
    """The data model that a snapshot tells. Relations alone tell which collections are junctions, and nothing else."""
    if snapshot is None or not (snapshot.schema.fields or snapshot.schema.relations):
        return None
    known = snapshot.schema
    return known if known.fields else replace(known, collections=(), complete=False)


def version_of(
    records: FoundRecords, snapshot: Snapshot | None, given: Version | None, gaps: Gaps
) -> tuple[Version, bool]:
    """The version to judge by, and whether the export is of the time before policies."""
    old = not records.has("policies") and not any(record.has("policy") for record in records.of("permissions")) and (
        any(record.has("role") for record in records.of("permissions"))
        or any(record.has("admin_access") for record in records.of("roles"))
    )  # fmt: skip
    version = given or records.version or (snapshot.version if snapshot else None)
    if version is not None and given is None and not old and not HAS_POLICIES.of(version):
        version = None  # a snapshot older than the records beside it
    if version is None:
        gaps.note(ExportPart.VERSION, "the export does not have the version of Directus")
        return (NEWEST_OF[10] if old else NEWEST), old
    return (NEWEST_OF[10] if old and HAS_POLICIES.of(version) else version), old


def edition_of(version: Version, permissions: Sequence[Permission], gaps: Gaps) -> Edition:
    """12 Core shows no row with a rule: one that is there, in an export that is whole, tells of a licence.

    See docs/model/access.md#editions.
    """
    if not HAS_EDITIONS.of(version) or (ExportPart.HIDDEN_ROWS not in gaps and any(map(_needs_licence, permissions))):
        return Edition.LICENSED
    gaps.overrule(ExportPart.EDITION, LICENCE_UNKNOWN)
    return Edition.LICENSED


def _needs_licence(row: Permission) -> bool:
    return row.custom and not was_recommended(row)


def _name(folder: str) -> str:
    """Environment Sync keeps the records of a project in its folder `data`."""
    parent, _, last = folder.rpartition("/")
    return parent if last == "data" and parent else folder or "."
