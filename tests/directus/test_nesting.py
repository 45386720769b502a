"""A record may have a hundred levels below its own, and no more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from directus_guard.directus.access.nesting import is_too_deep, may_be_too_deep


def nested(levels: int, *, lists: bool) -> Any:
    value: Any = [] if lists else {}
    for _ in range(levels - 1):
        value = [value, 1] if lists else {"a": value, "b": 1}
    return value


@pytest.mark.parametrize("lists", [True, False])
@pytest.mark.parametrize(("levels", "too_deep"), [(1, False), (100, False), (101, False), (102, True)])
def test_how_deep_a_record_may_be(levels: int, too_deep: bool, lists: bool) -> None:
    assert is_too_deep(nested(levels, lists=lists)) is too_deep


def test_brackets_are_counted_where_the_record_is() -> None:
    text = json.dumps([nested(50, lists=True), nested(51, lists=False)])
    assert may_be_too_deep(text, 0, len(text))
    assert may_be_too_deep(text, 1, len(text))
    assert not may_be_too_deep(text, 2, len(text))
    assert not may_be_too_deep(text, 0, len(text.rsplit("{", 2)[0]))


def test_what_has_no_levels() -> None:
    assert not is_too_deep("a")
    assert not is_too_deep(None)
