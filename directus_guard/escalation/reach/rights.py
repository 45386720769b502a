"""Writes on roles, policies and attachments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from directus_guard.directus.features import HAS_POLICIES, READS_LINKED_ROWS_FIRST
from directus_guard.escalation.reach.closure import NEWCOMER, Basis
from directus_guard.escalation.reach.facts import Attached, Detached, Flagged, Inherits, Made, Person
from directus_guard.escalation.reach.people import (
    after,
    by_preset,
    gain,
    made,
    on_person,
    people,
    policy_keys,
    policy_title,
    role_keys,
    roles_in_play,
    whose_is,
)
from directus_guard.escalation.requests import accounts, rights as requests
from directus_guard.escalation.tables import ACCESS, FREE, ME, NEW, POLICIES, ROLES, USERS
from directus_guard.escalation.telling import role_name
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.escalation.reach.closure import Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains


def new_roles(closure: Closure, acting: UsableAccount) -> Gains:
    """POST /roles: a role that no rule names, with a parent or (10) with administrator access."""
    if not closure.may_use(acting, ROLES, "create"):
        return
    name = closure.send(acting, ROLES, "create", "name", FREE) or by_preset(closure, acting, ROLES, "name")
    if name is None:
        return
    yield from gain(
        Made(ROLES),
        closure.cause(
            acting, "child-role", "create a role", "a role that no rule names", (ROLES, "create", "name"), name,
            requests=requests.new_role(),
        ),
    )  # fmt: skip
    if not HAS_POLICIES.of_major(closure.state.major):
        flag = _switched_on(closure, acting, ROLES, "create")
        if flag is not None:
            does = "create a role with `admin_access`"
            where = ROLES, "create", "admin_access"
            yield from gain(
                Flagged(NEW),
                closure.cause(
                    acting, "new-admin-role", does, "a role with administrator access", where, flag, name,
                    requests=requests.new_role(admin_access=True),
                ),
            )  # fmt: skip
        return
    for key in role_keys(closure):
        parent = closure.gives(acting, ROLES, "create", "parent", key) if isinstance(key, str) and key != NEW else None
        if parent is not None and isinstance(key, str):
            named = role_name(closure.state, key)
            does = f"create a role whose parent is {named}"
            where = ROLES, "create", "parent"
            yield from gain(
                Inherits(NEW, key),
                closure.cause(
                    acting, "child-role", does, f"a role that inherits from {named}", where, parent, name,
                    requests=requests.new_role(parent=key),
                ),
            )  # fmt: skip


def role_parents(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /roles/ID {"parent": …}, which also leaves what was inherited."""
    state = closure.state
    if not closure.may_use(acting, ROLES, "update"):
        return
    sent = closure.sends(acting, ROLES, "update", "parent", role_keys(closure))
    for role in roles_in_play(closure, acting) if sent else ():
        allowed = closure.allowed(acting, ROLES, "update", "parent", state.row_of_role(role), role)
        for key, evidence in sent if allowed is not None else ():
            where = ROLES, "update", "parent"
            if isinstance(key, str) and key != role:
                does = f"make {role_name(state, key)} the parent of {role_name(state, role)}"
                gives = f"what {role_name(state, key)} may do"
                value = after(evidence, made(closure, key, ROLES))
                yield from gain(
                    Inherits(role, key),
                    closure.cause(
                        acting, "role-parent", does, gives, where, allowed, value,
                        requests=requests.change_role(role, parent=accounts.role(key)),
                    ),
                )  # fmt: skip
            does = f"take {role_name(state, role)} out of the roles it inherits from"
            gives = "without their validations"
            left = requests.change_role(role, parent=accounts.role(key))
            cause = closure.cause(acting, "role-parent", does, gives, where, allowed, evidence, requests=left)
            for ancestor in state.model.role_path(role)[:-1]:
                for row in state.attachments.get(("role", ancestor), ()):
                    yield from gain(Detached(row), cause)


def _switched_on(closure: Closure, acting: UsableAccount, collection: str, action: str) -> Basis | None:
    """What lets a payload switch `admin_access` on. A validation that lists what is refused, and not what is accepted, is not
    known to hold: a plan is then not made."""
    sure = closure.gives(acting, collection, action, "admin_access", True)
    listed = None if sure else closure.send(acting, collection, action, "admin_access", FREE)
    return sure if listed is None else Basis(replace(listed.what, confidence=Confidence.LOW), listed.before)


