"""The rule algebra: the questions checks ask, and implication against brute force."""

from __future__ import annotations

import os
import time
from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from directus_guard.directus.access.evaluation import evaluate
from directus_guard.directus.access.filters import EVERYTHING, NOTHING, merged, to_json
from directus_guard.directus.access.implication import example, implies
from directus_guard.directus.access.item_rules import any_of, parse, rule_of_row
from directus_guard.directus.access.rules import (
    confined_to_current_user,
    fixes,
    matches_everything,
    matches_nothing,
    surely_reaches_others,
)
from directus_guard.directus.access.values import among, equal
from directus_guard.directus.tri import Tri
from tests.support import generate_rules
from tests.support.cost import grows_linearly, lines_run
from tests.support.each import each_case
from tests.support.generate_rules import effective
from tests.support.sampling import EVERY_CASE

PAIRS = int(os.environ.get("RULE_PAIRS", "20400" if EVERY_CASE else "6800"))
ITEMS = 6
YES, NO, UNKNOWN = Tri.YES, Tri.NO, Tri.UNKNOWN
ME = {"_eq": "$CURRENT_USER"}


def answer(a: Any, b: Any) -> Tri:
    return implies(effective(a), effective(b)).answer


@each_case(
    ("a", "b", "expected"),
    [
        ({}, {"status": {"_eq": "published"}}, NO),
        ({"status": {"_eq": "published"}}, {}, YES),
        ({"status": {"_eq": "a"}}, {"status": {"_in": ["a", "b"]}}, YES),
        ({"status": {"_in": ["a", "b"]}}, {"status": {"_eq": "a"}}, NO),
        ({"status": {"_neq": "a"}}, {"status": {"_nnull": True}}, YES),
        ({"status": {"_nin": ["a", "b"]}}, {"status": {"_neq": "a"}}, YES),
        ({"_or": [{"status": {"_eq": "a"}}, {"status": {"_neq": "a"}}]}, {"status": {"_nnull": True}}, YES),
        ({"status": {"_nnull": True}}, {"_or": [{"status": {"_eq": "a"}}, {"status": {"_neq": "a"}}]}, YES),
        ({"score": {"_gt": 3}}, {"score": {"_gte": 3}}, YES),
        ({"score": {"_gte": 3}}, {"score": {"_gt": 3}}, NO),
        ({"score": {"_between": [1, 4]}}, {"score": {"_lte": 4}}, YES),
        ({"_and": [{"score": {"_gt": 5}}, {"score": {"_lt": 3}}]}, {"title": {"_eq": "x"}}, YES),
        ({"title": {"_starts_with": "abc"}}, {"title": {"_starts_with": "ab"}}, YES),
        ({"title": {"_starts_with": "abc"}}, {"title": {"_contains": "bc"}}, YES),
        ({"title": {"_contains": "abc"}}, {"title": {"_starts_with": "a"}}, NO),
        ({"title": {"_icontains": "A"}}, {"title": {"_contains": "a"}}, NO),
        ({"title": {"_contains": "a"}}, {"title": {"_icontains": "A"}}, YES),
        ({"title": {"_contains": "%"}}, {"title": {"_nnull": True}}, YES),
        ({"title": {"_nnull": True}}, {"title": {"_contains": "%"}}, YES),
        ({"owner": ME}, {"owner": {"_nnull": True}}, YES),
        ({"owner": ME}, {"owner": {"_neq": "u1"}}, NO),
        ({"owner": {"_eq": "$CURRENT_USER.boss"}}, {"owner": {"_nnull": True}}, NO),
        ({"date": {"_lt": "$NOW(-1 day)"}}, {"date": {"_lt": "$NOW"}}, YES),
        ({"date": {"_lt": "$NOW"}}, {"date": {"_lt": "$NOW(-1 day)"}}, NO),
        ({"tags": {"_some": {"name": {"_eq": "a"}}}}, {"tags": {"_some": {"name": {"_nnull": True}}}}, YES),
        ({"tags": {"_none": {"name": {"_nnull": True}}}}, {"tags": {"_none": {"name": {"_eq": "a"}}}}, YES),
        ({"tags": {"_some": {"name": {"_eq": "a"}}}}, {"tags": {"_none": {"name": {"_eq": "b"}}}}, NO),
        ({"author": {"team": {"_eq": 1}}}, {"author": {"_nnull": True}}, YES),
        ({"author": {"_nnull": True}}, {"author": {"team": {"_eq": 1}}}, NO),
        ({"shape": {"_intersects": "x"}}, {"shape": {"_intersects": "x"}}, YES),
        ({"shape": {"_intersects": "x"}}, {"shape": {"_intersects": "y"}}, UNKNOWN),
        ({"shape": {"_intersects": "x"}}, {"_or": [{"shape": {"_intersects": "x"}}, {"a": {"_eq": 1}}]}, YES),
    ],
)
def test_implication(a: Any, b: Any, expected: Tri) -> None:
    assert answer(a, b) is expected


