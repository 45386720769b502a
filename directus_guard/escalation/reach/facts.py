"""What decides who is administrator, as facts that an attacker may bring about.

One table per version says what an account writes (`AUTHORITY`); a fact is one consequence of such a write. Facts are only
ever added: what a write takes away from the attacker is not asked here, so that everything that can be brought about is in
the closure (`closure`), and more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from msgspec import Struct

from directus_guard.escalation.tables import ACCESS, FLOWS, OPERATIONS, PERMISSIONS, POLICIES, ROLES, SETTINGS, USERS

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import Scalar
    from directus_guard.directus.access.records import Access, Permission
    from directus_guard.escalation.account import Account

AUTHORITY: Final = tuple(
    (collection, action)
    for collection in (USERS, ROLES, POLICIES, ACCESS, PERMISSIONS, SETTINGS, FLOWS, OPERATIONS)
    for action in ("create", "update", "delete")
)
"""The writes that can change who is administrator, or whether a rule or a validation holds."""


class Person(Struct, frozen=True, cache_hash=True):
    """Somebody whose account the attacker has, or might get. `account`: role and policies at the beginning."""

    account: Account
    key: str
    status: str = "active"

    @property
    def order(self) -> tuple[str, ...]:
        """What persons are sorted by."""
        return (*self.account.order, self.key)


class Controls(Struct, frozen=True):
    """The attacker acts as an account."""

    person: Person


class Created(Struct, frozen=True):
    """The attacker made an account that cannot sign in yet."""

    person: Person


class Dormant(Struct, frozen=True):
    """The attacker made an account that it can sign in to once its status is `active`."""

    person: Person


class Mailed(Struct, frozen=True):
    """An account that is not active, and that a link makes active, has an address of the attacker's."""

    person: Person


class HasRole(Struct, frozen=True):
    """Somebody has a role (None: none)."""

    person: Person
    role: str | None


class Attached(Struct, frozen=True):
    """A policy is attached to a user, to a role, or (None) to the public."""

    holder: Person | str | None
    policy: str


class Inherits(Struct, frozen=True):
    """A role has a parent."""

    role: str
    parent: str


class Flagged(Struct, frozen=True):
    """A policy (10: a role) makes an administrator."""

    key: str


class Granted(Struct, frozen=True):
    """A policy (10: a role, None = the public) has a row. `source`: the identity of the stored row that it was made of."""

    holder: str | None
    collection: str
    action: str
    source: tuple[object, ...] = ()


class NewPermission(Struct, frozen=True):
    """The attacker made a permission that can be changed. `holders`: policies (10: roles) that it can be for, alike to all
    rules on permissions."""

    row: Permission
    holders: tuple[str | None, ...]


class NewAttachment(Struct, frozen=True):
    """The attacker made a row of directus_access that can be changed. `holder`: a user, a role, None (the public), or
    `ANOTHER_HOLDER`; `policies`: any of these."""

    holder: Person | str | None
    policies: tuple[str, ...]


ANOTHER_HOLDER: Final = "(another holder)"
"""A user or a role that is none of the attacker's."""


class Unlocked(Struct, frozen=True):
    """The validation of a stored row can be taken out of the way. `identity`: that of the row."""

    identity: tuple[object, ...]


class Deleted(Struct, frozen=True):
    """A stored row can be deleted, or made one of something else, and with it its validation and presets go.
    `identity`: that of the row."""

    identity: tuple[object, ...]


class PresetsGone(Struct, frozen=True):
    """The presets of a stored row can be changed. `identity`: that of the row."""

    identity: tuple[object, ...]


class Detached(Struct, frozen=True):
    """A row of directus_access can be taken away, and with it what the policy locked."""

    row: Access


class Changed(Struct, frozen=True):
    """A field of an item has a value of the attacker's choice, so that rules which mention it hold or not.

    `values`: those that can be sent, of those that rules name; `FREE` among them: any other one, too.
    """

    collection: str
    key: str
    name: str
    values: tuple[Scalar, ...]


class Made(Struct, frozen=True):
    """There is a new row of a collection, whose key no rule names."""

    collection: str


class Carries(Struct, frozen=True):
    """An account can have a flow write something (`FlowWrite.content`); `own`: also into its own user."""

    account: Account
    write: tuple[object, ...]
    own: bool


class Retriggered(Struct, frozen=True):
    """A field of a flow that decides who starts it, or where it begins, has a value of the attacker's choice."""

    flow: str
    name: str


class Altered(Struct, frozen=True):
    """The key or the type of an operation has a value of the attacker's choice."""

    flow: str
    operation: str
    name: str
    value: str


class RegistrationOn(Struct, frozen=True):
    """Public registration was switched on."""


class IsAdministrator(Struct, frozen=True):
    """The attacker is administrator."""


Fact: TypeAlias = (
    Controls
    | Created
    | Dormant
    | Mailed
    | HasRole
    | Attached
    | NewAttachment
    | Inherits
    | Flagged
    | Granted
    | NewPermission
    | Unlocked
    | Deleted
    | PresetsGone
    | Detached
    | Changed
    | Made
    | Carries
    | Retriggered
    | Altered
    | RegistrationOn
    | IsAdministrator
)
SomeFact = TypeVar("SomeFact", bound=Fact)

ADMINISTRATOR: Final = IsAdministrator()
