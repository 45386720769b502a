"""Exported configuration of Directus, recognised by its records: Environment Sync, directus-sync, schema-sync, templates
of directus-template-cli, and plain answers of the REST API (facts §6).

Files are read with the standard library's decoder, record by record, so that each has its place and a hundred thousand
of them cost little; what a record means is told by its keys, and by the file's name only where the keys fit two kinds.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.nesting import TOO_DEEP, TooDeepError, is_too_deep, may_be_too_deep
from directus_guard.directus.access.records import ACTIONS, Access, Edition, Permission, Policy, Role, User
from directus_guard.directus.access.system_data import was_recommended
from directus_guard.directus.disclosure import visible
from directus_guard.directus.export import Export, Settings
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.directus.settings import typed
from directus_guard.directus.versions import NEWEST, NEWEST_OF, Version
from directus_guard.finding import Location
from directus_guard.sources.export_formats import format_of
from directus_guard.sources.exports import attachments, schema_snapshots
from directus_guard.sources.exports.records import KINDS, UNREADABLE, Record, RecordReader
from directus_guard.sources.files import registry
from directus_guard.sources.formats import json_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.schema import Schema
    from directus_guard.sources.export_formats import Format
    from directus_guard.sources.exports.schema_snapshots import Snapshot
    from directus_guard.sources.files.repository import Repository

_FULL_NAME: Final = re.compile(r"directus[_-](?:permissions|policies|access|roles)(?:_|\.)")


class _Found(Struct):
    """What the files of one folder hold."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    """Rows by kind."""
    doubtful: list[tuple[Record, object]] = field(default_factory=list)
    """What does not look like a row in a file that is for one kind, and the value itself."""
    present: set[str] = field(default_factory=set)
    """Kinds that some file is for, also one without rows."""
    passed_over: list[str] = field(default_factory=list)
    """Files named after a kind that hold no sign of one."""
    metadata: str = ""
    """The file about the export itself, "" if there is none."""
    promised: set[str] = field(default_factory=set)
    """Files that Environment Sync's metadata lists."""
    incomplete: bool = False
    unread: dict[str, str] = field(default_factory=dict)
    """Names of files that could not be read to their end, and the kind they are named after."""
    version: Version | None = None

    def of(self, kind: str) -> list[Record]:
        return self.records.get(kind, [])

    def all_records(self) -> Iterator[Record]:
        return (record for rows in self.records.values() for record in rows)

    def has(self, kind: str) -> bool:
        """Whether some file tells about a kind, be it that there is none, or would if it could be read."""
        return bool(self.of(kind)) or kind in self.present or kind in self.unread.values()

    @property
    def is_export(self) -> bool:
        if any(map(self.of, ("permissions", "policies", "flows", "operations"))):
            return True
        if any(record.kind in _ACCESS and _columns(value, record.kind) >= _ENOUGH for record, value in self.doubtful):
            return True
        return any(self.records.values()) and not _ACCESS.isdisjoint(self.unread.values())


_ACCESS: Final = frozenset({"permissions", "policies"})


def read(repository: Repository, version: Version | None = None, edition: Edition | None = None) -> tuple[Export, ...]:
    """Every export, in the order of its folder. `version` and `edition`: what the user says, if they do."""
    held: dict[str, _Found] = {}
    for path in _files(repository):
        _read_file(repository, path, held, _SIGNS)
    folders = [folder for folder in sorted(held) if held[folder].is_export]
    if not folders:
        return ()
    for folder in folders:
        _look_again(repository, folder, held)
    snapshots = schema_snapshots.by_export(schema_snapshots.read(repository, folders), folders)
    return tuple(
        _export(repository, folder, held[folder], snapshots.get(folder), version, edition) for folder in folders
    )


def _files(repository: Repository) -> Iterator[str]:
    """The files that may hold records. Where one is called `directus_permissions.json` or alike, files are named after
    collections, and `users.json` beside it belongs to the project's own collection of that name."""
    paths = registry.EXPORTS.paths(repository)
    named = {path.rpartition("/")[0] for path in paths if _FULL_NAME.match(path.rpartition("/")[2].lower())}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder not in named or name.lower().startswith(("directus_", "directus-", "metadata.", "info.")):
            yield path


# --- files -----------------------------------------------------------------------------------------------------------