def test_a_no_comes_with_an_item_that_only_the_first_rule_lets_through() -> None:
    head, base = effective({"status": {"_in": ["draft", "published"]}}), effective({"status": {"_eq": "published"}})
    implication = implies(head, base)
    assert implication.answer is NO
    assert example(implication) == {"status": "draft"}


def test_made_up_values_of_variables_are_shown_by_their_name() -> None:
    implication = implies(effective({"owner": ME}), effective({"owner": {"_eq": "u1"}}))
    assert example(implication) == {"owner": "$CURRENT_USER"}


# --- does it match everything? ---------------------------------------------------------------------------------


@each_case(
    "rule",
    [
        None,
        {},
        {"_and": []},
        {"_or": []},
        {"_and": [{}]},
        {"_and": [{"_or": []}]},
        {"_or": [{}, {"status": {"_eq": "x"}}]},
        {"id": {"_nnull": True}},
        {"id": {"_nin": []}},
        {"id": {"_null": False}},
        {"id": {"_neq": None}},
        {"id": {"_neq": "null"}},
        {"score": {"_between": [1]}},
        {"score": {"_between": [1, 2, 3]}},
        {"status": {"_nin": []}},
        {"_or": [{"status": {"_null": True}}, {"status": {"_nnull": True}}]},
        {"_or": [{"score": {"_gt": 3}}, {"score": {"_lte": 3}}, {"score": {"_null": True}}]},
        {"_json": {}},
        {"author": {}},
    ],
)
def test_these_rules_match_everything(rule: Any) -> None:
    assert matches_everything(effective(rule)) is YES


@each_case(
    "rule",
    [
        {"id": {"_in": []}},
        {"_and": [{"_or": []}, {"id": {"_eq": 99}}]},
        {"status": {"_eq": "published"}},
        {"owner": ME},
        {"id": {"_null": True}},
        {"tags": {"_some": {"name": {"_nnull": True}}}},
        {"_or": [{"_or": []}, {"status": {"_eq": "x"}}]},
        {"_or": [{"_or": [{}, {"a": {"_eq": 1}}]}, {"status": {"_eq": "x"}}]},
    ],
)
def test_these_rules_restrict(rule: Any) -> None:
    assert matches_everything(effective(rule)) is NO


@each_case("rule", [{"title": {"_contains": ""}}, {"title": {"_nnull": True}}, {"title": {"_nempty": False}}])
def test_only_the_schema_can_tell_whether_nulls_escape(rule: Any) -> None:
    restricting = effective(rule)
    if rule == {"title": {"_nempty": False}}:
        assert matches_everything(restricting) is NO
        return
    assert matches_everything(restricting) is UNKNOWN
    assert matches_everything(restricting, not_null=frozenset({"id", "title"})) is YES
    assert matches_everything(restricting, nullable=frozenset({"title"})) is NO


@each_case("rule", [{"_not": {}}, {"title": {"_regex": "x"}}, {"title": None}, {"_and": 1}, {"_or": [None]}])
def test_nobody_can_tell_what_a_refused_rule_matches(rule: Any) -> None:
    assert matches_everything(effective(rule)) is UNKNOWN
    assert not evaluate(effective(rule), {"id": 1, "title": "x"}, generate_rules.context(Random(1)))


def test_some_over_a_group_is_skipped_since_11_but_not_on_10() -> None:
    rule = {"tags": {"_some": {"_and": [{"name": {"_eq": "a"}}]}}}
    assert parse(rule, major=11) is None
    assert matches_everything(effective(rule, 10)) is NO
    assert parse({"tags": {"_some": {"score": {"_gt": 1, "_lt": 3}}}}, major=12) is None


# --- is it confined to the current user? -----------------------------------------------------------------------


