"""Who can ask Directus for something: the public, roles, and users with policies of their own."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class PrincipalKind(StrEnum):
    """The words for principals (docs/contract.md#access-v1)."""

    PUBLIC = "public"
    ROLE = "role"
    USER = "user"


class Principal(Struct, frozen=True):
    """A caller whose access follows from the data. A role means a user who has it and nothing of their own."""

    kind: PrincipalKind
    id: str | None = None
    name: str = "public"

    @property
    def anonymous(self) -> bool:
        """Whether dynamic variables are null for it: also users without a role share public's rows, but have a key."""
        return self.kind is PrincipalKind.PUBLIC


PUBLIC = Principal(PrincipalKind.PUBLIC)


def shown_names(principals: tuple[Principal, ...]) -> dict[Principal, str]:
    """The name each principal is shown by: equal names get the first 8 characters of the id (docs/contract.md#names)."""
    count: dict[str, int] = {}
    for principal in principals:
        count[principal.name] = count.get(principal.name, 0) + 1
    return {
        principal: f"{principal.name} ({principal.id[:8]})"
        if count[principal.name] > 1 and principal.id
        else principal.name
        for principal in principals
    }
