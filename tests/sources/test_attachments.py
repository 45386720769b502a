"""Who has which policy, joined from what roles, policies and users name of directus_access."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings, strategies as st

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.directus.access.principals import PUBLIC
from directus_guard.directus.access.records import PUBLIC_POLICY
from directus_guard.finding import Confidence, Location
from directus_guard.sources.exports import attachments, reader as exports
from directus_guard.sources.exports.found_records import FoundRecords, read_metadata
from directus_guard.sources.exports.records import DecodedRecord, RecordReader
from directus_guard.sources.files.repository import Repository
from tests.support.each import each_case
from tests.support.exports import gaps_of

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.export import Export
    from directus_guard.finding import Finding

HERE = Location("policies.json")


def policy(key: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "name": key, "admin_access": False, "app_access": False, "ip_access": None, **more}


def joined(policies: list[Any], roles: list[Any], users: list[Any] = []) -> attachments.Attachments:  # noqa: B006
    kinds = {"policies": policies, "roles": roles, "users": users}
    return attachments.read(
        RecordReader(), [], *([DecodedRecord(kind, row, HERE) for row in rows] for kind, rows in kinds.items())
    )


def held(found: attachments.Attachments) -> set[tuple[str, str | None, str | None]]:
    return {(row.policy, row.role, row.user) for row in found.access}


SEEDS = st.integers(min_value=0, max_value=2**32)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(SEEDS)
def test_property_a_dump_of_the_api_says_what_the_table_says(seed: int) -> None:
    random = Random(seed)
    policies = [f"p{n}" for n in range(random.randint(1, 4))]
    roles = [f"r{n}" for n in range(random.randint(1, 3))]
    users = [f"u{n}" for n in range(random.randint(1, 3))]
    table: list[dict[str, Any]] = []
    for number in range(random.randint(0, 8)):
        kind = random.choice(("role", "role", "user", "public"))
        table.append(
            {
                "id": f"k{number}",
                "policy": random.choice(policies),
                "role": random.choice(roles) if kind == "role" else None,
                "user": random.choice(users) if kind == "user" else None,
                "sort": number,
            }
        )
    shape = {member: random.choice(("key", "object", "deep")) for member in ("policies", "roles", "users")}

    def named(row: dict[str, Any], member: str) -> Any:
        if shape[member] == "key":
            return row["id"]
        wrapped = {name: {"id": row[name], "name": "x"} if row[name] else None for name in ("policy", "role", "user")}
        return {**row, **wrapped} if shape[member] == "deep" else row

    def lists(name: str, key: str, member: str) -> list[Any]:
        return random.sample(rows, len(rows)) if (rows := [named(r, member) for r in table if r[name] == key]) else []

    found = joined(
        [policy(key, roles=lists("policy", key, "roles"), users=lists("policy", key, "users")) for key in policies],
        [{"id": key, "name": key, "policies": lists("role", key, "policies")} for key in roles],
        [{"id": key, "policies": lists("user", key, "policies")} for key in users],
    )
    assert held(found) == {(row["policy"], row["role"], row["user"]) for row in table}
    assert not gaps_of(found)
    assert not found.possibly_public


def test_a_key_that_no_role_has_is_the_publics_or_a_users() -> None:
    policies = [policy("a", roles=["1"], users=["1"]), policy("b", roles=["2"], users=["2"])]
    roles = [{"id": "r", "policies": ["1"]}]
    found = joined(policies, roles)
    assert held(found) == {("a", "r", None), ("b", None, None), ("b", None, "a user with b")}
    assert found.possibly_public == {"b"}
    assert gaps_of(found) == {
        "policy b": "the policy `b` is attached to the public or to a user: the export does not say"
    }
    # Once the users are there, nothing is open.
    whole = joined(policies, roles, [{"id": "u", "policies": []}])
    assert (held(whole), gaps_of(whole)) == ({("a", "r", None), ("b", None, None)}, {})
    # Unless some are not: the role names one whose record is not there.
    cut = joined(policies, [{**roles[0], "users": ["u", "v"]}], [{"id": "u", "policies": []}])
    assert cut.possibly_public == {"b"}


def test_the_default_public_policy_is_the_publics() -> None:
    for mine in (policy(PUBLIC_POLICY, roles=["1"], users=["1"]), policy("x", name="$t:public_label", roles=["1"])):
        found = joined([mine], [{"id": "r", "policies": []}])
        assert held(found) == {(mine["id"], None, None)}
        assert not found.possibly_public


def test_a_policy_with_flags_is_some_users() -> None:
    """The public's flags count for nothing; who gives them to a policy attaches it to people."""
    found = joined([policy("a", admin_access=True, roles=["1"])], [{"id": "r", "policies": []}])
    assert held(found) == {("a", None, "public, or a user with a")}
    assert set(gaps_of(found)) == {"policy a"}


