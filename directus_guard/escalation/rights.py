"""Steps on rights: policies and their attachments, roles, permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.directus.features import HAS_POLICIES, READS_LINKED_ROWS_FIRST
from directus_guard.escalation.accounts import new_user, registration_role, set_role
from directus_guard.escalation.catalogue import KINDS
from directus_guard.escalation.telling import (
    IS_ADMIN,
    WHOSE,
    Move,
    PlanStep,
    chosen_role,
    gain,
    knows_role,
    move,
    plan_step,
    policy_name,
    role_name,
    whose,
)
from directus_guard.escalation.world import (
    ACCESS,
    ANY_ACCOUNT,
    FREE,
    NEW,
    PERMISSIONS,
    POLICIES,
    ROLES,
    USERS,
    Account,
    Opening,
    rank,
    weakest,
)
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.filters import Path as FieldPath, Scalar
    from directus_guard.directus.access.records import Permission
    from directus_guard.escalation.world import Actor, Choice, Knowledge, Value

# --- policies --------------------------------------------------------------------------------------------------------


def own_policies(actor: Actor, account: Account) -> Iterator[Move]:
    """The many-to-many `policies` of a user writes directus_access, which must be allowed too (measured)."""
    if account.public or not actor.may(ACCESS, "create", "policy", "user"):
        return
    # 12 looks at the attachments first, as whoever asks (measured).
    if READS_LINKED_ROWS_FIRST.of_major(actor.major) and not actor.rows(ACCESS, "read"):
        return
    opening = actor.on_user(account, "policies")
    if opening is None:
        return
    for choice in _policy_choices(actor, "create"):
        to, gives, knows = _chosen(actor, choice)
        does = f"add {to} to {whose(actor, account)}"
        evidence = opening, Opening(choice.value.rows, choice.value.confidence), replace(choice.value, rows=()), knows
        step = plan_step("own-policies", does, gives, USERS, "update", "policies", *evidence)
        yield from _attached(actor, account, step, choice)


def attach(actor: Actor, account: Account) -> Iterator[Move]:
    """POST /access {"policy": …, "user": me}. To the public it would be in vain: flags have no effect there (measured)."""
    if account.public or not actor.may(ACCESS, "create", "policy"):
        return
    holder = _attach_to(actor, account)
    if holder is None:
        return
    name, to = holder
    whom = whose(actor, account) if name == "user" else f"the role of {whose(actor, account)}"
    for choice in _policy_choices(actor, "create"):
        what, gives, knows = _chosen(actor, choice)
        step = plan_step(
            "attach-policy", f"attach {what} to {whom}", gives, ACCESS, "create", "policy", choice.value, to, knows
        )
        yield from _attached(actor, account, step, choice)
    made = _new_admin_policy(actor)
    fresh = actor.send(ACCESS, "create", "policy", NEW, relation=True)
    if made is not None and fresh is not None:
        step = plan_step("attach-policy", f"attach it to {whom}", IS_ADMIN, ACCESS, "create", "policy", fresh, to)
        yield Move((made, step))


def _attach_to(actor: Actor, account: Account) -> tuple[str, Value] | None:
    """The field by which a policy can be attached to an account."""
    own = account.user or (actor.key if account == actor.account else FREE)
    user = actor.send(ACCESS, "create", "user", own, relation=True)
    if user is not None:
        return "user", user
    role = actor.send(ACCESS, "create", "role", account.role, relation=True) if account.role else None
    return None if role is None else ("role", role)


def _new_admin_policy(actor: Actor) -> PlanStep | None:
    """POST /policies {"admin_access": true}."""
    flag = actor.gives(POLICIES, "create", "admin_access", True)
    name = actor.send(POLICIES, "create", "name", FREE)
    if flag is None or name is None:
        return None
    does = "create a policy with `admin_access`"
    return plan_step(
        "new-admin-policy", does, "a policy that makes an administrator", POLICIES, "create", "admin_access", flag, name
    )


def _policy_choices(actor: Actor, action: str) -> tuple[Choice, ...]:
    world = actor.world
    return actor.choices(ACCESS, action, "policy", world.admin_policies, world.worthwhile_policies)


def _chosen(actor: Actor, choice: Choice) -> tuple[str, str, Knowledge | None]:
    """The policy of a choice in a sentence, what it gives, how its key is known."""
    to = WHOSE if len(choice.keys) > 1 else policy_name(actor.world, choice.keys[0])
    return to, gain(choice, f"an account with {to}"), actor.knows_policy(choice.keys[0]) if choice.admin else None


def _attached(actor: Actor, account: Account, step: PlanStep, choice: Choice) -> Iterator[Move]:
    """A policy more. What an account with that policy alone can do is worked out once for all who can have it."""
    keys = choice.keys
    if choice.admin:
        yield Move((step,))
    elif len(keys) > 1:
        group = actor.world.accounts(keys, policies=True)
        yield Move((step,), group[0], group)
    else:
        yield Move((step,), Account(role=FREE, policies=keys))
        if not account.gained:
            yield Move((step,), replace(account, gained=keys[0]))


def reattach(actor: Actor, account: Account) -> Iterator[Move]:
    """PATCH /access/ID: their own attachment to another policy, or another attachment to their own user or role."""
    world = actor.world
    if account.public or not actor.rows(ACCESS, "update"):
        return
    own = [row for role in world.actor(account).access.roles for row in world.attachments.get(("role", role), ())]
    own += world.attachments.get(("user", account.user or ""), ())
    for row in own:
        opening = actor.opening(ACCESS, "update", "policy", world.row_of_attachment(row))
        if opening is not None:
            for choice in _policy_choices(actor, "update"):
                to, gives, knows = _chosen(actor, choice)
                does = f"point an attachment of {whose(actor, account)} to {to}"
                evidence = opening, choice.value, actor.knows_attachment(row), knows
                step = plan_step("reattach-policy", does, gives, ACCESS, "update", "policy", *evidence)
                yield from _attached(actor, account, step, choice)
    me = account.user or (actor.key if account == actor.account else FREE)
    for row in (row for policy in world.admin_policies for row in world.attachments.get(("policy", policy), ())):
        for name, value in (("user", me), ("role", account.role)):
            opening = actor.opening(ACCESS, "update", name, world.row_of_attachment(row)) if value else None
            sent = actor.send(ACCESS, "update", name, value, relation=True) if opening else None
            if opening is not None and sent is not None:
                to_whom = whose(actor, account) if name == "user" else f"the role of {whose(actor, account)}"
                does = f"point an attachment of the administrator policy to {to_whom}"
                knows = actor.knows_attachment(row)
                yield Move(
                    (plan_step("reattach-policy", does, IS_ADMIN, ACCESS, "update", name, opening, sent, knows),)
                )


def policy_flag(actor: Actor, account: Account) -> Iterator[Move]:
    """PATCH /policies/OWN {"admin_access": true}."""
    sent = actor.send(POLICIES, "update", "admin_access", True)
    if account.public or sent is None:
        return
    for policy in actor.world.actor(account).flagged:
        opening = actor.opening(POLICIES, "update", "admin_access", actor.world.row_of_policy(policy))
        if opening is not None:
            does = f"switch on `admin_access` of {policy_name(actor.world, policy)}"
            evidence = opening, sent, actor.knows_policy(policy)
            yield Move(
                (plan_step("policy-admin-access", does, IS_ADMIN, POLICIES, "update", "admin_access", *evidence),)
            )


# --- roles -----------------------------------------------------------------------------------------------------------


def role_parent(actor: Actor, account: Account) -> Iterator[Move]:
    """PATCH /roles/OWN {"parent": …}; also of a role it inherits from."""
    world = actor.world
    for role in reversed(world.actor(account).access.roles):
        opening = actor.opening(ROLES, "update", "parent", world.row_of_role(role))
        if opening is None:
            continue
        own = role == account.role and account == actor.account
        for choice in actor.choices(ROLES, "update", "parent", world.admin_roles, world.worthwhile_roles):
            to = chosen_role(world, choice)
            does = f"make {to} the parent of {'their own role' if own else role_name(world, role)}"
            evidence = opening, choice.value, knows_role(actor, choice)
            gives = gain(choice, f"what {to} may do")
            step = plan_step("role-parent", does, gives, ROLES, "update", "parent", *evidence)
            yield move(world, (step,), choice, None if choice.admin else Account(role=choice.keys[0]))
            if not choice.admin and len(choice.keys) == 1 and not account.gained and not account.parent:
                yield Move((step,), replace(account, parent=choice.keys[0]))


def role_flag(actor: Actor, account: Account) -> Iterator[Move]:
    """10: PATCH /roles/OWN {"admin_access": true}."""
    sent = actor.send(ROLES, "update", "admin_access", True)
    if account.role is None or sent is None:
        return
    opening = actor.opening(ROLES, "update", "admin_access", actor.world.row_of_role(account.role))
    if opening is not None:
        does = f"switch on `admin_access` of {'their own role' if account == actor.account else role_name(actor.world, account.role)}"
        step = plan_step("role-admin-access", does, IS_ADMIN, ROLES, "update", "admin_access", opening, sent)
        yield Move((step,))


def new_role(actor: Actor) -> Iterator[Move]:
    """A new role that makes an administrator, and a way into it: a rule that refuses the known roles does not know it."""
    world = actor.world
    name = actor.send(ROLES, "create", "name", FREE)
    if name is None:
        return
    made: PlanStep | None = None
    if HAS_POLICIES.of_major(actor.major):
        for choice in actor.choices(ROLES, "create", "parent", world.admin_roles, ()):
            if choice.admin:
                does = "create a role whose parent is the administrator role"
                evidence = choice.value, name, knows_role(actor, choice)
                gives = "a role that inherits administrator access"
                made = plan_step("child-role", does, gives, ROLES, "create", "parent", *evidence)
    else:
        flag = actor.gives(ROLES, "create", "admin_access", True)
        if flag is not None:
            does = "create a role with `admin_access`"
            made = plan_step(
                "new-admin-role", does, "a role with administrator access", ROLES, "create", "admin_access", flag, name
            )
    if made is None:
        return
    for way in (set_role(actor, actor.account, (NEW,)), new_user(actor, (NEW,)), registration_role(actor, (NEW,))):
        for entry in way:
            if entry.target is None:
                yield Move((made, *entry.steps))


# --- permissions -----------------------------------------------------------------------------------------------------

_THEN: Final[tuple[tuple[str, str, str, str, str], ...]] = (
    (USERS, "update", "role", "own-role", "set the role of their own user to the administrator role with the new permission"),
    (ACCESS, "create", "policy", "attach-policy", "attach the administrator policy to their own user with the new permission"),
    (USERS, "create", "role", "new-user", "create a user with the administrator role with the new permission"),
    (POLICIES, "update", "admin_access", "policy-admin-access", "switch on `admin_access` of a policy of their own with the new permission"),
    (ROLES, "update", "parent", "role-parent", "make the administrator role the parent of their own role with the new permission"),
)  # fmt: skip
"""What one does with a permission of one's choice: on what, with which field, by which step."""