def _read_file(repository: Repository, path: str, folders: dict[str, _Found], signs: tuple[bytes, ...]) -> None:
    folder, _, name = path.rpartition("/")
    named = _named_kind(name)
    before = repository.troubles
    text = json_records.text(repository, path, signs)
    if text is not None:
        held = folders.setdefault(folder, _Found())
        try:
            _sort(path, text, name.lower(), named, held)
            if name.lower() in ("metadata.json", "info.json"):
                held.metadata = path
                odd = _read_metadata(json.loads(text), held)
                if odd:
                    repository.problem(path, odd)
        except json.JSONDecodeError as error:
            repository.problem(path, f"not valid JSON: {error.msg}", error.lineno)
        except (RecursionError, TooDeepError):
            repository.problem(path, TOO_DEEP)
    if repository.troubles > before:
        folders.setdefault(folder, _Found()).unread[name] = named
        if name.lower().startswith(("directus_", "directus-")) or _resembles(text or ""):
            repository.belongs(path)
    elif text is None and named:
        folders.setdefault(folder, _Found()).passed_over.append(path)


def _look_again(repository: Repository, folder: str, folders: dict[str, _Found]) -> None:
    """Settle what is only known once the folder is known to be an export: its files belong to it, whatever they hold."""
    held = folders[folder]
    passed_over, held.passed_over = held.passed_over, []
    for path in passed_over:
        _read_file(repository, path, folders, ())
    for name in held.unread:
        repository.belongs(f"{folder}/{name}".removeprefix("/"))
    for record, value in held.doubtful:
        if _columns(value, record.kind):
            held.records.setdefault(record.kind, []).append(record)
        else:
            message = f"it is named after directus_{record.kind}, and holds something that is no row of it"
            repository.problem(record.location.path, message, record.location.line, incomplete=True)
            held.unread.setdefault(record.location.path.rpartition("/")[2], record.kind)


def _resembles(text: str) -> bool:
    """Whether a text that is no JSON names enough columns of one table to have been its dump."""
    return any(sum(f'"{name}"' in text for name in columns) >= _ENOUGH for columns in _COLUMNS.values())


_ENOUGH: Final = 4
_COLUMNS: Final = {
    "permissions": ("collection", "action", "fields", "permissions", "validation", "presets", "policy", "role"),
    "policies": ("admin_access", "app_access", "enforce_tfa", "ip_access", "name", "icon"),
    "access": ("policy", "role", "user", "sort"),
    "roles": ("name", "parent", "icon", "admin_access", "app_access", "enforce_tfa"),
    "users": ("email", "role", "status", "provider", "tfa_secret", "last_access", "token"),
    "flows": ("trigger", "accountability", "options", "operation", "status"),
    "operations": ("flow", "type", "key", "resolve", "reject", "options", "position_x"),
    "settings": (
        "project_name", "public_registration", "auth_login_attempts", "auth_password_policy", "custom_css", "public_note",
    ),
}  # fmt: skip
"""Columns that tell the tables apart, for files that cannot be read and rows that lost a member."""
_NAMED: Final = re.compile(
    rf"(?:directus[_-])?({'|'.join(KINDS)})(?:_[0-9a-f]{{16}})?\.json|directus[_-]({'|'.join(KINDS)})[_.-].*json"
)


def _named_kind(name: str) -> str:
    """The table that a file is named after, "" if none."""
    match = _NAMED.fullmatch(name.lower())
    return (match[1] or match[2]) if match else ""


_SIGNS: Final = (
    b'"action"', b'"admin_access"', b'"policy"', b'"role"', b'"trigger"', b'"resolve"', b'"project_name"', b'"public_registration',
    b'"parent"', b'"icon"', b'"directus"', b'"incomplete"', b'"source"', b'"snapshot"', b'"auth_login_attempts"',
)  # fmt: skip


