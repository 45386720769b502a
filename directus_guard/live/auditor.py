"""The least-privileged policy with which the audit sees everything it judges: reading, and only what it reads.

No app access (that would bring the framework's own rows, and a seat on 12), nothing but `read`, no item of any collection
of the project. 12 Core honours rows with all fields only (docs/model/access.md#editions), so there `fields` is `["*"]`;
what is asked for is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.records import Edition
from directus_guard.directus.features import HAS_EDITIONS, HAS_POLICIES

if TYPE_CHECKING:
    from directus_guard.directus.versions import Version

NAME: Final = "directus-guard auditor"
_DESCRIPTION: Final = "Reads how access is configured, for directus-guard. No items, no changes."

_READ: Final = {
    "directus_access": "id,role,user,policy,sort",
    "directus_extensions": "*",
    "directus_flows": "id,name,status,trigger,accountability,options,operation",
    "directus_operations": "id,key,type,flow,options,resolve,reject",
    "directus_permissions": "id,policy,collection,action,permissions,validation,presets,fields",
    "directus_policies": "id,name,admin_access,app_access,enforce_tfa,ip_access",
    "directus_roles": "id,name,parent",
    "directus_settings": "*",
    "directus_shares": "collection,password,date_end,max_uses,date_created",
    "directus_users": "id,status,role,provider,last_access,token,tfa_secret",
}
_READ_10: Final = _READ | {
    "directus_permissions": "id,role,collection,action,permissions,validation,presets,fields",
    "directus_roles": "id,name,admin_access,app_access,enforce_tfa,ip_access",
}
_SINCE_11: Final = ("directus_access", "directus_policies")


def policy(version: Version, edition: Edition) -> dict[str, object]:
    """What to create: the body of `POST /policies`; for 10 that of `POST /roles`, and the permissions it then needs."""
    named = edition is Edition.LICENSED or not HAS_EDITIONS.of(version)
    fields = _READ if HAS_POLICIES.of(version) else _READ_10
    permissions = [
        {
            "collection": collection,
            "action": "read",
            "fields": names.split(",") if named else ["*"],
            "permissions": {},
        }
        for collection, names in fields.items()
        if HAS_POLICIES.of(version) or collection not in _SINCE_11
    ]
    about = {"name": NAME, "icon": "policy", "description": _DESCRIPTION, "admin_access": False, "app_access": False}
    if not HAS_POLICIES.of(version):
        return {"role": about, "permissions": permissions}
    return about | {"permissions": permissions}