def _then(actor: Actor, account: Account) -> Iterator[tuple[str, str, str, str, str]]:
    """What the holder of any permission can do next. The validations it has already stay: all of them must hold."""
    world = actor.world
    holder = world.actor(account)
    anonymous = account.public
    for collection, action, name, kind, does in _THEN:
        if not KINDS[kind].applies(world.model.version):
            continue
        # The public has no row and no role; attaching a policy anonymously needs an account that is the actor's.
        if anonymous and (
            kind not in ("attach-policy", "new-user") or (kind == "attach-policy" and actor.account.public)
        ):
            continue
        if kind == "role-parent" and account.role is None:
            continue
        value: str | bool = True
        if name in ("role", "parent"):
            value = world.admin_roles[0] if world.admin_roles else ANY_ACCOUNT
        elif name == "policy":
            value = world.admin_policies[0]
        if holder.accepts(collection, action, name, value):
            yield collection, action, name, kind, does


def grant(actor: Actor, account: Account) -> Iterator[Move]:
    """POST /permissions gives any row to a policy (10: role) that an account in the attacker's hands has."""
    if not actor.may(PERMISSIONS, "create", "collection", "action"):
        return
    fields = actor.gives(PERMISSIONS, "create", "fields", ["*"])
    if fields is None:
        return
    to = _holder_to_grant(actor, account)
    if to is None:
        return
    holder, value, knows = to
    for collection, action, name, kind, does in _then(actor, account):
        what = actor.send(PERMISSIONS, "create", "collection", collection)
        how = actor.send(PERMISSIONS, "create", "action", action)
        if what is None or how is None:
            continue
        kind_of = "public-permission" if account.public else "permission-create"
        gives = f"any permission{' as an anonymous visitor' if account.public else ''}, also to read the keys that are needed"
        step = plan_step(
            kind_of, f"give {_holder_name(actor, account, holder)} `{action}` on {collection}", gives,
            PERMISSIONS, "create", "collection", what, how, fields, value, knows,
        )  # fmt: skip
        yield Move((step, _follow(step, does, kind, collection, action, name, account)))
        return


