"""The least-privileged policy with which the audit sees everything it judges: reading, and only what it reads.

No app access (that would bring the framework's own rows, and a seat on 12), nothing but `read`, no item of any collection
of the project. 12 Core honours rows with all fields only (docs/model/access.md#editions), so there `fields` is `["*"]`;
what is asked for is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.records import Edition
from directus_guard.directus.features import HAS_EDITIONS, HAS_POLICIES
from directus_guard.live.requested_rows import requested_rows

if TYPE_CHECKING:
    from directus_guard.directus.versions import Version

NAME: Final = "directus-guard auditor"
_DESCRIPTION: Final = "Reads how access is configured, for directus-guard. No items, no changes."


def policy(version: Version, edition: Edition) -> dict[str, object]:
    """What to create: the body of `POST /policies`; for 10 that of `POST /roles`, and the permissions it then needs."""
    named = edition is Edition.LICENSED or not HAS_EDITIONS.of(version)
    permissions = [
        {
            "collection": rows.collection,
            "action": "read",
            "fields": list(rows.readable) if named else ["*"],
            "permissions": {},
        }
        for rows in requested_rows(old=not HAS_POLICIES.of(version))
    ]
    about = {"name": NAME, "icon": "policy", "description": _DESCRIPTION, "admin_access": False, "app_access": False}
    if not HAS_POLICIES.of(version):
        return {"role": about, "permissions": permissions}
    return about | {"permissions": permissions}
