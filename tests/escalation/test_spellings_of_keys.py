"""A validation that lists keys which are refused: databases but SQLite take other spellings for the same key (10.13.4 and 11.17.4
on PostgreSQL 15)."""

from __future__ import annotations

from typing import Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.schema import Schema
from directus_guard.escalation import Path, Paths, Unplanned
from directus_guard.finding import Confidence
from tests.support.worlds import ADMIN_POLICY, EDITOR, ME, SQLITE, THE_EDITOR, Row, World, answer_of

ADMIN: Final = "abcdefab-1111-4111-8111-111111111111"
HEX: Final = "^[0-9a-f-]{36}$"
REFUSED: Final = (
    {"_and": [{"role": {"_neq": ADMIN}}, {"role": {"id": {"_neq": ADMIN}}}]},
    {"role": {"_nstarts_with": ADMIN[:8]}},
    {"role": {"_ncontains": ADMIN}},
    {"_and": [{"role": {"_nin": [ADMIN, {"id": ADMIN}]}}, {"role": {"_regex": "-"}}]},
    {"_and": [{"role": {"_neq": ADMIN}}, {"role": {"_regex": HEX}}]},
)


def own_role(validation: Any, schema: Schema | None, version: str) -> Path | Unplanned | None:
    """What is said of an account that may change its role, where the key of the administrator role has letters."""
    export = World((Row("directus_users", "update", ("role",), ME, validation),)).export(version, schema=schema)
    roles = tuple(replace(role, id=ADMIN) if role.name == "Administrator" else role for role in export.model.roles)
    access = tuple(replace(row, role=ADMIN) if row.policy == ADMIN_POLICY else row for row in export.model.access)
    return Paths(replace(export, model=replace(export.model, roles=roles, access=access))).answer(THE_EDITOR)


@pytest.mark.parametrize("version", ["10.13.4", "11.17.4"])
@pytest.mark.parametrize("validation", REFUSED)
def test_a_list_of_refused_keys_may_not_hold(validation: Any, version: str) -> None:
    for schema in (None, Schema(vendor="postgres", broken=True), Schema(vendor="mysql", broken=True)):
        path = own_role(validation, schema, version)
        assert isinstance(path, Path)
        assert path.confidence is Confidence.LOW
    if "_regex" not in str(validation):
        assert own_role(validation, SQLITE, version) is None


@pytest.mark.parametrize("version", ["10.13.4", "11.17.4"])
@pytest.mark.parametrize(
    "validation",
    [
        {"role": {"_eq": EDITOR}},
        {"role": {"_in": [EDITOR]}},
        {"role": {"_null": True}},
        {"role": {"_starts_with": EDITOR[:9]}},
    ],
)
def test_a_list_of_accepted_keys_holds(validation: Any, version: str) -> None:
    assert own_role(validation, None, version) is None


@pytest.mark.parametrize("validation", [{"policy": {"_nin": [ADMIN_POLICY, {"id": ADMIN_POLICY}]}}])
def test_the_same_of_policies(validation: Any) -> None:
    world = World((Row("directus_access", "create", ("policy", "user"), validation=validation),))
    assert isinstance(answer_of(world), Path)
