"""Puts an access model on a fresh server, as it decides who is administrator: nothing else of the project is needed.

Never applied: settings but those of registration, users but one for each principal (at addresses nothing is delivered to),
limits to addresses and second factors, which the made users could not meet.
"""

from __future__ import annotations

import secrets
import uuid
from itertools import count
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.access.principals import Principal, PrincipalKind
from directus_guard.directus.access.records import PUBLIC_POLICY
from directus_guard.directus.access.system_data import is_recommended
from directus_guard.directus.features import HAS_EDITIONS, HAS_POLICIES
from directus_guard.prove import data_model, flow_rows
from directus_guard.prove.applied import Applied, Member, attachment_identity, is_uuid, translated
from directus_guard.prove.client import RequestRefusedError
from directus_guard.prove.needed import Needed
from directus_guard.prove.writer import Writer
from directus_guard.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from directus_guard.directus.access.model import AccessModel
    from directus_guard.directus.access.records import Permission, User
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.versions import Version
    from directus_guard.prove.applied import Json, Row
    from directus_guard.prove.client import WriteClient
    from directus_guard.prove.state import ServerState

NOTHING_NEEDED: Final = Needed()
CORE_COLLECTIONS: Final = 25
CORE_FLOWS: Final = 5
_ADDRESS: Final = "directus-guard-{}@example.com"
_REGISTRATION: Final = (
    "public_registration", "public_registration_verify_email", "public_registration_role", "public_registration_email_filter",
)  # fmt: skip
_NAMES: Final = uuid.UUID("5f0e2f0e-9d0a-4a53-9f0b-3a6c2f6d7c11")
_LARGEST: Final = 2**30
"""Of the keys of permission rows, which are 32 bits; larger ones leave no room for those that are made up."""
_STATES: Final = ("draft", "invited", "unverified", "active", "suspended", "archived")


def misfit(version: Version, export: Export) -> str:
    """Why a model cannot be applied to a server of this version at all; "" if it can."""
    if HAS_POLICIES.of(version) == export.model.has_policies:
        return ""
    kept = "in policies" if export.model.has_policies else "in roles, as up to Directus 10"
    return f"the export has its permissions {kept}, and the server runs Directus {version}"


def apply(client: WriteClient, export: Export, before: ServerState, needed: Needed = NOTHING_NEEDED) -> Applied:
    """Store a model on a fresh server. `needed`: what the plans name. Raises `ProveError`."""
    return _Application(client, export, before, needed).run()


def seat(
    client: WriteClient, applied: Applied, export: Export, principal: Principal, needed: Needed = NOTHING_NEEDED
) -> Applied:
    """On 12 Core: the user of one principal, in place of the one before. Raises `ProveError`."""
    gone: list[Json] = [member.user for member in applied.members.values()]
    if gone:
        client.admin("DELETE", "/users", gone)
    writer = Writer(client)
    members = _members(writer, export.model, [principal], applied.keys, needed.own)
    attached = _attach(writer, export.model, members, applied.keys, users=True)
    return replace(
        applied, members=members, named=_who_is_named(members, needed),
        attachments={**applied.attachments, **attached}, left_out=(*applied.left_out, *writer.left_out),
    )  # fmt: skip


def is_core(client: WriteClient) -> bool:
    """Whether the server is 12 without a licence. Raises `ProveError`."""
    if not HAS_EDITIONS.of(client.version):
        return False
    about = client.admin("GET", "/server/info")
    licence = about.get("license") if isinstance(about, dict) else None
    return not (isinstance(licence, dict) and licence.get("source"))


