"""Random configurations around administrator: rows that nearly lock, role trees, flows; applied to a server.

A configuration is plain JSON. Keys stand in it by name (`$adm` …, see `names`), so that it can be made smaller and printed.
On 10 a policy's rows are its role's, and there are no parents; 12 Core takes rows without limits only.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final, Protocol

from tests.lab import random_flows
from tests.lab.adversary_payloads import (
    ACCESS,
    FLOWS,
    OPERATIONS,
    PERMISSIONS,
    POLICIES,
    PUBLIC_POLICY,
    ROLES,
    SETTINGS,
    USERS,
)
from tests.lab.server import row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.lab.server import Server

Config = dict[str, Any]
Row = dict[str, Any]


class Takes(Protocol):
    """What a configuration is stored on: a server, or what stands for one (`offline`)."""

    @property
    def major(self) -> int: ...
    @property
    def admin(self) -> Any: ...
    @property
    def admin_role(self) -> str: ...
    @property
    def admin_policy(self) -> str: ...
    def permissions(self, rows: Sequence[Mapping[str, Any]], **holder: str | None) -> None:
        """Store permissions."""


_FIELDS: Final = {
    USERS: ("role", "token", "password", "policies", "status", "first_name", "email", "provider"),
    ROLES: ("parent", "name", "users", "policies"),
    POLICIES: ("admin_access", "name", "users", "roles", "permissions"),
    ACCESS: ("policy", "user", "role"),
    PERMISSIONS: ("collection", "action", "fields", "policy", "permissions", "validation", "presets"),
    SETTINGS: ("public_registration", "public_registration_role", "public_registration_verify_email"),
    FLOWS: ("name", "status", "trigger", "options", "operation", "operations"),
    OPERATIONS: ("type", "options", "flow", "key", "resolve", "reject", "id", "name", "position_x", "position_y"),
    "articles": ("title", "note", "data", "author", "owner_role", "editors", "links"),
}
_WEIGHTS: Final = {
    USERS: 6,
    ROLES: 3,
    POLICIES: 3,
    ACCESS: 4,
    PERMISSIONS: 4,
    SETTINGS: 2,
    FLOWS: 1,
    OPERATIONS: 1,
    "articles": 2,
}


# --- the collection --------------------------------------------------------------------------------------------------


def make_collections(server: Server) -> None:
    """`articles`, related to users, roles and policies in all ways that Directus has."""
    number = {
        "field": "id",
        "type": "integer",
        "schema": {"is_primary_key": True, "has_auto_increment": True},
        "meta": {},
    }

    def field(name: str, kind: str, **meta: Any) -> dict[str, Any]:
        return {"field": name, "type": kind, "schema": {"is_nullable": True}, "meta": meta}

    def alias(name: str, special: str) -> dict[str, Any]:
        return {"field": name, "type": "alias", "schema": None, "meta": {"special": [special]}}

    def collection(name: str, *fields: dict[str, Any]) -> None:
        server.admin.post("/collections", {"collection": name, "schema": {}, "meta": {}, "fields": [number, *fields]})

    collection(
        "articles", field("title", "string"), field("note", "text"), field("data", "json", special=["cast-json"]),
        field("author", "uuid", special=["m2o"]), field("user_created", "uuid", special=["user-created"]),
        field("owner_role", "uuid", special=["m2o"]), alias("editors", "m2m"), alias("links", "m2a"),
    )  # fmt: skip
    collection("articles_editors", field("article", "integer"), field("editor", "uuid"))
    collection("articles_links", field("article", "integer"), field("item", "string"), field("collection", "string"))
    server.admin.post(f"/fields/{USERS}", alias("articles", "o2m"))
    allowed = [USERS, ROLES] if server.major < 11 else [USERS, ROLES, POLICIES, ACCESS]

    def relation(many: str, name: str, one: str | None, **meta: Any) -> None:
        schema = {} if one is None else {"schema": {"on_delete": "SET NULL"}}
        server.admin.post(
            "/relations", {"collection": many, "field": name, "related_collection": one, "meta": meta, **schema}
        )

    relation("articles", "author", USERS, one_field="articles")
    relation("articles", "user_created", USERS)
    relation("articles", "owner_role", ROLES)
    relation("articles_editors", "article", "articles", one_field="editors", junction_field="editor")
    relation("articles_editors", "editor", USERS, junction_field="article")
    relation("articles_links", "article", "articles", one_field="links", junction_field="item")
    relation(
        "articles_links",
        "item",
        None,
        one_allowed_collections=allowed,
        one_collection_field="collection",
        junction_field="article",
    )
    server.admin.post("/items/articles", [{"title": "one"}, {"title": "two"}])


# --- configurations --------------------------------------------------------------------------------------------------


def configuration(seed: str, major: int) -> Config:
    """A configuration, the same for the same seed. One whose seed begins with `flows` has several flows."""
    random = Random(seed)
    flows = (1, 2, 3) if seed.startswith("flows") else (0, 0, 0, 1, 1, 2)

    def some(*numbers: int) -> list[Row]:
        return _rows(random, major, random.choice(numbers))

    anonymous = random.random() < 0.15
    return {
        "seed": seed,
        "anonymous": anonymous,
        "editor": some(1, 2, 2, 3, 3, 4),
        "lock": _locks(random, major) if random.random() < 0.3 else [],
        "own": some(1, 1, 2) if random.random() < 0.1 else [],
        "parent": some(1, 2) if random.random() < 0.2 and major >= 11 else [],
        "customer": some(0, 0, 0, 1, 2),
        "public": some(1, 2) if anonymous or random.random() < 0.1 else [],
        "boss": random.choice(("active", "active", "suspended")),
        "chief": random.random() < 0.85,
        "settings": {
            "public_registration": random.random() < 0.2,
            "public_registration_role": random.choice((None, None, "$cust", "$cust", "$role")),
            "public_registration_verify_email": random.random() < 0.3,
        },
        "flows": [random_flows.flow(random) for _ in range(random.choice(flows))],
    }  # fmt: skip


def _rows(random: Random, major: int, number: int) -> list[Row]:
    made = [_row(random, major) for _ in range(number)]
    # 10 answers with rows of one action merged into one, 12 Core takes one for each action.
    return made if major == 11 else list({(one["collection"], one["action"]): one for one in made}.values())


def _row(random: Random, major: int) -> Row:
    names = [name for name in _WEIGHTS if major >= 11 or name not in (POLICIES, ACCESS)]
    collection = random.choices(names, [_WEIGHTS[name] for name in names])[0]
    action = (
        "update"
        if collection == SETTINGS
        else random.choice(("create", "create", "update", "update", "update", "delete"))
    )
    if major >= 12:
        return row(collection, random.choice(("read", action, action)) if collection != SETTINGS else action)
    fields = ["*"] if action == "delete" or random.random() < 0.25 else _some_fields(random, collection, action, major)
    return row(
        collection, action, fields=fields,
        permissions=None if action == "create" else _rule(random, collection, major),
        validation=_validation(random, collection, major) if action in ("create", "update") else None,
        presets=_presets(random, collection, action),
    )  # fmt: skip


def _some_fields(random: Random, collection: str, action: str, major: int) -> list[str]:
    old = {"policies": "role", "policy": "role", "parent": "admin_access"} if major < 11 else {}
    names = list(dict.fromkeys(old.get(name, name) for name in _FIELDS[collection]))
    if action == "create" and random.random() < 0.6:
        # Enough to make one, with or without what decides.
        return [name for name in names if random.random() < 0.8] or ["*"]
    return sorted(random.sample(names, random.randint(1, min(4, len(names)))))


def _rule(random: Random, collection: str, major: int) -> Row | None:
    if random.random() < 0.3:
        return None
    rules: dict[str, list[Row]] = {
        USERS: [{"id": {"_eq": "$CURRENT_USER"}}, {"role": {"_eq": "$cust"}}, {"role": {"_neq": "$adm"}}, {"role": {"_eq": "$CURRENT_ROLE"}},
                {"role": {"name": {"_neq": "Administrator"}}}, {"status": {"_neq": "active"}}, {"role": {"_null": True}},
                {"_and": [{"role": {"_neq": "$adm"}}, {"status": {"_eq": "active"}}]}, {"_or": [{"id": {"_eq": "$CURRENT_USER"}}, {"role": {"_eq": "$cust"}}]},
                {"email": {"_ends_with": "@example.com"}}, {"id": {"_neq": "$boss"}}, {"role": {"_in": ["$cust", "$role"]}}],
        ROLES: [{"id": {"_eq": "$CURRENT_ROLE"}}, {"id": {"_neq": "$adm"}}, {"id": {"_eq": "$cust"}}, {"name": {"_neq": "Administrator"}}],
        POLICIES: [{"id": {"_in": "$CURRENT_POLICIES"}}, {"id": {"_neq": "$admp"}}, {"id": {"_eq": "$custp"}}, {"name": {"_eq": "Customer"}},
                   {"admin_access": {"_eq": False}}],
        ACCESS: [{"policy": {"_neq": "$admp"}}, {"role": {"_eq": "$CURRENT_ROLE"}}, {"user": {"_null": True}}, {"policy": {"_eq": "$custp"}},
                 {"user": {"_eq": "$CURRENT_USER"}}, {"role": {"_null": True}}],
        PERMISSIONS: [{"collection": {"_neq": USERS}}, {"collection": {"_starts_with": "articles"}}, {"action": {"_eq": "read"}},
                      {"id": {"_gt": 0}}, *([{"policy": {"_in": "$CURRENT_POLICIES"}}, {"policy": {"_eq": "$custp"}}] if major >= 11 else
                                            [{"role": {"_eq": "$CURRENT_ROLE"}}, {"role": {"_eq": "$cust"}}])],
        FLOWS: [{"status": {"_eq": "inactive"}}, {"trigger": {"_neq": "webhook"}}],
        OPERATIONS: [{"type": {"_eq": "log"}}, {"flow": {"_null": True}}],
        "articles": [{"author": {"_eq": "$CURRENT_USER"}}, {"title": {"_eq": "one"}}],
    }  # fmt: skip
    return random.choice(rules.get(collection, [{"id": {"_gt": 0}}]))


def _validation(random: Random, collection: str, major: int) -> Row | None:
    if random.random() < 0.45:
        return None
    rules: dict[str, list[Row]] = {
        USERS: [{"role": {"_eq": "$cust"}}, {"role": {"_neq": "$adm"}}, {"_and": [{"role": {"_neq": "$adm"}}, {"role": {"id": {"_neq": "$adm"}}}]},
                {"role": {"_null": True}}, {"role": {"_in": ["$cust", "$role"]}}, {"token": {"_null": True}}, {"status": {"_neq": "active"}},
                {"_and": [{"role": {"_eq": "$cust"}}, {"policies": {"_null": True}}]}, {"role": {"_eq": "$CURRENT_ROLE"}},
                {"first_name": {"_nnull": True}}, {"email": {"_regex": "^a"}}],
        ROLES: [{"parent": {"_neq": "$adm"}}, {"parent": {"_eq": "$cust"}}, {"parent": {"_null": True}}] if major >= 11
               else [{"admin_access": {"_eq": False}}, {"admin_access": {"_neq": True}}],
        POLICIES: [{"admin_access": {"_eq": False}}, {"admin_access": {"_neq": True}}, {"name": {"_eq": "Customer"}}],
        ACCESS: [{"policy": {"_neq": "$admp"}}, {"policy": {"_eq": "$custp"}}, {"role": {"_eq": "$cust"}}, {"user": {"_null": True}},
                 {"_and": [{"policy": {"_neq": "$admp"}}, {"policy": {"id": {"_neq": "$admp"}}}]}, {"policy": {"_in": ["$custp", "$pol"]}}],
        PERMISSIONS: [{"collection": {"_nin": [USERS, ACCESS]}}, {"action": {"_eq": "read"}}, {"collection": {"_eq": SETTINGS}},
                      {"action": {"_in": ["delete", "update"]}}, {"collection": {"_starts_with": "articles"}},
                      {"policy": {"_eq": "$custp"}} if major >= 11 else {"role": {"_eq": "$cust"}}, {"fields": {"_null": True}}],
        SETTINGS: [{"public_registration_role": {"_eq": "$cust"}}, {"public_registration_role": {"_neq": "$adm"}}],
        FLOWS: [{"status": {"_eq": "inactive"}}, {"trigger": {"_eq": "schedule"}}],
        OPERATIONS: [{"type": {"_eq": "log"}}, {"type": {"_nin": ["item-create", "item-update"]}}],
    }  # fmt: skip
    found = rules.get(collection)
    return random.choice(found) if found else None


def _presets(random: Random, collection: str, action: str) -> Row | None:
    if action not in ("create", "update") or random.random() < 0.8:
        return None
    presets: dict[str, list[Row]] = {
        USERS: [{"role": "$cust"}, {"status": "active"}, {"role": "$adm"} if random.random() < 0.1 else {"role": None}, {"status": "draft"}],
        ROLES: [{"name": "new"}], POLICIES: [{"admin_access": False}, {"name": "new"}],
        ACCESS: [{"policy": "$custp"}, {"user": "$CURRENT_USER"}], PERMISSIONS: [{"action": "read"}, {"fields": ["id"]}],
    }  # fmt: skip
    return random.choice(presets.get(collection, [{"id": None}])) if collection in presets else None


def _locks(random: Random, major: int) -> list[Row]:
    """A row that gives little and validates much."""
    made = []
    for _ in range(random.choice((1, 1, 2))):
        collection = random.choice([USERS, USERS, *([ACCESS, POLICIES] if major >= 11 else []), PERMISSIONS, ROLES])
        action = random.choice(("create", "update"))
        validation = _validation(random, collection, major)
        if major < 12:
            made.append(
                row(collection, action, fields=["id"], permissions={"id": {"_null": True}}, validation=validation)
            )
    return made if major == 11 else list({(one["collection"], one["action"]): one for one in made}.values())


# --- on the server ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Applied:
    """A configuration on a server: the adversary's user and role, and its token."""

    config: Config
    user: str
    role: str
    token: str


