"""What a reader of a report sees of rules and presets: their structure, and of their literals only what tells nothing."""

from __future__ import annotations

from typing import Any

import pytest

from directus_guard.directus.access.filters import EVERYTHING
from directus_guard.directus.access.grants import AccessEntry
from directus_guard.directus.disclosure import MASK
from directus_guard.directus.masks import Mask, addresses, entry_json, is_open_text
from tests.support.each import each_case


def test_values_keep_their_names() -> None:
    presets: Any = {
        "status": "draft", "public": True, "rank": 3, "note": None, "owner": "$CURRENT_USER", "role": "r1", "mail": "ann@example.com",
        "author": {"email": "ann@example.com"}, "meta": {}, "tags": ["r1", "ann"],
    }  # fmt: skip
    assert Mask({"r1"}).values(presets) == {
        "status": "draft", "public": True, "rank": 3, "note": None, "owner": "$CURRENT_USER", "role": "r1", "mail": MASK, "author": MASK, "meta": {}, "tags": ["r1", MASK],
    }  # fmt: skip
    assert Mask().values("ann@example.com") == MASK
    assert Mask().values(None) is None


def test_rules_keep_their_structure() -> None:
    rule: Any = {"_and": [{"status": {"_in": ["draft", "Ann Smith"]}}, {"tags": {"_some": {"name": {"_eq": "ann"}}}}]}
    assert Mask().rule(rule) == {
        "_and": [{"status": {"_in": ["draft", MASK]}}, {"tags": {"_some": {"name": {"_eq": MASK}}}}]
    }
    assert Mask().rule({"name": "ann"}) == {"name": MASK}


def test_equal_literals_of_a_comparison_have_equal_masks() -> None:
    mask = Mask(numbered=True)
    assert mask.rule({"name": {"_in": ["ann", "bob", "ann"]}}) == {
        "name": {"_in": [f"{MASK} (1)", f"{MASK} (2)", f"{MASK} (1)"]}
    }
    assert mask.values({"name": "bob"}) == {"name": f"{MASK} (2)"}


def test_what_is_nested_deeply_is_hidden() -> None:
    rule: Any = {"name": {"_eq": "ann"}}
    for _ in range(60):
        rule = {"_and": [rule]}
    shown = repr(Mask().rule(rule))
    assert "ann" not in shown
    assert MASK in shown


@each_case("value", [["ann"], {"name": "ann"}, ("ann",)])
def test_no_part_of_a_literal_is_shown(value: Any) -> None:
    assert Mask().literal("name", value) == MASK


def test_addresses_are_shown_and_nothing_else() -> None:
    listed = ["10.0.0.1", "10.0.0.0/8", "10.0.0.1-10.0.0.9", "fc00::1", "ann@example.com", "a-b", "10.0.0.1-b"]
    assert addresses(listed) == (*listed[:4], MASK, MASK, MASK)


@pytest.mark.parametrize(
    ("known", "fields"), [(frozenset(), ["*"]), (frozenset({"id", "title", "secret"}), ["id", "title"])]
)
def test_fields_that_all_does_not_reach(known: frozenset[str], fields: list[str]) -> None:
    entry = AccessEntry("posts", "read", ("*",), EVERYTHING, None, None, ("Editing",), (), ("secret",))
    shown = entry_json(entry, Mask(), known)
    assert (shown["fields"], shown["excluded_fields"], shown["level"]) == (fields, ["secret"], "conditional")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("", True), ("$CURRENT_USER", True), ("12", True), ("public", True), ("Zp3vK8qLw2RtYx91", False), ("a b", False)],
)
def test_words_and_variables_are_no_secrets(text: str, *, shown: bool) -> None:
    assert is_open_text(text, is_secret=False) is shown
    assert is_open_text(text, is_secret=True) is (text in ("", "$CURRENT_USER"))
