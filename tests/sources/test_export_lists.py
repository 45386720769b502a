"""Rows that answers of the API list by their key tell whether a table is whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cli import guard, write

if TYPE_CHECKING:
    from pathlib import Path


def policy(key: str, attachment: str, permissions: list[int], *, admin: bool = False) -> dict[str, Any]:
    return {
        "id": key, "name": key, "icon": "badge", "description": None, "ip_access": None, "enforce_tfa": True, "admin_access": admin,
        "app_access": True, "permissions": permissions, "users": [attachment], "roles": [attachment],
    }  # fmt: skip


def role(key: str, attachment: str, user: str) -> dict[str, Any]:
    return {"id": key, "name": key, "icon": "x", "description": None, "parent": None, "children": [],
            "policies": [attachment], "users": [user]}  # fmt: skip


def permission(key: int) -> dict[str, Any]:
    return {"id": key, "policy": "editor", "collection": f"posts{key}", "action": "read", "permissions": None, "validation": None,
            "presets": None, "fields": ["title"]}  # fmt: skip


def user(key: str, role_: str) -> dict[str, Any]:
    return {"id": key, "role": role_, "status": "active", "provider": "default", "token": None, "tfa_secret": "**********",
            "last_access": None, "policies": []}  # fmt: skip


TABLES: dict[str, list[dict[str, Any]]] = {
    "policies": [policy("editor", "a1", [1, 2]), policy("admin", "a0", [], admin=True)],
    "roles": [role("r1", "a1", "u1"), role("r0", "a0", "u0")],
    "access": [
        {"id": "a1", "role": "r1", "user": None, "policy": "editor", "sort": 1},
        {"id": "a0", "role": "r0", "user": None, "policy": "admin", "sort": 1},
    ],
    "permissions": [permission(1), permission(2)],
    "users": [user("u0", "r0"), user("u1", "r1")],
}


def dump(root: Path, without: str = "") -> Path:
    """The tables as the API answers; without the first row of one of them."""
    rows = {name: table[1:] if name == without else table for name, table in TABLES.items()}
    return write(root, {f"dump/{name}.json": json.dumps({"data": table}) for name, table in rows.items()})


def test_a_whole_dump(tmp_path: Path) -> None:
    assert guard("scan", dump(tmp_path)).code == 0


@pytest.mark.parametrize("table", ["permissions", "access"])
def test_a_row_that_is_lost(tmp_path: Path, table: str) -> None:
    run = guard("scan", dump(tmp_path, table))
    assert run.code == 4
    assert f"policies list rows of directus_{table} that the export does not have" in run.out


def test_a_user_that_is_lost(tmp_path: Path) -> None:
    report = json.loads(guard("scan", dump(tmp_path, "users"), "--output=json").out)
    answers = {answer["check"]: answer["status"] for answer in report["checks"]}
    assert answers["admin-static-token"] == "not-evaluated"
    assert answers["admin-without-second-factor"] == "not-evaluated"
