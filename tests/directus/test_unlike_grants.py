"""Where two models plainly say the same, nothing is compared: what is found is what comparing all of it finds."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.change import Comparison, Gain
from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.principal_access import PrincipalAccess
from directus_guard.directus.access.records import Access, Permission, Policy, Role, as_written, say_the_same
from directus_guard.directus.versions import Version
from directus_guard.finding import Location
from tests.support.each import each_case

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES: tuple[Any, ...] = (None, {}, {"a": {"_eq": "x"}}, {"a": {"_eq": "y"}}, {"_and": []}, {"b": {"_in": [1, 2]}})
VERSIONS = (Version(10, 13, 4), Version(11, 17, 4), Version(12, 4, 1))


def rule_of(random: Random) -> Any:
    rule = random.choice(RULES)
    return as_written(json.dumps(rule).encode()) if rule and random.random() < 0.7 else rule


def rows(random: Random, number: int) -> Iterator[Permission]:
    for key in range(number):
        yield Permission(
            random.choice(("posts", "pages")), random.choice(("create", "read", "update", "delete")),
            rule_of(random), rule_of(random), random.choice((None, {"a": 1}, {"a": True})),
            random.choice((None, ("*",), ("a",), ("a", "b"))), random.choice(("p", "q")), random.choice(("r", None)), key,
        )  # fmt: skip


def changed(random: Random, row: Permission) -> Permission:
    given = {name: getattr(row, name) for name in row.__struct_fields__}
    other = next(rows(random, 1))
    given |= {
        name: getattr(other, name) for name in random.sample(("permissions", "validation", "presets", "fields"), 1)
    }
    return Permission(**given)


def model_of(stored: list[Permission], version: Version) -> AccessModel:
    return AccessModel(
        version=version,
        roles=(Role("r", app_access=True),),
        policies=(Policy("p", app_access=True), Policy("q")),
        access=(Access("p", "r"), Access("q", "r"), Access("q")),
        permissions=tuple(stored),
    )


def gains(old: AccessModel, new: AccessModel) -> list[tuple[Gain, ...]]:
    """Without the context of an example, which says what time it is."""
    comparison = Comparison(lambda _: None)
    return [
        tuple(replace(gain, context=None) for gain in comparison.gains(old.of(one), new.of(one)))
        for one in new.principals()
    ]


@pytest.mark.parametrize("seed", range(60))
def test_what_plainly_says_the_same_gains_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(seed)
    before = list(rows(random, 12))
    after = [changed(random, row) if random.random() < 0.2 else row for row in before]
    after = [*after[random.randrange(3) :], *rows(random, random.randrange(3))]
    version = random.choice(VERSIONS)
    old, new = model_of(before, version), model_of(after, random.choice((version, version, *VERSIONS)))
    found = gains(old, new), gains(new, old)
    monkeypatch.setattr(PrincipalAccess, "grants_unlike", lambda self, _: self.grants())
    assert found == (gains(old, new), gains(new, old))


def test_of_equal_rows_no_grant_is_made() -> None:
    stored = list(rows(Random(1), 20))
    old, new = (model_of(stored, VERSIONS[1]) for _ in range(2))
    public = new.principals()[0]
    assert new.of(public).grants_unlike(old.of(public)) == ()
    more = model_of([*stored, Permission("tags", "read", fields=("*",), policy="q")], VERSIONS[1])
    assert [(grant.collection, grant.action) for grant in more.of(public).grants_unlike(old.of(public))] == [
        ("tags", "read")
    ]


@each_case(
    ("name", "value"),
    [
        ("fields", ("b", "a")), ("fields", None), ("presets", {"a": True}), ("permissions", {"a": {"_eq": "y"}}),
        ("permissions", None), ("validation", as_written(b'{"a":{"_eq":"y"}}')), ("validation", {"a": {"_eq": "x"}}),
    ],
)  # fmt: skip
def test_rows_that_are_written_otherwise_may_say_something_else(name: str, value: Any) -> None:
    given: dict[str, Any] = {
        "permissions": {"a": {"_eq": "x"}}, "validation": as_written(b'{"a":{"_eq":"x"}}'), "presets": {"a": 1}, "fields": ("a", "b"),
    }  # fmt: skip
    row = Permission("posts", "read", policy="p", id=1, **given)
    assert say_the_same(row, Permission("posts", "read", policy="q", id=2, location=Location("a"), **given))
    assert not say_the_same(row, Permission("posts", "read", policy="p", id=1, **{**given, name: value}))
