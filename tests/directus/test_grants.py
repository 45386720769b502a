"""What the rows of one collection and action allow together, and what 10 merges them into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.directus.access.evaluation import QueryContext
from directus_guard.directus.access.filters import EVERYTHING, to_json
from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.principals import Principal, PrincipalKind
from directus_guard.directus.access.records import Access, Edition, Permission, Policy, Role
from directus_guard.directus.versions import NEWEST_OF, Version
from tests.support.each import each_case

if TYPE_CHECKING:
    from directus_guard.directus.access.grants import Grant

EMPTY: Any = {"_and": []}
PUBLISHED: Any = {"status": {"_eq": "published"}}
OWN: Any = {"author": {"_eq": "$CURRENT_USER"}}


def grant(action: str, *rows: dict[str, Any], major: int = 11, keyed: bool = True) -> Grant:
    """What a role has of one collection: on 10 by its own rows, later by those of a policy."""
    holder: dict[str, Any] = {"role": "r"} if major == 10 else {"policy": "p"}
    model = AccessModel(
        source="x",
        version=NEWEST_OF[major],
        edition=Edition.LICENSED,
        roles=(Role("r", "Editors"),),
        policies=() if major == 10 else (Policy("p", "Editing"),),
        access=() if major == 10 else (Access("p", role="r"),),
        permissions=tuple(
            Permission("posts", action, **({"id": number} | holder | row)) for number, row in enumerate(rows, 1)
        ),
        keyed=keyed,
    )
    return model.of(Principal(PrincipalKind.ROLE, "r")).grant("posts", action)


def entries(action: str, *rows: dict[str, Any], major: int = 11) -> list[tuple[tuple[str, ...], Any, tuple[str, ...]]]:
    found = grant(action, *rows, major=major).entries()
    return [(entry.fields, to_json(entry.rule), entry.excluded) for entry in found]


def row(rule: Any, *fields: str) -> dict[str, Any]:
    return {"permissions": rule, "fields": fields or None}


@each_case(
    ("rows", "expected"),
    [
        # An empty group opens every item alone; beside another row's rule it is not there (measured).
        ([row(EMPTY, "a")], [(("a",), {}, ())]),
        ([row(EMPTY, "a", "b"), row(PUBLISHED, "*")], [(("*",), PUBLISHED, ())]),
        ([row(EMPTY, "a", "b"), row(PUBLISHED, "b", "c")], [(("b", "c"), PUBLISHED, ()), (("a",), {}, ())]),
        ([row(EMPTY, "b"), row(PUBLISHED, "b", "c")], [(("b", "c"), PUBLISHED, ())]),
        ([row(EMPTY, "*"), row(PUBLISHED, "b")], [(("b",), PUBLISHED, ()), (("*",), {}, ("b",))]),
    ],
)
def test_a_rule_that_compiles_to_nothing(rows: Any, expected: Any) -> None:
    assert entries("read", *rows) == expected


@pytest.mark.parametrize("action", ["delete", "share"])
def test_what_asks_for_no_field_is_judged_as_a_whole(action: str) -> None:
    assert entries(action, row(EMPTY)) == [(("*",), {}, ())]
    assert entries(action, row(EMPTY), row(PUBLISHED)) == [(("*",), PUBLISHED, ())]
    assert entries(action, row(PUBLISHED, "a"), row(None)) == [(("*",), {}, ())]
    assert grant(action, row({"id": {"_in": []}})).entries()[0].level == "none"


def test_10_merges_rows_of_one_role_into_one() -> None:
    """Rules and validations by OR, fields apart from them: each field is reached on the items of any row."""
    rows = (
        row(PUBLISHED, "title", "id") | {"presets": {"status": "draft", "lang": "en"}, "validation": PUBLISHED},
        row(OWN, "id", "body") | {"presets": {"status": "new"}, "validation": OWN},
    )
    merged = grant("update", *rows, major=10)
    assert [(one.permission.fields, one.permission.presets) for one in merged.rows] == [
        (("title", "id", "body"), {"status": "new", "lang": "en"})
    ]
    assert {source.id for one in merged.rows for source in one.sources} == {1, 2}
    assert to_json(merged.items("body")) == to_json(merged.items("title")) == {"_or": [OWN, PUBLISHED]}
    context = QueryContext(user="u")
    assert merged.accepts({"body": "x"}, context)
    assert merged.rows[0].permission.validation == {"_or": [PUBLISHED, OWN]}
    later = grant("update", *rows)
    assert to_json(later.items("body")) == OWN


@each_case(("key", "keyed", "holds"), [(1, True, True), (None, True, False), (None, False, True)])
def test_a_validation_of_10_holds_unless_its_row_is_merged(key: int | None, keyed: bool, holds: bool) -> None:
    """The API leaves out the key of a row that it merged of several, one of which may have no validation."""
    found = grant("create", row(None) | {"id": key, "validation": OWN}, major=10, keyed=keyed)
    assert (found.rows[0].permission.validation == OWN) is holds


def test_a_row_of_10_without_a_rule_opens_the_others_too() -> None:
    merged = grant("read", row(PUBLISHED, "title"), row(None, "id"), major=10)
    assert merged.items("title") == EVERYTHING
    assert merged.rows[0].permission.presets is None
    assert grant("read", row(PUBLISHED), row(None), major=10).rows[0].permission.fields is None


# --- one of several rows (10) ----------------------------------------------------------------------------------------


def one_of(
    version: str, *, app: bool = False, most: int = 9, actions: tuple[str, ...] = ("read", "update", "create", "delete")
) -> list[tuple[str, ...]]:
    """The fields of each choice, where a role has two rows to read `posts` and three to update it."""
    parsed = Version.parse(version)
    assert parsed is not None
    fields = {"read": ("a", "b"), "update": ("c", "d", "e"), "create": ("f",)}
    rows = [(action, name) for action, names in fields.items() for name in names]
    permissions = tuple(
        Permission("posts", action, fields=(name,), role="editor", policy="editor", id=number)
        for number, (action, name) in enumerate(rows)
    )
    model = AccessModel(version=parsed, roles=(Role("editor", "Editor", app_access=app),), permissions=permissions)
    access = model.of_account("editor")
    keys = tuple(("posts", action) for action in actions)
    return [
        tuple(",".join(one.grant("posts", action).fields) for action in fields) for one in access.taking_one(keys, most)
    ]


def test_one_row_of_each_kind_counts() -> None:
    choices = one_of("10.13.4")
    assert choices == [(read, update, "f") for read in "ab" for update in "cde"]
    assert one_of("10.13.4", most=6) == choices
    assert one_of("10.13.4", most=5) == []
    assert one_of("10.13.4", actions=("create", "delete")) == []
    assert one_of("10.13.4", actions=("read", "create")) == [("a", "c,d,e", "f"), ("b", "c,d,e", "f")]


def test_rows_that_are_joined_are_not_chosen_among() -> None:
    assert one_of("10.13.4", app=True) == []
    assert one_of("11.17.4") == []
