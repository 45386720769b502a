"""Item rules in plain English."""

from __future__ import annotations

from typing import Any

from directus_guard.directus.access.filters import EVERYTHING, NOTHING, And, Quantified
from directus_guard.directus.access.item_rules import rule_of_row
from directus_guard.directus.access.rule_words import rule_words

WORDS: list[tuple[Any, str]] = [
    ({"status": {"_eq": "published"}}, 'status is "published"'),
    (
        {"status": {"_eq": "published"}, "user_created": {"_eq": "$CURRENT_USER"}},
        'status is "published" and user_created is the current user',
    ),
    ({"_or": [{"a": {"_lt": 3}}, {"b": {"_nnull": True}}]}, "a is less than 3 or b is not null"),
    (
        {"c": {"_eq": 1}, "_or": [{"a": {"_eq": 1}}, {"b": {"_eq": 1}}]},
        "c is 1 and (a is 1 or b is 1)",
    ),
    ({"status": {"_in": ["draft", "review", "done"]}}, 'status is one of "done", "draft" or "review"'),
    ({"n": {"_between": [1, 5]}}, "n is between 1 and 5"),
    ({"author": {"id": {"_eq": "$CURRENT_USER"}}}, "author is the current user"),
    ({"author": {"name": {"_eq": "$CURRENT_USER.first_name"}}}, "author.name is the first_name of the current user"),
    ({"role": {"_in": "$CURRENT_ROLES"}}, "role is one of the roles of the current user"),
    ({"date": {"_lte": "$NOW"}}, "date is not after now"),
    ({"date": {"_gt": "$NOW(-1 day)"}}, "date is after 1 day ago"),
    ({"year(date)": {"_eq": 2026}}, "the year of date is 2026"),
    ({"comments": {"_some": {"open": {"_eq": True}}}}, "at least one of its comments has open is true"),
    ({"comments": {"_none": {"open": {"_eq": True}}}}, "none of its comments has open is true"),
    ({"a": {"_in": list(range(10, 25))}}, "a is one of 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21 or 3 more"),
    (
        {"_or": [{"a": {"_eq": n}} for n in range(10, 24)]},
        " or ".join(f"a is {n}" for n in range(10, 22)) + " or 2 more conditions",
    ),
    ({"comments": {"_some": {}}}, "anything holds"),
    ({"a": {"_eq": "$CURRENT_USER_x"}}, "a is $CURRENT_USER_x"),
    ({"a": {"_unknown": 1}}, "(Directus refuses this rule: _unknown is not known as an operator of item rules)"),
]


def test_rules_in_words() -> None:
    told = [(rule, rule_words(rule_of_row(rule, major=11) or EVERYTHING)) for rule, _ in WORDS]
    assert told == WORDS


def test_what_is_too_long_is_counted() -> None:
    deep: dict[str, Any] = {"z": {"_eq": 1}}
    for depth in range(12):
        deep = {"_and" if depth % 2 else "_or": [deep, {"a": {"_eq": depth}}]}
    rule = rule_of_row(deep, major=11)
    assert rule is not None
    assert "(further conditions)" in rule_words(rule)
    long = rule_of_row({"a": {"_eq": "x" * 500}}, major=11)
    assert long is not None
    assert len(rule_words(long)) < 140
    assert rule_words(And((EVERYTHING, NOTHING))) == "anything holds and nothing holds"
    assert rule_words(Quantified(("comments",), some=True, filter=EVERYTHING)) == "at least one of its comments exists"
    assert rule_words(rule, lambda _, value: "***" if isinstance(value, str) else value)


def test_variables_are_masked_like_texts() -> None:
    rule = rule_of_row({"a": {"_eq": "$CURRENT_USER.secret"}}, major=11)
    assert rule is not None
    assert rule_words(rule, lambda _name, _value: "***") == 'a is "***"'
