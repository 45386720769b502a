"""Providers and storage locations: Directus reads the variables only of those that a list names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment import variables
from directus_guard.directus.environment.casting import to_array

if TYPE_CHECKING:
    from directus_guard.directus.environment.settings import Environment

_LISTS: Final = (("AUTH_", "AUTH_PROVIDERS"), ("STORAGE_", "STORAGE_LOCATIONS"))
"""`api/src/auth.ts` and `api/src/storage/register-locations.ts` go through the list and read `PREFIX_MEMBER_…`."""


def is_in_use(env: Environment, name: str) -> bool:
    """Whether the provider or location that a variable such as `AUTH_GOOGLE_DRIVER` belongs to is on its list."""
    for prefix, listed in _LISTS:
        if name.startswith(prefix):
            members = env[listed]
            held = members.js if members.known else variables.default(listed, env.version)
            return any(
                name.startswith(f"{prefix}{str(member).strip().upper()}_") for member in to_array(held) if member
            )
    return True
