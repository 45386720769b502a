"""Values of the attacker's choice, where a validation or a preset leaves only some."""

from __future__ import annotations

from typing import Any, Final

from tests.support.each import each_case
from tests.support.worlds import ADMIN, CUSTOMER, ME, Row, World, confidence

VERSIONS: Final = ("10.13.4", "11.17.4", "12.4.1")
USERS: Final = "directus_users"
PERMISSIONS: Final = "directus_permissions"
SOMEBODY: Final = "99999999-9999-4999-8999-999999999999"
ENDS: Final = {"_ends_with": "@example.com"}


def said(*rows: Row) -> set[str]:
    return {"nothing" if confidence(World(rows), one) == "nothing" else "reported" for one in VERSIONS}


@each_case(
    ("field", "rule", "expected"),
    [
        ("email", ENDS, "reported"),
        ("email", {"_iends_with": "@Example.com"}, "reported"),
        ("email", {"_contains": "example"}, "reported"),
        ("email", {"_starts_with": "new."}, "reported"),
        ("email", {"_regex": "@example[.]com$"}, "reported"),
        ("email", {"_eq": "new@example.com"}, "reported"),
        ("email", {"_in": ["new@example.com", "old@example.com"]}, "reported"),
        ("email", {"_ncontains": "admin"}, "reported"),
        ("email", {"_null": True}, "nothing"),
        ("password", {"_starts_with": "new"}, "reported"),
    ],
)
def test_the_address_of_a_new_user_is_what_the_validation_asks_for(field: str, rule: Any, expected: str) -> None:
    assert said(Row(USERS, "create", ("email", "password", "role"), validation={field: rule})) == {expected}


@each_case(
    ("field", "rule", "expected"),
    [
        ("token", {"_starts_with": "new"}, "reported"),
        ("token", {"_eq": "new-token"}, "reported"),
        ("token", {"_null": True}, "nothing"),
        ("email", ENDS, "reported"),
        # The mailbox is not theirs.
        ("email", {"_eq": "team@example.com"}, "nothing"),
    ],
)
def test_another_account_is_taken_over_with_what_the_validation_asks_for(field: str, rule: Any, expected: str) -> None:
    assert said(Row(USERS, "update", (field,), validation={field: rule})) == {expected}


def test_a_new_role_has_the_name_that_the_validation_asks_for() -> None:
    parents = (
        Row("directus_roles", "create", ("name", "parent", "users"), validation={"name": {"_starts_with": "Team "}}),
    )
    assert confidence(World((*parents, Row(USERS, "update", ("role",), ME))), "11.17.4") != "nothing"


# --- the fields of a permission --------------------------------------------------------------------------------------


def new_permission(rule: Any = None, presets: Any = None) -> Row:
    """A permission to create permissions to update users; `presets` in place of the fields."""
    pinned: list[Any] = [{"collection": {"_eq": USERS}}, {"action": {"_eq": "update"}}]
    pinned += [{"fields": rule}] if rule else []
    sent = ("collection", "action", "policy", "role", *(() if presets else ("fields",)))
    return Row(PERMISSIONS, "create", sent, validation={"_and": pinned}, presets=presets)


@each_case(
    ("rule", "presets", "expected"),
    [
        (None, {"fields": ["role"]}, "reported"),
        (None, {"fields": "title,role"}, "reported"),
        (None, {"fields": ["title"]}, "nothing"),
        ({"_eq": "role"}, None, "reported"),
        ({"_in": ["title", "role"]}, None, "reported"),
        ({"_in": ["title", "first_name"]}, None, "nothing"),
        ({"_contains": "title"}, None, "reported"),
        ({"_starts_with": "title"}, None, "reported"),
        ({"_ncontains": "*"}, None, "reported"),
        ({"_null": True}, None, "nothing"),
    ],
)
def test_the_fields_of_a_new_permission(rule: Any, presets: Any, expected: str) -> None:
    assert said(new_permission(rule, presets and dict(presets))) == {expected}


@each_case(
    ("sent", "rule", "presets", "expected"),
    [
        ("fields", {"_eq": "role"}, None, "reported"),
        ("fields", {"_in": ["title", "role"]}, None, "reported"),
        ("fields", {"_in": ["title", "first_name"]}, None, "nothing"),
        ("fields", {"_ncontains": "*"}, None, "reported"),
        ("id", None, {"fields": ["role"]}, "reported"),
        ("id", None, {"fields": "role"}, "reported"),
        ("id", None, {"fields": ["title"]}, "nothing"),
    ],
)
def test_the_fields_of_a_changed_permission(sent: str, rule: Any, presets: Any, expected: str) -> None:
    changes = Row(
        PERMISSIONS, "update", (sent,), {"collection": {"_eq": USERS}}, {"fields": rule} if rule else None, presets
    )
    assert said(Row(USERS, "update", ("title",), ME), changes) == {expected}


@each_case(
    ("presets", "expected"),
    [
        ({"permissions": None}, "reported"),
        ({"permissions": {}}, "reported"),
        ({"permissions": {"id": {"_eq": "$CURRENT_USER"}}}, "reported"),
        ({"permissions": {"id": {"_null": True}}}, "nothing"),
        ({"validation": None}, "nothing"),
    ],
)
def test_a_preset_writes_another_item_rule(presets: Any, expected: str) -> None:
    held = Row(USERS, "update", ("role",), {"id": {"_null": True}})
    assert said(held, Row(PERMISSIONS, "update", ("id",), {"collection": {"_eq": USERS}}, None, presets)) == {expected}


@each_case(
    ("presets", "expected"),
    [
        ({"validation": None}, "reported"),
        ({"validation": {}}, "reported"),
        ({"validation": {"role": {"_eq": ADMIN}}}, "reported"),
        ({"permissions": None}, "nothing"),
    ],
)
def test_a_preset_writes_another_validation(presets: Any, expected: str) -> None:
    held = Row(USERS, "update", ("role",), ME, {"role": {"_eq": CUSTOMER}})
    assert said(held, Row(PERMISSIONS, "update", ("id",), {"collection": {"_eq": USERS}}, None, presets)) == {expected}


@each_case(
    ("name", "rule", "expected"),
    [("token", None, "reported"), ("password", None, "reported"), ("email", None, "nothing"), ("token", ME, "nothing")],
)
def test_a_preset_sets_what_signs_in(name: str, rule: Any, expected: str) -> None:
    """An account can read its presets: an empty payload sets a token that it knows."""
    assert said(Row(USERS, "update", ("first_name",), rule, presets={name: "value-of-the-preset"})) == {expected}


@each_case(
    ("rule", "expected"),
    [
        ({"user": {"_eq": SOMEBODY}}, "low"),
        ({"user": {"_starts_with": "9"}}, "not evaluated"),
        ({"user": {"_null": True}}, "nothing"),
        ({"user": {"_neq": SOMEBODY}}, "medium"),
    ],
)
def test_a_policy_may_be_given_to_one_user_who_is_not_known(rule: Any, expected: str) -> None:
    """Without users in the export that may be the attacker."""
    row = Row("directus_access", "create", ("policy", "user"), validation=rule)
    assert confidence(World((row,)), "11.17.4") == expected