def key_of(name: str) -> str:
    """A fixed key for a name."""
    made = uuid.uuid5(uuid.NAMESPACE_URL, f"directus-guard/adversary/{name}")
    # Invitations take keys of version 4 only.
    return str(uuid.UUID(bytes=made.bytes, version=4))


def names(server: Takes) -> Mapping[str, str]:
    """The keys that a configuration calls by name."""
    made = {f"${name}": key_of(name) for name in ("role", "pol", "cust", "custp", "boss", "victim", "me")}
    return {**made, "$adm": server.admin_role, "$admp": server.admin_policy if server.major >= 11 else made["$custp"]}


def apply(server: Takes, config: Config) -> Applied:
    """Store a configuration on a server that has none."""
    given = names(server)
    text = json.dumps(config)
    for name in sorted(given, key=len, reverse=True):
        text = text.replace(f'"{name}"', f'"{given[name]}"')
    made = json.loads(text)
    post = server.admin.post
    old, core = server.major < 11, server.major >= 12
    roles = [("role", "pol", "Editor", "editor"), ("cust", "custp", "Customer", "customer")]
    for role, policy, name, rows in roles:
        if old:
            post("/roles", {"id": given[f"${role}"], "name": name, "app_access": False, "admin_access": False})
            _permissions(
                server, [*made[rows], *(made["lock"] if rows == "editor" else [])], {"role": given[f"${role}"]}
            )
        else:
            post("/roles", {"id": given[f"${role}"], "name": name})
            _policy(server, given[f"${policy}"], name, made[rows], {"role": given[f"${role}"]})
    me = {
        "id": given["$me"],
        "role": given["$role"],
        "status": "active",
        "token": "attacker-token",
        "email": "me@example.com",
    }
    post("/users", me)
    post("/users", {"id": given["$victim"], "role": given["$cust"], "status": "active", "email": "victim@example.com"})
    if not core:
        post(
            "/users", {"id": given["$boss"], "role": given["$adm"], "status": made["boss"], "email": "boss@example.com"}
        )
    if made["chief"] and not core:
        post("/users", {"id": key_of("chief"), "role": given["$adm"], "status": "active", "email": "chief@example.com"})
    if not old:
        _more_policies(server, made, given)
    elif made["public"]:
        _permissions(server, made["public"], {"role": None})
    server.admin.patch("/settings", made["settings"])
    for index, flow in enumerate(made["flows"]):
        _store_flow(server, flow, index)
    return Applied(config, given["$me"], given["$role"], "attacker-token")


