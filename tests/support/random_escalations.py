"""Random instances: who has which rows on the collections that decide who may do what."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from msgspec.structs import replace

from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.records import Access, Permission, Policy, Role, User
from directus_guard.directus.export import Export, Settings
from directus_guard.directus.flows.records import Flow, Operation
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


KEYS: Final = {
    "role": ROLES,
    "parent": ROLES,
    "public_registration_role": ROLES,
    "policy": POLICIES,
    "user": ("user-1",),
}
TEXTS: Final = {
    "collection": ("directus_users", "directus_access", "directus_permissions", "requests", "articles"),
    "action": ("create", "update", "delete"),
    "admin_access": (True,),
    "status": ("active", "draft"),
}
TABLES: Final = tuple(FIELDS)[:6]


def pinned(random: Random, number: int, holder: str) -> Permission:
    """A row that allows one thing: few fields, one item or one value."""
    collection = random.choice((*TABLES, "requests"))
    known = FIELDS.get(collection, ("title", "user"))
    fields = tuple(sorted(random.sample(known, min(len(known), random.randint(1, 3)))))
    action = random.choice(("create", "update", "update", "delete" if random.random() < 0.3 else "update"))
    rule_ = _item(random, collection) if action != "create" else None
    return Permission(
        collection, action, rule_, _sent(random, fields) if action != "delete" else None, None,
        ("*",) if random.random() < 0.15 else fields, policy=holder,
        role=None if holder == "p-public" else holder.removeprefix("p-"), id=number,
    )  # fmt: skip


def _item(random: Random, collection: str) -> Any:
    names: dict[str, tuple[tuple[str, tuple[Any, ...]], ...]] = {
        "directus_users": (("id", ("$CURRENT_USER", "user-1")), ("role", ROLES)),
        "directus_access": (("id", tuple(f"a-{one}" for one in ROLES)), ("policy", POLICIES), ("role", ROLES)),
        "directus_policies": (("id", POLICIES),),
        "directus_roles": (("id", ROLES),),
        "directus_permissions": (("policy", POLICIES), ("collection", TEXTS["collection"]), ("action", TEXTS["action"])),
    }  # fmt: skip
    if random.random() < 0.25 or collection not in names:
        return None
    name, keys = random.choice(names[collection])
    return {name: {random.choice(("_eq", "_eq", "_neq")): random.choice(keys)}}


def _sent(random: Random, fields: tuple[str, ...]) -> Any:
    known = [name for name in fields if name in KEYS or name in TEXTS]
    if not known or random.random() < 0.3:
        return None
    name = random.choice(known)
    return {name: {random.choice(("_eq", "_eq", "_eq", "_neq")): random.choice({**KEYS, **TEXTS}[name])}}


def pinned_instance(seed: int) -> Export:
    """Few rows, most of one role, each of which allows one thing: what leads on takes several of them."""
    random = Random(seed)
    export, _ = instance(random.randrange(10**9))
    old = export.model.version.major < 11
    rows = [pinned(random, number, "p-editor") for number in range(1, random.choice((3, 4, 5, 6)))]
    rows += [pinned(random, 20 + number, random.choice(POLICIES[2:5])) for number in range(random.choice((0, 1, 2)))]
    rows.append(Permission("requests", "create", fields=("*",), policy="p-customer", role="customer", id=40))
    held = {
        "public_registration": random.random() < 0.7, "public_registration_verify_email": False,
        "public_registration_role": random.choice((None, *ROLES[1:])),
    }  # fmt: skip
    place = Location("x")
    flows: tuple[Flow, ...] = ()
    operations: tuple[Operation, ...] = ()
    if random.random() < 0.4:
        scope = f"items.{random.choice(('create', 'update'))}"
        asked = {"type": "action", "scope": [scope], "collections": ["requests"]}
        flows = (Flow("f-1", "Requests", "active", "event", asked, "o-1", place),)
        key = random.choice(("{{$accountability.user}}", "{{$trigger.payload.user}}"))
        what: dict[str, Any] = {
            "collection": "directus_users",
            "permissions": "$full",
            "key": [key],
            "payload": {"role": "admin"},
        }
        operations = (Operation("o-1", "promote", "item-update", "f-1", what, None, None, place),)
    model = replace(export.model, permissions=tuple(rows))
    if random.random() < 0.3 and not old:
        model = replace(model, policies=(*model.policies, Policy("p-nobody", "p-nobody")))
    settings = Settings(held, Location("settings.json")) if random.random() < 0.6 else None
    return replace(export, model=model, settings=settings, flows=flows, operations=operations)


_SENT: Final = ("{{$accountability.user}}", "{{$trigger.payload.user}}", "{{$trigger.body.user}}", "user-1")
_GIVEN: Final[dict[str, tuple[Any, ...]]] = {
    "directus_users": ({"role": "admin"}, {"role": "{{$trigger.body.role}}"}, {"token": "{{$trigger.payload.title}}"}, "{{$trigger.body}}"),
    "directus_access": ({"policy": "{{$trigger.payload.policy}}"}, {"policy": "p-admin", "user": "{{$accountability.user}}"}),
    "directus_policies": ({"admin_access": True}, "{{$trigger.payload}}"),
    "directus_permissions": ("{{$trigger.body}}", {"collection": "directus_users", "action": "update", "policy": "p-editor"}),
    "requests": ({"user": "{{$accountability.user}}"}, "{{$trigger.payload}}"),
}  # fmt: skip
"""What operations write where."""


def wider_instance(seed: int) -> Export:
    """A pinned instance with presets, permissions on flows and operations, and flows that write to any table."""
    random, export = Random(f"wider {seed}"), pinned_instance(seed)
    rows = tuple(_with_presets(random, row) for row in export.model.permissions)
    rows += tuple(_on_flows(random, 50 + number) for number in range(random.choice((0, 0, 1, 2))))
    rows += (
        Permission("requests", "update", None, None, None, ("title", "user"), policy="p-editor", role="editor", id=60),
    )
    made = [_flow(random, number) for number in range(2, random.choice((2, 3, 4)))]
    flows = (*export.flows, *(flow for flow, _ in made))
    operations = (*export.operations, *(operation for _, operation in made))
    return replace(
        export, model=replace(export.model, permissions=rows), flows=flows, operations=operations
    )  # fmt: skip


def _with_presets(random: Random, row: Permission) -> Permission:
    if row.action not in ("create", "update") or random.random() < 0.6:
        return row
    values = {**KEYS, **TEXTS}
    known = [name for name in FIELDS.get(row.collection, ()) if name in values]
    if not known:
        return row
    name = random.choice(known)
    return replace(
        row, presets={name: random.choice((*values[name], "$CURRENT_USER" if name == "user" else values[name][0]))}
    )


def _on_flows(random: Random, number: int) -> Permission:
    collection = random.choice(("directus_flows", "directus_operations"))
    known = (*FIELDS[collection], *(("resolve",) if collection == "directus_operations" else ("id",)))
    fields = ("*",) if random.random() < 0.2 else tuple(sorted(random.sample(known, random.randint(1, 3))))
    action = random.choice(("create", "update", "update"))
    rule_ = (
        random.choice((None, {"id": {"_eq": random.choice(("f-1", "f-2", "o-1", "o-2"))}}))
        if action == "update"
        else None
    )
    sent = random.choice((None, None, {"status": {"_eq": "inactive"}}, {"type": {"_neq": "item-update"}}))
    return Permission(collection, action, rule_, sent, None, fields, policy="p-editor", role="editor", id=number)


def _flow(random: Random, number: int) -> tuple[Flow, Operation]:
    """A flow that writes to some table, with the rights of its caller, a role or all."""
    place, key = Location("x"), f"o-{number}"
    starts: tuple[tuple[str, dict[str, Any]], ...] = (
        ("webhook", {"method": "POST"}),
        ("webhook", {"method": "GET"}),
        ("manual", {"collections": ["requests"], "requireSelection": False}),
        ("event", {"type": "action", "scope": ["items.update"], "collections": ["requests"]}),
        ("event", {"type": "filter", "scope": ["items.create"], "collections": ["requests"]}),
        ("schedule", {"cron": "0 0 * * *"}),
    )
    trigger, options = random.choice(starts)
    collection = random.choice(tuple(_GIVEN))
    what: dict[str, Any] = {
        "collection": collection, "payload": random.choice(_GIVEN[collection]),
        "permissions": random.choice(("$full", "$full", "$trigger", "$public")),
    }  # fmt: skip
    kind = random.choice(("item-create", "item-update"))
    if kind == "item-update":
        what["key"] = [random.choice(_SENT)]
    status = random.choice(("active", "active", "inactive"))
    flow = Flow(f"f-{number}", f"Flow {number}", status, trigger, options, random.choice((key, key, None)), place)
    return flow, Operation(key, f"write{number}", kind, flow.id, what, None, None, place)
