"""Accounts that one row creates and another one opens."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.support.worlds import Row, World, path_of

USERS: Final = "directus_users"
DRAFTS: Final = {"status": {"_eq": "draft"}}


@pytest.mark.parametrize(
    ("created", "opened", "escalates"),
    [
        (("role", "status"), ("token", "status"), True),
        (("role", "status"), ("token",), False),
        (("role",), ("token", "status"), False),
    ],
)
def test_a_new_administrator_that_another_row_opens(
    created: tuple[str, ...], opened: tuple[str, ...], *, escalates: bool
) -> None:
    world = World([Row(USERS, "create", created), Row(USERS, "update", opened, DRAFTS)])
    for version in ("10.13.4", "11.17.4"):
        assert (path_of(world, version=version) is not None) is escalates


@pytest.mark.parametrize(("status", "escalates"), [("draft", True), ("archived", False)])
def test_the_status_is_the_presets(status: Any, *, escalates: bool) -> None:
    created = Row(USERS, "create", ("role",), presets={"status": status})
    assert (path_of(World([created, Row(USERS, "update", ("token", "status"), DRAFTS)])) is not None) is escalates
