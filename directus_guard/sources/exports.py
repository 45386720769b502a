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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from directus_guard.directus.access import ACTIONS, Access, AccessModel, Edition, Permission, Policy, Role, User
from directus_guard.directus.export import Export, Flow, Operation, Settings
from directus_guard.directus.system_data import was_recommended
from directus_guard.directus.versions import NEWEST, NEWEST_OF, Version
from directus_guard.finding import Location
from directus_guard.sources import json_records, registry, schema_snapshots

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.filters import Json
    from directus_guard.sources.repository import Repository
    from directus_guard.sources.schema_snapshots import Snapshot

_FULL_NAME: Final = re.compile(r"directus[_-](?:permissions|policies|access|roles)(?:_|\.)")
_KINDS: Final = ("permissions", "policies", "access", "roles", "users", "flows", "operations", "settings")
_PUBLIC_LABEL: Final = "$t:public_label"
UNTOLD: Final = "public, or a user with "
"""What an attachment is called that is the public's or a user's; the policy's name follows."""
_SYNC_PUBLIC: Final = "_sync_default_public_policy"


@dataclass(frozen=True, slots=True)
class _Record:
    values: Mapping[str, Json]
    location: Location

    def text(self, key: str) -> str | None:
        """The value as a key or name: numbers too are keys."""
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, str | int):
            nested = value.get("id") if isinstance(value, Mapping) else None
            return str(nested) if isinstance(nested, str | int) else None
        return str(value)

    @property
    def id(self) -> str | None:
        return self.text("id") or self.text("_syncId")


@dataclass(slots=True)
class _Found:
    """The records of one folder, by kind."""

    records: dict[str, list[_Record]] = field(default_factory=dict)
    incomplete: bool = False
    unread: list[str] = field(default_factory=list)
    """Files of the folder that could not be read to their end."""
    version: Version | None = None

    def of(self, kind: str) -> list[_Record]:
        return self.records.get(kind, [])

    @property
    def is_export(self) -> bool:
        return bool(self.of("permissions") or self.of("policies") or (self.of("flows") and self.of("operations")))


def read(repository: Repository, version: Version | None = None, edition: Edition | None = None) -> tuple[Export, ...]:
    """Every export, in the order of its folder. `version` and `edition`: what the user says, if they do."""
    held: dict[str, _Found] = {}
    for path in _files(repository):
        _read_file(repository, path, held)
    folders = [folder for folder in sorted(held) if held[folder].is_export]
    if not folders:
        return ()
    snapshots = schema_snapshots.by_export(schema_snapshots.read(repository, folders), folders)
    return tuple(_export(folder, held[folder], snapshots.get(folder), version, edition) for folder in folders)


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


def _read_file(repository: Repository, path: str, folders: dict[str, _Found]) -> None:
    folder, _, name = path.rpartition("/")
    before = len(repository.problems)
    text = json_records.text(repository, path, _SIGNS)
    if text is not None:
        try:
            for kind, record in _records(path, text, name.lower()):
                folders.setdefault(folder, _Found()).records.setdefault(kind, []).append(record)
            if name.lower() in ("metadata.json", "info.json"):
                _read_metadata(json.loads(text), folders.setdefault(folder, _Found()))
        except json.JSONDecodeError as error:
            repository.problem(path, f"not valid JSON: {error.msg}", error.lineno)
        except RecursionError:
            repository.problem(path, "nested too deeply to be read")
    if len(repository.problems) > before:
        folders.setdefault(folder, _Found()).unread.append(name)


_SIGNS: Final = (
    b'"action"', b'"admin_access"', b'"policy"', b'"role"', b'"trigger"', b'"resolve"', b'"project_name"', b'"public_registration',
    b'"parent"', b'"icon"', b'"directus"', b'"incomplete"', b'"snapshot"', b'"auth_login_attempts"',
)  # fmt: skip


def _read_metadata(data: object, held: _Found) -> None:
    """`incomplete` says that 12 Core hides rows; `snapshot.directus` is the version (facts §6.2)."""
    if not isinstance(data, Mapping):
        return
    held.incomplete = held.incomplete or bool(data.get("incomplete"))
    snapshot = data.get("snapshot")
    named = data.get("directus") or (snapshot.get("directus") if isinstance(snapshot, Mapping) else None)
    if isinstance(named, str):
        held.version = Version.parse(named) or held.version


def _records(path: str, text: str, name: str) -> Iterator[tuple[str, _Record]]:
    """Every record of a known kind, with its place."""
    places = json_records.Places(path, text)
    for hint, value, offset, end in _items(text):
        if not isinstance(value, dict):
            continue
        kind = _kind(value, hint or name)
        if kind:
            yield kind, _Record(value, places.region(offset, end))


