"""The accounts that an attacker can act as."""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Account(Struct, frozen=True, cache_hash=True):
    """Who the attacker can act as: the anonymous visitor, or an account.

    `role`: None without one, `FREE` where only what was added counts. `user`: its key, where it is one of the export's.
    `policies`: attached to the user itself. `gained`: a policy that the attacker added; `parent`: the role that it made its
    own role a child of. One such gain is followed at a time, so that accounts are as many as roles, policies and gains, and
    not their combinations.
    """

    public: bool = False
    role: str | None = None
    user: str | None = None
    policies: tuple[str, ...] = ()
    gained: str | None = None
    parent: str | None = None
    taken: int | None = None
    """On 10 without app access: which of its several permissions of one kind the server takes, one of `AccessState.choices`."""
    limited: tuple[str, ...] | None = None
    """Which of the policies with `ip_access` count at the address it sends from; None: all of them."""

    @property
    def attached(self) -> tuple[str, ...]:
        """All policies attached to the user itself."""
        return self.policies if self.gained is None else tuple(sorted({*self.policies, self.gained}))

    @property
    def order(self) -> tuple[str, ...]:
        """What accounts are sorted by."""
        return (self.role or "", self.user or "", self.gained or "", self.parent or "", *self.policies)


ANONYMOUS: Final = Account(public=True)
