"""Rules that are hard to compare: the answer is right, or that nobody can tell."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from directus_guard.directus.access import cells, counterexample, like_automaton
from directus_guard.directus.access.evaluation import evaluate
from directus_guard.directus.access.filters import NOTHING
from directus_guard.directus.access.implication import example, implies
from directus_guard.directus.access.rules import fixes, matches_everything, matches_nothing
from directus_guard.directus.tri import Tri
from tests.support.generate_rules import effective

YES, NO, UNKNOWN = Tri.YES, Tri.NO, Tri.UNKNOWN
ROLES = "$CURRENT_ROLES"


def together(*rules: Any) -> Any:
    return {"_and": list(rules)}


def either(*rules: Any) -> Any:
    return {"_or": list(rules)}


# --- too much to be looked at ----------------------------------------------------------------------------------------


def test_a_search_of_too_many_steps_ends_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five fields, four values, no two alike: no item is like that, but finding out takes all their orders."""
    fields = [{f"p{n}": {"_in": list(range(4))}} for n in range(5)]
    apart = [
        either({f"p{one}": {"_neq": value}}, {f"p{other}": {"_neq": value}})
        for one, other in combinations(range(5), 2)
        for value in range(4)
    ]
    rule = effective(together(*fields, *apart))
    assert matches_nothing(rule) is YES
    monkeypatch.setattr(counterexample, "MAX_STEPS", 50)
    assert matches_nothing(rule) is UNKNOWN


def test_very_many_comparisons_of_one_field() -> None:
    many = either(*({"score": {"_between": [n, n + 0.5]}} for n in range(300)))
    assert implies(effective(many), effective({"score": {"_gte": 0}})).answer is UNKNOWN


def test_many_conditions_on_related_rows() -> None:
    some = [{"tags": {"_some": {"name": {"_eq": name}}}} for name in "abcde"]
    assert matches_nothing(effective(together(*some[:4]))) is NO
    assert matches_nothing(effective(together(*some))) is UNKNOWN


def test_very_many_dates_beside_now() -> None:
    dates = [{"date": {"_eq": f"2024-{month:02}-{day:02}"}} for month in range(1, 12) for day in (1, 9, 20)]
    assert matches_nothing(effective(either({"date": {"_eq": "$NOW"}}, *dates))) is NO
    assert (
        implies(effective(either({"date": {"_gt": "$NOW"}}, *dates)), effective({"date": {"_nnull": True}})).answer
        is UNKNOWN
    )


def test_patterns_of_too_much_work_end_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, some = (
        effective(together(*({"title": {"_contains": f"{n}%a"}} for n in range(3)))),
        effective({"title": {"_nnull": True}}),
    )
    assert implies(texts, some).answer is YES
    like_automaton.samples.cache_clear()
    monkeypatch.setattr(like_automaton, "MAX_WORK", 500)
    assert implies(texts, some).answer is UNKNOWN
    like_automaton.samples.cache_clear()


# --- lists of variables ----------------------------------------------------------------------------------------------


def test_a_list_may_hold_some_of_many_values() -> None:
    """Of four roles just two: neither one of them nor all of them."""
    held = [together({f"f{name}": {"_eq": name}}, {f"f{name}": {"_in": ROLES}}) for name in "ab"]
    not_held = [together({f"f{name}": {"_eq": name}}, {f"f{name}": {"_nin": ROLES}}) for name in "cd"]
    rule = effective(together(*held, *not_held))
    assert matches_nothing(rule) is NO
    found = implies(rule, effective({"fa": {"_neq": "a"}}))
    assert found.item is not None
    assert found.context is not None
    assert evaluate(rule, found.item, found.context)


def test_many_values_and_one_look_into_the_list() -> None:
    names = [f"r{n}" for n in range(20)]
    rule = effective(together({"role": {"_in": names}}, {"role": {"_in": ROLES}}))
    assert implies(rule, effective({"role": {"_in": names}})).answer is YES
    assert implies(rule, effective({"role": {"_eq": "r1"}})).answer is NO


def test_too_many_lists_are_not_all_tried() -> None:
    names = [f"r{n}" for n in range(200)]
    assert (
        implies(
            effective(together({"role": {"_in": names}}, {"role": {"_in": ROLES}})),
            effective({"role": {"_nnull": True}}),
        ).answer
        is UNKNOWN
    )


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["9999-12-31T23:59:59", "0001-01-01"])
def test_where_the_calendar_ends_nobody_can_tell(day: str) -> None:
    later, earlier = effective({"date": {"_gt": day}}), effective({"date": {"_lt": day}})
    assert {implies(rule, NOTHING).answer for rule in (later, earlier)} == {NO, UNKNOWN}
    beside = effective({"date": {"_in": [day, "$NOW(-1 year)", "$NOW(+1 year)"]}})
    assert matches_nothing(beside) is NO
    assert implies(beside, effective({"date": {"_gt": "1999-01-01"}})).answer is not YES


def test_text_that_is_also_compared_by_value() -> None:
    """`5` is also spelled `05`: what a text column holds is not told by its value."""
    assert matches_nothing(effective(together({"code": {"_contains": "a"}}, {"code": {"_eq": 5}}))) is UNKNOWN
    for operator, operand in (("_neq", 5), ("_nin", [5, 6])):
        other = {"code": {operator: operand}}
        assert implies(effective({"code": {"_starts_with": "a"}}), effective(other)).answer is UNKNOWN, operator
    within = {"code": {"_in": [5, 6]}}
    assert implies(effective(within), effective({"code": {"_ncontains": "a"}})).answer is UNKNOWN
    date = "2024-01-01"
    assert (
        matches_nothing(effective(together({"day": {"_starts_with": date}}, {"day": {"_nstarts_with": date}}))) is YES
    )