@each_case(
    ("policies", "roles"),
    [
        ([policy("a")], [{"id": "r"}]),
        ([policy("a", roles=["1"], users=["1"])], [{"id": "r"}]),
        ([policy("a")], [{"id": "r", "policies": ["1"]}]),
    ],
)
def test_where_nothing_joins_each_policy_stands_alone(policies: list[Any], roles: list[Any]) -> None:
    found = joined(policies, roles)
    assert held(found) == {("a", None, "policy a")}
    assert all(row.assumed for row in found.access)
    assert set(gaps_of(found)) == {"attachments"}


def test_a_policy_that_is_not_there_is_said() -> None:
    found = joined([policy("a", roles=["1"])], [{"id": "r", "policies": ["1", "2"]}])
    assert held(found) == {("a", "r", None)}
    assert set(gaps_of(found)) == {"policies attached"}


@each_case("value", [None, 1, "x", {}, [None], [[]], [{"id": []}], [{"role": {}}], [True]])
def test_odd_lists_are_no_attachments(value: Any) -> None:
    joined([policy("a", roles=value, users=value)], [{"id": "r", "policies": value}], [{"id": "u", "policies": value}])


def recorded(*rows: dict[str, Any]) -> attachments.Attachments:
    """Two policies beside these records of directus_access."""
    made = [DecodedRecord("access", row, HERE) for row in rows]
    policies = [DecodedRecord("policies", policy(key), HERE) for key in ("a", "b")]
    return attachments.read(RecordReader(), made, policies, [], [])


def test_a_table_without_ids_and_users_leaves_out_those_of_users() -> None:
    found = recorded({"policy": "a", "role": "r", "user": None, "sort": 1})
    assert held(found) == {("a", "r", None), ("b", None, "policy b")}
    assert set(gaps_of(found)) == {"user policies"}


def test_a_table_with_ids_or_users_is_whole() -> None:
    with_id = recorded({"id": "k", "policy": "a", "role": "r", "user": None, "sort": 1})
    assert held(with_id) == {("a", "r", None)}
    with_user = recorded({"policy": "a", "role": None, "user": "u", "sort": 1})
    assert held(with_user) == {("a", None, "u")}
    assert not gaps_of(with_id)
    assert not gaps_of(with_user)


# --- what is made of them ----------------------------------------------------------------------------------------


def dump(folder: Path, *, policies: list[Any], roles: list[Any], permissions: list[Any]) -> None:
    for name, rows in (("policies", policies), ("roles", roles), ("permissions", permissions)):
        (folder / f"{name}.json").write_text(json.dumps({"data": rows}), encoding="utf-8")


def write_row(policy_: str, action: str = "create") -> dict[str, Any]:
    return {"collection": "orders", "action": action, "permissions": None, "validation": None, "presets": None,
            "fields": ["*"], "policy": policy_}  # fmt: skip


def findings(folder: Path, check: str) -> list[Finding]:
    return [finding for finding in audit(Options(root=folder)).findings if finding.check == check]


def one(folder: Path) -> Export:
    (export,) = exports.read(Repository(folder, (), ()))
    return export


ROLE = {"id": "r", "name": "R", "icon": "x", "parent": None, "policies": ["1"]}