@each_case(
    ("rule", "fields"),
    [
        ({"owner": ME}, (("owner",),)),
        ({"owner": {"_in": ["$CURRENT_USER"]}}, (("owner",),)),
        ({"owner": {"_eq": "$CURRENT_USER.id"}}, (("owner",),)),
        ({"owner": {"id": ME}}, (("owner", "id"),)),
        ({"_and": [{"owner": ME}, {"status": {"_eq": "x"}}]}, (("owner",),)),
        ({"_or": [{"owner": ME}, {"editor": ME}]}, (("editor",), ("owner",))),
        (
            {"_or": [{"_and": [{"owner": ME}, {"a": {"_eq": 1}}]}, {"_and": [{"owner": ME}, {"a": {"_eq": 2}}]}]},
            (("owner",),),
        ),
        ({"_and": [{"_or": [{"owner": ME}, {"a": {"_eq": 1}}]}, {"a": {"_neq": 1}}]}, (("owner",),)),
    ],
)
def test_confined(rule: Any, fields: Any) -> None:
    confinement = confined_to_current_user(effective(rule))
    assert (confinement.answer, confinement.fields) == (YES, fields)


@each_case(
    "rule",
    [
        {},
        {"_or": [{"owner": ME}, {"status": {"_eq": "x"}}]},
        {"owner": {"_neq": "$CURRENT_USER"}},
        {"owner": {"_in": ["$CURRENT_USER", "u1"]}},
        {"team": {"_eq": "$CURRENT_USER.team"}},
        {"role": {"_eq": "$CURRENT_ROLE"}},
        {"_or": [{"owner": ME}, {}]},
    ],
)
def test_not_confined(rule: Any) -> None:
    assert confined_to_current_user(effective(rule)).answer is NO


def test_nothing_is_confined_for_the_public_to_whom_the_variable_is_null() -> None:
    """Measured: public rule `author _eq $CURRENT_USER` serves the items without author."""
    rule = effective({"author": ME})
    assert confined_to_current_user(rule, anonymous=True).answer is NO
    nobody = generate_rules.context(Random(1)).__class__(user=None)
    assert evaluate(rule, {"id": 1, "author": None}, nobody)
    assert not evaluate(rule, {"id": 1, "author": "u1"}, nobody)


# --- is a field fixed? -----------------------------------------------------------------------------------------


@each_case(
    ("rule", "values"),
    [
        ({"status": {"_eq": "a"}}, ("a",)),
        ({"_and": [{"status": {"_in": ["a", "b", "c"]}}, {"status": {"_neq": "b"}}]}, ("a", "c")),
        ({"_or": [{"status": {"_eq": "a"}}, {"_and": [{"status": {"_eq": "b"}}, {"x": {"_gt": 1}}]}]}, ("a", "b")),
        ({"status": {"_null": True}}, (None,)),
        ({"_or": [{"status": {"_null": True}}, {"status": {"_eq": "a"}}]}, ("a", None)),
    ],
)
def test_fixed(rule: Any, values: Any) -> None:
    fixed = fixes(effective(rule), ("status",))
    assert (fixed.answer, fixed.values) == (YES, values)


@each_case("rule", [{}, {"status": {"_neq": "a"}}, {"_or": [{"status": {"_eq": "a"}}, {"x": {"_eq": 1}}]}])
def test_not_fixed(rule: Any) -> None:
    assert fixes(effective(rule), ("status",)).answer is NO


# --- against brute force ---------------------------------------------------------------------------------------

SEEDS = st.integers(min_value=0, max_value=2**48)
ROUNDS = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, database=None
)


@pytest.mark.thorough
def test_implication_agrees_with_brute_force() -> None:
    """0 wrong answers over 6,800 pairs of rules, 20,400 with `make every` (`RULE_PAIRS`; with `HYPOTHESIS_PROFILE=fuzz` other
    ones), at most 5 % without one. A NO is confirmed by its own item, a YES is tried on generated ones."""
    told: Counter[Tri] = Counter()
    first_seed = time.time_ns() if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 0
    for seed in range(first_seed, first_seed + PAIRS):
        random = Random(seed)
        a = generate_rules.rule(random)
        b = generate_rules.variation(random, a) if random.random() < 0.6 else generate_rules.rule(random)
        first, second = effective(a), effective(b)
        implication = implies(first, second)
        told[implication.answer] += 1
        if implication.answer is NO:
            assert implication.item is not None
            assert implication.context is not None
            assert evaluate(first, implication.item, implication.context), (seed, a, b)
            assert not evaluate(second, implication.item, implication.context), (seed, a, b)
        elif implication.answer is YES:
            for _ in range(ITEMS):
                item, context = generate_rules.item(random), generate_rules.context(random)
                if evaluate(first, item, context):
                    assert evaluate(second, item, context), (seed, a, b, item, context)
    print(f"{told.total()} pairs: " + ", ".join(f"{count} {answer.value}" for answer, count in told.most_common()))
    assert told[UNKNOWN] <= 0.05 * told.total(), told
    assert told[YES] > 0.2 * told.total(), told
    assert told[NO] > 0.2 * told.total(), told


