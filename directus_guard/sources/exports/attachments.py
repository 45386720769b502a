"""Who has which policy, from what an export keeps of directus_access: its records, or the keys and objects that roles,
policies and users name.

`GET /roles`, `GET /policies` and `GET /users` (11 and later) list keys of directus_access. Policies list all of theirs
twice, as `roles` and as `users`, since both are the other end of `directus_access.policy`. A key that a role lists too
attaches the policy to that role. directus-sync writes objects with a role instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.access.records import PUBLIC_LABEL, PUBLIC_POLICY, Access
from directus_guard.directus.gaps import ExportPart, Gap, Gaps
from directus_guard.sources.exports.records import DecodedRecord, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.finding import Location
    from directus_guard.sources.exports.records import ExportRecord, RecordReader

UNTOLD: Final = "public, or a user with "
"""What an attachment is called that is the public's or a user's; the policy's name follows."""
_SYNC_PUBLIC: Final = "_sync_default_public_policy"
_UNKNOWN: Final = "the export has no directus_access: who has which policy is not known"


class Attachments(Struct, frozen=True):
    """What is known of them, and what is not.

    `possibly_public`: policies attached to the public or to a user, and nothing tells which.
    """

    access: tuple[Access, ...] = ()
    gaps: tuple[Gap, ...] = ()
    possibly_public: frozenset[str] = frozenset()


class _Named(Struct, frozen=True):
    """What one mention of a row of directus_access says. `whose`: the members it has a value for, null included."""

    key: str | None
    location: Location
    sort: int | None = None
    policy: str | None = None
    role: str | None = None
    user: str | None = None
    whose: frozenset[str] = frozenset()


def read(
    reader: RecordReader,
    access: Sequence[ExportRecord],
    policies: Sequence[ExportRecord],
    roles: Sequence[ExportRecord],
    users: Sequence[ExportRecord],
    *,
    holders: Iterable[str | None] = (),
) -> Attachments:
    """The attachments of one export. Where they are not known, each policy is attached to a principal of its own.

    `holders`: the policies that permissions belong to.
    """
    if access:
        return _of_table(reader, access, policies)
    if not policies:
        return Attachments()
    if any(record.has("_syncId") for record in policies):
        known = _of_directus_sync(reader, policies, holders)
    else:
        known = _joined(reader, policies, roles, users)
    if not any(gap.part is ExportPart.ATTACHMENTS for gap in known.gaps):
        return known
    return replace(known, access=tuple(_alone(record) for record in policies))


def _of_table(reader: RecordReader, access: Sequence[ExportRecord], policies: Sequence[ExportRecord]) -> Attachments:
    """The records of directus_access. schema-sync leaves out their `id`, and since version 4 those of users."""
    rows = tuple(_recorded(reader, record) for record in access)
    if any(record.has("id") for record in access) or any(row.user for row in rows):
        return Attachments(rows)
    attached = {row.policy for row in rows}
    others = tuple(_alone(record) for record in policies if record.id not in attached)
    reason = "the attachments have no `id` and none is a user's, as schema-sync writes them: policies attached to users are left out"
    return Attachments((*rows, *others), (Gap(ExportPart.USER_POLICIES, reason),))


def _recorded(reader: RecordReader, record: ExportRecord) -> Access:
    return Access(
        policy=reader.key(record, "policy", ExportPart.ATTACHMENTS),
        role=reader.key_or_null(record, "role", ExportPart.ATTACHMENTS),
        user=reader.key_or_null(record, "user", ExportPart.ATTACHMENTS),
        sort=_number(record.values.get("sort")),
        id=record.id,
        location=record.location,
    )


def _alone(record: ExportRecord) -> Access:
    return Access(record.id or "", user=f"policy {_name(record)}", location=record.location, assumed=True)


# --- keys that records share -------------------------------------------------------------------------------------------