def role_flags(closure: Closure, acting: UsableAccount) -> Gains:
    """10: PATCH /roles/ID {"admin_access": true}."""
    if HAS_POLICIES.of_major(closure.state.major):
        return
    sent = _switched_on(closure, acting, ROLES, "update")
    for role in roles_in_play(closure, acting) if sent is not None else ():
        allowed = closure.allowed(acting, ROLES, "update", "admin_access", closure.state.row_of_role(role), role)
        if allowed is not None:
            does = f"switch on `admin_access` of {role_name(closure.state, role)}"
            where = ROLES, "update", "admin_access"
            yield from gain(
                Flagged(role),
                closure.cause(
                    acting,
                    "role-admin-access",
                    does,
                    "every account with it is an administrator",
                    where,
                    allowed,
                    sent,
                    requests=requests.change_role(role, admin_access=True),
                ),
            )


def new_policies(closure: Closure, acting: UsableAccount) -> Gains:
    """POST /policies: a policy that no rule names, with administrator access or without."""
    if not closure.may_use(acting, POLICIES, "create"):
        return
    name = closure.send(acting, POLICIES, "create", "name", FREE) or by_preset(closure, acting, POLICIES, "name")
    if name is None:
        return
    cause = closure.cause(
        acting, "new-admin-policy", "create a policy", "a policy that no rule names", (POLICIES, "create", "name"), name,
        requests=requests.new_policy(),
    )  # fmt: skip
    yield from gain(Made(POLICIES), cause)
    flag = _switched_on(closure, acting, POLICIES, "create")
    if flag is not None:
        does = "create a policy with `admin_access`"
        where = POLICIES, "create", "admin_access"
        cause = closure.cause(
            acting, "new-admin-policy", does, "a policy that makes an administrator", where, flag, name,
            requests=requests.new_policy(admin_access=True),
        )  # fmt: skip
        yield from gain(Flagged(NEW), cause)