def test_texts_in_their_order() -> None:
    between = effective(together({"title": {"_gt": "a"}}, {"title": {"_lt": "b"}}))
    assert implies(between, effective({"title": {"_lte": "b"}})).answer is YES
    assert implies(between, effective({"title": {"_lt": "a"}})).answer is NO
    assert implies(effective(together({"title": {"_gt": "b"}}, {"title": {"_lt": "a"}})), NOTHING).answer is YES
    # Of numbers beside text each database has an order of its own.
    assert implies(effective(together({"title": {"_gt": 5}}, {"title": {"_lt": "a"}})), NOTHING).answer is not YES


def test_text_that_holds_every_digit() -> None:
    digits = {"code": {"_contains": "0123456789"}}
    found = implies(effective(digits), effective({"code": {"_eq": "0123456789"}}))
    assert found.answer is NO
    assert found.item is not None
    assert "0123456789" in str(found.item["code"])


def test_an_empty_field_is_null_or_empty() -> None:
    assert fixes(effective({"status": {"_empty": True}}), ("status",)).values == ("", None)
    assert fixes(
        effective(together({"status": {"_empty": True}}, {"status": {"_nnull": True}})), ("status",)
    ).values == ("",)


def test_what_holds_whatever_a_value_is() -> None:
    """Not every value is tried here, but every combination of what the conditions say of one."""
    late, named = {"title": {"_gt": "m"}}, {"title": {"_contains": "b"}}
    rule = effective(either(together(late, named), together({"title": {"_lt": "c"}}, named, {"id": {"_eq": 1}})))
    assert implies(rule, effective(either(named, {"n": {"_eq": 1}}))).answer is YES


# --- relations and JSON ----------------------------------------------------------------------------------------------


def test_below_a_relation_that_leads_nowhere_all_is_null() -> None:
    nowhere = {"author": {"_null": True}}
    found = implies(effective(together(nowhere, {"author": {"team": {"_null": True}}})), effective({"id": {"_eq": 7}}))
    assert found.item == {"author": None, "id": 8}
    assert matches_nothing(effective(together(nowhere, {"author": {"team": {"_eq": 1}}}))) is YES


def test_a_key_that_is_compared_bare_and_below_the_relation() -> None:
    bare, below = {"author": {"_eq": "u1"}}, {"author": {"id": {"_eq": "u1"}}}
    assert matches_nothing(effective(together(bare, below))) is NO
    assert matches_nothing(effective(together(bare, {"author": {"id": {"_eq": "u2"}}}))) is not NO
    assert matches_nothing(effective(together(bare, {"author": {"name": {"_eq": "Ann"}}}))) is NO


def test_related_rows_that_are_counted_in_two_ways() -> None:
    """Whether the row of a path and the row of `_some` may be two is not looked into."""
    rule = together({"tags": {"_some": {"name": {"_eq": "a"}}}}, {"tags": {"name": {"_eq": "b"}}})
    assert matches_nothing(effective(rule)) is UNKNOWN


def test_paths_into_json() -> None:
    red = {"meta": {"_json": {"look.color": {"_eq": "red"}}}}
    found = implies(effective(red), effective({"id": {"_eq": 7}}))
    assert found.item == {"id": 8, "meta": {"look": {"color": "red"}}}
    first = effective({"meta": {"_json": {"sizes[0]": {"_eq": 7}}}})
    assert implies(first, effective({"id": {"_eq": 7}})).answer is UNKNOWN  # lists are not made up


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_a_made_up_value_below_a_relation_is_shown_by_its_name() -> None:
    found = implies(effective({"author": {"boss": {"_eq": "$CURRENT_USER"}}}), effective({"id": {"_eq": 7}}))
    assert example(found) == {"author": {"boss": "$CURRENT_USER"}, "id": 8}


def test_what_directus_refuses_is_not_called_empty_in_a_group() -> None:
    rule = together({"shape": {"_intersects": "x"}}, {"status": {"_eq": "a"}}, {"status": {"_eq": "b"}})
    assert matches_nothing(effective(rule)) is YES
    assert matches_everything(effective(rule)) is NO


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        # A whole number where there is one, as fields hold them more often.
        ([1.0, 4.0], [2, 0, 5]),
        ([1.0, 2.0], [1.5, 0, 3]),
        ([1.5, 1.75], [1.625, 0.5, 2.75]),
        ([-2.0, 0.0, 0.5], [-1, 0.25, -3, 1.5]),
        ([3.0], [2, 4]),
        # From 2**53 on the next whole number is written like this one.
        ([2.0**53 - 1, 2.0**53 + 2], [2**53, 2**53 - 2, 2**53 + 4]),
        ([2.0**53, 2.0**53 + 4], [2**53 + 2, 2**53 - 1, 2**53 + 4]),
    ],
)
def test_a_number_between_two_and_beside_them(numbers: list[float], expected: list[float]) -> None:
    assert cells._between_numbers([(0, number) for number in numbers]) == expected
