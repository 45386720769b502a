"""Large exports for the benchmark: many roles, policies and rows, and among them rows that let a few escalate."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

USERS: Final = "directus_users"
ITEM_RULES: Final[tuple[Any, ...]] = (
    None,
    {},
    {"status": {"_eq": "published"}},
    {"_and": [{"user_created": {"_eq": "$CURRENT_USER"}}]},
    {"_or": [{"team": {"_in": ["a", "b"]}}, {"owner": {"_eq": "$CURRENT_USER"}}]},
)


def write(folder: Path, rows: int, *, roles: int, policies: int, distinct: bool = False) -> None:
    """An export of about so many permission rows: each role has three policies, every tenth policy touches accounts.
    `distinct`: every row has a rule of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    random = Random(1)
    keys = [f"role-{number:04}" for number in range(roles)]
    held = [f"policy-{number:04}" for number in range(policies)]
    permissions: list[dict[str, Any]] = []
    for policy in held:
        permissions += _content(random, policy, rows // policies, distinct=distinct)
    for policy in held[::10]:
        permissions += _accounts(random, policy, keys, held)
    attached = [{"policy": "policy-admin", "role": "role-admin", "user": None, "sort": 1}]
    for number, role in enumerate(keys):
        chosen = dict.fromkeys([held[number % policies], *random.sample(held, 2)])
        attached += [{"policy": policy, "role": role, "user": None, "sort": 1} for policy in chosen]
    tables = {
        "roles": [{"id": key, "name": key.title(), "icon": "x", "parent": None} for key in ("role-admin", *keys)],
        "policies": [
            {"id": key, "name": key.title(), "icon": "x", "admin_access": key == "policy-admin", "app_access": False}
            for key in ("policy-admin", *held)
        ],
        "access": [{"id": f"access-{number}", **row} for number, row in enumerate(attached)],
        "permissions": [{"id": number, **row} for number, row in enumerate(permissions, start=1)],
    }
    for name, records in tables.items():
        (folder / f"{name}.json").write_text(json.dumps(records, indent=2), encoding="utf-8")


def _row(
    policy: str, collection: str, action: str, rule: Any, fields: list[str], validation: Any = None
) -> dict[str, Any]:
    return {
        "policy": policy, "collection": collection, "action": action, "permissions": rule, "validation": validation,
        "presets": None, "fields": fields,
    }  # fmt: skip


def _content(random: Random, policy: str, number: int, *, distinct: bool) -> list[dict[str, Any]]:
    actions = ("create", "read", "update", "delete")

    def rule(index: int) -> Any:
        mine = {"owner": {"_eq": "$CURRENT_USER"}}
        return {"_or": [{"team": {"_eq": f"{policy} {index}"}}, mine]} if distinct else random.choice(ITEM_RULES)

    return [
        _row(
            policy, f"collection_{index // 4}", actions[index % 4], rule(index),
            random.choice((["*"], ["id", "title", "status", "body"])),
        )
        for index in range(number)
    ]  # fmt: skip


def _accounts(random: Random, policy: str, roles: list[str], policies: list[str]) -> list[dict[str, Any]]:
    """Rows that reach further: accounts of another role, another policy, now and then administrator."""
    kind = random.randrange(6)
    if kind == 0:
        return [_row(policy, USERS, "update", {"role": {"_in": random.sample(roles, 3)}}, ["token"])]
    if kind == 1:
        return [_row(policy, USERS, "update", {"role": {"_neq": "role-admin"}}, ["password", "email"])]
    if kind == 2:
        return [_row(policy, "directus_access", "create", None, ["*"], {"policy": {"_in": random.sample(policies, 2)}})]
    if kind == 3:
        return [_row(policy, USERS, "create", None, ["*"], {"role": {"_eq": random.choice(roles)}})]
    if kind == 4:
        return [_row(policy, USERS, "update", {"id": {"_eq": "$CURRENT_USER"}}, ["first_name", "email"])]
    return [_row(policy, "directus_policies", "update", {"id": {"_eq": policy}}, ["admin_access"])]