def policy_flags(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /policies/ID {"admin_access": true}."""
    state = closure.state
    sent = _switched_on(closure, acting, POLICIES, "update")
    made_ = (NEW,) if closure.made(POLICIES) else ()
    apart = closure.ids_told_apart(acting, POLICIES, "update")
    alike: dict[bool, Basis | None] = {}
    known = state.in_order(policy.id for policy in state.model.policies) if sent is not None else ()
    for key in (*made_, *known) if sent is not None else ():
        if key in state.admin_policies or Flagged(key) in closure.facts:
            continue
        # Policies are many: those that no rule distinguishes are asked for once.
        alone = apart is None or key in apart or closure.is_changed(POLICIES, key)
        allowed = None if alone else alike.get(True)
        if alone or not alike:
            allowed = closure.allowed(acting, POLICIES, "update", "admin_access", state.row_of_policy(key), key)
            if not alone:
                alike[True] = allowed
        if allowed is not None:
            does = f"switch on `admin_access` of {policy_title(state, key)}"
            where = POLICIES, "update", "admin_access"
            gives = "every account with it is an administrator"
            value = after(allowed, made(closure, key, POLICIES))
            flag = requests.change_policy(key, admin_access=True)
            yield from gain(
                Flagged(key),
                closure.cause(acting, "policy-admin-access", does, gives, where, value, sent, requests=flag),
            )


def attach(closure: Closure, acting: UsableAccount) -> Gains:
    """POST /access, or `policies` of a user or role, which writes directus_access."""
    if not closure.may_use(acting, ACCESS, "create"):
        return
    given = closure.gives_each(acting, ACCESS, "create", "policy", policy_keys(closure))
    for holder, whom, name, evidence in holders_of_attachments(closure, acting, "create") if given else ():
        for key, policy in given:
            if Attached(holder, key) in closure.facts:
                continue
            does = f"attach {policy_title(closure.state, key)} to {whom}"
            value = after(policy, made(closure, key, POLICIES))
            yield from gain(
                Attached(holder, key),
                closure.cause(
                    acting, "attach-policy", does, f"what {policy_title(closure.state, key)} allows",
                    (ACCESS, "create", name), value, evidence, requests=requests.attach(key, holder),
                ),
            )  # fmt: skip


def own_policies(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /users/ID with `policies`, a relation that writes directus_access. Directus puts the user into it before it asks the
    validations (measured on 11.17.4)."""
    state = closure.state
    if not closure.may_use(acting, ACCESS, "create", "user"):
        return
    # 12 looks at the attachments first, as whoever asks (measured).
    if READS_LINKED_ROWS_FIRST.of_major(state.major) and not closure.may_use(acting, ACCESS, "read"):
        return
    given = closure.sends(acting, ACCESS, "create", "policy", policy_keys(closure))
    for person in people(closure, acting) if given else ():
        allowed = on_person(closure, acting, person, "policies")
        user = None if allowed is None else _user_given(closure, acting, "create", person)
        for key, policy in given if user is not None else ():
            if Attached(person, key) not in closure.facts:
                does = f"add {policy_title(state, key)} to {whose_is(closure, acting, person)}"
                gives = f"what {policy_title(state, key)} allows"
                value = after(policy, made(closure, key, POLICIES))
                cause = closure.cause(
                    acting, "own-policies", does, gives, (USERS, "update", "policies"), allowed, value, user,
                    requests=accounts.own_policies(person, requests.policy(key)),
                )  # fmt: skip
                yield from gain(Attached(person, key), cause)


def _user_given(closure: Closure, acting: UsableAccount, action: str, person: Person) -> Basis | None:
    """What lets an attachment be given to a user. Where only users pass whom the validations name, they may be one of these."""
    key = _key_of(acting, person)
    given = closure.gives(acting, ACCESS, action, "user", key)
    if given is None or key not in (ME, FREE) or "user" in closure.presets(acting, ACCESS, action):
        return given
    only = closure.only_values(acting, ACCESS, action, "user")
    return given if only is None or any(_may_have(closure, acting, person, str(one)) for one in only) else None


def _may_have(closure: Closure, acting: UsableAccount, person: Person, key: str) -> bool:
    """Whether a user may be the one with a key. The key of a new user is random, unless whoever makes it chooses it."""
    if key == acting.attacker.key:
        return person == acting.person
    if person.key == NEWCOMER:
        return key not in closure.state.users_by_key and closure.is_allowed(USERS, "create", "id")
    return closure.state.is_user_of(key, person.account.role) is not None


def _key_of(acting: UsableAccount, person: Person) -> str:
    """The key of a user as a payload has it."""
    if person == acting.person:
        return acting.attacker.key
    return person.key if person.account.user or person.key == acting.attacker.key else FREE


def holders_of_attachments(
    closure: Closure, acting: UsableAccount, action: str
) -> Iterator[tuple[Person | str | None, str, str, Basis | None]]:
    """To whom a policy can be attached: a user, a role or the public; the field that says so, and what lets it through."""
    state = closure.state
    for person in people(closure, acting):
        sent = _user_given(closure, acting, action, person)
        if sent is not None:
            yield person, whose_is(closure, acting, person), "user", sent
    for role in roles_in_play(closure, acting):
        sent = closure.gives(acting, ACCESS, action, "role", role)
        if sent is not None:
            yield role, role_name(state, role), "role", after(sent, made(closure, role, ROLES))
    if action == "create" and all(closure.leaves_out(acting, ACCESS, "create", name) for name in ("user", "role")):
        yield None, "the public", "policy", None


def change_attachments(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /access/ID: another policy for whoever has the attachment, or another holder for the policy."""
    state = closure.state
    if not closure.may_use(acting, ACCESS, "update"):
        return
    policies = closure.sends(acting, ACCESS, "update", "policy", policy_keys(closure))
    holders = list(holders_of_attachments(closure, acting, "update"))
    persons = {person.account.user: person for person in people(closure, acting) if person.account.user}
    for row in state.attachments_in_order:
        known, key = state.row_of_attachment(row), row.id or ""
        allowed = closure.allowed(acting, ACCESS, "update", "policy", known, key) if policies else None
        holder = row.role if row.role is not None else persons.get(row.user) if row.user else None
        for policy, evidence in policies if allowed is not None else ():
            does = f"point the attachment of {policy_title(state, row.policy)} to {policy_title(state, policy)}"
            value = after(evidence, made(closure, policy, POLICIES))
            where = ACCESS, "update", "policy"
            changed = requests.change_attachment(row, policy, None)
            gives = f"what {policy_title(state, policy)} allows"
            cause = closure.cause(acting, "reattach-policy", does, gives, where, allowed, value, requests=changed)
            if row.user is None or holder is not None:
                yield from gain(Attached(holder, policy), cause)
            yield from gain(Detached(row), cause)
        for target, whom, name, given in holders:
            moved = closure.allowed(acting, ACCESS, "update", name, known, key)
            # Where both may be sent, one request changes policy and holder.
            chosen = [(row.policy, None), *(policies if allowed is not None else ())]
            for policy, sent in chosen if moved is not None else ():
                does = f"point the attachment of {policy_title(state, row.policy)} to {whom}"
                does += "" if sent is None else f", and to {policy_title(state, policy)}"
                gives = f"what {policy_title(state, policy)} allows"
                both = () if sent is None else (allowed, after(sent, made(closure, policy, POLICIES)))
                used = (moved, given, *both)
                changed = requests.change_attachment(row, None if sent is None else policy, target)
                where = ACCESS, "update", name
                cause = closure.cause(acting, "reattach-policy", does, gives, where, *used, requests=changed)
                yield from gain(Attached(target, policy), cause)
                yield from gain(Detached(row), cause)
