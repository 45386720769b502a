"""The collections that decide who may do what, and keys of rows that the export does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access.filters import Path, Scalar

USERS: Final = "directus_users"
ROLES: Final = "directus_roles"
POLICIES: Final = "directus_policies"
ACCESS: Final = "directus_access"
PERMISSIONS: Final = "directus_permissions"
SETTINGS: Final = "directus_settings"
FLOWS: Final = "directus_flows"
OPERATIONS: Final = "directus_operations"
FILES: Final = "directus_files"
REVISIONS: Final = "directus_revisions"
SESSIONS: Final = "directus_sessions"
OAUTH_CODES: Final = "directus_oauth_codes"
OAUTH_TOKENS: Final = "directus_oauth_tokens"

WRITES: Final = tuple(
    (collection, action)
    for collection in (USERS, ROLES, POLICIES, ACCESS, PERMISSIONS, SETTINGS, FLOWS, OPERATIONS)
    for action in ("create", "update")
)
"""What a step can begin with."""

DELETES: Final = tuple((collection, "delete") for collection in (ROLES, POLICIES, ACCESS, PERMISSIONS))

BEGINNINGS: Final = frozenset((*WRITES, *DELETES))
"""All of them."""

ACCESS_TABLES: Final = frozenset(collection for collection, _ in WRITES)
"""The collections that decide who may do what."""

ME: Final = "(own user)"
ANOTHER: Final = "(another user)"
NEW: Final = "(a new key)"
ANY_ACCOUNT: Final = "(any account)"
"""Keys of rows that exist, but not in the export: no rule names them."""

RELATIONS: Final = frozenset({"role", "parent", "policy", "user", "flow", "public_registration_role"})
"""Foreign keys: they may be sent as an object that names the row, too."""

PLAIN: Final = frozenset({"admin_access", "status", "collection", "action", "fields", "trigger", "type"})
"""Fields that hold no key: an object that is sent for one is not the value that a bare key would be."""

UNNAMED: Final = frozenset({ME, ANOTHER, ANY_ACCOUNT})

FREE: Final = "(free)"
"""A value of the attacker's choice."""


Goals: TypeAlias = "frozenset[tuple[str, str]]"
"""Collections and actions that a way may lead to, beside administrator."""
NO_GOALS: Final[Goals] = frozenset()


Known: TypeAlias = "Mapping[Path, Scalar]"
"""What is known of an item: values by path."""

CANNOT_SIGN_IN: Final = ("draft", "suspended", "archived")
"""The statuses of users with which one cannot sign in, and that no link in a mail makes active."""
