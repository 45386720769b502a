"""How findings about permissions name policies and who holds them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.checks.live import drift
from directus_guard.checks.shared import rows
from directus_guard.checks.shared.row_fixes import listed
from directus_guard.checks.shared.titles import LONGEST, titled
from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.records import Access, Edition, Permission, Policy, Role
from directus_guard.directus.drift import differences
from directus_guard.directus.export import Export
from directus_guard.directus.versions import Version
from directus_guard.finding import Location, RemoveFields
from tests.support.each import each_case
from tests.support.rows import ACCESS, POLICIES, permission, write

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.finding import Finding

PLACE = Location("directus/permissions.json", 3)
READS = "the permission of policy `Editor` to read `directus_users`"
MINE = '{"id": {"_eq": "$CURRENT_USER"}}'
TEN: Any = [
    {"id": "editor", "name": "Editor", "icon": "x", "description": None, "ip_access": None, "enforce_tfa": False,
     "admin_access": False, "app_access": True},
]  # fmt: skip


def found(folder: Path, rows: list[Any], **more: Any) -> Finding:
    report = audit(Options(root=write(folder, rows, **more), directus_version=Version(11, 17, 4)))
    (finding,) = [one for one in report.findings if one.check == "permissions-write"]
    return finding


def message(folder: Path, policy: str, **more: Any) -> str:
    return found(folder, [permission(policy, "directus_permissions", "create")], **more).message


@each_case("length", [1, 20, 60, 300])
def test_titles_are_cut(length: int) -> None:
    for names in (("x" * length, "posts"), ("posts", "x" * length), ("x" * length, "y" * length)):
        title = titled("Policy {} can change {} of users", *names)
        assert len(title) <= LONGEST
        assert title.startswith("Policy `")
        assert title.endswith("` of users")


def test_names_are_shown_safely() -> None:
    assert titled("Policy {}", "a\u202eb") == "Policy `a\\u202eb`"


def test_lists_of_names() -> None:
    assert listed(["a"]) == "`a`"
    assert listed(["a", "b", "c"]) == "`a`, `b` and `c`"
    assert listed(["a", "b", "c"], 2) == "`a`, `b` and 1 more"


def test_who_holds_the_policy(tmp_path: Path) -> None:
    end = "The permission is in policy `Editor`, held by "
    roles = [{"id": name, "name": name.title(), "icon": "x", "description": None, "parent": None}
             for name in ("admins", "editors", "a", "b", "c", "d", "e")]  # fmt: skip
    users = [{"id": str(n), "policy": "editor", "role": None, "user": f"u{n}", "sort": 1} for n in range(10, 12)]
    more = [{"id": name, "policy": "editor", "role": name, "user": None, "sort": 1} for name in "abcde"]
    public = [{"id": "9", "policy": "editor", "role": None, "user": None, "sort": 1}]
    assert message(tmp_path, "editor").endswith(f"{end}role `editors`.")
    assert message(tmp_path, "editor", access=[*ACCESS, *users]).endswith(
        f"{end}role `editors` and users `u10`, `u11`."
    )
    assert message(tmp_path, "editor", roles=roles, access=[*ACCESS, *more]).endswith(
        f"{end}roles `A`, `B`, `C`, `D`, `E` and 1 more."
    )
    assert message(tmp_path, "editor", access=[*ACCESS, *public]).endswith(f"{end}the public and role `editors`.")


def test_the_public_policy_has_its_name_of_the_studio(tmp_path: Path) -> None:
    policies = [{**one, "name": "$t:public_label"} if one["id"] == "public" else one for one in POLICIES]
    finding = found(tmp_path, [permission("public", "directus_permissions", "create")], policies=policies)
    assert finding.title == "Public policy can create permissions"
    assert finding.message == (
        "Anonymous visitors can grant themselves any permission."
        " The permission is in the Public policy, which applies to every visitor."
    )
    assert finding.subject.key.split(" ", 1)[1] == "$t:public_label create directus_permissions"


def test_ways_to_administrator_name_the_public_policy(tmp_path: Path) -> None:
    policies = [{**one, "name": "$t:public_label"} if one["id"] == "public" else one for one in POLICIES]
    root = write(tmp_path, [permission("editor", "directus_permissions", "create")], policies=policies)
    shown = repr(audit(Options(root=root, directus_version=Version(11, 17, 4))).findings)
    assert "give the Public policy" in shown
    assert "`$t:public_label`" not in shown


def test_unknown_holders(tmp_path: Path) -> None:
    write(tmp_path, [permission("editor", "directus_permissions", "create")])
    (tmp_path / "access.json").unlink()
    report = audit(Options(root=tmp_path))
    (finding,) = [one for one in report.findings if one.check == "permissions-write"]
    assert finding.message.endswith(
        "The permission is in policy `Editor`. The export does not say who has which policy, so each policy is judged by itself."
    )


@pytest.mark.parametrize(
    ("role", "title", "end"),
    [
        ("editor", "Role `Editor` can change roles", "The permission belongs to role `Editor`."),
        (None, "Public role can change roles", "The permission belongs to the public role."),
    ],
)
def test_roles_of_10_hold_permissions(tmp_path: Path, role: str | None, title: str, end: str) -> None:
    """And roles have no parents: `admin_access` is the danger."""
    row = permission("x", "directus_roles", "update", role=role)
    del row["policy"]
    write(tmp_path, [row], roles=TEN)
    (tmp_path / "policies.json").unlink()
    (tmp_path / "access.json").unlink()
    report = audit(Options(root=tmp_path, directus_version=Version(10, 13, 4)))
    (finding,) = [one for one in report.findings if one.check == "roles-write"]
    assert finding.title == title
    assert finding.message.endswith(end)
    assert "can turn on `admin_access` of a role" in finding.message
    assert "below" not in finding.message


def snapshot(folder: Path, *special: tuple[str, str]) -> None:
    """A data model of `posts` with a key and these fields, each with a mark of Directus."""
    fields = [
        {"collection": "posts", "field": name, "type": "string", "meta": {"special": [mark] if mark else None},
         "schema": {"name": name, "is_nullable": name != "id", "is_primary_key": name == "id"}}
        for name, mark in (("id", ""), *special)
    ]  # fmt: skip
    data = {"version": 1, "directus": "11.17.4", "vendor": "postgres", "relations": [], "fields": fields,
            "collections": [{"collection": "posts", "meta": {"collection": "posts"}, "schema": {"name": "posts"}}]}  # fmt: skip
    (folder / "snapshot.json").write_text(json.dumps(data), encoding="utf-8")


@each_case(
    ("policy", "collection", "fields", "condition"),
    [
        (
            "editor",
            "posts",
            (("made_by", "user-created"),),
            'a condition such as `{"made_by": {"_eq": "$CURRENT_USER"}}`',
        ),
        ("editor", "posts", (("title", ""),), "a condition that only the permitted items meet"),
        ("public", "posts", (("status", ""),), 'a condition such as `{"status": {"_eq": "published"}}`'),
        ("public", "posts", (("title", ""),), "a condition that only the permitted items meet"),
        ("editor", "directus_users", (), 'a condition such as `{"id": {"_eq": "$CURRENT_USER"}}`'),
    ],
)
def test_a_rule_without_effect_is_replaced_by_what_the_data_model_has(
    tmp_path: Path, policy: str, collection: str, fields: tuple[tuple[str, str], ...], condition: str
) -> None:
    write(tmp_path, [permission(policy, collection, "update", {"id": {"_nnull": True}}, fields=["title"])])
    snapshot(tmp_path, *fields)
    report = audit(Options(root=tmp_path, directus_version=Version(11, 17, 4)))
    (finding,) = [one for one in report.findings if one.check == "rule-without-effect"]
    assert finding.fix
    assert finding.fix.description == f"Replace the item rule of this permission by {condition}."
    assert "change every item" in finding.message


def test_a_field_that_is_gone_from_several_permissions(tmp_path: Path) -> None:
    rows = [permission("editor", "posts", action, fields=["id", "gone"]) for action in ("read", "update")]
    write(tmp_path, rows)
    snapshot(tmp_path)
    report = audit(Options(root=tmp_path, directus_version=Version(11, 17, 4)))
    (finding,) = [one for one in report.findings if one.check == "stale-permission"]
    assert finding.fix
    assert finding.fix.description == "Remove `gone` from `fields` of these 2 permissions."
    assert finding.fix.safe
    assert [patch.changes for patch in finding.fix.rows] == [(RemoveFields(("gone",)),)] * 2


@pytest.mark.parametrize(
    ("version", "more"),
    [
        (
            "11.17.4",
            " Give `u` a role of their own, and attach the policy to it. Then detach the policy from the users.",
        ),
        ("12.5.0", ""),
    ],
)
def test_what_makes_administrators_use_a_second_factor(tmp_path: Path, version: str, more: str) -> None:
    """Up to 12.4 only policies of the user's own role ask for it."""
    policies = [{**one, "enforce_tfa": False} for one in POLICIES]
    access = [{**one, "role": None, "user": "u"} if one["policy"] == "admin" else one for one in ACCESS]
    write(tmp_path, [permission("editor", "posts", "read")], policies=policies, access=access)
    report = audit(Options(root=tmp_path, directus_version=Version.parse(version)))
    (finding,) = [one for one in report.findings if one.check == "admin-two-factor"]
    assert finding.fix
    assert finding.fix.description == f"Set `enforce_tfa` of this policy to `true`.{more}"
    assert finding.title == "Policy `Admin` does not enforce a second factor"


