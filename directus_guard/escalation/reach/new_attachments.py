"""Rows of directus_access that are made harmless with one permission, and changed with another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.escalation.reach.facts import ANOTHER_HOLDER, Attached, NewAttachment, Person
from directus_guard.escalation.reach.people import after, gain, made, policy_keys, policy_title
from directus_guard.escalation.reach.rights import holders_of_attachments
from directus_guard.escalation.requests.request import Chosen
from directus_guard.escalation.requests.rights import attach, change_attachment, policy
from directus_guard.escalation.tables import ACCESS, FREE, POLICIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.escalation.reach.closure import Basis, Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.requests.request import Requests
    from directus_guard.escalation.tables import Known

_MOST_POLICIES: Final = 10
"""For so many policies the request is written out."""


def harmless_attachments(closure: Closure, acting: UsableAccount) -> Gains:
    """POST /access with whatever may be sent, where some account can change what comes of it."""
    if not closure.may_use(acting, ACCESS, "create"):
        return
    if not closure.is_allowed(ACCESS, "update"):
        return
    policies = _policies(closure, acting)
    keys = tuple(key for key, _ in policies)
    for holder, whom, name, evidence in _holders(closure, acting) if policies else ():
        fact = NewAttachment(holder, keys)
        if fact not in closure.facts:
            does = f"attach {policy_title(closure.state, policies[0][0])} to {whom}"
            where = ACCESS, "create", name
            gives = "an attachment that can be changed"
            asked = tuple(one for key in keys[:_MOST_POLICIES] for one in _asked(key, holder, name))
            cause = closure.cause(acting, "attach-policy", does, gives, where, policies[0][1], evidence, requests=asked)
            yield from gain(fact, cause)


def _policies(closure: Closure, acting: UsableAccount) -> list[tuple[str, Basis]]:
    """The policies that a new attachment can be of."""
    named = acting.attacker.access.grant(ACCESS, "create").payload_rules.named("policy")
    every = (one.id for one in closure.state.model.policies)
    named_keys = closure.state.in_order(one for one in named if isinstance(one, str))
    keys = dict.fromkeys((*policy_keys(closure), *named_keys, *closure.state.in_order(every)))
    closure.state.work.spend(len(keys))
    return [
        (key, after(given, made(closure, key, POLICIES)))
        for key, given in closure.gives_each(acting, ACCESS, "create", "policy", tuple(keys))
    ]


def _holders(closure: Closure, acting: UsableAccount) -> Iterator[tuple[Person | str | None, str, str, Basis | None]]:
    """To whom a policy can be attached, those included who are none of the attacker's."""
    yield from holders_of_attachments(closure, acting, "create")
    for name in ("user", "role"):
        named = closure.state.values_in_order(acting.attacker.access.grant(ACCESS, "create").payload_rules.named(name))
        for key in (FREE, *(one for one in named if isinstance(one, str))):
            sent = closure.gives(acting, ACCESS, "create", name, key)
            if sent is not None:
                yield ANOTHER_HOLDER, "another user or role", name, sent
                return


def change_new_attachments(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /access/ID of such a row: another policy, another holder, or both."""
    if not closure.may_use(acting, ACCESS, "update"):
        return
    new = closure.of_kind(NewAttachment)
    policies = closure.sends(acting, ACCESS, "update", "policy", policy_keys(closure)) if new else []
    holders = list(holders_of_attachments(closure, acting, "update")) if new else []
    for fact, cause in new:
        known = _known(acting, fact)

        def allowed(name: str, known: Known = known) -> Basis | None:
            return closure.allowed(acting, ACCESS, "update", name, known, "")

        other = allowed("policy")
        kept = [(key, None) for key in fact.policies]
        changed = [(key, sent) for key, sent in policies if other is not None]
        moved = {name: allowed(name) for name in ("user", "role")}
        targets = [one for one in holders if moved.get(one[2]) is not None]
        stays = [] if fact.holder == ANOTHER_HOLDER else [(fact.holder, "their attachment", "policy", None)]
        for key, sent in (*changed, *kept):
            for target, whom, name, given in (*targets, *(stays if sent is not None else ())):
                if Attached(target, key) in closure.facts:
                    continue
                does = f"change the new attachment to one of {policy_title(closure.state, key)} for {whom}"
                gives = f"what {policy_title(closure.state, key)} allows"
                used = (moved.get(name), given, other if sent is not None else None, sent)
                basis = [after(one, (cause, *made(closure, key, POLICIES))) for one in used if one is not None]
                asked = change_attachment(
                    None, None if sent is None else key, None if target == fact.holder else target
                )
                where = ACCESS, "update", name
                step = closure.cause(acting, "reattach-policy", does, gives, where, *basis, requests=asked)
                yield from gain(Attached(target, key), step)


def _asked(key: str, holder: Person | str | None, name: str) -> Requests:
    """POST /access."""
    if holder != ANOTHER_HOLDER:
        return attach(key, holder)
    return tuple(
        replace(one, body={"policy": policy(key), name: Chosen(f"another {name}")}) for one in attach(key, None)
    )


def _known(acting: UsableAccount, fact: NewAttachment) -> Known:
    """What is known of a new row."""
    known: dict[tuple[str, ...], str | None] = {}
    if len(fact.policies) == 1:
        known["policy",] = fact.policies[0]
    match fact.holder:
        case Person() as person:
            return {**known, ("user",): acting.attacker.key if person == acting.person else person.key, ("role",): None}
        case str() as role if role != ANOTHER_HOLDER:
            return {**known, ("role",): role, ("user",): None}
        case None:
            return {**known, ("role",): None, ("user",): None}
        case _:
            return known