def _follow(
    step: PlanStep, does: str, kind: str, collection: str, action: str, name: str, account: Account
) -> PlanStep:
    """The step that the new permission allows: its place is that of the row that granted it."""
    sure = weakest((step.confidence, KINDS[kind].confidence))
    return PlanStep(
        kind, does, f"{action} on {collection} with `{name}`, just granted", IS_ADMIN, step.rows, sure, actor=account
    )


def _holder_to_grant(actor: Actor, account: Account) -> tuple[str | None, Value | None, Knowledge | None] | None:
    """The policy (10: role) of the account that a new permission can be given to: the one whose key is known best."""
    world = actor.world
    name = "policy" if world.model.has_policies else "role"
    found: list[tuple[str | None, Value | None, Knowledge | None]] = []
    for holder in world.actor(account).holders:
        if holder is None:
            # 10: a row without a role is the public's; left out, it is null.
            value = actor.send(PERMISSIONS, "create", name, None)
            if value is not None or actor.leaves_out(PERMISSIONS, "create", name):
                found.append((None, value, None))
            continue
        value = actor.send(PERMISSIONS, "create", name, holder, relation=True)
        value = value or actor.gives(PERMISSIONS, "create", name, holder)
        if value is not None:
            found.append((holder, value, actor.knows_policy(holder) if name == "policy" else None))
    return min(found, key=lambda one: rank(one[2].confidence) if one[2] else 0, default=None)