class _Application:
    """One model on its way to one server. The steps are in an order: flows come last, so that none runs meanwhile."""

    def __init__(self, client: WriteClient, export: Export, before: ServerState, needed: Needed) -> None:
        self._client, self._export, self._before, self._needed = client, export, before, needed
        self._model = export.model
        self._writer = Writer(client)
        self._core = is_core(client)
        self._public = self._has_public_policy()
        self._keys = _server_keys(export, before, public=self._public)

    def run(self) -> Applied:
        """Everything, in order."""
        if reason := misfit(self._client.version, self._export):
            raise RequestRefusedError(reason)
        keys, writer, model = self._keys, self._writer, self._model
        tables = data_model.store(writer, self._export, CORE_COLLECTIONS if self._core else None)
        self._roles()
        self._policies()
        rows = self._permissions()
        principals = [one for one in model.principals() if not one.anonymous]
        members = _members(writer, model, [] if self._core else principals, keys, self._needed.own)
        named = self._named(members)
        attachments = _attach(writer, model, members, keys, users=False if self._core else None, public=self._public)
        attachments |= self._public_attachment()
        victim = self._victim(members)
        items = self._items(tables)
        self._registration()
        flows = self._chosen_flows()
        operations = self._export.operations
        there = flow_rows.store(writer, flows, operations, keys)
        return Applied(
            keys=keys, members=members, victim=victim, named=named, items=items, rows=rows, attachments=attachments,
            stand_ins=flow_rows.stand_ins(flows, operations), flows=there, left_out=tuple(writer.left_out), core=self._core,
        )  # fmt: skip

    def _has_public_policy(self) -> bool:
        """Whether the model's public policy is the one that every instance has: its key, attached to the public, and no more."""
        policy = next((one for one in self._model.policies if one.id == PUBLIC_POLICY), None)
        plain = policy is not None and not policy.admin_access and not policy.app_access
        return plain and any(
            row.policy == PUBLIC_POLICY and row.role is None and row.user is None for row in self._model.access
        )

    def _public_attachment(self) -> dict[tuple[object, ...], str]:
        """The row that every instance has, where it is the model's, too."""
        there = self._before.rows.get("access", {}).items()
        found = {
            key for key, row in there if row.get("policy") == PUBLIC_POLICY and not (row.get("role") or row.get("user"))
        }
        stored = [
            row for row in self._model.access if row.policy == PUBLIC_POLICY and row.role is None and row.user is None
        ]
        return {attachment_identity(row): key for row in stored for key in found} if self._public else {}

    def _roles(self) -> None:
        old = not self._model.has_policies
        named = {role.id: role for role in self._model.roles}
        rows: list[tuple[str, Row]] = []
        done: set[str] = set()
        for role in self._model.roles:
            for key in self._model.role_path(role.id):
                one = named.get(key)
                if one is None or key in done:
                    continue
                done.add(key)
                row: Row = {"id": self._keys.get(key, key), "name": one.name or "role"}
                if old:
                    row |= {"admin_access": one.admin_access, "app_access": one.app_access}
                elif one.parent is not None:
                    parent = one.parent if one.parent in done and one.parent != key else None
                    if parent is None:
                        self._writer.leave_out("roles", one.name, "its parent is not in the export, or above itself")
                    row["parent"] = None if parent is None else self._keys.get(parent, parent)
                if one.enforce_tfa or one.ip_access:
                    self._writer.leave_out("roles", one.name, _LIMITS)
                rows.append((one.name, row))
        self._writer.store("roles", rows)

    def _policies(self) -> None:
        rows: list[tuple[str, Row]] = []
        for one in self._model.policies:
            if one.enforce_tfa or one.ip_access:
                self._writer.leave_out("policies", one.name, _LIMITS)
            if not (self._public and one.id == PUBLIC_POLICY):
                row: Row = {
                    "id": self._keys.get(one.id, one.id), "name": one.name or "policy",
                    "admin_access": one.admin_access, "app_access": one.app_access,
                }  # fmt: skip
                rows.append((one.name, row))
        if rows:
            self._writer.store("policies", rows)

    def _permissions(self) -> Mapping[tuple[object, ...], int]:
        """Rows get the keys of the export, which rules may name. Those of 10 may have none: it answers rows of one kind merged."""
        model, writer = self._model, self._writer
        holders = {one.id for one in (model.policies if model.has_policies else model.roles)}
        numbers = _row_numbers(model.permissions, map(int, self._before.rows["permissions"]))
        rows: list[tuple[str, Row]] = []
        stored: list[tuple[Permission, int]] = []
        for row in model.permissions:
            holder = row.policy if model.has_policies else row.role
            name = f"{row.action} {row.collection}"
            if row.system:
                continue
            if holder not in holders and (holder is not None or model.has_policies):
                writer.leave_out("permissions", name, "its policy is not in the export")
            elif self._core and row.custom and not is_recommended(row, self._client.version):
                writer.leave_out("permissions", name, "Directus 12 Core ignores such rows")
            else:
                number = numbers[row.identity]
                rows.append((name, {"id": number, **_permission(row, self._keys, old=not model.has_policies)}))
                stored.append((row, number))
        answers = writer.store("permissions", rows)
        return {row.identity: key for (row, key), answer in zip(stored, answers, strict=True) if answer is not None}

    def _named(self, members: Mapping[Principal, Member]) -> Mapping[str, Member]:
        """The users whose keys are named. 12 Core has no seats for more than those of the principals."""
        users = () if self._core else self._needed.users
        rows = [(_user(user, self._keys), user.name or "a user") for user in users]
        made = {one.id: member for one, member in zip(users, _make(self._writer, rows), strict=True) if member}
        roles = {one.id: one.role for one in users}
        made = {key: replace(member, role=roles[key]) for key, member in made.items()}
        return {**_who_is_named(members, self._needed), **made}

    def _victim(self, members: Mapping[Principal, Member]) -> Member | None:
        """A made administrator: one of the model's own, else one with the role of the administrator there was."""
        for principal, member in members.items():
            if principal.kind is PrincipalKind.ROLE and self._model.of(principal).admin:
                return member
        own = next((role.id for role in self._model.roles if self._model.of(_role(role.id)).admin), None)
        there = next((row.get("role") for row in self._before.rows["users"].values()), None)
        role = self._keys.get(own, own) if own is not None else there
        return _make(self._writer, [({"role": role if isinstance(role, str) else None}, "administrator")])[0]

    def _items(self, tables: Mapping[str, str]) -> Mapping[str, str | int]:
        found: dict[str, str | int] = {}
        alone = data_model.singletons(self._export)
        for collection, body in data_model.item_bodies(tables, self._export.schema):
            if collection in alone:
                continue
            (made,) = self._writer.store(f"items/{collection}", [("an item", body)], fields=tables[collection])
            key = made.get(tables[collection]) if isinstance(made, dict) else None
            if isinstance(key, str | int) and not isinstance(key, bool):
                found[collection] = key
        return found

    def _registration(self) -> None:
        stored = self._export.settings
        if stored is None:
            return
        wanted = {name: translated(stored.values[name], self._keys) for name in _REGISTRATION if name in stored.values}
        changed = {name: value for name, value in wanted.items() if self._before.settings.get(name) != value}
        if not self._model.has_policies:
            # A new 10 has no row of settings: whoever may only update them could not make it.
            changed = changed or {"public_registration": bool(wanted.get("public_registration"))}
        if changed:
            client = self._client
            answer = client.send("PATCH", "/settings", changed, token=client.administrator)
            if not answer.ok:
                self._writer.leave_out("settings", "public_registration", f"the server refused it: {answer.status}")

    def _chosen_flows(self) -> Sequence[Flow]:
        flows = sorted(self._export.flows, key=lambda flow: flow.id not in self._needed.flows)
        most = CORE_FLOWS if self._core else len(flows)
        for flow in flows[most:]:
            self._writer.leave_out("flows", flow.name, f"this edition has no more than {most}")
        return flows[:most]