def _items(text: str) -> Iterator[tuple[str, object, int, int]]:
    """The objects at the top of a file: of a list its items, of `{data: …}`, `{records: …}` and `{permissions: […], …}`
    what stands below; else the object itself. With them the key they stand below."""
    decoder = json.JSONDecoder()
    start = json_records.skip(text, 0)
    if text.startswith("[", start):
        yield from (("", *item) for item in json_records.items(decoder, text, start))
        return
    whole, end = decoder.raw_decode(text, start)
    if not isinstance(whole, dict):
        return
    listed = {
        key for key, value in whole.items() if isinstance(value, list | dict) and key in (*_KINDS, "data", "records")
    }
    if not listed:
        yield "", whole, start, end
        return
    hint = str(whole.get("collection") or "")
    for key, value, position, after in json_records.members(decoder, text, start):
        if key not in listed:
            continue
        below = hint or (key if key in _KINDS else "")
        if isinstance(value, list):
            yield from ((below, *item) for item in json_records.items(decoder, text, position))
        else:
            yield below, value, position, after


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
    return ""


# --- records to a model ----------------------------------------------------------------------------------------------


def _export(
    folder: str, held: _Found, snapshot: Snapshot | None, version: Version | None, edition: Edition | None
) -> Export:
    missing: dict[str, str] = {}
    version, old = _version(held, snapshot, version, missing)
    roles = tuple(_role(record) for record in held.of("roles"))
    policies = tuple(_policy(record) for record in held.of("policies"))
    access, guesses = _access(held)
    missing |= guesses
    if not old and roles and not any("parent" in record.values for record in held.of("roles")):
        missing["parents"] = "the export's roles have no `parent`: what they inherit is not known"
    known = {role.id for role in roles}
    if not old and any(row.role and row.role not in known for row in access):
        missing.setdefault(
            "parents", "roles are named whose records are not in the export: what they inherit is not known"
        )
    if not held.of("permissions"):
        missing["permissions"] = "the export has no permissions"
    if not old and not policies:
        missing["policies"] = "the export has no policies: who is an administrator is not known"
    if held.unread:
        missing["unread files"] = f"not all of the export could be read: {', '.join(sorted(held.unread))}"
    if held.incomplete:
        missing["hidden rows"] = "the export says that it is incomplete: Directus 12 Core hides rows with rules"
    permissions = _permissions(held.of("permissions"))
    schema = snapshot.schema if snapshot is not None and snapshot.schema.fields else None
    model = AccessModel(
        source=folder or ".",
        version=version,
        edition=edition or _edition(version, permissions, missing),
        roles=roles,
        policies=policies,
        access=access,
        permissions=permissions,
        users=tuple(_user(record) for record in held.of("users")),
        fields={name: frozenset(fields) for name, fields in schema.by_collection.items()} if schema else {},
    )
    first = min(record.location for records in held.records.values() for record in records)
    return Export(
        name=_name(folder),
        location=Location(first.path, first.line, first.column),
        model=model,
        flows=tuple(_flow(record) for record in held.of("flows")),
        operations=tuple(_operation(record) for record in held.of("operations")),
        settings=next((Settings(record.values, record.location) for record in held.of("settings")), None),
        schema=schema,
        missing=missing,
    )