def test_possibly_public_is_said_with_medium_confidence(tmp_path: Path) -> None:
    policies = [policy("Team", roles=["1"], users=["1"]), policy("Form", roles=["2"], users=["2"])]
    dump(tmp_path, policies=policies, roles=[ROLE], permissions=[write_row("Form")])
    (finding,) = findings(tmp_path, "public-write")
    assert finding.confidence is Confidence.MEDIUM
    assert "does not say whether `Form` is attached to the public or to a user" in finding.message
    dump(tmp_path, policies=policies, roles=[ROLE], permissions=[write_row("Team")])
    assert not findings(tmp_path, "public-write")


def test_a_policy_by_itself_is_judged(tmp_path: Path) -> None:
    row = {**write_row("Team", "update"), "collection": "directus_users"}
    dump(tmp_path, policies=[policy("Team")], roles=[{**ROLE, "policies": None}], permissions=[row])
    (finding,) = findings(tmp_path, "users-update")
    assert finding.confidence is Confidence.MEDIUM
    assert "each policy is judged by itself" in finding.message
    export = one(tmp_path)
    assert not export.model.of(PUBLIC).grants()
    assert gaps_of(export)["attachments"]


@each_case(
    ("policies", "roles", "users", "expected"),
    [
        ({"p": {"roles": ["k1"]}}, [{"id": "r", "policies": ["k1"]}], [], ["p r None None k1"]),
        ({"p": {"roles": [{"id": "k1", "sort": 2}]}}, [{"id": "r", "policies": [{"id": "k1", "sort": 1}]}], [], ["p r None 2 k1"]),
        ({"p": {"roles": ["k1"]}}, [{"id": "r", "policies": [{"id": "k1", "sort": 3}]}], [], ["p r None 3 k1"]),
        ({"p": {}}, [{"id": "r", "policies": [{"id": "k1", "policy": "p", "sort": 1}]}], [{"id": "u", "policies": [{"id": "k2", "policy": "p"}]}], ["p r None 1 k1", "p None u None k2"]),
        ({"p": {"roles": [{"id": "k1", "role": "r", "user": None}]}}, [], [], ["p r None None k1"]),
        ({"p": {"roles": [{"id": "k1", "role": None, "user": "u"}]}}, [], [], ["p None u None k1"]),
        ({"p": {"roles": [{"id": "k1", "role": None, "user": None}]}}, [], [], ["p None None None k1"]),
        ({"p": {"users": [{"id": "k1", "user": "u"}], "roles": [{"id": "k2", "role": "r"}]}}, [], [], ["p r None None k2", "p None u None k1"]),
        ({"p": {"roles": ["k1", "k2"]}}, [{"id": "r", "policies": ["k1"], "users": ["u"]}], [{"id": "u", "policies": []}], ["p r None None k1", "p None None None k2"]),
        ({"p": {"roles": ["k1", "k2"]}}, [{"id": "r", "policies": ["k1"], "users": ["u", "v"]}], [{"id": "u", "policies": []}], ["p r None None k1", "p None a user with p None k2 assumed", "p None None None k2", "gap policy p: the policy `p` is attached to the public or to a user: the export does not say", "public? p"]),
        ({"p": {"roles": ["k1", "k2"]}}, [{"id": "r", "policies": ["k1"]}], [{"id": "u", "policies": ["k2"]}], ["p r None None k1", "p None u None k2"]),
        ({"p": {"app_access": True, "roles": ["k1"]}}, [{"id": "r", "policies": []}], [], ["p None public, or a user with p None k1 assumed", "gap policy p: the policy `p` is attached to the public or to a user: the export does not say"]),
        ({"p": {"roles": ["k1"]}}, [{"id": "r", "policies": []}], [], ["p None a user with p None k1 assumed", "p None None None k1", "gap policy p: the policy `p` is attached to the public or to a user: the export does not say", "public? p"]),
        ({"p": {"roles": ["k1"]}}, [{"id": "r", "policies": ["p"]}], [], ["p None a user with p None k1 assumed", "p None None None k1", "p r None None None", "gap policy p: the policy `p` is attached to the public or to a user: the export does not say", "public? p"]),
        ({"p": {"roles": [{"id": "k1", "policy": {"id": "p"}, "role": {"id": "r"}}]}}, [], [], ["p r None None k1"]),
        ({"p": {"roles": "x"}}, [{"id": "r", "policies": []}], [], ["p None policy p None None assumed", "gap attachments : the export has no directus_access: who has which policy is not known"]),
        ({"p": {"roles": [[]]}}, [{"id": "r", "policies": ["k9"]}], [], ["gap policies attached: roles or users name attachments of policies that the export does not have"]),
        ({"p": {}, "q": {}}, [{"id": "r", "policies": [{"policy": "p"}, {"policy": "q"}, {"policy": "p"}]}], [], ["p r None None None", "q r None None None", "p r None None None"]),
        ({"p": {"roles": [{"id": "k1", "user": None}]}}, [{"id": "r", "policies": ["k1"]}], [], ["p r None None k1"]),
        ({}, [{"id": "r", "policies": ["k1"]}], [], []),
    ],
)  # fmt: skip
def test_what_lists_of_keys_say(
    policies: dict[str, Any], roles: list[Any], users: list[Any], expected: list[str]
) -> None:
    """Policy, role, user, order and key of each attachment, then what is not known, and what may be the public's."""
    found = joined([policy(key, **more) for key, more in policies.items()], roles, users)
    rows = [
        f"{row.policy} {row.role} {row.user} {row.sort} {row.id}{' assumed' if row.assumed else ''}"
        for row in found.access
    ]
    gaps = [f"gap {gap.part.name.lower()} {gap.subject}: {gap.reason}" for gap in found.gaps]
    assert [*rows, *gaps, *(f"public? {key}" for key in sorted(found.possibly_public))] == expected


