"""Records: what a row says beyond "all items, all fields", and values that are nested too deeply to be read."""

from __future__ import annotations

from typing import Any

import pytest

from directus_guard.directus.access.filters import variables
from directus_guard.directus.access.nesting import MAX_DEPTH, is_too_deep, may_be_too_deep
from directus_guard.directus.access.records import Permission
from tests.support.each import each_case
from tests.support.generate_rules import effective

ALL = ("*",)


@each_case(
    ("row", "custom"),
    [
        (Permission("posts", "read", fields=ALL), False),
        (Permission("posts", "read", {}, {}, {}, ALL), False),
        (Permission("posts", "read", {"a": {"_eq": 1}}, fields=ALL), True),
        (Permission("posts", "create", fields=ALL, presets={"a": 1}), True),
        (Permission("posts", "read", fields=("a",)), True),
        (Permission("posts", "read"), True),
        # Rows of the framework are no rows that an edition ignores.
        (Permission("directus_roles", "read", {"id": {"_in": "$CURRENT_ROLES"}}, fields=("id",), system=True), False),
    ],
)
def test_what_core_does_not_honour(row: Permission, custom: bool) -> None:
    assert row.custom is custom


def _nested(levels: int, *, as_list: bool) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value, "x"] if as_list else {"a": value, "b": "x"}
    return value


@pytest.mark.parametrize("as_list", [True, False])
def test_values_nested_too_deeply(as_list: bool) -> None:
    assert not is_too_deep(_nested(MAX_DEPTH, as_list=as_list))
    assert is_too_deep(_nested(MAX_DEPTH + 2, as_list=as_list))
    assert is_too_deep(_nested(50_000, as_list=as_list))
    assert not is_too_deep("text")
    assert not may_be_too_deep("[" * MAX_DEPTH, 0, 1000)
    assert may_be_too_deep("[" * (MAX_DEPTH + 1), 0, 1000)


def test_the_variables_of_a_rule() -> None:
    """Also below `_some`, and beside what Directus refuses."""
    rule = {
        "_and": [
            {"owner": {"_eq": "$CURRENT_USER"}},
            {"tags": {"_some": {"team": {"_in": ["$CURRENT_ROLES", "x"]}}}},
            {"shape": {"_intersects": "$NOW"}},
            {"title": {"_eq": "a"}},
        ]
    }
    assert {variable.name for variable in variables(effective(rule))} == {"$CURRENT_USER", "$CURRENT_ROLES"}
