"""Random instances: who has which rows on the collections that decide who may do what."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.records import Access, Permission, Policy, Role, User
from directus_guard.directus.export import Export, Settings
from directus_guard.directus.versions import Version
from directus_guard.finding import Location

ROLES: Final = ("admin", "editor", "author", "customer")
POLICIES: Final = ("p-admin", "p-editor", "p-author", "p-customer", "p-public", "p-extra")
FIELDS: Final = {
    "directus_users": ("role", "token", "password", "email", "policies", "status", "first_name"),
    "directus_access": ("policy", "user", "role", "id"),
    "directus_policies": ("admin_access", "name", "id"),
    "directus_roles": ("parent", "name", "admin_access", "id"),
    "directus_permissions": ("collection", "action", "fields", "policy", "role", "permissions", "validation"),
    "directus_settings": ("public_registration", "public_registration_role"),
    "directus_flows": ("name", "trigger", "operation", "status", "options"),
    "directus_operations": ("key", "type", "options", "flow"),
}


def rule(random: Random, collection: str) -> Any:
    kind = random.randrange(9)
    keys = POLICIES if collection in ("directus_access", "directus_policies", "directus_permissions") else ROLES
    field = {"directus_users": "role", "directus_access": "policy", "directus_permissions": "policy"}.get(
        collection, "id"
    )
    if kind < 3:
        return None
    if kind == 3:
        return {"id": {"_eq": "$CURRENT_USER"}}
    if kind == 4:
        return {field: {"_eq": random.choice(keys)}}
    if kind == 5:
        return {field: {"_neq": random.choice(keys)}}
    if kind == 6:
        return {field: {"_in": random.sample(keys, 2)}}
    if kind == 7:
        return {"_or": [{field: {"_eq": random.choice(keys)}}, {"id": {"_eq": "$CURRENT_USER"}}]}
    return {"status": {"_eq": random.choice(("active", "archived"))}}


def validation(random: Random, collection: str) -> Any:
    if random.random() < 0.6:
        return None
    field = {"directus_users": "role", "directus_access": "policy", "directus_permissions": "policy"}.get(collection)
    if field is None:
        return None
    keys = ROLES if field == "role" else POLICIES
    return {
        field: random.choice(
            ({"_eq": random.choice(keys)}, {"_neq": random.choice(keys)}, {"_in": random.sample(keys, 2)})
        )
    }


def permission(random: Random, number: int, *, loose: bool = False) -> Permission:
    collection = random.choice(tuple(FIELDS))
    known = FIELDS[collection]
    fields = ("*",) if random.random() < 0.4 else tuple(sorted(random.sample(known, random.randint(1, len(known)))))
    holder = random.choice(POLICIES[1:])
    return Permission(
        collection,
        random.choice(("create", "update", "update", "read")),
        rule(random, collection),
        None if loose else validation(random, collection),
        {"role": random.choice(ROLES)} if collection == "directus_users" and random.random() < 0.1 else None,
        fields,
        policy=holder,
        role=None if holder == "p-public" else holder.removeprefix("p-") if holder != "p-extra" else "author",
        id=number,
    )


def instance(seed: int) -> tuple[Export, Random]:
    random = Random(seed)
    version = Version.parse(random.choice(("10.13.4", "11.17.4", "12.4.1")))
    assert version is not None
    old = version.major < 11
    parent = "customer" if random.random() < 0.2 and not old else None
    model = AccessModel(
        version=version,
        roles=tuple(Role(one, one, parent if one == "author" else None, admin_access=old and one == "admin") for one in ROLES),
        policies=() if old else tuple(Policy(one, one, admin_access=one == "p-admin") for one in POLICIES),
        access=()
        if old
        else (
            *(Access(f"p-{one}", one, id=f"a-{one}") for one in ROLES),
            Access("p-public", id="a-public"),
            *([Access("p-extra", user="user-1", id="a-extra")] if random.random() < 0.5 else []),
        ),
        permissions=tuple(permission(random, number) for number in range(1, random.choice((2, 3, 4, 6, 9)))),
        users=(User("user-1", "customer", "active"), User("user-2", "admin", "active")) if random.random() < 0.5 else (),
    )  # fmt: skip
    held = {"public_registration": True, "public_registration_role": random.choice((None, *ROLES[1:]))}
    beside = Settings(held, Location("settings.json")) if random.random() < 0.3 else None
    return Export("x", Location("x"), model, settings=beside), random
