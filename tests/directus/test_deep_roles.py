"""Roles that inherit from each other without end cost little, and what they may do is not called known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.directus.access.model import MOST_LEVELS, TOO_DEEP, AccessModel
from directus_guard.directus.access.records import Role
from directus_guard.directus.versions import Version
from directus_guard.finding import Status
from tests.support.cli import write
from tests.support.each import each_case

if TYPE_CHECKING:
    from pathlib import Path


def chain(number: int, *, circle: bool = False) -> tuple[Role, ...]:
    after = ["role-0" if circle else None]
    parents = [*(f"role-{index + 1}" for index in range(number - 1)), *after]
    return tuple(Role(f"role-{index}", f"Role {index}", parent) for index, parent in enumerate(parents))


@each_case("circle", [False, True])
@each_case(("number", "deep"), [(MOST_LEVELS, False), (MOST_LEVELS + 1, True), (5000, True)])
def test_so_many_levels_are_followed(number: int, deep: bool, circle: bool) -> None:
    model = AccessModel(roles=chain(number, circle=circle))
    assert model.too_deep is deep
    assert len(model.role_path("role-0")) == min(number, MOST_LEVELS)


def test_10_has_no_parents_and_parents_may_be_missing() -> None:
    old = Version.parse("10.13.4")
    assert old is not None
    assert not AccessModel(version=old, roles=chain(MOST_LEVELS + 1)).too_deep
    missing = (*chain(MOST_LEVELS - 1)[:-1], Role(f"role-{MOST_LEVELS - 2}", "Last", "not exported"))
    assert not AccessModel(roles=missing).too_deep


def test_nothing_is_called_safe_then(tmp_path: Path) -> None:
    roles = [{"id": role.id, "name": role.name, "parent": role.parent} for role in chain(300)]
    policies = [{"id": "p", "name": "Editor", "admin_access": False, "app_access": False}]
    tables = {
        "roles": roles,
        "policies": policies,
        "access": [{"id": "1", "policy": "p", "role": "role-299", "user": None}],
        "permissions": [],
    }
    report = audit(
        Options(root=write(tmp_path, {f"directus/{name}.json": json.dumps(rows) for name, rows in tables.items()}))
    )
    answers = [one for one in report.outcomes if one.check == "users-update"]
    assert [(one.status, one.reason) for one in answers] == [(Status.NOT_EVALUATED, TOO_DEEP)]
