"""Item rules in plain English."""

from __future__ import annotations

from typing import Any

from directus_guard.directus.access.filters import EVERYTHING, NOTHING, And, Condition, DynamicVariable, Quantified
from directus_guard.directus.access.item_rules import rule_of_row
from directus_guard.directus.access.rule_words import LONGEST, MOST_BRANCHES, rule_words
from tests.support.each import each_case

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
    assert "(((further conditions)) or a is 4)" in rule_words(rule)
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


OPERATORS: list[tuple[str, Any, str]] = [
    ("_eq", 5, "is 5"),
    ("_neq", 5, "is not 5"),
    ("_lt", 5, "is less than 5"),
    ("_lte", 5, "is at most 5"),
    ("_gt", 5, "is greater than 5"),
    ("_gte", 5, "is at least 5"),
    ("_in", (5, 6), "is one of 5 or 6"),
    ("_nin", (5, 6), "is none of 5 or 6"),
    ("_null", None, "is null"),
    ("_nnull", None, "is not null"),
    ("_empty", None, "is empty"),
    ("_nempty", None, "is not empty"),
    ("_contains", "x", 'contains "x"'),
    ("_ncontains", "x", 'does not contain "x"'),
    ("_icontains", "x", 'contains "x" in any case'),
    ("_starts_with", "x", 'starts with "x"'),
    ("_nstarts_with", "x", 'does not start with "x"'),
    ("_istarts_with", "x", 'starts with "x" in any case'),
    ("_nistarts_with", "x", 'does not start with "x" in any case'),
    ("_ends_with", "x", 'ends with "x"'),
    ("_nends_with", "x", 'does not end with "x"'),
    ("_iends_with", "x", 'ends with "x" in any case'),
    ("_niends_with", "x", 'does not end with "x" in any case'),
    ("_between", (5, 6), "is between 5 and 6"),
    ("_nbetween", (5, 6), "is not between 5 and 6"),
    ("_intersects", "x", '_intersects "x"'),
    ("_lt", DynamicVariable("$NOW"), "is before now"),
    ("_lte", DynamicVariable("$NOW(-2 weeks)"), "is not after 2 weeks ago"),
    ("_gt", DynamicVariable("$NOW(+1 day)"), "is after 1 day from now"),
    ("_gte", DynamicVariable("$NOW(1 day)"), "is not before 1 day from now"),
    ("_eq", DynamicVariable("$NOW"), "is now"),
    ("_eq", DynamicVariable("$CURRENT_ROLE"), "is the role of the current user"),
    ("_in", DynamicVariable("$CURRENT_POLICIES"), "is one of the policies of the current user"),
]


@each_case(("operator", "operand", "words"), OPERATORS)
def test_every_operator_has_words(operator: str, operand: Any, words: str) -> None:
    assert rule_words(Condition(("a", "id"), operator, operand)) == f"a {words}"


def test_lists_and_texts_are_cut_where_they_are_too_long() -> None:
    twelve, text = tuple(range(MOST_BRANCHES)), "x" * (LONGEST - 2)
    shown = ", ".join(map(str, twelve[:-1]))
    assert rule_words(Condition(("a",), "_in", twelve)) == f"a is one of {shown} or 11"
    assert rule_words(Condition(("a",), "_in", (*twelve, 12))) == f"a is one of {shown}, 11 or 1 more"
    assert rule_words(Condition(("a",), "_in", ())) == "a is one of nothing"
    assert rule_words(Condition(("a",), "_eq", text)) == f'a is "{text}"'
    assert rule_words(Condition(("a",), "_eq", f"{text}é")) == f'a is "{text}é…'
    assert rule_words(Condition(("a",), "_eq", "é")) == 'a is "é"'


def test_what_may_be_shown_depends_on_the_field() -> None:
    def masked(name: str, value: Any) -> Any:
        return f"({name})"

    assert rule_words(Condition(("author", "token"), "_eq", "x"), masked) == 'author.token is "(token)"'
    assert rule_words(Condition(("secret", "_some"), "_eq", "x"), masked) == 'secret._some is "(secret)"'
    assert rule_words(Condition(("_",), "_eq", "x"), masked) == '_ is "()"'


def test_members_of_what_is_no_variable_are_shown_as_they_are() -> None:
    assert (
        rule_words(Condition(("a",), "_eq", DynamicVariable("$CURRENT_USER.team.id")))
        == "a is the team.id of the current user"
    )
    assert rule_words(Condition(("a",), "_eq", DynamicVariable("$OTHER.team"))) == "a is $OTHER.team"
