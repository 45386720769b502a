"""What an export does not show: tables that are not there, and rows that name others which are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.gaps import ExportPart
from directus_guard.sources.export_formats import ANSWERS
from directus_guard.sources.exports import pages
from directus_guard.sources.exports.records import KINDS, key_of
from directus_guard.sources.exports.tables import named_kind
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.records import Access, Permission, Policy, Role, User
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.gaps import Gaps
    from directus_guard.finding import Location
    from directus_guard.sources.export_formats import ExportFormat
    from directus_guard.sources.exports.found_records import FoundRecords
    from directus_guard.sources.files.repository import Repository


_WITHOUT: Final = {
    "permissions": "what users may do is not known",
    "policies": "who is an administrator is not known",
    "access": "who has which policy is not known",
    "roles": "what they inherit is not known",
    "users": "who they are is not known",
    "flows": "what runs is not known",
    "operations": "what flows do is not known",
    "settings": "what they say is not known",
}
"""What is not known where a table is not in the export."""
_ABOUT_ACCESS: Final = ("permissions", "policies", "access", "roles")
_PARTS: Final = {"access": ExportPart.ATTACHMENTS, "roles": ExportPart.PARENTS}
"""The parts that are not called like their table."""


def part_of(table: str) -> ExportPart:
    """The part of an export that a table of Directus is."""
    return _PARTS.get(table) or ExportPart(table)


def note_absent(
    repository: Repository,
    folder: str,
    records: FoundRecords,
    gaps: Gaps,
    *,
    form: ExportFormat,
    old: bool,
    joined: bool,
) -> None:
    """Note tables that are not there: without those that decide about access the export is incomplete.

    `joined`: other tables name the attachments.
    """
    always = {"permissions", "roles"} if old else form.tables
    about_access = any(map(records.has, _ABOUT_ACCESS))
    if about_access and form.metadata and not records.metadata:
        gaps.overrule(ExportPart.HIDDEN_ROWS, "the export has no metadata: whether it is complete is not known")
        repository.problem(
            folder or ".",
            f"the export has no `{form.metadata}`; exports of {form.name} always have it",
            incomplete=True,
        )
    promised = {named_kind(name): name for name in sorted(records.promised)}
    for kind in KINDS:
        # A database without permissions is one; there always are policies.
        if records.has(kind) and (records.of(kind) or kind != "policies"):
            continue
        if old and kind in ("policies", "access"):
            continue
        part = part_of(kind)
        reason = f"the export has no directus_{kind}: {_WITHOUT[kind]}"
        listed = any(isinstance(row.values.get("roles"), list) for row in records.of("policies"))
        attached = kind == "access" and (joined or listed)
        if not attached:
            gaps.note(part, reason)
        if old and kind == "roles":
            gaps.note(ExportPart.POLICIES, reason)
        if kind in promised and not records.has(kind):
            message = f"the export lists `{escape_controls(promised[kind])}`, which is not there: {_WITHOUT[kind]}"
            repository.problem(folder or ".", message, incomplete=True)
        elif about_access and kind in always and not attached and not records.has(kind):
            repository.problem(folder or ".", f"{reason}; exports of {form.name} always have it", incomplete=True)


class Named(Struct, frozen=True):
    """Rows that name others by their keys."""

    permissions: Sequence[Permission]
    policies: Sequence[Policy]
    access: Sequence[Access]
    roles: Sequence[Role]
    users: Sequence[User]


def note_presets(gaps: Gaps, permissions: Sequence[Permission], roles: Sequence[Role]) -> None:
    """On 10, one of several permissions counts for the public and for a role without app access (docs/model/access.md#merging).

    Together they allow whatever each of them does, apart from presets: those of one may be undone by those of another.
    """
    stored = [row for row in permissions if not row.system]
    keyed = any(row.id is not None for row in stored)
    merged = {role.id for role in roles if role.app_access}
    presets: dict[tuple[str | None, str, str], Json] = {}
    for row in stored:
        if row.role in merged:
            continue
        first = presets.setdefault((row.role, row.collection, row.action), row.presets)
        # A row without its key is several, which the API merged.
        if (first or None) != (row.presets or None) or (keyed and row.id is None and row.presets):
            gaps.note(ExportPart.HIDDEN_ROWS, _ONE_OF_SEVERAL)
            return


_ONE_OF_SEVERAL: Final = (
    "without app access Directus 10 takes one of several permissions of a role, collection and action, "
    "and their presets differ"
)


def note_dangling(repository: Repository | None, gaps: Gaps, named: Named, *, old: bool) -> None:
    """A database has no row that names a policy, role or user which does not exist: an export with such rows is not whole.

    Who is in which role, and what roles inherit, exporters may leave out; without the others the export is incomplete.
    No `repository`: it is known to be.
    """
    policies, roles, users, access = named.policies, named.roles, named.users, named.access
    stored = [row for row in named.permissions if not row.system]
    holders = [(row.policy, row.location) for row in stored] + [(row.policy, row.location) for row in access]
    owners = [(row.role, row.location) for row in stored] if old else [(row.role, row.location) for row in access]
    known = {
        "policies": {policy.id for policy in policies},
        "roles": {role.id for role in roles},
        "users": {user.id for user in users},
    }
    for kind, part, keys in (
        ("policies", ExportPart.POLICIES, holders if policies else []),
        ("roles", ExportPart.ATTACHMENTS, owners if roles else []),
        ("roles", ExportPart.PARENTS, [(role.parent, None) for role in roles]),
        ("roles", ExportPart.USERS, [(user.role, None) for user in users] if roles else []),
        ("users", ExportPart.USERS, [(row.user, None) for row in access if not row.assumed] if users else []),
    ):
        lost = next((place for key, place in keys if key and key not in known[kind]), ...)
        if lost is not ...:
            reason = f"{kind} are named whose records are not in the export: who has what is not known"
            _note_lost(repository, gaps, part, reason, lost)


def _note_lost(
    repository: Repository | None, gaps: Gaps, part: ExportPart, reason: str, place: Location | None
) -> None:
    """Note that rows are lost which others name, the first at `place`: without them the export is incomplete.

    None: they may be left out on purpose.
    """
    gaps.note(part, reason)
    if place is not None and repository is not None:
        repository.problem(place.path, reason, place.line, incomplete=True)


_LISTS: Final = (
    ("policies", "permissions", "permissions", ExportPart.PERMISSIONS),
    ("policies", "roles", "access", ExportPart.ATTACHMENTS),
    ("policies", "users", "access", ExportPart.ATTACHMENTS),
    ("roles", "policies", "access", ExportPart.ATTACHMENTS),
    ("users", "policies", "access", ExportPart.ATTACHMENTS),
    ("roles", "users", "users", ExportPart.USERS),
    ("flows", "operations", "operations", ExportPart.OPERATIONS),
)
"""Lists of keys that answers of the API hold: the table, its member, the table of the rows named, and the part not known."""


def note_lists(repository: Repository, folder: str, records: FoundRecords, gaps: Gaps) -> None:
    """Note rows that others list by their key and that the export does not have: a page of a longer table, or a lost row.

    Users and operations may be left out on purpose; without the others the export is incomplete.
    """
    for table, member, named, part in _LISTS:
        lists = [listed for record in records.of(table) if isinstance(listed := record.values.get(member), list)]
        if not lists:
            continue
        known = {record.id for record in records.of(named) if record.id is not None}
        untold = bool(records.of(named)) or not records.has(named)
        if (not known and untold) or any(record.has("_syncId") for record in records.of(table)):
            continue
        keys = {key_of(key) for listed in lists for key in listed if _is_key(key)}
        if keys - known:
            reason = f"{table} list rows of directus_{named} that the export does not have: {_WITHOUT[named]}"
            gaps.note(part, reason)
            if named in _ABOUT_ACCESS:
                repository.problem(folder or ".", reason, incomplete=True)


def _is_key(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def note_pages(repository: Repository, found_records: FoundRecords, gaps: Gaps, form: ExportFormat) -> None:
    """Note rows that answers of the API count and that are not there: without them the export is incomplete.

    A table about access must be whole; of the others a filter may leave rows out on purpose. As many rows as one page
    has, with no number beside them, may be all or not.
    """
    for short in pages.shortfalls(found_records.pages, found_records.records):
        gaps.note(part_of(short.kind), f"{short.message}: {_WITHOUT[short.kind]}")
        if short.cut or short.kind in _ABOUT_ACCESS:
            repository.problem(short.path, f"{short.message}; ask for all of them with `limit=-1`", incomplete=True)
    for kind in KINDS if form is ANSWERS else ():
        # Of permissions the API answers all.
        if kind != "permissions" and kind not in found_records.pages and len(found_records.of(kind)) == pages.PAGE:
            reason = f"the export has {pages.PAGE} rows of directus_{kind}, a full page of the API's answers"
            gaps.note(part_of(kind), f"{reason}: whether there are more is not known")


def note_loose_operations(
    repository: Repository | None, gaps: Gaps, flows: Sequence[Flow], operations: Sequence[Operation]
) -> None:
    """The database has no flow or operation that names one which does not exist: an export with such rows is incomplete.

    No `repository`: it is known to be.
    """
    known, listed = {flow.id for flow in flows}, {operation.id for operation in operations}
    following = [(one.location, name) for one in operations for name in (one.resolve, one.reject)]
    following += [(flow.location, flow.operation) for flow in flows]
    loose = min((place for place, name in following if name and name not in listed), default=None)
    if loose is not None:
        reason = "operations are named whose records are not in the export: what runs is not known"
        _note_lost(repository, gaps, ExportPart.OPERATIONS, reason, loose)
    loose = min((one.location for one in operations if one.flow not in known), default=None)
    if loose is not None:
        reason = "operations belong to flows whose records are not in the export: what runs is not known"
        _note_lost(repository, gaps, ExportPart.FLOWS, reason, loose)
