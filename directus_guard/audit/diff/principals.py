"""Match the principals of HEAD with those of BASE."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.audit.diff.names import short_name
from directus_guard.directus.access.principals import Principal, PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.access.principal_access import PrincipalAccess
    from directus_guard.directus.export import Export


class PrincipalPair(Struct, frozen=True):
    """A principal of HEAD, what it may do there, and what it could on BASE (None: it was not there)."""

    principal: Principal
    name: str
    access: PrincipalAccess
    other: Principal | None
    old: PrincipalAccess | None


def principal_pairs(base: Export | None, head: Export) -> Iterator[PrincipalPair]:
    """Everybody who HEAD knows, with whom they were on BASE; and users whose role is another one now."""
    by_name = _base_roles_by_name(base, head)
    base_roles = (
        frozenset(one.id for one in base.model.principals() if one.kind is PrincipalKind.ROLE) if base else None
    )
    for principal in head.model.principals():
        other = _counterpart(principal, base_roles, by_name)
        old = base.model.of(other) if base and other else None
        name = short_name(head.names.get(principal, principal.name))
        yield PrincipalPair(principal, name, head.model.of(principal), other, old)
    yield from _moved_users(base, head)


def _base_roles_by_name(base: Export | None, head: Export) -> Mapping[str, Principal]:
    """Roles of BASE whose ids HEAD does not have, by names that occur once on either side."""
    if base is None:
        return {}
    here = {principal.id for principal in head.model.principals()}
    roles = [one for one in base.model.principals() if one.kind is PrincipalKind.ROLE]
    count = Counter(one.name for one in roles)
    count_here = Counter(one.name for one in head.model.principals())
    return {one.name: one for one in roles if one.id not in here and count[one.name] == 1 and count_here[one.name] == 1}


def _counterpart(
    principal: Principal, base_roles: frozenset[str | None] | None, by_name: Mapping[str, Principal]
) -> Principal | None:
    """Who this was on BASE: by id, else by name. Users are matched by their ids alone; without records they are public."""
    if principal.kind is not PrincipalKind.ROLE or base_roles is None:
        return principal
    return principal if principal.id in base_roles else by_name.get(principal.name)


def _moved_users(base: Export | None, head: Export) -> Iterator[PrincipalPair]:
    """Users without policies of their own whose role is another one now, and new ones who are administrators."""
    if base is None or not base.model.users:
        return
    old = {user.id: user for user in base.model.users}
    listed = {principal.id for principal in head.model.principals()}
    for user in head.model.users:
        before = old.get(user.id)
        if user.id in listed or (before is not None and before.role == user.role):
            continue
        access = head.model.of_user(user.id)
        name = short_name(user.name or user.id)
        if before is not None:
            was = base.model.of_user(user.id)
            yield PrincipalPair(access.principal, name, access, was.principal, was)
        elif access.admin:
            yield PrincipalPair(access.principal, name, access, None, None)
