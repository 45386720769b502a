"""What rows, policies and principals share is read once, and says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.attached_rows import AttachedRows
from directus_guard.directus.access.filters import Condition
from directus_guard.directus.access.grants import GrantRow
from directus_guard.directus.access.item_rules import rule_of_row
from directus_guard.directus.access.merging import HolderRows, JoinedRows, by_key
from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.records import Access, Permission, Policy, Role, as_written
from directus_guard.directus.versions import Version

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import Json


RULE = {"status": {"_eq": "published"}}
WRITTEN = b'{"status":{"_eq":"published"}}'


def row(policy: str, collection: str, action: str = "read", number: int = 1) -> Permission:
    return Permission(collection, action, None, None, None, ("*",), policy, id=number)


def part(policy: str, collection: str, number: int) -> HolderRows:
    return HolderRows([row(policy, collection, number=number)], lambda one: GrantRow(one, policy, (one,), None))


def shared(rule: Json, number: int = 1) -> Permission:
    return Permission("posts", "read", rule, rule, policy="p", id=number)


def test_a_shared_rule_is_read_once_for_each_major_version(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def count(rule: Any, *, major: int) -> Any:
        read.append(major)
        return rule_of_row(rule, major=major)

    monkeypatch.setattr("directus_guard.directus.access.model.rule_of_row", count)
    rule = as_written(WRITTEN)
    rows = tuple(shared(rule, number) for number in range(20))
    model = AccessModel(permissions=rows)
    assert {model.rule(one) for one in rows} == {Condition(("status",), "_eq", "published")}
    assert read == [model.version.major]
    old = AccessModel(version=Version(10, 13, 4), permissions=rows)
    assert {old.rule(one) for one in rows} == {Condition(("status",), "_eq", "published")}
    assert read == [model.version.major, 10]


def test_a_row_gives_the_rule_itself_never_its_text() -> None:
    """What looks for an object would pass anything else over."""
    row, plain = shared(as_written(WRITTEN)), Permission("posts", "read", RULE, RULE, policy="p", id=1)
    assert (type(row.permissions), type(row.validation)) == (dict, dict)
    assert row.permissions == row.validation == RULE
    assert row == plain
    assert row == shared(as_written(b' {"status": {"_eq" :"published"}}'))
    assert row != shared(as_written(b'{"status":{"_eq":"draft"}}'))
    assert repr(row) == repr(plain)
    assert replace(row, id=2).permissions == RULE
    assert replace(row, permissions=None).permissions is None
    with pytest.raises(TypeError):
        hash(row)


def test_as_many_rules_are_kept_decoded_as_are_asked_for_together() -> None:
    row = shared(as_written(WRITTEN))
    assert row.permissions is row.permissions


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