@pytest.mark.thorough
@ROUNDS
@given(SEEDS)
def test_order_and_a_round_through_json_change_nothing(seed: int) -> None:
    random = Random(seed)
    rule = generate_rules.rule(random)
    normal = effective(rule)
    assert effective(_shuffled(random, rule)) == normal
    assert effective(to_json(normal)) == normal


def _shuffled(random: Random, node: Any) -> Any:
    if isinstance(node, list):
        branches = [_shuffled(random, branch) for branch in node]
        return random.sample(branches, len(branches)) if node and isinstance(node[0], dict) else branches
    if isinstance(node, dict) and not any(key.startswith("_") and key not in ("_and", "_or") for key in node):
        return dict(random.sample([(key, _shuffled(random, value)) for key, value in node.items()], len(node)))
    return node


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["$CURRENT_USER", "$NOW(", "null"]),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["_and", "_or", "_some", "_none", "_in", "_eq", "_json", "_between", "_null", "a", "b(", "_x"]
            )
            | st.text(max_size=3),
            children,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@pytest.mark.thorough
@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(JSON, JSON)
def test_no_json_makes_it_raise(a: Any, b: Any) -> None:
    first, second = effective(a), effective(b)
    implies(first, second)
    matches_everything(first)
    confined_to_current_user(first)
    fixes(first, ("a",))
    to_json(any_of([rule_of_row(a, major=12), rule_of_row(b, major=12)]))
    evaluate(first, {"a": 1}, generate_rules.context(Random(0)))


def hostile_rules() -> None:
    deep: Any = {"a": {"_eq": 1}}
    for _ in range(5000):
        deep = {"_and": [deep]}
    assert matches_everything(effective(deep)) is UNKNOWN
    wide = {"_or": [{f"f{n}": {"_eq": n}, f"g{n}": {"_neq": n}} for n in range(300)]}
    assert implies(effective(wide), effective({"z": {"_eq": 1}})).answer is NO
    texts = {"_and": [{"title": {"_contains": "ab%" * 20 + str(n)}} for n in range(20)]}
    implies(effective(texts), effective({"title": {"_contains": "zz" * 50}}))
    assert evaluate(effective({"t": {"_contains": "%a" * 50}}), {"t": "a" * 5000}, generate_rules.context(Random(0)))


@pytest.mark.thorough
def test_hostile_rules_end_soon() -> None:
    """Without the limits on steps it is billions of lines."""
    assert lines_run(hostile_rules) < 30_000_000


def decide_rules_of(number: int) -> None:
    """Ask every question about rules of so many fields."""
    fields = range(number)
    every = effective({"_and": [{f"f{n}": {"_eq": n}} for n in fields]})
    some = effective({"_or": [{f"f{n}": {"_eq": n}} for n in fields]})
    assert matches_everything(every) is NO
    assert matches_everything(some) is NO
    assert implies(every, some).answer is YES
    assert implies(some, every).answer is NO
    mine = {"_or": [{f"f{n}": ME} for n in fields]}
    assert confined_to_current_user(effective(mine)).answer is not UNKNOWN
    assert confined_to_current_user(effective({"_and": [{"a": ME}, mine]})).answer is YES
    assert confined_to_current_user(effective({"_or": [{"z": {"_eq": 1}}, mine]})).answer is NO


@pytest.mark.thorough
def test_rules_of_thousands_of_fields_are_decided() -> None:
    """The work for each step does not grow with the rule, so that all steps can be afforded."""
    decide_rules_of(3000)
    assert grows_linearly(lambda number: lambda: decide_rules_of(number), 200)


