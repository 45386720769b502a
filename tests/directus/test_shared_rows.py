"""What rows, policies and principals share is read once, and says the same."""

from __future__ import annotations

from typing import Any

import pytest

from directus_guard.directus.access.attached_rows import AttachedRows
from directus_guard.directus.access.filters import Condition
from directus_guard.directus.access.grants import GrantRow
from directus_guard.directus.access.item_rules import rule_of_row
from directus_guard.directus.access.merging import HolderRows, JoinedRows, by_key
from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.records import Access, Permission, Policy, Role
from directus_guard.directus.access.shared_rule import SharedRule


def row(policy: str, collection: str, action: str = "read", number: int = 1) -> Permission:
    return Permission(collection, action, None, None, None, ("*",), policy, id=number)


def part(policy: str, collection: str, number: int) -> HolderRows:
    return HolderRows([row(policy, collection, number=number)], lambda one: GrantRow(one, policy, (one,), None))


def test_a_shared_rule_is_read_once_for_each_major_version(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def count(rule: Any, *, major: int) -> Any:
        read.append(major)
        return rule_of_row(rule, major=major)

    monkeypatch.setattr("directus_guard.directus.access.shared_rule.rule_of_row", count)
    rule = SharedRule({"status": {"_eq": "published"}})
    assert rule == {"status": {"_eq": "published"}}
    assert repr(rule) == repr(dict(rule))
    rows = tuple(Permission("posts", "read", rule, policy="p", id=number) for number in range(20))
    model = AccessModel(permissions=rows)
    assert {model.rule(one) for one in rows} == {Condition(("status",), "_eq", "published")}
    assert read == [model.version.major]
    rule.filter_of(10)
    assert read == [model.version.major, 10]


def test_indexes_of_attachments_go_with_the_rows() -> None:
    rows = AttachedRows([Access("b", "r", sort=2), Access("a", "r", sort=1), Access("c", user="u"), Access("d")])
    assert AttachedRows.of(rows) is rows
    for _ in range(10):  # by a look at each row, then by an index
        assert rows.policies_of(("r", "other")) == ["a", "b"]
    assert [one.policy for one in rows.by_user["u"]] == ["c"]
    assert [one.policy for one in rows.public] == ["d"]


@pytest.mark.parametrize("number", [3, 30])
def test_many_policies_are_joined_as_few_are(number: int) -> None:
    parts = [part(f"p{at}", f"c{at % 3}", number - at) for at in range(number)]
    framework = by_key([GrantRow(row("f", "c9"), "f", (row("f", "c9"),), None)])
    joined = JoinedRows([*parts, framework], 11, merge=False)
    for name in ("c0", "c1", "c2", "c9", "none"):
        expected = [one for each in (*parts, framework) for one in each.get((name, "read"), ())]
        assert sorted(map(str, joined.grant(name, "read").rows)) == sorted(map(str, expected))
    assert len(parts[0]) == 1
    assert ("c0", "update") not in parts[0]
    assert not joined.has_any(frozenset({("c0", "update"), ("none", "read")}))
    for name in ("c0", "c9"):
        assert joined.has_any(frozenset({(name, "read")}))
        assert joined.has_any(frozenset({(name, "read")}))


def test_grants_are_made_for_what_is_asked_for() -> None:
    made: list[Permission] = []

    def read(one: Permission) -> GrantRow:
        made.append(one)
        return GrantRow(one, "p", (one,), None)

    rows = [row("p", f"c{number}", number=number) for number in range(100)]
    joined = JoinedRows([HolderRows(rows, read)], 11, merge=False)
    for _ in range(3):
        joined.grant("c7", "read")
    assert made == [rows[7]]


def test_what_a_role_inherits_is_followed_once() -> None:
    number = 50
    roles = tuple(Role(f"r{at}", parent=f"r{at + 1}") for at in range(number))
    access = tuple(Access(f"p{at}", f"r{at}") for at in range(number))
    model = AccessModel(roles=roles, access=access, policies=tuple(Policy(f"p{at}") for at in range(number)))
    assert model.role_path("r48") == ("r50", "r49", "r48")
    assert model.role_path("r48") is model.role_path("r48")
    assert model.role_path(None) == ()
    first = model.of(model.principals()[1])
    assert first.policies == tuple(f"p{at}" for at in reversed(range(number)))