@each_case(
    ("version", "edition", "fix"),
    [
        ("11.17.4", None, f"Set the item rule of {READS} to `{MINE}`."),
        ("12.4.1", Edition.LICENSED, f"Set the item rule of {READS} to `{MINE}`."),
        ("12.4.1", None, f"Set the item rule of {READS} to `{MINE}`. Without a licence (Directus 12 Core) delete this permission instead."),
        ("12.4.1", Edition.CORE, f"Delete {READS}."),
    ],
)  # fmt: skip
def test_who_may_read_all_users_may_read_their_own_account(
    tmp_path: Path, version: str, edition: Edition | None, fix: str
) -> None:
    """Where rules count."""
    write(tmp_path, [permission("editor", "directus_users", "read", {})])
    report = audit(Options(root=tmp_path, directus_version=Version.parse(version), edition=edition))
    (finding,) = [one for one in report.findings if one.check == "recommended-app-access"]
    assert finding.fix
    assert finding.fix.description == fix
    assert finding.title == "Policy `Editor` can read all users"


@each_case(
    ("lines", "fix"),
    [
        ({"IP_CUSTOM_HEADER": "x-real-ip", "IP_TRUST_PROXY": "1"}, "Remove `IP_CUSTOM_HEADER`."),
        (
            {"IP_CUSTOM_HEADER": "x-real-ip", "IP_TRUST_PROXY": "false"},
            "Remove `IP_CUSTOM_HEADER`. Behind a proxy, set `IP_TRUST_PROXY` to the number of proxies, such as `1`.",
        ),
        (
            {"IP_CUSTOM_HEADER": "x-real-ip", "IP_TRUST_PROXY": "true"},
            "Remove `IP_CUSTOM_HEADER`. Set `IP_TRUST_PROXY` to the number of proxies in front of Directus, such as `1`.",
        ),
    ],
)
def test_everything_that_lets_clients_choose_their_address_goes(
    tmp_path: Path, lines: dict[str, str], fix: str
) -> None:
    policies = [{**one, "ip_access": "10.0.0.0/8"} if one["id"] == "editor" else one for one in POLICIES]
    write(tmp_path, [permission("editor", "posts", "read")], policies=policies)
    settings = "".join(f'      {name}: "{value}"\n' for name, value in lines.items())
    (tmp_path / "compose.yaml").write_text(
        f"services:\n  directus:\n    image: directus/directus:11.17.4\n    environment:\n{settings}", encoding="utf-8"
    )
    report = audit(Options(root=tmp_path))
    (finding,) = [one for one in report.findings if one.check == "policy-ip-range"]
    assert finding.fix
    assert finding.fix.description == fix