def _permissions(server: Takes, rows: Sequence[Row], holder: Mapping[str, str | None]) -> None:
    kept = rows if server.major == 11 else list({(one["collection"], one["action"]): one for one in rows}.values())
    server.permissions(kept, **holder)


def _policy(server: Takes, key: str, name: str, rows: Sequence[Row], holder: Mapping[str, str]) -> None:
    server.admin.post("/policies", {"id": key, "name": name})
    _permissions(server, rows, {"policy": key})
    server.admin.post("/access", {"policy": key, **holder})


def _more_policies(server: Takes, made: Config, given: Mapping[str, str]) -> None:
    if made["lock"]:
        _policy(server, key_of("lockp"), "Lock", made["lock"], {"role": given["$role"]})
    if made["own"]:
        _policy(server, key_of("ownp"), "Own", made["own"], {"user": given["$me"]})
    if made["parent"]:
        server.admin.post("/roles", {"id": key_of("parent"), "name": "Staff"})
        _policy(server, key_of("parentp"), "Staff", made["parent"], {"role": key_of("parent")})
        server.admin.patch(f"/roles/{given['$role']}", {"parent": key_of("parent")})
    if made["public"]:
        _permissions(server, made["public"], {"policy": PUBLIC_POLICY})


def _store_flow(server: Takes, flow: Config, index: int) -> None:
    key = key_of(f"flow {index}")
    server.admin.post("/flows", {"id": key, "name": f"flow {index}", "status": flow["status"], "trigger": flow["trigger"],
                                 "options": flow["options"], "accountability": "all"})  # fmt: skip
    further: str | None = None
    for number, one in reversed(list(enumerate(flow["operations"]))):
        place = {"position_x": 1 + 20 * number, "position_y": 1}
        operation = key_of(f"operation {index} {number}")
        server.admin.post(
            "/operations", {"id": operation, "name": one["key"], "flow": key, "resolve": further, **place, **one}
        )
        further = operation
    server.admin.patch(f"/flows/{key}", {"operation": further})