@each_case(
    ("data", "odd", "expected"),
    [
        ({}, "", ("", [], False, "")),
        ([], "", ("", [], False, "")),
        ({"x": 1}, "", ("", [], False, "")),
        ({"source": "s", "files": ["a/b.json", "c.json"]}, "", ("m.json", ["b.json", "c.json"], False, "")),
        ({"source": "s"}, "`files` is missing or not a list: whether all of the export is there is not known", ("m.json", [], False, "")),
        ({"source": "s", "files": {}}, "`files` is missing or not a list: whether all of the export is there is not known", ("m.json", [], False, "")),
        ({"files": ["a"]}, "", ("m.json", [], False, "")),
        ({"incomplete": ["users"]}, "", ("m.json", [], True, "")),
        ({"incomplete": "users"}, "`incomplete` is not a list of tables: whether rows are hidden is not known", ("m.json", [], True, "")),
        ({"incomplete": [1]}, "`incomplete` is not a list of tables: whether rows are hidden is not known", ("m.json", [], True, "")),
        ({"incomplete": []}, "", ("m.json", [], False, "")),
        ({"directus": "11.5.1"}, "", ("m.json", [], False, "11.5.1")),
        ({"snapshot": {"directus": "10.8.0"}}, "", ("m.json", [], False, "10.8.0")),
        ({"directus": "11.5.1", "snapshot": {"directus": "10.8.0"}}, "", ("m.json", [], False, "11.5.1")),
        ({"snapshot": "x"}, "", ("m.json", [], False, "")),
        ({"directus": 5}, "", ("m.json", [], False, "")),
        ({"directus": "x"}, "", ("m.json", [], False, "")),
        ({"source": "s", "files": [], "incomplete": ["a"]}, "", ("m.json", [], True, "")),
    ],
)  # fmt: skip
def test_what_metadata_say(data: object, odd: str, expected: tuple[str, list[str], bool, str]) -> None:
    records = FoundRecords()
    assert read_metadata("m.json", data, records) == odd
    found = (records.metadata, sorted(records.promised), records.incomplete, str(records.version or ""))
    assert found == expected
