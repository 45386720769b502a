"""Checks on single rows look at what they do beside the other rows of those who have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from tests.support.rows import ACCESS, POLICIES, permission, write

if TYPE_CHECKING:
    from pathlib import Path

EMPTY: Any = {"_and": []}
DRAFTS: Any = {"status": {"_eq": "published"}}
MORE: Any = {**POLICIES[1], "id": "more", "name": "More"}
ATTACHED: Any = {"id": "9", "policy": "more", "role": "editors", "user": None, "sort": 2}


def found(folder: Path, check: str, *rows: Any, more: Any = MORE, access: Any = ATTACHED) -> int:
    """How many findings of a check these rows have; a role has two policies."""
    numbered = [{**row, "id": number} for number, row in enumerate(rows, start=1)]
    write(folder, numbered, policies=[*POLICIES, more], access=[*ACCESS, access])
    return sum(finding.check == check for finding in audit(Options(root=folder)).findings)


def read(rule: Any, *fields: str, policy: str = "editor", **more: Any) -> dict[str, Any]:
    return permission(policy, "posts", "read", rule, **({"fields": list(fields)} if fields else {}), **more)


NO_EFFECT: Final[dict[str, tuple[Any, ...]]] = {
    "another row confines": (read(EMPTY), read(DRAFTS)),
    "in another order": (read(DRAFTS), read(EMPTY)),
    "another policy confines": (read(EMPTY), read(DRAFTS, policy="more")),
    "for the same fields": (read({"_or": []}, "id", "title"), read(DRAFTS, "id", "title", "status")),
    "a row without a rule opens all": (read({"id": {"_nnull": True}}), read(None)),
    "an empty rule opens all": (read(EMPTY), read({}, policy="more")),
    "deleting is confined": (
        permission("editor", "posts", "delete", EMPTY), permission("editor", "posts", "delete", {"author": {"_eq": "$CURRENT_USER"}}),
    ),
    "sharing by whom creates no shares": (permission("editor", "posts", "share", EMPTY),),
    "what its validation holds": (
        permission("editor", "posts", "create", {"author": {"_eq": "$CURRENT_USER"}})
        | {"validation": {"author": {"_eq": "$CURRENT_USER"}}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_EFFECT)
def test_a_rule_that_changes_nothing(tmp_path: Path, name: str) -> None:
    assert found(tmp_path, "rule-without-effect", *NO_EFFECT[name]) == 0


@pytest.mark.parametrize(
    "rows",
    [
        (read(EMPTY),),
        (read(EMPTY), read(EMPTY, policy="more")),
        (read(EMPTY), read(DRAFTS, policy="public")),  # those with a role do not have it
        (read(EMPTY), read(DRAFTS, "id", "title")),  # for all other fields
        (read({"_or": []}, "id", "title"), read(DRAFTS, "id", "status")),
        (read({"id": {"_nnull": True}}), read(DRAFTS)),
        (read(EMPTY), read(None, "id")),
        (permission("editor", "posts", "share", EMPTY), permission("editor", "directus_shares", "create")),
        (permission("editor", "posts", "create", {"author": {"_eq": "$CURRENT_USER"}}),),
        (permission("editor", "posts", "create", {"author": {"_eq": "$CURRENT_USER"}}) | {"validation": {"title": {"_nnull": True}}},),
    ],
)  # fmt: skip
def test_a_rule_that_opens_items(tmp_path: Path, rows: tuple[Any, ...]) -> None:
    assert found(tmp_path, "rule-without-effect", *rows) > 0


PINNED: Any = {"role": {"_eq": "editors"}}


def create(policy: str, validation: Any = None, fields: tuple[str, ...] = ("email", "role")) -> dict[str, Any]:
    return permission(policy, "directus_users", "create", fields=list(fields)) | {"validation": validation}


def test_another_row_validates(tmp_path: Path) -> None:
    """Every row of an action validates the payload."""
    assert found(tmp_path, "users-create", create("editor"), create("more", PINNED)) == 0
    assert found(tmp_path, "users-create", create("editor"), create("editor", PINNED, ("email",))) == 0
    assert found(tmp_path, "users-create", create("editor")) == 1


def test_another_row_validates_for_some(tmp_path: Path) -> None:
    alone = {**ATTACHED, "role": None, "user": "u1"}
    assert found(tmp_path, "users-create", create("editor"), create("more", PINNED), access=alone) == 1


def test_another_row_validates_from_some_addresses(tmp_path: Path) -> None:
    """From elsewhere its policy does not count."""
    limited = {**MORE, "ip_access": ["10.0.0.0/8"]}
    assert found(tmp_path, "users-create", create("editor"), create("more", PINNED), more=limited) == 1
    assert found(tmp_path, "users-create", create("editor", PINNED), create("more", PINNED), more=limited) == 0


def test_10_joins_validations(tmp_path: Path) -> None:
    """A row without one frees every payload."""
    roles = [
        {"id": name, "name": name, "icon": "x", "description": None, "ip_access": None, "enforce_tfa": True,
         "admin_access": name == "admins", "app_access": True}
        for name in ("admins", "editors")
    ]  # fmt: skip
    for rows, code in (([("role", PINNED)], 0), ([("role", PINNED), ("email", None)], 1)):
        permissions = [
            {"id": number, "role": "editors", "collection": "directus_users", "action": "create", "permissions": None,
             "validation": validation, "presets": None, "fields": [field]}
            for number, (field, validation) in enumerate(rows, start=1)
        ]  # fmt: skip
        write(tmp_path, permissions, roles=roles)
        for name in ("policies", "access"):
            (tmp_path / f"{name}.json").unlink()
        checks = [finding.check for finding in audit(Options(root=tmp_path)).findings]
        assert checks.count("users-create") == code


@pytest.mark.parametrize("more", [(), (permission("editor", "directus_shares", "create"),)])
def test_sharing_by_the_public_alone(tmp_path: Path, more: Any) -> None:
    rows = [permission("public", name, "share") for name in ("posts", "directus_files", "directus_users")]
    assert found(tmp_path, "share-action", *rows, *more) == 0


def test_sharing_by_the_public(tmp_path: Path) -> None:
    rows = [permission("public", name, "share") for name in ("posts", "directus_files", "directus_users")]
    assert found(tmp_path, "share-action", *rows, permission("public", "directus_shares", "create")) == 3
