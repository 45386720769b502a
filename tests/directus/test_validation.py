"""Validation of what is sent, as 500 requests to real servers of three versions were answered."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

from directus_guard.directus.access.evaluation import QueryContext
from directus_guard.directus.access.validation import Pin, SentForm, Validations, accepts, pins
from directus_guard.directus.tri import Tri
from tests.support.each import each_case
from tests.support.recorded import TRUTH

MEASURED: Final[list[dict[str, Any]]] = [
    json.loads(line) for line in (TRUTH / "validation.jsonl").read_text(encoding="utf-8").splitlines()
]


@each_case("version", ["10.13.4", "11.17.4", "12.4.1"])
def test_what_is_sent_is_accepted_as_measured(version: str) -> None:
    context, major = QueryContext(user="U"), int(version.split(".", maxsplit=1)[0])
    wrong = [
        case for case in MEASURED if accepts(case["rule"], case["payload"], context, major=major) is not case[version]
    ]
    assert wrong == []
    assert len(MEASURED) == 500


@each_case(
    ("rule", "payload", "accepted"),
    [
        # What was sent is looked at as `@directus/utils` does (10.13.4, 11.17.4 and 12.4.1 agree).
        ({"a": 5}, {"a": 5}, True), ({"a": 5}, {"a": 6}, False), ({"a": {}}, {"a": 1}, True),
        ({"a": {"b": {"_eq": 1}}}, {"a": "x"}, False), ({"a": {"b": {"_eq": 1}}}, {"a": {}}, True), ({"a": {"_in": ["$CURRENT_ROLES", "x"]}}, {"a": "S"}, True),
        ({"_or": [{"a": {"_eq": 1}}, {}]}, {"a": 1}, True), ({"_eq": 1}, {"a": 2}, True), ({"_and": [{"_eq": 1}, {"a": {"_eq": 2}}]}, {"a": 3}, False),
        ({"year(date)": {"_eq": 2024}}, {"date": "2024-01-01"}, True), ({"year(date)": {"_eq": 2024}}, {"date": "2023-01-01"}, False),
        ({"year(date)": {"_eq": 2024}}, {"date": "nonsense"}, False), ({"year(date)": {"_neq": 2024}}, {"date": "nonsense"}, True), ({"year(date)": {"_gt": 1}}, {"date": "x"}, False),
        ({"count(tags)": {"_gt": 1}}, {"tags": [1, 2]}, True), ({"count(tags)": {"_eq": 0}}, {}, False), ({"count(tags)": {"_eq": 1}}, {"tags": "x"}, False),
        # Directus throws, and writes nothing.
        ({"a": {"_eq": ["x"]}}, {"a": "x"}, False), ("x", {"a": 1}, False), ({"_and": ["x"]}, {"a": 1}, False), ({"_and": [{}]}, {"a": 1}, False),
        ({"_or": [{}, {"a": {"_eq": 1}}]}, {"a": 1}, False), ({"_or": "x"}, {"a": 1}, False), ({"a": {"_gt": "z"}}, {"a": 1}, False), ({"a": {"_between": [1]}}, {"a": 1}, False),
        ({"year(date)": {"_nnull": True}}, {"date": 5}, False), ({"year(date)": {"_nnull": True}}, {"date": "2024-01-01"}, True), ({"year(date)": {"_nnull": True}}, {"date": ["2024-01-01"]}, False),
        ({"year(date)": {"_eq": 2024}}, {}, False), ({"year(date)": {"_eq": 2024}}, {"date": None}, False), ({"sum(date)": {"_nnull": True}}, {"date": "x"}, False),
    ],
)  # fmt: skip
def test_what_is_computed_refused_and_not_asked(rule: Any, payload: Any, accepted: bool) -> None:
    assert accepts(rule, payload, QueryContext(user="U", roles=("R", "S")), major=12) is accepted


def test_no_rule_accepts_everything() -> None:
    assert accepts(None, {"a": 1}, QueryContext(), major=12)
    assert accepts({}, {"a": 1}, QueryContext(), major=12)


@each_case(
    ("rules", "expected"),
    [
        ([{"role": {"_eq": "x"}}], Pin(Tri.YES, ("x",))),
        ([{"_or": [{"role": {"_eq": "x"}}, {"role": {"_eq": "y"}}]}], Pin(Tri.YES, ("x", "y"))),
        ([{"_or": [{"role": {"_eq": "x"}}, {"status": {"_eq": "draft"}}]}], Pin(Tri.NO)),
        ([{"_or": []}], Pin(Tri.NO)),
        ([], Pin(Tri.NO)),
        ([None, {}], Pin(Tri.NO)),
        ([{"_and": [{"role": {"_eq": "x"}}, {"role": {"_submitted": True}}]}], Pin(Tri.YES, ("x",), omittable=False)),
        # A rule that makes Directus throw lets nothing through.
        ([{"role": {"_gt": "abc"}}], Pin(Tri.YES, (), omittable=False)),
        (["x"], Pin(Tri.YES, (), omittable=False)),
    ],
)
def test_whether_a_field_is_pinned(rules: Any, expected: Pin) -> None:
    assert pins(rules, "role", major=12) == expected


@pytest.mark.parametrize(
    ("rules", "value", "relation", "expected"),
    [
        ([{"role": {"_eq": "x"}}], "x", False, SentForm(bare=True)),
        ([{"role": {"_eq": "x"}}], "y", False, None),
        ([{"role": {"_eq": "x"}}], "y", True, None),
        ([{"role": {"_neq": "x"}}], "x", False, None),
        # The key in an object is another value for the rule, and the same for Directus.
        ([{"role": {"_neq": "x"}}], "x", True, SentForm(bare=False)),
        ([{"role": {"_neq": "x"}}], "y", True, SentForm(bare=True)),
        # Patterns are not run: any text may fit.
        ([{"role": {"_regex": "^a"}}], "x", False, SentForm(bare=True, certain=False)),
        ([{"role": {"_eq": "x"}}, {"role": {"_regex": "^a"}}], "x", False, SentForm(bare=True, certain=False)),
        ([{"role": {"_eq": "x"}}, {"role": {"_regex": "^a"}}], "y", False, None),
        ([{"status": {"_regex": "^a"}}], "x", False, SentForm(bare=True)),
        # What a variable of the current user's fields holds, only the instance knows.
        ([{"role": {"_eq": "$CURRENT_USER.team"}}], "x", False, SentForm(bare=True, certain=False)),
        ([{"role": {"_in": ["a", "$CURRENT_USER.team"]}}], "x", False, SentForm(bare=True, certain=False)),
        ([{"role": {"_in": ["a", "$CURRENT_USER.known"]}}], "x", False, None),
        ([{"role": {"_in": ["x", "$CURRENT_USER.known"]}}], "x", False, SentForm(bare=True)),
        ([{"role": {"_eq": "$CURRENT_USER"}}], "U", False, SentForm(bare=True)),
        ([], "x", True, SentForm(bare=True)),
        ([{"_and": [{"a": {"_eq": "x"}}, {"role": {"_eq": "x"}}]}], "y", True, None),
        ([{"_or": [{"role": {"_eq": "x"}}, {"a": {"_eq": "x"}}]}], "y", True, SentForm(bare=True)),
        ([{"role": {"_eq": 5}}], "y", True, None),
    ],
)  # fmt: skip
def test_in_which_form_a_value_is_accepted(
    rules: Any, value: object, relation: bool, expected: SentForm | None
) -> None:
    context = QueryContext(user="U", variables={"$CURRENT_USER.known": "k"})
    assert Validations(rules, 12).sendable("role", value, context, relation=relation) == expected


def test_what_the_validations_name() -> None:
    rules: list[Any] = [{"role": {"_in": ["b", "a"]}}, {"status": {"_eq": 1}}, {}, None, {"role": {"_neq": "c"}}]
    validations = Validations(rules, 12)
    assert validations.names == ("role", "status")
    assert sorted(map(str, validations.named("role"))) == ["a", "b", "c"]
    assert validations.named("other") == ()
    assert validations.named("role", "_regex") == ()


@pytest.mark.parametrize(
    ("rule", "omittable"),
    [
        ({"role": {"_eq": "x"}}, True),
        ({"role": {"_submitted": True}}, False),
        ({"role": {"_nnull": True}}, True),
        # Nothing is asked of a related item that is not sent.
        ({"role": {"id": {"_eq": "x"}}}, True),
        ({"role": {"id": {"_submitted": True}}}, True),
        ({}, True),
    ],
)
def test_whether_a_field_may_be_left_out(rule: Any, omittable: bool) -> None:
    assert Validations([rule], 12).omittable("role", QueryContext()) is omittable


@pytest.mark.parametrize("count", [49, 50, 51])
def test_of_many_values_all_count(count: int) -> None:
    """Up to some number each is tried, and those that another rule refuses are left out."""
    names = [f"v{number:03}" for number in range(count)]
    found = pins([{"role": {"_in": names}}, {"role": {"_nin": ["v000"]}}], "role", major=12)
    # The name that the second rule refuses is one of those that are counted.
    assert found.answer is Tri.YES
    assert set(found.values) == (set(names) if count > 50 else set(names[1:]))


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        # Each of these leaves one kind of value free that no rule names.
        ({"role": {"_gt": 5}}, Tri.NO), ({"role": {"_lt": 5}}, Tri.NO), ({"role": {"_nin": ["a"]}}, Tri.NO), ({"role": {"_starts_with": "a"}}, Tri.NO),
        ({"role": {"_ends_with": "a"}}, Tri.NO), ({"role": {"_contains": "a"}}, Tri.NO), ({"_and": [{"role": {"_starts_with": "a"}}, {"role": {"_ends_with": "b"}}]}, Tri.NO),
        ({"_and": [{"role": {"_starts_with": "a"}}, {"role": {"_eq": "b"}}]}, Tri.YES),
        ({"role": {"_regex": "^a$"}}, Tri.NO), ({"role": {"_in": ["a", 5]}}, Tri.YES), ({"role": {"_null": True}}, Tri.YES),
        ({"role": {"_nempty": True}}, Tri.NO), ({"role": {"id": {"_eq": "x"}}}, Tri.NO), ({"role": {"_gt": "2030-01-01"}}, Tri.NO),
        # The key in an object, where it has to be sent.
        ({"_and": [{"role": {"id": {"_eq": "x"}}}, {"role": {"id": {"_submitted": True}}}]}, Tri.NO),
        # Only null is left, which no rule names.
        ({"_and": [{"role": {"_nin": ["a"]}}, {"role": {"_null": True}}]}, Tri.YES),
    ],
)  # fmt: skip
def test_what_is_no_named_value(rule: Any, answer: Tri) -> None:
    assert pins([rule], "role", major=12).answer is answer


_CONDITIONS = st.sampled_from([
    {"role": {"_eq": "x"}}, {"role": {"_eq": "null"}}, {"role": {"_eq": "5"}}, {"role": {"_eq": "$CURRENT_USER"}},
    {"role": {"_neq": "x"}}, {"role": {"_in": ["x", "y"]}}, {"role": {"id": {"_eq": "x"}}}, {"role": {"_eq": ["x"]}},
    {"role": {"_eq": "$CURRENT_USER.team"}}, {"name": {"_eq": "x"}}, {"role": {"_eq": 5}}, {},
])  # fmt: skip
_RULES = st.recursive(
    _CONDITIONS,
    lambda rules: st.builds(
        lambda word, branches: {word: branches}, st.sampled_from(["_and", "_or"]), st.lists(rules, max_size=3)
    ),
    max_leaves=4,
)


@given(
    rules=st.lists(_RULES, min_size=1, max_size=3),
    value=st.sampled_from(["x", "y", "U", "5", "null", "", 5, None]),
    relation=st.booleans(),
)
def test_a_value_is_sendable_where_one_of_its_forms_is_accepted(
    rules: list[dict[str, Any]], value: object, relation: bool
) -> None:
    """What is decided by a look at the rule is what the whole rule says."""
    validations, context = Validations(rules, 12), QueryContext(user="U")
    forms = [True, False] if relation else [True]
    passing = [bare for bare in forms if validations._possible({"role": value if bare else {"id": value}}, context)]
    sent = validations.sendable("role", value, context, relation=relation)
    unknown = "$CURRENT_USER.team" in json.dumps(rules)
    assert (sent is not None) is bool(passing or (unknown and sent is not None and not sent.certain))
    assert not passing or (sent is not None and sent.bare is passing[0])


@pytest.mark.parametrize(
    ("beside", "sendable"),
    [({}, True), ({"note": "y"}, False), ({"note": None}, False), ({"note": "x"}, True), ({"other": "y"}, True)],
)
def test_what_is_sent_beside_a_value(beside: dict[str, Any], *, sendable: bool) -> None:
    """Fields that whoever sends the value cannot choose."""
    validations = Validations([{"note": {"_eq": "x"}}, {"role": {"_neq": "z"}}], 11)
    assert (validations.sendable("role", "r", QueryContext(), beside=beside) is not None) is sendable
    assert validations.sendable("role", "z", QueryContext(), beside=beside) is None


@pytest.mark.parametrize(
    ("operator", "operand", "alike"),
    [("_eq", "x", True), ("_eq", "$CURRENT_USER", False), ("_in", ["x", "$CURRENT_ROLE"], False), ("_in", ["x"], True)],
)
def test_what_a_validation_says_of_everybody(operator: str, operand: Any, *, alike: bool) -> None:
    validations = Validations([{"note": {operator: operand}}], 11)
    assert validations.judges_alike("note") is alike
    assert validations.judges_alike("other")


@each_case(
    ("rule", "named", "expected"),
    [
        ({"_ends_with": "@example.com"}, False, SentForm(bare=True)),
        ({"_starts_with": "new."}, False, SentForm(bare=True)),
        ({"_and": [{"_starts_with": "a"}, {"_ends_with": "z"}]}, False, SentForm(bare=True)),
        ({"_contains": "example"}, False, SentForm(bare=True)),
        ({"_regex": "x"}, False, SentForm(bare=True, certain=False)),
        ({"_eq": "new@example.com"}, False, None),
        ({"_eq": "new@example.com"}, True, SentForm(bare=True)),
        ({"_in": ["new@example.com", ""]}, True, SentForm(bare=True)),
        ({"_null": True}, True, None),
    ],
)
def test_a_text_of_the_senders_choice(rule: Any, named: bool, expected: SentForm | None) -> None:
    parts = rule.get("_and", [rule])
    validations = Validations([{"email": one} for one in parts], 11)
    assert validations.any_text("email", QueryContext(), named=named) == expected