def _joined(
    reader: RecordReader, policies: Sequence[ExportRecord], roles: Sequence[ExportRecord], users: Sequence[ExportRecord]
) -> Attachments:
    """Policies joined with roles and users by the keys of directus_access that they name."""
    listed = [*_mentions(reader, policies, "roles", "policy"), *_mentions(reader, policies, "users", "policy")]
    held = [*_mentions(reader, roles, "policies", "role"), *_mentions(reader, users, "policies", "user")]
    ids = {record.id for record in policies}
    roles_tell = any(_is_list(record, "policies") for record in roles)
    whole = any(one.policy for one in held) or any("role" in one.whose for one in listed)
    if not whole and not (roles_tell and any(_is_list(record, "roles", "users") for record in policies)):
        return Attachments(gaps=(Gap(ExportPart.ATTACHMENTS, _UNKNOWN),))
    rows = _merged([*listed, *held], ids)
    known = {record.id: record for record in policies}
    users_tell = _all_users(roles, users)
    found: list[Access] = []
    gaps = Gaps()
    unsure: set[str] = set()
    for row in rows:
        if row.policy is None:
            gaps.note(
                ExportPart.POLICIES,
                "roles or users name attachments of policies that the export does not have",
                "attached",
            )
            continue
        one = Access(row.policy, row.role, row.user, row.sort, row.key, row.location)
        policy = known.get(row.policy)
        settled = row.role or row.user or {"role", "user"} <= row.whose or (users_tell and "user" not in row.whose)
        if policy is None or settled or _is_labelled_public(policy) or policy.id == PUBLIC_POLICY:
            found.append(one)
            continue
        found += _either(one, policy, gaps, unsure)
    return Attachments(tuple(found), tuple(gaps), frozenset(unsure))


def _either(row: Access, policy: ExportRecord, gaps: Gaps, unsure: set[str]) -> tuple[Access, ...]:
    """An attachment to the public or to a user, and nothing tells to which: as both of them have it.

    Flags of the public count for nothing: a policy that has some was made for people, and is judged as a user's only.
    """
    gaps.note(ExportPart.POLICY, _untold(policy), policy.id or "")
    if _is_set(policy, "admin_access") or _is_set(policy, "app_access"):
        return (replace(row, user=f"{UNTOLD}{_name(policy)}", assumed=True),)
    unsure.add(row.policy)
    return replace(row, user=f"a user with {_name(policy)}", assumed=True), row


def _mentions(reader: RecordReader, records: Sequence[ExportRecord], member: str, owner: str) -> Iterator[_Named]:
    """What the lists of some records name; `owner` is what the records are."""
    for record in records:
        items = record.values.get(member)
        if items is not None and not isinstance(items, list):
            reader.note_record(record, f"`{member}` is not a list", ExportPart.ATTACHMENTS)
        for item in _items(items):
            named = _named(item, record)
            if named is None:
                reader.note_record(
                    record, f"`{member}` contains something that is not an attachment", ExportPart.ATTACHMENTS
                )
            else:
                whose = named.whose | ({owner} if owner != "policy" else frozenset())
                match owner:
                    case "policy":
                        yield replace(named, policy=record.id)
                    case "role":
                        yield replace(named, role=record.id, whose=whose)
                    case _:
                        yield replace(named, user=record.id, whose=whose)


def _named(item: Json, record: ExportRecord) -> _Named | None:
    key = key_of(item)
    if not isinstance(item, Mapping):
        return None if key is None else _Named(key, record.location)
    whose = frozenset(name for name in ("role", "user") if name in item)
    return _Named(
        key,
        record.location,
        _number(item.get("sort")),
        key_of(item.get("policy")),
        key_of(item.get("role")),
        key_of(item.get("user")),
        whose,
    )


def _merged(named: Sequence[_Named], policies: set[str | None]) -> list[_Named]:
    """One row for each key, with everything that is said of it."""
    rows: dict[object, _Named] = {}
    for number, one in enumerate(named):
        row = one
        if one.policy is None and one.key in policies:
            row = replace(one, key=None, policy=one.key)  # the policy itself, not its attachment
        key = number if row.key is None else row.key
        known = rows.get(key)
        rows[key] = (
            row
            if known is None
            else replace(
                known,
                sort=row.sort if known.sort is None else known.sort,
                policy=known.policy or row.policy,
                role=known.role or row.role,
                user=known.user or row.user,
                whose=known.whose | row.whose,
            )
        )
    return list(rows.values())