def _version(
    held: _Found, snapshot: Snapshot | None, given: Version | None, missing: dict[str, str]
) -> tuple[Version, bool]:
    """The version to judge by, and whether the export is of the time before policies."""
    old = bool(held.of("permissions")) and not held.of("policies") and not any(
        "policy" in record.values for record in held.of("permissions")
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


def _strings(value: object) -> tuple[str, ...] | None:
    """A list of texts, also written as one with commas; None stays None."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list):
        return tuple(str(part) for part in value)
    return None


def _object(value: object) -> Mapping[str, Json]:
    """An object, also one that the database handed out as text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def _json(value: object) -> Json:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {"_unreadable": True}
    return value  # type: ignore[return-value]  # what the decoder gives is JSON


def _role(record: _Record) -> Role:
    return Role(
        id=record.id or "",
        name=record.text("name") or "",
        parent=record.text("parent"),
        admin_access=record.values.get("admin_access") in (True, 1),
        app_access=record.values.get("app_access") in (True, 1),
        location=record.location,
        enforce_tfa=record.values.get("enforce_tfa") in (True, 1),
        ip_access=_strings(record.values.get("ip_access")) or (),
    )


def _policy(record: _Record) -> Policy:
    return Policy(
        id=record.id or "",
        name=record.text("name") or "",
        admin_access=record.values.get("admin_access") in (True, 1),
        app_access=record.values.get("app_access") in (True, 1),
        enforce_tfa=record.values.get("enforce_tfa") in (True, 1),
        ip_access=_strings(record.values.get("ip_access")) or (),
        location=record.location,
    )


def _permissions(records: Sequence[_Record]) -> tuple[Permission, ...]:
    """The rows. An export repeats few rules and lists of fields many times: equal ones become one object, which saves
    memory, and lets whoever reads rules read each once."""
    rules: dict[str, Json] = {}
    lists: dict[tuple[str, ...], tuple[str, ...]] = {}

    def one(value: object) -> Json:
        rule = _json(value)
        return None if rule is None else rules.setdefault(repr(rule), rule)

    def permission(record: _Record) -> Permission:
        get = record.values.get
        identity = get("id")
        fields = _strings(get("fields"))
        return Permission(
            collection=sys.intern(str(get("collection"))),
            action=sys.intern(str(get("action"))),
            permissions=one(get("permissions")),
            validation=one(get("validation")),
            presets=one(get("presets")),
            fields=None if fields is None else lists.setdefault(fields, fields),
            policy=_interned(record.text("policy")),
            role=_interned(record.text("role")),
            id=identity
            if isinstance(identity, int | str) and not isinstance(identity, bool)
            else record.text("_syncId"),
            system=get("system") is True,
            location=record.location,
        )

    return tuple(map(permission, records))


def _interned(text: str | None) -> str | None:
    return None if text is None else sys.intern(text)


def _user(record: _Record) -> User:
    return User(
        id=record.id or "",
        role=record.text("role"),
        status=record.text("status"),
        location=record.location,
        provider=record.text("provider"),
        has_token=_is_set(record, "token"),
        has_second_factor=_is_set(record, "tfa_secret"),
        last_access=record.text("last_access"),
    )


def _is_set(record: _Record, key: str) -> bool | None:
    """Whether a secret is set: exports and the API write it as asterisks; None where the key is left out (facts §5)."""
    return bool(record.values[key]) if key in record.values else None


def _access(held: _Found) -> tuple[tuple[Access, ...], dict[str, str]]:
    """The attachments: records of their own, or what directus-sync writes into the policies."""
    if held.of("access"):
        return tuple(
            Access(
                policy=record.text("policy") or "",
                role=record.text("role"),
                user=record.text("user"),
                sort=_number(record.values.get("sort")),
                id=record.id,
                location=record.location,
            )
            for record in held.of("access")
        ), {}
    nested = [
        (record, item)
        for record in held.of("policies")
        for item in _list(record.values.get("roles"))
        if isinstance(item, dict)
    ]
    if not nested:
        return (), {"attachments": "the export has no directus_access: who has which policy is not known"} if held.of(
            "policies"
        ) else {}
    labelled = any(
        item.get("role") is None and _is_labelled_public(record) for record, item in nested if item.get("user") is None
    )
    rows: list[Access] = []
    missing = {"user policies": "directus-sync does not export policies attached to users"}
    for record, item in nested:
        role, user = item.get("role"), item.get("user")
        if role is None and user is None and not _is_public(record, labelled=labelled):
            # Older dumps wrote a policy attached to a user in the same way. Somebody has it: a user stands for them,
            # and what is asked of the public alone is not evaluated.
            name = record.text("name") or record.id
            missing[f"policy {record.id}"] = (
                f"the policy `{name}` is attached to the public or to a user: the export does not tell"
            )
            user = f"{UNTOLD}{name}"
        rows.append(
            Access(
                policy=record.id or "",
                role=str(role) if role is not None else None,
                user=str(user) if user is not None else None,
                sort=_number(item.get("sort")),
                location=record.location,
            )
        )
    return tuple(rows), missing


def _is_labelled_public(record: _Record) -> bool:
    return record.text("name") == _PUBLIC_LABEL


def _is_public(record: _Record, *, labelled: bool) -> bool:
    """Whether a policy that is attached to no role is the public one: by its label, else by directus-sync's constant."""
    return _is_labelled_public(record) if labelled else record.id == _SYNC_PUBLIC


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _flow(record: _Record) -> Flow:
    return Flow(
        id=record.id or "",
        name=record.text("name") or "",
        status=record.text("status") or "active",
        trigger=record.text("trigger") or "",
        options=_object(record.values.get("options")),
        operation=record.text("operation"),
        location=record.location,
    )


def _operation(record: _Record) -> Operation:
    return Operation(
        id=record.id or "",
        key=record.text("key") or "",
        type=record.text("type") or "",
        flow=record.text("flow"),
        options=_object(record.values.get("options")),
        resolve=record.text("resolve"),
        reject=record.text("reject"),
        location=record.location,
    )