SCALARS = st.sampled_from(
    [True, False, 0, 1, 2, 1.0, "1", "1.0", "", "a", "A", "true", "2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00"]
)  # fmt: skip


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(st.lists(SCALARS, max_size=6), st.none() | SCALARS)
def test_a_value_is_among_many_as_it_equals_one(many: list[Any], value: Any) -> None:
    assert among(many)(value) == any(equal(value, one) for one in many)


@pytest.mark.thorough
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    st.recursive(
        st.builds(
            lambda field, operator, value: {field: {operator: value}},
            st.sampled_from(["a", "b"]),
            st.sampled_from(["_eq", "_neq", "_in", "_nin", "_null", "_contains"]),
            SCALARS | st.lists(SCALARS, max_size=3) | st.just("$CURRENT_USER") | st.none(),
        ),
        lambda below: st.builds(lambda key, items: {key: items}, st.sampled_from(["_and", "_or"]), st.lists(below, max_size=4)),
        max_leaves=8,
    ),
    st.fixed_dictionaries({}, optional={"a": st.none() | SCALARS, "b": st.none() | SCALARS}),
)  # fmt: skip
def test_a_merged_rule_matches_the_same_items(rule: Any, item: dict[str, Any]) -> None:
    asker = generate_rules.context(Random(0))
    assert evaluate(merged(effective(rule)), item, asker) == evaluate(effective(rule), item, asker)


def test_many_values_are_one_condition() -> None:
    wanted = [f"r{number}" for number in range(3_000)]
    for rule in ({"_or": [{"role": {"_eq": one}} for one in wanted]}, {"role": {"_in": wanted}}):
        assert implies(effective({"role": {"_eq": "r7"}}), effective(rule)).answer is YES
        assert implies(effective(rule), effective({"role": {"_neq": "x"}})).answer is YES
        assert implies(effective(rule), effective({"role": {"_eq": "r7"}})).answer is NO
        assert fixes(effective(rule), ("role",)).answer is YES
    for rule in ({"_and": [{"role": {"_neq": one}} for one in wanted]}, {"role": {"_nin": wanted}}):
        assert matches_everything(effective(rule)) is NO
        assert implies(effective({"role": {"_eq": "x"}}), effective(rule)).answer is YES
    paths = {"_and": [{f"f{number}": {"_neq": number}} for number in range(3_000)]}
    assert implies(effective(paths), effective(paths)).answer is YES
    matches_everything(effective(paths))


def test_nothing_implies_everything() -> None:
    assert implies(NOTHING, effective({"a": {"_eq": 1}})).answer is YES
    assert implies(EVERYTHING, NOTHING).answer is NO


# --- does it match nothing? ------------------------------------------------------------------------------------


@each_case(
    "rule",
    [
        {"id": {"_null": True}},
        {"_and": [{"id": {"_null": True}}]},
        {"id": {"_null": "anything"}},
        {"id": {"_nnull": False}},
        {"id": {"_eq": None}},
        {"id": {"_eq": "null"}},
        {"id": {"_in": []}},
        {"status": {"_in": []}},
        {"status": {"_in": [None]}},
        {"_or": [{"id": {"_null": True}}, {"status": {"_in": []}}]},
        {"_and": [{"status": {"_eq": "a"}}, {"status": {"_eq": "b"}}]},
        {"status": {"_eq": "a", "_neq": "a"}},
        {"_and": [{"status": {"_in": ["a", "b"]}}, {"status": {"_nin": ["a", "b", "c"]}}]},
        {"_and": [{"status": {"_starts_with": "a"}}, {"status": {"_eq": "b"}}]},
        {"_and": [{"score": {"_gt": 5}}, {"score": {"_lt": 3}}]},
        {"score": {"_between": [5, 1]}},
        {"_and": [{"date": {"_gt": "$NOW"}}, {"date": {"_lt": "$NOW(-1 day)"}}]},
        {"_and": [{"owner": ME}, {"owner": {"_null": True}}]},
        {"tags": {"_some": {"id": {"_null": True}}}},
        {"_and": [{"tags": {"_some": {"title": {"_eq": "a"}}}}, {"tags": {"_none": {"title": {"_eq": "a"}}}}]},
        {"_and": [{"_or": [{"status": {"_eq": "a"}}, {"status": {"_eq": "b"}}]}, {"status": {"_eq": "c"}}]},
    ],
)
def test_these_rules_match_nothing(rule: Any) -> None:
    assert matches_nothing(effective(rule)) is YES


