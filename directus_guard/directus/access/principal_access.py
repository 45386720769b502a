"""What one principal may do, by the policies it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.access.evaluation import QueryContext, evaluate
from directus_guard.directus.access.filters import EVERYTHING, NOTHING, Filter, Json
from directus_guard.directus.access.principals import Principal, PrincipalKind
from directus_guard.directus.features import HAS_POLICIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directus_guard.directus.access.grants import AccessEntry, Grant
    from directus_guard.directus.access.merging import JoinedRows
    from directus_guard.directus.versions import Version


class PrincipalAccess(Struct, frozen=True):
    """What one principal may do. `admin` bypasses everything; `app` adds the rows of the framework."""

    principal: Principal
    admin: bool
    app: bool
    policies: tuple[str, ...]
    roles: tuple[str, ...]
    _rows: JoinedRows
    _version: Version

    @property
    def holders(self) -> tuple[str | None, ...]:
        """What its stored rows belong to: policies, on 10 its own role (None = public)."""
        return self.policies if HAS_POLICIES.of(self._version) else (self.roles[-1] if self.roles else None,)

    def grant(self, collection: str, action: str) -> Grant:
        """The rows for a collection and action; without rows nothing is allowed (but to administrators)."""
        return self._rows.grant(collection, action)

    def taking_one(self, keys: Sequence[tuple[str, str]], most: int) -> tuple[PrincipalAccess, ...]:
        """What it may do where one of several rows counts for each of these collections and actions, and not all together, as
        on 10 without app access: every choice, the first rows first. None if it has one row for each, or there are more
        choices than `most`."""
        if self.app or HAS_POLICIES.of(self._version):
            return ()
        return tuple(replace(self, _rows=rows) for rows in self._rows.taking_one(keys, most))

    def has_any(self, keys: frozenset[tuple[str, str]]) -> bool:
        """Whether it has rows for one of several collections and actions."""
        return self._rows.has_any(keys)

    def collections(self, action: str) -> tuple[str, ...]:
        """The collections with rows for an action, sorted."""
        return tuple(grant.collection for grant in self.grants() if grant.action == action and grant.rows)

    def grants(self) -> tuple[Grant, ...]:
        """Every collection and action with rows, sorted."""
        return self._rows.grants()

    def grants_unlike(self, other: PrincipalAccess) -> tuple[Grant, ...]:
        """`grants` without those for which another one plainly has the same."""
        return self._rows.grants(self._rows.changed(other._rows))

    def entries(self) -> tuple[AccessEntry, ...]:
        """The merged access as docs/contract.md#access-v1 has it, sorted by collection and action."""
        return tuple(entry for grant in self.grants() for entry in grant.entries())

    def items(self, collection: str, action: str, name: str | None = None) -> Filter:
        """The items an action reaches (with a field of them): `rules` can question the answer."""
        return EVERYTHING if self.admin else self.grant(collection, action).items(name)

    def context(self, user: str | None = None) -> QueryContext:
        """What dynamic variables stand for when the principal asks (as that user)."""
        own = self.principal.id if self.principal.kind is PrincipalKind.USER else None
        return QueryContext(
            user=user or own, role=self.roles[-1] if self.roles else None, roles=self.roles, policies=self.policies
        )

    def may(
        self,
        action: str,
        collection: str,
        name: str | None = None,
        item: Mapping[str, Json] | None = None,
        context: QueryContext | None = None,
    ) -> bool:
        """Whether the action is allowed, with a field, on an item; without an item: on some item at all."""
        rule = self.items(collection, action, name)
        if item is None:
            return rule != NOTHING
        return evaluate(rule, item, context or self.context())