@pytest.mark.parametrize(
    ("inheriting", "told"), [(["a"], "role `A` itself"), (["a", "b"], "each of the roles `A` and `B` itself")]
)
def test_roles_that_inherit_an_administrator_policy(tmp_path: Path, inheriting: list[str], told: str) -> None:
    roles = [{"id": name, "name": name.title(), "icon": "x", "description": None,
              "parent": "admins" if name in inheriting else None} for name in ("admins", "editors", *inheriting)]  # fmt: skip
    policies = [{**one, "enforce_tfa": one["id"] == "admin"} for one in POLICIES]
    write(tmp_path, [permission("editor", "posts", "read")], policies=policies, roles=roles)
    report = audit(Options(root=tmp_path, directus_version=Version(11, 17, 4)))
    (finding,) = [one for one in report.findings if one.check == "admin-two-factor"]
    assert finding.fix
    assert finding.fix.description == f"Give the policy to {told}, too."


def test_an_item_rule_of_create_is_said_not_to_be_read(tmp_path: Path) -> None:
    write(tmp_path, [permission("editor", "posts", "create", {"status": {"_eq": "draft"}}, fields=["title"])])
    report = audit(Options(root=tmp_path, directus_version=Version(11, 17, 4)))
    (finding,) = [one for one in report.findings if one.check == "rule-without-effect"]
    assert finding.actual == "create posts: title; an item rule, which is not read"