_LIMITS: Final = "its limits to addresses, and the second factor it asks for, are left out"


def _permission(row: Permission, keys: Mapping[str, str], *, old: bool) -> Row:
    holder = row.role if old else row.policy
    fields: list[Json] | None = None if row.fields is None else list(row.fields)
    return {
        "collection": row.collection, "action": row.action, "fields": fields,
        "permissions": translated(row.permissions, keys), "validation": translated(row.validation, keys),
        "presets": translated(row.presets, keys), "role" if old else "policy": keys.get(holder or "", holder),
    }  # fmt: skip


def _role(key: str) -> Principal:
    return Principal(PrincipalKind.ROLE, key, key)


def _who_is_named(members: Mapping[Principal, Member], needed: Needed) -> Mapping[str, Member]:
    """The members who are users of the model, by their keys."""
    keys = {one: one.id if one.kind is PrincipalKind.USER else None for one in members}
    keys |= {one: user.id for one, user in needed.own.items() if one in members}
    return {key: members[one] for one, key in keys.items() if key is not None}


# --- users -----------------------------------------------------------------------------------------------------------


def _members(
    writer: Writer,
    model: AccessModel,
    principals: Iterable[Principal],
    keys: Mapping[str, str],
    own: Mapping[Principal, User],
) -> dict[Principal, Member]:
    """A user for each principal; those whose role is not in the export have none. `own`: whom of it a role is carried out as."""
    roles = {role.id for role in model.roles}
    users = {user.id: user for user in model.users}
    found: list[Principal] = []
    rows: list[tuple[Row, str]] = []
    for principal in principals:
        key = principal.id or ""
        known = users.get(key) if principal.kind is PrincipalKind.USER else own.get(principal)
        role = key if principal.kind is PrincipalKind.ROLE else known.role if known else None
        if role is not None and role not in roles:
            writer.leave_out("users", principal.name, "its role is not in the export")
            continue
        if known is not None:
            row = _user(known, keys)
        else:
            row = {"role": None if role is None else keys.get(role, role)}
            row |= {"id": keys.get(key, key)} if principal.kind is PrincipalKind.USER else {}
        found.append(principal)
        rows.append((row, principal.name))
    return {one: member for one, member in zip(found, _make(writer, rows), strict=True) if member is not None}