def _all_users(roles: Sequence[ExportRecord], users: Sequence[ExportRecord]) -> bool:
    """Whether every user is there with the keys of their attachments: then an unlisted key is the public's."""
    if not any(_is_list(record, "policies") for record in users):
        return False
    known = {record.id for record in users}
    named = {key_of(item) for role in roles for item in _items(role.values.get("users"))}
    return named <= {*known, None}


# --- directus-sync -----------------------------------------------------------------------------------------------------


def _of_directus_sync(
    reader: RecordReader, policies: Sequence[ExportRecord], holders: Iterable[str | None]
) -> Attachments:
    nested = [(record, item) for record in policies for item in _attached(reader, record)]
    if not nested:
        return Attachments(gaps=(Gap(ExportPart.ATTACHMENTS, _UNKNOWN),))
    labelled = any(
        item.values.get("role") is None and _is_labelled_public(record)
        for record, item in nested
        if item.values.get("user") is None
    )
    rows: list[Access] = []
    gaps = Gaps()
    unsure: set[str] = set()
    gaps.note(ExportPart.USER_POLICIES, "directus-sync does not export policies attached to users")
    for record, item in nested:
        role = reader.key_or_null(item, "role", ExportPart.ATTACHMENTS)
        user = reader.key_or_null(item, "user", ExportPart.ATTACHMENTS, required=False)
        row = Access(record.id or "", role, user, _number(item.values.get("sort")), location=record.location)
        # It asks for `roles.role` of every attachment: of one to a user it writes `role: null`, too.
        untold = item.values.get("role") is None and user is None and not _is_public(record, labelled=labelled)
        rows += _either(row, record, gaps, unsure) if untold else (row,)
    # With its record a policy loses its attachments, which other formats keep elsewhere: a principal has it all the same.
    known = {record.id for record in policies}
    for policy in sorted({one for one in holders if one and one not in known}):
        user = None if policy == _SYNC_PUBLIC else f"policy {policy}"
        rows.append(Access(policy, user=user, assumed=True))
    return Attachments(tuple(rows), tuple(gaps), frozenset(unsure))


def _attached(reader: RecordReader, record: ExportRecord) -> Iterator[ExportRecord]:
    """What directus-sync writes of a policy's attachments, in its `roles`."""
    listed = record.values.get("roles")
    if not isinstance(listed, list):
        reader.note_record(record, "`roles` is missing or not a list", ExportPart.ATTACHMENTS)
    for item in _items(listed):
        if isinstance(item, Mapping):
            yield DecodedRecord("policies", {**item, "id": record.id}, record.location)
        else:
            reader.note_record(record, "`roles` contains something that is not an attachment", ExportPart.ATTACHMENTS)


def _untold(record: ExportRecord) -> str:
    return f"the policy `{_name(record)}` is attached to the public or to a user: the export does not say"


def _is_labelled_public(record: ExportRecord) -> bool:
    return record.text("name") == PUBLIC_LABEL


def _is_public(record: ExportRecord, *, labelled: bool) -> bool:
    """Whether a policy that is attached to no role is the public one: by its label, else by directus-sync's constant."""
    return _is_labelled_public(record) if labelled else record.id == _SYNC_PUBLIC


def _name(record: ExportRecord) -> str:
    return record.text("name") or record.id or ""


def _is_set(record: ExportRecord, flag: str) -> bool:
    return record.values.get(flag) not in (False, 0, None)


def _items(value: Json) -> Sequence[Json]:
    return value if isinstance(value, (list, tuple)) else ()


def _is_list(record: ExportRecord, *members: str) -> bool:
    return any(isinstance(record.values.get(member), (list, tuple)) for member in members)


def _number(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