def _holder_name(actor: Actor, account: Account, holder: str | None) -> str:
    if account.public:
        return "the public"
    name = escape_controls(actor.world.export.holders.get(holder, holder or ""))
    return f"the {'policy' if actor.world.model.has_policies else 'role'} `{name}`"


def widen(actor: Actor, account: Account) -> Iterator[Move]:
    """PATCH /permissions/ID turns their own permission into one that escalates, as far as its fields may be changed."""
    world = actor.world
    if not actor.rows(PERMISSIONS, "update"):
        return
    able = {
        name
        for name in ("collection", "action", "fields", "permissions", "validation")
        if actor.may(PERMISSIONS, "update", name)
    }
    if not able:
        return
    steps = list(_then(actor, account))
    for holder in world.actor(account).holders:
        for row in world.stored(holder):
            for collection, action, name, kind, does in steps:
                changed = _changes(row, collection, action, name, able)
                if changed is None or not _may_become(actor, changed, collection, action):
                    continue
                opening = _on_permission(actor, row, holder, changed)
                if opening is None:
                    continue
                kind_of = "public-permission" if account.public else "permission-update"
                what = f"turn the permission to {row.action} {escape_controls(row.collection)} into `{action}` on {collection}"
                gives = f"that permission{' as an anonymous visitor' if account.public else ''}"
                step = plan_step(kind_of, what, gives, PERMISSIONS, "update", changed[0], opening)
                yield Move((step, _follow(step, does, kind, collection, action, name, account)))
                return


def _may_become(actor: Actor, changed: tuple[str, ...], collection: str, action: str) -> bool:
    """Whether these members of a permission may be sent, and no preset writes another one that matters."""
    wanted = {"collection": collection, "action": action, "fields": ["*"], "permissions": {}, "validation": {}}
    presets = actor.access.grant(PERMISSIONS, "update").presets
    if any(name in presets for name in wanted.keys() - set(changed)):
        return False
    return all(actor.send(PERMISSIONS, "update", name, wanted[name]) is not None for name in changed)


def _changes(row: Permission, collection: str, action: str, name: str, able: set[str]) -> tuple[str, ...] | None:
    """The fields of a row that must be changed to make it this one; None if it cannot be, or is it already."""
    needed = []
    if row.collection != collection:
        needed.append("collection")
    if row.action != action:
        needed.append("action")
    # A new row takes more than the field that decides: a holder, a way to sign in.
    if "*" not in (row.fields or ()) and (action == "create" or name not in (row.fields or ())):
        needed.append("fields")
    if action != "create" and not is_unrestricted(row.permissions):
        needed.append("permissions")
    if not is_unrestricted(row.validation):
        needed.append("validation")
    return tuple(needed) if needed and set(needed) <= able else None


def _on_permission(actor: Actor, row: Permission, holder: str | None, names: tuple[str, ...]) -> Opening | None:
    """The rows that let a stored permission be changed with all those fields."""
    known: dict[FieldPath, Scalar] = {
        ("collection",): row.collection,
        ("action",): row.action,
        ("policy" if actor.world.model.has_policies else "role",): holder,
    }
    if row.id is not None:
        known["id",] = str(row.id)
    openings = [actor.opening(PERMISSIONS, "update", name, known) for name in names]
    found = [opening for opening in openings if opening is not None]
    if len(found) < len(names):
        return None
    rows = {one.identity: one for opening in found for one in opening.rows}
    return Opening(tuple(rows.values()), weakest(opening.confidence for opening in found))
