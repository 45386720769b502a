"""What stored permissions become when an account changes some of their members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.access.grants import GrantRow
from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.directus.access.records import Permission
from directus_guard.escalation.evidence import Knowledge
from directus_guard.escalation.reach.closure import Basis
from directus_guard.escalation.reach.facts import Granted, NewPermission, Unlocked
from directus_guard.escalation.reach.field_lists import EVERY, changed_lists, names_of
from directus_guard.escalation.reach.people import after
from directus_guard.escalation.reach.permissions import (
    ELSEWHERE,
    actions_of,
    collections_of,
    deed,
    granted,
    holder_name,
    holders_in_play,
    is_public,
    key_of,
    row_of_permission,
)
from directus_guard.escalation.requests.permissions import change
from directus_guard.escalation.tables import FREE, PERMISSIONS
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.escalation.reach.closure import Cause, Closure, UsableAccount
    from directus_guard.escalation.requests.request import Requests, Value

_NO_RULE: Final[tuple[Json, ...]] = ({}, None)
"""What leaves a permission without an item rule or a validation (measured on 10.13.4 and 11.17.4: a validation that is null)."""
_MEMBERS: Final = ("collection", "action", "fields", "permissions", "validation", "presets")


def change_permissions(
    closure: Closure, acting: UsableAccount
) -> Iterator[tuple[Granted | Unlocked, GrantRow | None, Cause]]:
    """PATCH /permissions/ID: each member that may be changed, on each row that is reached."""
    if not closure.may_use(acting, PERMISSIONS, "update"):
        return
    state = closure.state
    changes = _Changes(closure, acting)
    if not changes.able:
        return
    for holder in state.in_order(state.model.stored):
        for row in state.stored(holder):
            known, key = row_of_permission(state, row), key_of(row.id)
            allowances = {
                member: closure.allowed(acting, PERMISSIONS, "update", member, known, key) for member in changes.able
            }
            if any(allowances.values()):
                yield from _ChangedRow(changes, row, holder, allowances).gains()


def change_new_permissions(
    closure: Closure, acting: UsableAccount
) -> Iterator[tuple[Granted | Unlocked, GrantRow | None, Cause]]:
    """The same, on permissions that the attacker made."""
    if not closure.may_use(acting, PERMISSIONS, "update"):
        return
    new = closure.of_kind(NewPermission)
    if not new:
        return
    changes = _Changes(closure, acting)
    for fact, cause in new if changes.able else ():
        known = row_of_permission(closure.state, fact.row)
        known = {path: value for path, value in known.items() if value != ELSEWHERE}
        found = {name: closure.allowed(acting, PERMISSIONS, "update", name, known, "") for name in changes.able}
        allowances = {name: None if one is None else after(one, (cause,)) for name, one in found.items()}
        if any(allowances.values()):
            yield from _ChangedRow(changes, fact.row, fact.holders[0], allowances, fact.holders[1:]).grants()


_RULE_OF_ANOTHER: Final = Basis(Knowledge("its item rule may not fit the fields of the collection", Confidence.LOW))


class _Changes:
    """What an account may send for the members of a permission."""

    def __init__(self, closure: Closure, acting: UsableAccount) -> None:
        self.closure = closure
        self.acting = acting
        self.name = "policy" if closure.state.model.has_policies else "role"

        def send(member: str, value: object, *, relation: bool = False) -> Basis | None:
            return closure.send(acting, PERMISSIONS, "update", member, value, relation=relation)

        lists = changed_lists(closure, acting)
        self.lists: Mapping[tuple[str, ...], Value] = {
            one.names: one.sent if isinstance(one.sent, str) else list(one.sent)
            for one in lists
            if one.sent is not None
        }
        self.by_preset: dict[str, Json] = {}
        """The rules that presets write, which are not sent."""
        self.lifted: dict[str, Json] = {"permissions": {}, "validation": {}}
        """What is sent for a rule or a validation so that there is none."""
        self.sent: Mapping[str, Mapping[str, Basis | None]] = {
            "collection": {key: send("collection", key) for key in collections_of(closure.state)},
            "action": {key: send("action", key) for key in actions_of(closure.state)},
            "fields": {",".join(one.names): one.basis for one in lists},
            "permissions": {"": send("permissions", self._rule("permissions"))},
            "validation": {"": send("validation", self._rule("validation"))},
            "presets": {"": send("presets", FREE)},
        }
        self.holders = {key: send(self.name, key, relation=True) for key in holders_in_play(closure, acting)}
        able = [member for member in _MEMBERS if any(one is not None for one in self.sent[member].values())]
        moves = any(one is not None for one in self.holders.values())
        self.able = (*able, *((self.name,) if moves else ()))

    def _rule(self, member: str) -> object:
        """What an item rule or a validation becomes: none, or where that cannot be sent, the one that a preset writes.

        An empty object and null are no rule. A validation may accept one of them only; so does what a flow fixes.
        """
        written = self.closure.presets(self.acting, PERMISSIONS, "update")
        for none in _NO_RULE:
            # What a preset writes need not be sent.
            if none is None and member in written and written[member] in _NO_RULE:
                break
            if self.closure.send(self.acting, PERMISSIONS, "update", member, none) is not None:
                self.lifted[member] = none
                return none
        if member not in written:
            return {}
        self.by_preset[member] = written[member]
        return written[member]


class _ChangedRow(Struct, frozen=True):
    """One row, and what lets each of its members be changed."""

    changes: _Changes
    row: Permission
    holder: str | None
    allowances: Mapping[str, Basis | None]
    others: tuple[str | None, ...] = ()
    """Further holders that it can be for."""

    def gains(self) -> Iterator[tuple[Granted | Unlocked, GrantRow | None, Cause]]:
        """What the row becomes."""
        closure, acting = self.changes.closure, self.changes.acting
        free = self._both("validation")
        if free and not is_unrestricted(self.row.validation):
            does = f"take the validation off the permission to {deed(self.row)}"
            where = PERMISSIONS, "update", "validation"
            # One that a preset writes may be another one: the plan is held against it.
            none: dict[str, Value] = {"validation": self.changes.lifted["validation"]}
            taken = {} if "validation" in self.changes.by_preset else none
            sent = self._request(taken, self.holder)
            cause = closure.cause(
                acting, "permission-update", does, "without its validation", where, *free, requests=sent
            )
            if cause is not None:
                yield Unlocked(self.row.identity), None, cause
        yield from self.grants()

    def grants(self) -> Iterator[tuple[Granted, GrantRow, Cause]]:
        """The permissions that it can be made."""
        free = self._both("validation")
        for collection, action in granted(self.changes.closure.state):
            what = self._become("collection", collection, self.row.collection)
            how = self._become("action", action, self.row.action)
            if what is not None and how is not None:
                yield from self._into(collection, action, {"collection": what, "action": how, "validation": free or ()})

    @property
    def _presets(self) -> Mapping[str, object]:
        """What each change of a permission writes besides."""
        return self.changes.closure.presets(self.changes.acting, PERMISSIONS, "update")

    def _become(self, member: str, wanted: str, present: str) -> tuple[Basis, ...] | None:
        """What gives a member a value: nothing, where it has it already and keeps it."""
        keeps = present == wanted == self._presets.get(member, present)
        return () if keeps else self._both(member, wanted)

    def _both(self, member: str, value: str = "") -> tuple[Basis, ...] | None:
        """What lets a member be changed to a value: the row is reached, and the value may be sent."""
        allowed, sent = self.allowances.get(member), self.changes.sent[member].get(value)
        return None if allowed is None or sent is None else (allowed, sent)

    def _into(
        self, collection: str, action: str, changed: dict[str, tuple[Basis, ...]]
    ) -> Iterator[tuple[Granted, GrantRow, Cause]]:
        presets = self._both("presets") if action in ("create", "update") else None
        lists = [names for names in self.changes.sent["fields"] if self._both("fields", names)]
        every = ",".join(EVERY)
        for names in lists if every in lists else ("", *lists):
            given = {**changed, "fields": self._both("fields", names) or () if names else ()}
            given["permissions"] = self._both("permissions") or ()
            if names != every:
                # Presets fill in fields that the row does not name, on update too (measured on 10.13.4 and 11.17.4).
                given["presets"] = presets or ()
            yield from self._with_fields(collection, action, given, names)

    def _with_fields(
        self, collection: str, action: str, changed: dict[str, tuple[Basis, ...]], names: str
    ) -> Iterator[tuple[Granted, GrantRow, Cause]]:
        """`names`: the fields that it gets, with commas; "": none."""
        row = self.row
        made = Permission(
            collection,
            action,
            None if action == "create" else self._ruled("permissions", row.permissions, changed),
            self._ruled("validation", row.validation, changed),
            None,
            EVERY if changed.get("presets") else names_of(names) if names else self._fields(),
        )
        members = tuple(member for member, given in changed.items() if given)
        used = tuple(one for given in changed.values() for one in given)
        if self.changes.closure.state.is_refused(made):
            used = (*used, _RULE_OF_ANOTHER)
        for target, extra in self._targets():
            fact = Granted(target, collection, action, self._source(made, members))
            if (used or extra) and fact not in self.changes.closure.facts:
                yield from self._granted(made, fact, members, (*used, *extra))

    def _ruled(self, member: str, present: Json, changed: Mapping[str, tuple[Basis, ...]]) -> Json:
        """The item rule or validation that the row then has."""
        return self.changes.by_preset.get(member) if changed[member] else present

    def _source(self, made: Permission, members: tuple[str, ...]) -> tuple[object, ...]:
        """What distinguishes what the row becomes from others for the same: of new rows, which are without limits, their fields."""
        if self.row.id is not None or self.row.location is not None:
            given = (made.fields or ()) if "fields" in members and made.fields != EVERY else ()
            return (*self.row.identity, *members, *given)
        return () if made.fields == ("*",) or made.action == "delete" else ("fields", *(made.fields or ()))

    def _request(self, members: Mapping[str, Value], target: str | None) -> Requests:
        state = self.changes.closure.state
        return change(state, self.row, members, target, moves=target != self.holder)

    def _fields(self) -> tuple[str, ...] | None:
        """The fields of the row where none are sent: its own, or those that a preset writes."""
        preset = self._presets.get("fields")
        return names_of(preset) if isinstance(preset, (list, tuple, str)) else self.row.fields

    def _targets(self) -> Iterator[tuple[str | None, tuple[Basis, ...]]]:
        """Whose the row is, or can be made."""
        yield from ((holder, ()) for holder in (self.holder, *self.others))
        moved = self.allowances.get(self.changes.name)
        if moved is not None:
            for key, sent in self.changes.holders.items():
                if sent is not None and key not in (self.holder, *self.others):
                    yield key, (moved, sent)

    def _granted(
        self, made: Permission, fact: Granted, members: tuple[str, ...], used: tuple[Basis, ...]
    ) -> Iterator[tuple[Granted, GrantRow, Cause]]:
        closure, acting, target = self.changes.closure, self.changes.acting, fact.holder
        # One that was given all is as good as any.
        if Granted(target, made.collection, made.action) in closure.facts:
            return
        kind = "public-permission" if is_public(closure.state, target) else "permission-update"
        into = f"`{made.action}` on {made.collection} for {holder_name(closure.state, target)}"
        does = f"turn the permission to {deed(self.row)} into {into}"
        where = PERMISSIONS, "update", members[0] if members else self.changes.name
        wanted: Mapping[str, Value] = {
            "collection": made.collection, "action": made.action, "presets": {},
            **{name: rule for name, rule in self.changes.lifted.items() if name not in self.changes.by_preset},
            **({"fields": fields} if (fields := self.changes.lists.get(made.fields or ())) else {}),
        }  # fmt: skip
        sent = self._request({member: wanted[member] for member in members if member in wanted}, target)
        cause = closure.cause(acting, kind, does, "that permission", where, *used, requests=sent)
        if cause is not None:
            granted = replace(made, policy=target, role=target)
            yield (
                fact,
                GrantRow(granted, holder_name(closure.state, target), (), closure.state.model.rule(granted)),
                cause,
            )