def _user(user: User, keys: Mapping[str, str]) -> Row:
    """A user of the model under its own key."""
    state: Row = {"status": user.status} if user.status in _STATES else {}
    role = user.role
    return {"id": keys.get(user.id, user.id), "role": None if role is None else keys.get(role, role), **state}


def _make(writer: Writer, rows: Sequence[tuple[Row, str]]) -> list[Member | None]:
    """Store users, each with a token and an address of its own."""
    made: list[Member] = []
    named: list[tuple[str, Row]] = []
    for row, name in rows:
        key = str(row.get("id") or uuid.uuid4())
        member = Member(key, Secret(secrets.token_urlsafe(32)), _ADDRESS.format(key[:13]))
        made.append(member)
        own: Row = {"id": key, "email": member.email, "token": member.token.reveal(), "email_notifications": False}
        named.append((name, {"status": "active", **row, **own}))
    answers = writer.store("users", named)
    return [None if answer is None else one for one, answer in zip(made, answers, strict=True)]


def _attach(
    writer: Writer,
    model: AccessModel,
    members: Mapping[Principal, Member],
    keys: Mapping[str, str],
    *,
    users: bool | None = None,
    public: bool = False,
) -> dict[tuple[object, ...], str]:
    """Store attachments. `users`: those to users only, or (False) all others; None = all. `public`: the public policy is attached."""
    policies = {one.id for one in model.policies}
    roles = {one.id for one in model.roles}
    of_user = {one.id: member for one, member in members.items() if one.kind is PrincipalKind.USER}
    found: dict[tuple[object, ...], str] = {}
    rows: list[tuple[str, Row]] = []
    identities: list[tuple[object, ...]] = []
    for number, row in enumerate(model.access):
        name = f"{row.policy} of {row.user or row.role or 'the public'}"
        if users is not None and users != (row.user is not None):
            continue
        if row.policy not in policies or (row.role is not None and row.role not in roles):
            writer.leave_out("access", name, "its policy or its role is not in the export")
            continue
        if row.user is not None and row.user not in of_user:
            continue
        if public and row.policy == PUBLIC_POLICY and row.role is None and row.user is None:
            continue
        identity = attachment_identity(row)
        key = row.id if row.id is not None and is_uuid(row.id) and row.id not in keys else _made_up(f"{number} {name}")
        identities.append(identity)
        rows.append((name, {
            "id": key, "policy": keys.get(row.policy, row.policy), "sort": row.sort,
            "role": None if row.role is None else keys.get(row.role, row.role),
            "user": None if row.user is None else of_user[row.user].user,
        }))  # fmt: skip
    for identity, (_, body), answer in zip(identities, rows, writer.store("access", rows), strict=True):
        if answer is not None:
            found[identity] = str(body["id"])
    return found


# --- keys ------------------------------------------------------------------------------------------------------------


def _server_keys(export: Export, before: ServerState, *, public: bool) -> Mapping[str, str]:
    """The keys that must be others on the server: those that are no UUIDs, and those it has already."""
    model = export.model
    taken = {key for rows in before.rows.values() for key in rows}
    tables = (model.roles, model.policies, model.users, export.flows, export.operations)
    named = [one.id for table in tables for one in table]
    named += [one.id for one in model.principals() if one.id is not None]
    named += [one.id for one in model.access if one.id is not None]
    return {
        key: _made_up(key)
        for key in dict.fromkeys(named)
        if not is_uuid(key) or (key in taken and not (public and key == PUBLIC_POLICY))
    }


def _row_numbers(rows: Iterable[Permission], taken: Iterable[int]) -> Mapping[tuple[object, ...], int]:
    """The keys of permission rows: their own, where they have one that is free."""
    used = set(taken)
    found: dict[tuple[object, ...], int] = {}
    rest: list[tuple[object, ...]] = []
    for row in rows:
        number = int(row.id) if str(row.id).isdecimal() and row.id is not None else 0
        if 0 < number <= _LARGEST and number not in used:
            used.add(number)
            found[row.identity] = number
        else:
            rest.append(row.identity)
    return found | dict(zip(rest, count(max(used, default=0) + 1), strict=False))


def _made_up(key: str) -> str:
    """A key of version 4, which is all that invitations take, always the same for the same text."""
    return str(uuid.UUID(bytes=uuid.uuid5(_NAMES, key).bytes, version=4))
