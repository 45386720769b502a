"""Operators that ask for a state: with `false` they ask for the other one."""

from __future__ import annotations

from typing import Final

import pytest

from directus_guard.directus.access.filters import Condition
from directus_guard.directus.access.item_rules import rule_of_row

STATES: Final = [("_null", "_nnull"), ("_nnull", "_null"), ("_empty", "_nempty"), ("_nempty", "_empty")]


@pytest.mark.parametrize(("operator", "other"), STATES)
def test_false_asks_for_the_other_state(operator: str, other: str) -> None:
    assert rule_of_row({"a": {operator: True}}, major=11) == Condition(("a",), operator)
    assert rule_of_row({"a": {operator: False}}, major=11) == Condition(("a",), other)
