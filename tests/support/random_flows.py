"""Random instances whose flows have several operations: conditions, deletions, calls of other flows, and what relations write."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from directus_guard.directus.access.records import User
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.finding import Location
from tests.support.random_escalations import ROLES, wider_instance

if TYPE_CHECKING:
    from directus_guard.directus.export import Export

PLACE: Final = Location("x")
STARTS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("webhook", {"method": "POST"}),
    ("webhook", {"method": "GET"}),
    ("manual", {"collections": ["requests"], "requireSelection": True}),
    ("manual", {"collections": ["requests", "directus_users"], "requireSelection": False}),
    ("event", {"type": "action", "scope": ["items.create", "items.update"], "collections": ["requests"]}),
    ("event", {"type": "filter", "scope": ["items.update"], "collections": ["directus_users"]}),
    ("event", {"type": "action", "scope": ["auth.login"]}),
    ("schedule", {"cron": "0 0 * * *"}),
)
CONDITIONS: Final[tuple[Any, ...]] = (
    {"$accountability": {"user": {"_nnull": True}}},
    {"$accountability": {"role": {"_eq": "editor"}}},
    {"$trigger": {"body": {"role": {"_neq": "admin"}}}},
    {"$trigger": {"body": {"role": {"_in": ["editor", "customer"]}}}},
    {"$trigger": {"body": {"key": {"_regex": "^[0-9a-z-]+$"}}}},
    {"$trigger": {"payload": {"title": {"_eq": "promote"}}}},
    {"_or": [{"$trigger": {"body": {"title": {"_contains": "x"}}}}, {"$trigger": {"payload": {"title": {"_starts_with": "y"}}}}]},
    {"$trigger": {"headers": {"x-api-key": {"_eq": "{{$env.HOOK}}"}}}},
    {"$last": {"status": {"_eq": "active"}}},
)  # fmt: skip
SENT: Final = (
    "{{$trigger.body.key}}",
    "{{$trigger.payload.user}}",
    "{{$accountability.user}}",
    "{{$trigger.keys[0]}}",
    "user-1",
)
ROLE: Final = ("admin", "{{$trigger.body.role}}", "{{$trigger.payload.role}}", "{{$last.role}}")
WRITES: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("item-update", "directus_users", {"payload": {"role": "ROLE"}}),
    ("item-update", "directus_users", {"payload": {"password": "{{$trigger.body.title}}", "status": "active"}}),
    ("item-update", "directus_users", {"payload": {"policies": {"create": [{"policy": "p-admin"}]}}}),
    ("item-create", "directus_users", {"payload": {"email": "{{$trigger.body.title}}", "role": "ROLE"}}),
    ("item-create", "directus_users", {"payload": ["{{$trigger.body}}"]}),
    ("item-create", "directus_access", {"payload": {"policy": "p-admin", "user": "KEY"}}),
    ("item-create", "directus_access", {"payload": {"policy": "{{$trigger.body.key}}", "role": "ROLE"}}),
    ("item-update", "directus_roles", {"payload": {"parent": "ROLE"}}),
    ("item-update", "directus_policies", {"payload": {"admin_access": True}}),
    ("item-create", "directus_permissions", {"payload": "{{$trigger.body}}"}),
    ("item-update", "directus_permissions", {"payload": {"fields": ["*"], "permissions": None}}),
    ("item-update", "directus_settings", {"payload": {"public_registration": True, "public_registration_role": "ROLE"}}),
    ("item-update", "directus_flows", {"payload": {"status": "active"}}),
    ("item-update", "directus_operations", {"payload": {"options": "{{$trigger.body.options}}"}}),
    ("item-create", "requests", {"payload": {"user": "KEY", "title": "{{$trigger.body.title}}"}}),
    ("item-delete", "directus_users", {}),
    ("item-delete", "directus_policies", {}),
    ("item-delete", "directus_flows", {}),
)  # fmt: skip


def flowing_instance(seed: int) -> Export:
    """A wider instance with two or three flows of up to three operations each."""
    random, export = Random(f"flowing {seed}"), wider_instance(seed)
    flows, operations = list(export.flows), list(export.operations)
    for number in range(10, random.choice((12, 13))):
        flow, its = _flow(random, number)
        flows.append(flow)
        operations += its
    users = (
        User("user-1", "customer", random.choice(("active", "draft", "invited"))),
        User("user-2", "admin", "active", has_token=True, has_second_factor=random.random() < 0.3),
        User("user-3", "editor", "active"),
    )
    model = replace(export.model, users=users if random.random() < 0.6 else export.model.users)
    return replace(export, model=model, flows=tuple(flows), operations=tuple(operations))


def _flow(random: Random, number: int) -> tuple[Flow, list[Operation]]:
    trigger, options = random.choice(STARTS)
    made = [_guard(random, number)] if random.random() < 0.5 else []
    made += [_read(number)] if random.random() < 0.3 else []
    made += [_write(random, number) for _ in range(random.choice((1, 1, 2)))]
    made += [("trigger", {"flow": f"f-{number - 1}", "payload": "{{$trigger.body}}"})] if random.random() < 0.2 else []
    keys = [f"o-{number}-{place}" for place in range(len(made))]
    operations = [
        Operation(key, f"step{place}", kind, f"f-{number}", what, keys[place + 1] if place + 1 < len(keys) else None, None, PLACE)
        for place, (key, (kind, what)) in enumerate(zip(keys, made, strict=True))
    ]  # fmt: skip
    return Flow(f"f-{number}", f"Flow {number}", "active", trigger, options, keys[0], PLACE), operations


def _guard(random: Random, _: int) -> tuple[str, dict[str, Any]]:
    return "condition", {"filter": random.choice(CONDITIONS)}


def _read(_: int) -> tuple[str, dict[str, Any]]:
    return "item-read", {"collection": "directus_users", "key": ["{{$accountability.user}}"], "permissions": "$full"}


def _write(random: Random, _: int) -> tuple[str, dict[str, Any]]:
    kind, collection, options = random.choice(WRITES)
    key = random.choice(SENT)
    filled = _filled(options, {"KEY": key, "ROLE": random.choice(ROLE)})
    if kind != "item-create":
        by_query = random.random() < 0.3
        filled |= {"query": {"filter": {"id": {"_eq": key}}}} if by_query else {"key": [key]}
    rights = random.choice(("$full", "$full", "$full", "$trigger", "$public", *ROLES[1:3]))
    return kind, {"collection": collection, "permissions": rights, "emitEvents": random.random() < 0.5, **filled}


def _filled(value: Any, given: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(member, given) for name, member in value.items()}
    if isinstance(value, list):
        return [_filled(member, given) for member in value]
    return given.get(value, value) if isinstance(value, str) else value
