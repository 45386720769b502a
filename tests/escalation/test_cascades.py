"""Items that take policies with them: a relation of the data model with `ON DELETE CASCADE`."""

from __future__ import annotations

from typing import Final

import pytest

from directus_guard.directus.access.schema import Relation, Schema
from directus_guard.escalation import Paths, Unplanned
from tests.support.each import each_case
from tests.support.worlds import CUSTOMER, ME, THE_EDITOR, Row, World

USERS: Final = "directus_users"
POLICIES: Final = "directus_policies"
OWN_ROLE: Final = Row(USERS, "update", ("role",), ME)
LOCK: Final = Row(USERS, "update", ("first_name",), ME, validation={"role": {"_eq": CUSTOMER}})
OF_POLICIES: Final = Relation(POLICIES, "department", "departments", on_delete="CASCADE")


@pytest.mark.parametrize("version", ["11.17.4", "12.4.1"])
@each_case(
    ("relations", "deleted", "reached"),
    [
        ((OF_POLICIES,), "departments", True),
        ((Relation("directus_permissions", "department", "departments", on_delete="CASCADE"),), "departments", True),
        ((Relation("directus_access", "department", "departments", on_delete="CASCADE"),), "departments", True),
        ((Relation(POLICIES, "department", "departments"),), "departments", True),
        ((OF_POLICIES, Relation("departments", "city", "cities", on_delete="CASCADE")), "cities", True),
        ((OF_POLICIES, Relation("departments", "city", "cities", on_delete="SET NULL")), "cities", False),
        ((Relation(POLICIES, "department", "departments", on_delete="SET NULL"),), "departments", False),
        ((Relation("departments", "policy", POLICIES, on_delete="CASCADE"),), "departments", False),
        ((OF_POLICIES,), "cities", False),
        ((Relation("directus_access", "policy", POLICIES, on_delete="CASCADE"),), "departments", False),
    ],
)
def test_what_holds_back_goes_with_an_item(
    relations: tuple[Relation, ...], deleted: str, version: str, *, reached: bool
) -> None:
    world = World([OWN_ROLE, LOCK, Row(deleted, "delete")])
    answer = Paths(world.export(version, schema=Schema(relations=relations))).answer(THE_EDITOR)
    assert isinstance(answer, Unplanned) if reached else answer is None
