"""Writes on permissions, and on what takes their validations away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.grants import GrantRow
from directus_guard.directus.access.records import Permission
from directus_guard.escalation.account import ANONYMOUS
from directus_guard.escalation.evidence import Allowed, rank
from directus_guard.escalation.reach.closure import Basis
from directus_guard.escalation.reach.facts import AUTHORITY, Deleted, Detached, Granted
from directus_guard.escalation.reach.field_lists import EVERY, WITHOUT, lists_or_presets
from directus_guard.escalation.reach.people import gain, policy_title, roles_in_play
from directus_guard.escalation.reach.presets import SURE
from directus_guard.escalation.reach.through_flows import starts_flows
from directus_guard.escalation.requests import permissions as requests
from directus_guard.escalation.requests.rights import delete
from directus_guard.escalation.tables import ACCESS, NEW, PERMISSIONS, POLICIES
from directus_guard.escalation.telling import role_name
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.records import Access
    from directus_guard.escalation.reach.closure import Cause, Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.requests.request import Item
    from directus_guard.escalation.state import AccessState
    from directus_guard.escalation.tables import Known


def delete_locks(closure: Closure, acting: UsableAccount) -> Gains:
    """DELETE of a row with a validation, of its policy, of what attaches the policy.

    Not of a role: what goes with it is asked for with the same rights, one by one, so that nothing is gained by it
    (docs/model/escalation.md#writes-of-an-account).
    """
    state = closure.state
    # 10 joins the rows of a role by "or": without one of them there is never more.
    if not state.model.has_policies:
        return
    if closure.may_use(acting, PERMISSIONS, "delete"):
        for row in state.locks:
            allowed = deletes(closure, acting, PERMISSIONS, row_of_permission(state, row))
            thing = f"the permission to {deed(row)}"
            cause = _taken(closure, acting, PERMISSIONS, allowed, thing, row)
            yield from gain(Deleted(row.identity), cause)
    if closure.may_use(acting, POLICIES, "delete"):
        for policy in state.in_order(row.policy for row in state.locks if row.policy is not None):
            allowed = deletes(closure, acting, POLICIES, state.row_of_policy(policy))
            cause = _taken(closure, acting, POLICIES, allowed, policy_title(state, policy), policy)
            for attachment in state.attachments.get(("policy", policy), ()):
                yield from gain(Detached(attachment), cause)
    if closure.may_use(acting, ACCESS, "delete"):
        for attachment in _attachments_of_locks(state):
            allowed = deletes(closure, acting, ACCESS, state.row_of_attachment(attachment))
            thing = f"the attachment of {policy_title(state, attachment.policy)}"
            cause = _taken(closure, acting, ACCESS, allowed, thing, attachment)
            yield from gain(Detached(attachment), cause)


def _taken(
    closure: Closure,
    acting: UsableAccount,
    collection: str,
    allowed: Basis | None,
    thing: str,
    item: Item,
) -> Cause | None:
    if allowed is None:
        return None
    return closure.cause(
        acting, "delete-lock", f"delete {thing}", "without its validation", (collection, "delete", None), allowed,
        requests=delete(collection, item),
    )  # fmt: skip


def deletes(closure: Closure, acting: UsableAccount, collection: str, known: Known) -> Basis | None:
    """What lets an item be deleted: deleting asks for no field."""
    found: list[Basis] = []
    for one in closure.usable(acting, collection, "delete"):
        rule = closure.state.model.rule_alone(one.row.permission)
        sure = SURE.get(closure.state.reach(rule, known, acting.attacker))
        if sure is not None:
            found.append(Basis(Allowed((one.row,), sure), one.causes))
    return min(found, key=lambda one: rank(one.confidence), default=None)


def _attachments_of_locks(state: AccessState) -> tuple[Access, ...]:
    policies = state.in_order(row.policy for row in state.locks if row.policy is not None)
    return tuple(one for policy in policies for one in state.attachments.get(("policy", policy), ()))


def row_of_permission(state: AccessState, row: Permission) -> Known:
    """What is known of a row of directus_permissions."""
    holder = row.policy if state.model.has_policies else row.role
    known: Known = {
        ("collection",): row.collection,
        ("action",): row.action,
        ("policy" if state.model.has_policies else "role",): holder,
    }
    return known if row.id is None else {**known, ("id",): str(row.id)}


def key_of(key: str | int | None) -> str:
    """The key of an item as text; "" without one."""
    return "" if key is None else str(key)


def deed(row: Permission) -> str:
    """What a permission allows, in a sentence."""
    return f"{escape_controls(row.action)} {escape_controls(row.collection)}"


def holders_in_play(closure: Closure, acting: UsableAccount) -> tuple[str | None, ...]:
    """The policies (10: roles, None = the public) that accounts in reach have, or can be given."""
    state = closure.state
    found: dict[str | None, None] = dict.fromkeys(one for each in closure.current for one in each.attacker.holders)
    if state.model.has_policies:
        found |= dict.fromkeys(row.policy for row in state.model.access)
        if closure.attaches:
            found |= dict.fromkeys(policy.id for policy in state.model.policies)
        found |= dict.fromkeys(closure.attached)
        if closure.made(POLICIES):
            found[NEW] = None
    else:
        found |= dict.fromkeys(roles_in_play(closure, acting))
    admin = {*state.admin_policies, *state.admin_roles}
    own = set(acting.attacker.holders)
    ordered = state.in_order(one for one in found if one not in admin)
    return tuple(sorted(ordered, key=lambda one: one not in own))


def is_public(state: AccessState, key: str | None) -> bool:
    """Whether whoever has no account has the permissions of a policy (10: role)."""
    return key is None or key in state.attacker(ANONYMOUS).holders


def holder_name(state: AccessState, key: str | None) -> str:
    """Who has a permission, in a sentence."""
    if key is None:
        return "the public"
    return policy_title(state, key) if state.model.has_policies else role_name(state, key)


def new_permissions(closure: Closure, acting: UsableAccount) -> Iterator[tuple[Granted, GrantRow, Cause]]:
    """POST /permissions: a row for a policy (10: role) that an account in reach has."""
    if not closure.may_use(acting, PERMISSIONS, "create"):
        return
    state = closure.state
    lists = lists_or_presets(closure, acting)
    name = "policy" if state.model.has_policies else "role"
    collections = {
        key: closure.gives(acting, PERMISSIONS, "create", "collection", key) for key in collections_of(state)
    }
    actions = {key: closure.gives(acting, PERMISSIONS, "create", "action", key) for key in actions_of(state)}
    for holder in holders_in_play(closure, acting):
        given = closure.gives(acting, PERMISSIONS, "create", name, holder)
        if given is None and not (holder is None and closure.leaves_out(acting, PERMISSIONS, "create", name)):
            continue
        for collection, action in granted(state):
            what, how = collections[collection], actions[action]
            if what is None or how is None:
                continue
            kind = "public-permission" if is_public(state, holder) else "permission-create"
            does = f"give {holder_name(state, holder)} `{action}` on {escape_controls(collection)}"
            for fields in (WITHOUT,) if action == "delete" and not lists else lists:
                cause = closure.cause(
                    acting, kind, does, "any permission", (PERMISSIONS, "create", "collection"), what, how, fields.basis, given,
                    requests=requests.create(state, holder, collection, action, fields.sent),
                )  # fmt: skip
                if cause is not None:
                    row = Permission(collection, action, fields=fields.names, policy=holder, role=holder)
                    source = () if fields.names == EVERY or action == "delete" else ("fields", *fields.names)
                    fact = Granted(holder, collection, action, source)
                    yield fact, GrantRow(row, holder_name(state, holder), (), None), cause


ELSEWHERE: Final = "(another one)"
"""A collection that is none of those that make a difference."""


def granted(state: AccessState) -> tuple[tuple[str, str], ...]:
    """The permissions that make a difference: they decide who is administrator, or start a flow that makes one."""
    return tuple(dict.fromkeys((*AUTHORITY, *sorted(state.goals), *starts_flows(state))))


def collections_of(state: AccessState) -> tuple[str, ...]:
    """The collections of permissions that make a difference."""
    return tuple(dict.fromkeys(collection for collection, _ in granted(state)))


def actions_of(state: AccessState) -> tuple[str, ...]:
    """The actions of permissions that make a difference."""
    return tuple(dict.fromkeys(action for _, action in granted(state)))