WIDE: Any = {"_or": [{"n": {"_eq": number}} for number in range(10, 40)]}


@each_case(
    ("rule", "says"),
    [
        (None, "all items"),
        ({"status": {"_eq": "published"}}, 'items where status is "published" ({"status": {"_eq": "published"}})'),
        (
            {"status": {"_eq": "published"}, "user_created": {"_eq": "$CURRENT_USER"}},
            'items where status is "published" and user_created is the current user',
        ),
        ({"secret": {"_eq": "hunter2-hunter2"}}, 'items where secret is "********" ({"secret": {"_eq": "********"}})'),
        (WIDE, "items where " + " or ".join(f"n is {number}" for number in range(10, 22)) + " or 18 more conditions"),
        ({"id": {"_in": []}}, "no items"),
    ],
)
def test_rules_are_said_in_words(rule: Any, says: str) -> None:
    """A finding's line `Found` has the rule in words, and as JSON where there is room for it."""
    row = Permission("posts", "read", rule, None, None, ("title",), policy="p", id=1, location=PLACE)
    model = AccessModel(source="x", version=Version(12, 4, 1), edition=Edition.LICENSED, permissions=(row,))
    assert rows.describe(Export("directus", PLACE, model), row) == f"read posts: title; {says}"


def test_rules_that_read_alike_are_told_apart_by_drift() -> None:
    """The words count what is beyond a dozen conditions; a difference there is one all the same."""

    def side(last: int) -> Export:
        rule = {"_or": [{"n": {"_eq": number}} for number in (*range(10, 40), last)]}
        row = Permission("posts", "read", rule, None, None, ("*",), policy="p", id=1, location=PLACE)
        policies, access = (Policy("p", "Editing"),), (Access("p", role="r"),)
        model = AccessModel(source="x", version=Version(12, 4, 1), edition=Edition.LICENSED, roles=(Role("r", "Editors"),),
                            policies=policies, access=access, permissions=(row,))  # fmt: skip
        return Export("directus", PLACE, model)

    there, here = side(50), side(51)
    difference = next(one for one in differences(here, there) if one.kind == "permission" and one.policies)
    listed = [drift._rows(one, difference) for one in (there, here)]
    assert list(listed[0].values()) == list(listed[1].values())
    assert drift._only(listed[0], listed[1]).startswith("read posts: *; items where n is 10 or")
    assert drift._only(listed[0], listed[0]) == "none"
