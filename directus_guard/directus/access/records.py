"""The records that decide who may do what: roles, policies, attachments, permissions and users.

They are independent of where they were read (five kinds of export, or an instance); each may carry the `Location` it
was read from.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.access.shared_rule import SharedRule
from directus_guard.directus.content import content_key

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.rule_shape import RuleShape
    from directus_guard.finding import Location


USER_STATES: Final = ("draft", "invited", "unverified", "active", "suspended", "archived", "inactive-license")
ACTIONS: Final = ("create", "read", "update", "delete", "share")
PUBLIC_POLICY: Final = "abf8a154-5b1c-4a46-ac9c-7300570f4f17"
"""The id of the public policy of a new instance. It is public by its access row, not by this id."""
PUBLIC_LABEL: Final = "$t:public_label"
"""The name that Directus stores for its public policy; the Data Studio translates it."""


class Edition(Enum):
    """12 without a licence (Core) ignores permission rows with rules, unless they are recommended app rows."""

    CORE = "core"
    LICENSED = "licensed"


class Role(Struct, frozen=True):
    """directus_roles. `admin_access`, `app_access`, `enforce_tfa` and `ip_access` are 10's; `parent` is 11's."""

    id: str
    name: str = ""
    parent: str | None = None
    admin_access: bool = False
    app_access: bool = False
    location: Location | None = None
    enforce_tfa: bool = False
    ip_access: tuple[str, ...] = ()


class Policy(Struct, frozen=True):
    """directus_policies (11 and later)."""

    id: str
    name: str = ""
    admin_access: bool = False
    app_access: bool = False
    enforce_tfa: bool = False
    ip_access: tuple[str, ...] = ()
    location: Location | None = None


class Access(Struct, frozen=True):
    """directus_access: a policy attached to a role, to a user, or (neither) to the public."""

    policy: str
    role: str | None = None
    user: str | None = None
    sort: int | None = None
    id: str | None = None
    location: Location | None = None
    assumed: bool = False
    """Whether nothing says who has the policy: the user here is a substitute for whoever it is."""


class Permission(Struct, frozen=True, gc=False):
    """directus_permissions. `policy` from 11 on, `role` on 10, where None is the public.

    `permissions` is the item rule, `validation` what a payload must satisfy, `presets` what it is filled up with.
    `fields` None and () grant no field. `system`: a row of the framework that some endpoint returned; it is not stored.

    Made with `as_written` for `permissions` or `validation`, it has the rule itself there, decoded when it is read.
    """

    collection: str
    action: str
    permissions: Json = None
    validation: Json = None
    presets: Json = None
    fields: tuple[str, ...] | None = None
    policy: str | None = None
    role: str | None = None
    id: str | int | None = None
    system: bool = False
    location: Location | None = None

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells a row from every other one of its export, equal ones too: its keys and its place."""
        return self.collection, self.action, self.policy, self.role, self.id, self.location

    @property
    def fields_matter(self) -> bool:
        """Whether the action needs fields: without any it allows nothing. delete and share ask for none.

        See docs/model/access.md#merging.
        """
        return self.action in ("create", "read", "update")

    @property
    def custom(self) -> bool:
        """Whether it says more than "all items, all fields": what 12 Core does not honour.

        See docs/model/access.md#editions.
        """
        if self.system:
            return False
        return "*" not in (self.fields or ()) or bool(self.permissions or self.validation or self.presets)


_ITEM_RULE: Final = Permission.__dict__["permissions"]
_VALIDATION: Final = Permission.__dict__["validation"]


def as_written(text: bytes, shape: RuleShape | None = None) -> Json:
    """A rule of which only the text is kept, valid JSON and neither null nor `{}`, to make a `Permission` with."""
    return SharedRule(text, shape)  # type: ignore[return-value]  # only `Permission` and `stored_rule` have it


def stored_rule(row: Permission) -> Json | SharedRule:
    """The item rule of a row as it was given: a `SharedRule` keeps what it was parsed as."""
    rule: Json | SharedRule = _ITEM_RULE.__get__(row)
    return rule


def say_the_same(row: Permission, other: Permission) -> bool:
    """Whether two rows of one collection and action plainly allow the same: they are written alike, but for their keys and
    places. Not all that allow the same are."""
    return (
        row.fields == other.fields
        and content_key(row.presets) == content_key(other.presets)
        and _is_written_alike(_ITEM_RULE.__get__(row), _ITEM_RULE.__get__(other))
        and _is_written_alike(_VALIDATION.__get__(row), _VALIDATION.__get__(other))
    )


def _is_written_alike(rule: Json | SharedRule, other: Json | SharedRule) -> bool:
    if type(rule) is SharedRule and type(other) is SharedRule:
        return rule.written == other.written
    return type(rule) is type(other) and content_key(rule) == content_key(other)


def _item_rule(row: Permission) -> Json:
    rule = _ITEM_RULE.__get__(row)
    return rule.decoded if type(rule) is SharedRule else rule


def _validation(row: Permission) -> Json:
    rule = _VALIDATION.__get__(row)
    return rule.decoded if type(rule) is SharedRule else rule


# Whoever reads a rule gets a plain `dict`, whatever the row was made with: a check that saw something else might pass it over.
Permission.permissions = property(_item_rule)  # type: ignore[assignment]  # the same to whoever reads it
Permission.validation = property(_validation)  # type: ignore[assignment]  # the same to whoever reads it


class User(Struct, frozen=True):
    """directus_users, as far as access depends on it. Only `active` users can log in; None = not exported.

    Secrets are only known to be set or not: exports and the API mask them alike (docs/model/live.md#masks).
    """

    id: str
    role: str | None = None
    status: str | None = None
    name: str = ""
    location: Location | None = None
    provider: str | None = None
    has_token: bool | None = None
    """Whether a static token is set."""
    has_second_factor: bool | None = None
    """Whether `tfa_secret` is set."""
    last_access: str | None = None