def _read_metadata(data: object, held: _Found) -> str:
    """Take what the metadata tell, and say what of it is odd. `incomplete` names tables of which 12 Core hides rows, `files`
    what was written, `snapshot.directus` the version (facts §6.2)."""
    if not isinstance(data, Mapping):
        return ""
    hides = data.get("incomplete", [])
    held.incomplete = held.incomplete or bool(hides)
    files = data.get("files")
    if "source" in data and isinstance(files, list):
        held.promised |= {str(name).rpartition("/")[2] for name in files}
    snapshot = data.get("snapshot")
    named = data.get("directus") or (snapshot.get("directus") if isinstance(snapshot, Mapping) else None)
    if isinstance(named, str):
        held.version = Version.parse(named) or held.version
    listed = isinstance(hides, list) and all(isinstance(name, str) for name in hides)
    if "source" in data and not isinstance(files, list):
        return "`files` is missing or no list: whether all of the export is there is not known"
    return "" if listed else "`incomplete` is no list of tables: whether rows are hidden is not known"


def _sort(path: str, text: str, name: str, named: str, held: _Found) -> None:
    """Every record of a file with its place, by its kind.

    A row that lost a member, or whose value is of another type, is still one in a file of such rows.
    """
    places = json_records.Places(path, text)
    found: set[str] = set()
    others: list[tuple[str, object, Location]] = []
    for hint, value, offset, end in _items(text):
        if may_be_too_deep(text, offset, end) and is_too_deep(value):
            raise TooDeepError
        told = _hinted_kind(hint) or named
        kind = _kind(value, hint or name) if isinstance(value, dict) else ""
        if kind and kind == (told or kind):
            found.add(kind)
            held.records.setdefault(kind, []).append(Record(kind, value, places.region(offset, end)))  # type: ignore[arg-type]  # a kind is given for objects only
        elif told or found:
            others.append((told, value, places.region(offset, end)))
    if named and not others:
        held.present.add(named)
    for told, value, place in others:
        kind = told or (next(iter(found)) if len(found) == 1 else "")
        if kind and (told or _columns(value, kind) >= _ENOUGH // 2):
            held.doubtful.append((Record(kind, value if isinstance(value, dict) else {}, place), value))


def _hinted_kind(hint: str) -> str:
    """The table that a name in a file speaks of: a collection of the framework, or a key of a dump in one file."""
    kind = hint.removeprefix("directus_")
    return kind if kind in KINDS and (kind != hint or hint in KINDS) else ""


def _columns(value: object, kind: str) -> int:
    """How many columns of a table a value has."""
    return sum(name in value for name in _COLUMNS[kind]) if isinstance(value, dict) else 0


def _items(text: str) -> Iterator[tuple[str, object, int, int]]:
    """The objects at the top of a file: of a list its items, of `{data: …}`, `{records: …}` and `{permissions: […], …}`
    what is below; else the object itself. With them the key they are below."""
    decoder = json.JSONDecoder()
    start = json_records.skip(text, 0)
    if text.startswith("[", start):
        yield from (("", *item) for item in json_records.listed(decoder, text, start))
        return
    whole, end = decoder.raw_decode(text, start)
    json_records.end_of(text, end)
    yield from _of_object(decoder, text, whole, (start, end), "")


def _of_object(
    decoder: json.JSONDecoder, text: str, whole: object, place: tuple[int, int], hint: str
) -> Iterator[tuple[str, object, int, int]]:
    """The objects of `whole`, whose text begins and ends at `place`; it is below the key `hint`, "" at the top."""
    listed = _listed_below(whole)
    if not isinstance(whole, dict) or not listed or "admin_access" in whole or "action" in whole:
        yield hint, whole, *place
        return
    hint = hint or str(whole.get("collection") or "")
    for key, value, position, after in json_records.members(decoder, text, place[0]):
        if key not in listed:
            continue
        below = hint or (key if _hinted_kind(key) else "")
        if isinstance(value, list):
            yield from ((below, *item) for item in json_records.items(decoder, text, position))
        elif key in _WRAPPERS:
            yield below, value, position, after
        else:
            yield from _of_object(decoder, text, value, (position, after), below)


_WRAPPERS: Final = frozenset({"data", "records"})


def _listed_below(whole: object) -> set[str]:
    """The keys of an object below which records may be: those of an answer, or the names of tables."""
    if not isinstance(whole, dict):
        return set()
    keys = {key for key in whole if key in _WRAPPERS or _hinted_kind(key)}
    return keys if any(isinstance(whole[key], list | dict) for key in keys) else set()


def _kind(record: Mapping[str, object], name: str) -> str:
    """What a record is, by its keys; "" for anything else."""
    if "action" in record and "collection" in record and record["action"] in ACTIONS:
        return "permissions" if "fields" in record or "permissions" in record else ""
    if "admin_access" in record and "app_access" in record:
        return "roles" if "role" in name and "polic" not in name else "policies"
    if "policy" in record and ("role" in record or "user" in record):
        return "access"
    if "trigger" in record and "accountability" in record:
        return "flows"
    if "flow" in record and "type" in record and ("resolve" in record or "position_x" in record):
        return "operations"
    if "public_registration" in record or ("project_name" in record and "auth_login_attempts" in record):
        return "settings"
    if "user" in name and "role" in record and ("email" in record or "status" in record):
        return "users"
    if "role" in name and "name" in record and ("parent" in record or "icon" in record):
        return "roles"
    for kind in ("permissions", "policies", "flows", "operations"):
        if _columns(record, kind) > _ENOUGH:
            return kind
    return ""


# --- records to a model ----------------------------------------------------------------------------------------------


def _export(
    repository: Repository,
    folder: str,
    held: _Found,
    snapshot: Snapshot | None,
    version: Version | None,
    edition: Edition | None,
) -> Export:
    missing: dict[str, str] = {}
    read = RecordReader()
    form = format_of(folder, held.all_records())
    version, old = _version(held, snapshot, version, missing)
    inherits = not old and (form.writes("roles.parent") or _has(held, "roles", "parent"))
    roles = tuple(_role(read, record, old=old, inherits=inherits) for record in held.of("roles"))
    limits = form.writes("policies.ip_access") or _has(held, "policies", "ip_access")
    policies = tuple(_policy(read, record, limits=limits) for record in held.of("policies"))
    if policies and not limits:
        missing["addresses"] = "the export's policies have no `ip_access`: from where they may be used is not known"
    attached = attachments.read(read, *(held.of(kind) for kind in ("access", "policies", "roles", "users")))
    missing |= attached.missing
    if not old and roles and not inherits:
        missing["parents"] = "the export's roles have no `parent`: what they inherit is not known"
    known = {role.id for role in roles}
    if not old and any(row.role and row.role not in known for row in attached.access):
        missing.setdefault(
            "parents", "roles are named whose records are not in the export: what they inherit is not known"
        )
    if held.unread:
        missing["unread files"] = f"not all of the export could be read: {', '.join(sorted(held.unread))}"
    if held.incomplete:
        missing["hidden rows"] = "the export says that it is incomplete: Directus 12 Core hides rows with rules"
    permissions = _permissions(read, held.of("permissions"), old=old)
    joined = any(not row.assumed for row in attached.access)
    _note_absent(repository, folder, held, missing, form=form, old=old, joined=joined)
    absent: dict[str, str] = {kind: missing.pop(kind) for kind in _OPTIONAL if kind in missing}
    if {"flows", "operations"} <= set(absent):
        absent["flows"] = absent["operations"] = "the export has no flows and no operations: what runs is not known"
    users = tuple(_user(read, record) for record in held.of("users"))
    told = tuple(row for row in attached.access if not row.assumed)
    _note_dangling(missing, permissions, policies, told, roles, users, old=old)
    flows = tuple(_flow(read, record) for record in held.of("flows"))
    operations = tuple(_operation(read, record) for record in held.of("operations"))
    _note_loose_operations(missing, flows, operations)
    settings = next((_settings(read, record) for record in held.of("settings")), None)
    schema = _schema(snapshot)
    if schema is None:
        absent["data model"] = "no schema snapshot lies beside the export: the data model is not known"
    elif not schema.complete:
        missing["data model"] = "the schema snapshot is not whole: the data model is not known"
    for kind, part in _UNIQUE.items():
        read.check_unique(held.of(kind), part)
    read.report(repository)
    missing |= {part: reason for part, reason in read.gaps.items() if part not in missing}
    model = AccessModel(
        source=folder or ".",
        version=version,
        edition=edition or _edition(version, permissions, missing),
        roles=roles,
        policies=policies,
        access=attached.access,
        permissions=permissions,
        users=users,
        fields={name: frozenset(fields) for name, fields in schema.by_collection.items()} if schema else {},
    )
    first = min(record.location for record in held.all_records())
    return Export(
        name=_name(folder),
        location=Location(first.path, first.line, first.column),
        model=model,
        flows=flows,
        operations=operations,
        settings=settings,
        schema=schema,
        missing=missing,
        absent=absent,
        possibly_public=attached.possibly_public,
    )


_WITHOUT: Final = {
    "permissions": "what anybody may do is not known",
    "policies": "who is an administrator is not known",
    "access": "who has which policy is not known",
    "roles": "what they inherit is not known",
    "users": "who they are is not known",
    "flows": "what runs is not known",
    "operations": "what flows do is not known",
    "settings": "what they say is not known",
}
"""What cannot be told where a table is not in the export."""
_OPTIONAL: Final = ("users", "flows", "operations", "settings")
"""Tables that every exporter can be set to leave out."""
_ABOUT_ACCESS: Final = ("permissions", "policies", "access", "roles")
_UNIQUE: Final = {
    "policies": "policies",
    "roles": "parents",
    "users": "users",
    "flows": "flows",
    "operations": "operations",
}
"""Tables that other rows name rows of by their key, and the part that is not known where two rows have one key."""
_PARTS: Final = {"access": "attachments", "roles": "parents"}
"""Keys of `Export.missing` that are not the table's name."""


def _schema(snapshot: Snapshot | None) -> Schema | None:
    """The data model that a snapshot tells. Relations alone tell which collections are junctions, and nothing else."""
    if snapshot is None or not (snapshot.schema.fields or snapshot.schema.relations):
        return None
    known = snapshot.schema
    return known if known.fields else replace(known, collections=(), complete=False)


def _note_absent(
    repository: Repository,
    folder: str,
    held: _Found,
    missing: dict[str, str],
    *,
    form: Format,
    old: bool,
    joined: bool,
) -> None:
    """Note tables that are not there: without those that decide about access the export is incomplete.

    `joined`: other tables name the attachments.
    """
    always = {"permissions", "roles"} if old else form.tables
    about_access = any(map(held.has, _ABOUT_ACCESS))
    if about_access and form.metadata and not held.metadata:
        missing["hidden rows"] = "the export has no metadata: whether it is complete is not known"
        repository.problem(
            folder or ".",
            f"the export has no `{form.metadata}`; exports of {form.name} always have it",
            incomplete=True,
        )
    promised = {_named_kind(name): name for name in sorted(held.promised)}
    for kind in KINDS:
        if held.has(kind) and (held.of(kind) or kind not in ("permissions", "policies")):
            continue
        if old and kind in ("policies", "access"):
            continue
        part = _PARTS.get(kind, kind)
        reason = f"the export has no directus_{kind}: {_WITHOUT[kind]}"
        listed = any(isinstance(row.values.get("roles"), list) for row in held.of("policies"))
        attached = kind == "access" and (joined or listed)
        if not attached:
            missing.setdefault(part, reason)
        if old and kind == "roles":
            missing.setdefault("policies", reason)
        if kind in promised:
            message = f"the export lists `{visible(promised[kind])}`, which is not there: {_WITHOUT[kind]}"
            repository.problem(folder or ".", message, incomplete=True)
        elif about_access and kind in always and not attached and not held.has(kind):
            repository.problem(folder or ".", f"{reason}; exports of {form.name} always have it", incomplete=True)


def _stands_in(row: Access) -> bool:
    """Whether the user of an attachment only stands for whoever has the policy."""
    return row.assumed or (row.user or "").startswith(attachments.UNTOLD)


def _note_dangling(
    missing: dict[str, str],
    permissions: Sequence[Permission],
    policies: Sequence[Policy],
    access: Sequence[Access],
    roles: Sequence[Role],
    users: Sequence[User],
    *,
    old: bool,
) -> None:
    """A database has no row that names a policy, role or user which does not exist: an export with such rows is not whole."""
    stored = [row for row in permissions if not row.system]
    named = {
        ("policies", "policies"): {row.policy for row in stored} | {row.policy for row in access}
        if policies
        else set(),
        ("roles", "attachments"): {row.role for row in (stored if old else access)} if roles else set(),
        ("roles", "parents"): {role.parent for role in roles},
        ("roles", "users"): {user.role for user in users} if roles else set(),
        ("users", "users"): {row.user for row in access if not _stands_in(row)} if users else set(),
    }
    known = {
        "policies": {policy.id for policy in policies},
        "roles": {role.id for role in roles},
        "users": {user.id for user in users},
    }
    for (kind, part), ids in named.items():
        if any(one not in known[kind] for one in ids if one):
            missing.setdefault(part, f"{kind} are named whose records are not in the export: who has what is not known")


def _note_loose_operations(missing: dict[str, str], flows: Sequence[Flow], operations: Sequence[Operation]) -> None:
    """The database has no flow or operation that names one which does not exist: an export with such rows is not whole."""
    if not flows or not operations:
        return
    known, held = {flow.id for flow in flows}, {operation.id for operation in operations}
    following = {name for operation in operations for name in (operation.resolve, operation.reject)}
    if any(name not in held for name in following | {flow.operation for flow in flows} if name):
        missing.setdefault(
            "operations", "operations are named whose records are not in the export: what runs is not known"
        )
    if any(operation.flow not in known for operation in operations):
        missing.setdefault(
            "flows", "operations belong to flows whose records are not in the export: what runs is not known"
        )


def _version(
    held: _Found, snapshot: Snapshot | None, given: Version | None, missing: dict[str, str]
) -> tuple[Version, bool]:
    """The version to judge by, and whether the export is of the time before policies."""
    old = not held.has("policies") and not any("policy" in record.values for record in held.of("permissions")) and (
        any("role" in record.values for record in held.of("permissions"))
        or any("admin_access" in record.values for record in held.of("roles"))
    )  # fmt: skip
    told = given or held.version or (snapshot.version if snapshot else None)
    if told is not None and given is None and not old and told < (11,):
        told = None  # a snapshot older than the records beside it
    if told is None:
        missing["version"] = "the export does not tell the version of Directus"
        return (NEWEST_OF[10] if old else NEWEST), old
    return (NEWEST_OF[10] if old and told >= (11,) else told), old


def _edition(version: Version, permissions: Sequence[Permission], missing: dict[str, str]) -> Edition:
    """12 Core shows no row with a rule: one that is there, in an export that is whole, tells of a licence (facts §3.7)."""
    if version < (12,) or ("hidden rows" not in missing and any(map(_needs_licence, permissions))):
        return Edition.LICENSED
    missing["edition"] = (
        "whether Directus 12 runs with a licence is not known, judged as licensed; `--edition core` says otherwise"
    )
    return Edition.LICENSED


def _needs_licence(row: Permission) -> bool:
    return row.custom and not was_recommended(
        row.collection, row.action, row.permissions, row.validation, row.presets, row.fields
    )


def _name(folder: str) -> str:
    """Environment Sync keeps the records of a project in its folder `data`."""
    parent, _, last = folder.rpartition("/")
    return parent if last == "data" and parent else folder or "."


def _has(held: _Found, kind: str, member: str) -> bool:
    """Whether some record of a table has a member."""
    return any(member in record.values for record in held.of(kind))


def _role(read: RecordReader, record: Record, *, old: bool, inherits: bool) -> Role:
    """`inherits`: whether the export tells parents at all; templates leave them out."""
    return Role(
        id=_identity(read, record, "parents"),
        name=record.text("name") or "",
        parent=read.key_or_null(record, "parent", "parents") if inherits else None,
        admin_access=old and read.flag(record, "admin_access", "policies"),
        app_access=old and read.flag(record, "app_access", "policies"),
        location=record.location,
        enforce_tfa=old and read.flag(record, "enforce_tfa", "second factor"),
        ip_access=(read.texts(record, "ip_access", "addresses") or ()) if old else (),
    )


def _policy(read: RecordReader, record: Record, *, limits: bool) -> Policy:
    """`limits`: whether the export tells addresses at all; some templates leave them out."""
    return Policy(
        id=_identity(read, record, "policies"),
        name=read.text(record, "name", "policies"),
        admin_access=read.flag(record, "admin_access", "policies"),
        app_access=read.flag(record, "app_access", "policies"),
        enforce_tfa=read.flag(record, "enforce_tfa", "second factor"),
        ip_access=(read.texts(record, "ip_access", "addresses") or ()) if limits else (),
        location=record.location,
    )


def _identity(read: RecordReader, record: Record, part: str) -> str:
    """The record's own key: directus-sync writes it as `_syncId`, others as `id`."""
    return read.key(record, "_syncId" if record.values.get("id") is None and "_syncId" in record.values else "id", part)


def _permissions(read: RecordReader, records: Sequence[Record], *, old: bool) -> tuple[Permission, ...]:
    """The rows. An export repeats few rules and lists of fields many times: equal ones become one object, which saves
    memory, and lets whoever reads rules read each once."""
    rules: dict[str, Json] = {}
    lists: dict[tuple[str, ...], tuple[str, ...]] = {}

    def one(record: Record, key: str) -> Json:
        rule = read.json_object(record, key, "permissions")
        if rule is None:
            return None
        text = repr(rule)
        if text not in rules and key != "presets":
            read.check_rule(record, key, rule, "permissions")
        return rules.setdefault(text, rule)

    def policy(record: Record) -> str | None:
        # `GET /permissions` lists the rows of the framework too: they are stored nowhere and belong to no policy.
        if record.values.get("system") is True:
            return read.key_or_null(record, "policy", "permissions", required=False)
        return read.key(record, "policy", "permissions") or None

    def permission(record: Record) -> Permission:
        identity = record.values.get("id")
        fields = read.texts(record, "fields", "permissions")
        presets = one(record, "presets")
        return Permission(
            collection=sys.intern(read.name(record, "collection", "permissions")),
            action=sys.intern(read.one_of(record, "action", ACTIONS, "permissions")),
            permissions=one(record, "permissions"),
            validation=one(record, "validation"),
            presets=None if presets == UNREADABLE else presets,
            fields=None if fields is None else lists.setdefault(fields, fields),
            policy=None if old else _interned(policy(record)),
            role=_interned(read.key_or_null(record, "role", "permissions", required=old)),
            id=identity
            if isinstance(identity, int | str) and not isinstance(identity, bool)
            else record.text("_syncId"),
            system=record.values.get("system") is True,
            location=record.location,
        )

    return tuple(map(permission, records))


def _interned(text: str | None) -> str | None:
    return None if text is None else sys.intern(text)


def _user(read: RecordReader, record: Record) -> User:
    return User(
        id=_identity(read, record, "users"),
        role=read.key_or_null(record, "role", "users"),
        status=read.word(record, "status", "users"),
        location=record.location,
        provider=read.word(record, "provider", "users", required=False),
        has_token=_is_set(read, record, "token"),
        has_second_factor=_is_set(read, record, "tfa_secret"),
        last_access=record.text("last_access"),
    )


def _is_set(read: RecordReader, record: Record, key: str) -> bool | None:
    """Whether a secret is set: exports and the API write it as asterisks; None where the key is left out (facts §5)."""
    if key not in record.values:
        return None
    value = record.values[key]
    if value is None or (isinstance(value, str) and not read.is_placeholder(value)):
        return bool(value)
    read.note(record, key, value, "asterisks or null", "users")
    return None


def _flow(read: RecordReader, record: Record) -> Flow:
    return Flow(
        id=_identity(read, record, "flows"),
        name=record.text("name") or "",
        status=read.word(record, "status", "flows") or "active",
        trigger=read.word(record, "trigger", "flows") or "",
        options=_options(read, record, "flows"),
        operation=read.key_or_null(record, "operation", "flows"),
        location=record.location,
    )


def _options(read: RecordReader, record: Record, part: str) -> Mapping[str, Json]:
    options = read.json_object(record, "options", part)
    read.check_filled_in(record, "options", options, part)
    return options if isinstance(options, dict) and options != UNREADABLE else {}


def _operation(read: RecordReader, record: Record) -> Operation:
    return Operation(
        id=_identity(read, record, "operations"),
        key=read.name(record, "key", "operations"),
        type=read.name(record, "type", "operations"),
        flow=read.key(record, "flow", "operations") or None,
        options=_options(read, record, "operations"),
        resolve=read.key_or_null(record, "resolve", "operations"),
        reject=read.key_or_null(record, "reject", "operations"),
        location=record.location,
    )


def _settings(read: RecordReader, record: Record) -> Settings:
    """The settings. One that cannot be used is left out, and noted: no check takes it for unset."""
    values, odd = typed(record.values)
    for name, expected in odd.items():
        read.note(record, name, record.values[name], expected, f"settings {name}")
    return Settings(values, record.location)