@each_case(
    "rule",
    [
        {},
        {"_and": []},
        {"_or": []},
        {"id": {"_nin": []}},
        {"status": {"_null": True}},
        {"status": {"_eq": "a"}},
        {"id": ME},
        {"_and": [{"owner": ME}, {"status": {"_eq": "a"}}]},
        {"author": {"id": {"_null": True}}},
        {"_or": [{"id": {"_null": True}}, {"status": {"_eq": "a"}}]},
        {"_and": [{"score": {"_gt": 3}}, {"score": {"_lt": 5}}]},
        {"_and": [{"owner": ME}, {"owner": {"_eq": "$CURRENT_USER.boss"}}]},
        {"tags": {"_none": {"id": {"_null": True}}}},
    ],
)
def test_these_rules_match_something(rule: Any) -> None:
    assert matches_nothing(effective(rule)) is NO


@each_case(
    "rule",
    [
        {"_and": [{"status": {"_eq": "a"}}, {"status": {"_eq": "A"}}]},
        {"_and": [{"status": {"_eq": "é"}}, {"status": {"_eq": "e "}}]},
        {"_and": [{"code": {"_eq": "1"}}, {"code": {"_eq": "01"}}]},
        {"_and": [{"shape": {"_intersects": "x"}}, {"status": {"_eq": "a"}}]},
    ],
)
def test_what_some_database_or_nobody_knows_is_not_called_empty(rule: Any) -> None:
    assert matches_nothing(effective(rule)) is UNKNOWN


def test_for_visitors_variables_are_null() -> None:
    mine, ours = effective({"id": ME}), effective({"id": {"_in": "$CURRENT_ROLES"}})
    assert matches_nothing(mine) is NO
    assert matches_nothing(mine, anonymous=True) is YES
    assert matches_nothing(ours, anonymous=True) is YES
    assert matches_nothing(effective({"owner": ME}), anonymous=True) is NO


def test_only_the_schema_tells_which_field_is_never_null() -> None:
    rule = effective({"code": {"_null": True}})
    assert matches_nothing(rule) is NO
    assert matches_nothing(rule, not_null=frozenset({"code"})) is YES
    assert matches_nothing(effective({"id": {"_null": True}}), not_null=frozenset({"code"})) is NO


@pytest.mark.thorough
def test_the_quick_looks_agree_with_the_search() -> None:
    """Common rules are answered without a search; what is answered is what the search finds."""
    mine = effective({"id": {"_eq": "$CURRENT_USER"}})
    told: Counter[str] = Counter()
    for seed in range(PAIRS // 5):
        rule = effective(generate_rules.rule(Random(seed), 2))
        if matches_everything(rule) is NO:
            told["restricts"] += 1
            assert implies(EVERYTHING, rule).answer is NO, seed
        if surely_reaches_others(rule):
            told["others"] += 1
            assert implies(rule, mine).answer is NO, seed
        if confined_to_current_user(rule).answer is NO:
            told["not confined"] += 1
            assert implies(rule, NOTHING).answer is NO, seed
    assert min(told.values()) > 50, told


@pytest.mark.thorough
@pytest.mark.parametrize("major", [10, 11, 12])
def test_matching_nothing_agrees_with_brute_force(major: int) -> None:
    """A YES is tried on generated items; a rule that meets one of them is never called empty. The quick look and the search
    agree."""
    told: Counter[Tri] = Counter()
    for seed in range(PAIRS // 10):
        random = Random(seed)
        one = generate_rules.rule(random)
        rule = {"_and": [one, generate_rules.rule(random, 2)]} if random.random() < 0.6 else one
        parsed = effective(rule, major=major)
        answer_ = matches_nothing(parsed)
        told[answer_] += 1
        searched = implies(parsed, NOTHING)
        if answer_ is NO:
            assert searched.answer is NO, (seed, rule)
            assert searched.item is not None
            assert searched.context is not None
            assert evaluate(parsed, searched.item, searched.context), (seed, rule)
        elif answer_ is YES:
            for _ in range(ITEMS * 5):
                item, context = generate_rules.item(random), generate_rules.context(random)
                assert not evaluate(parsed, item, context), (seed, rule, item, context)
    assert told[YES] > 0.03 * told.total(), told
    assert told[UNKNOWN] < 0.05 * told.total(), told