# --- made smaller ----------------------------------------------------------------------------------------------------


def smaller(config: Config) -> Iterator[Config]:
    """The configuration with one thing less."""
    for place in ("lock", "own", "parent", "public", "customer", "flows", "editor"):
        for index in range(len(config[place])):
            yield {**config, place: config[place][:index] + config[place][index + 1 :]}
    for place in ("lock", "own", "parent", "public", "customer", "editor"):
        for index, one in enumerate(config[place]):
            for part in ("permissions", "validation", "presets"):
                if one[part] is not None:
                    yield {**config, place: [*config[place][:index], {**one, part: None}, *config[place][index + 1 :]]}
            for name in one["fields"] if len(one["fields"]) > 1 else ():
                less = {**one, "fields": [other for other in one["fields"] if other != name]}
                yield {**config, place: [*config[place][:index], less, *config[place][index + 1 :]]}
    for index, flow in enumerate(config["flows"]):
        for number in range(len(flow["operations"]) if len(flow["operations"]) > 1 else 0):
            less = {**flow, "operations": flow["operations"][:number] + flow["operations"][number + 1 :]}
            yield {**config, "flows": [*config["flows"][:index], less, *config["flows"][index + 1 :]]}
    if config["settings"]["public_registration"]:
        yield {**config, "settings": {**config["settings"], "public_registration": False}}
