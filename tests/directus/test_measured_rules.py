"""`tests/truth/rules.md`, row by row: what servers did (10.13.4, 11.17.4, 12.4.1 Core) is what the model says.

The last test reads the file, so that no row goes without a test.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.checks import catalogue
from directus_guard.checks.declaration import ExportCheck
from directus_guard.directus.access.evaluation import QueryContext, evaluate
from directus_guard.directus.access.filters import EVERYTHING, NOTHING
from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.directus.access.records import PUBLIC_POLICY, Access, Edition, Permission, Policy, Role, User
from directus_guard.directus.access.rules import matches_everything
from directus_guard.directus.access.validation import accepts, pins
from directus_guard.directus.environment.casting import cast
from directus_guard.directus.environment.ip_deny_list import DenyList
from directus_guard.directus.environment.variables import default
from directus_guard.directus.flows.data import ABSENT, RecordValue
from directus_guard.directus.flows.model import FlowModel
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.directus.flows.start import Caller
from directus_guard.directus.tri import Tri
from directus_guard.directus.versions import Version
from directus_guard.finding import Location
from tests.support.generate_rules import effective
from tests.support.worlds import ADMIN, CUSTOMER, ME, Row, World, names, path_of

if TYPE_CHECKING:
    from collections.abc import Callable

USERS: Final = "directus_users"
RULES: Final = ("10.13.4", "11.17.4")
ALL: Final = (*RULES, "12.4.1")
ASKER: Final = QueryContext(user="u1", role="r1", roles=("r1",))
MEASURED: Final[dict[str, Callable[..., None]]] = {}
"""The tests by the beginning of the row they stand for."""


def measured(subject: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def keep(test: Callable[..., None]) -> Callable[..., None]:
        MEASURED[subject] = test
        return test

    return keep


def model(*permissions: Permission, version: str = "11.17.4", **more: Any) -> AccessModel:
    parsed = Version.parse(version)
    assert parsed is not None
    return AccessModel(version=parsed, permissions=permissions, **more)


def public(*rows: Permission, version: str = "11.17.4") -> AccessModel:
    """An instance where the public has these rows, and a user `u1` without and `u2` with a role."""
    return model(
        *rows, version=version, policies=(Policy(PUBLIC_POLICY),), access=(Access(PUBLIC_POLICY),), roles=(Role("r1"),),
        users=(User("u1"), User("u2", "r1")),
    )  # fmt: skip


# --- users -------------------------------------------------------------------------------------------------------------


@measured("users.create with validation `role _neq ADMIN`")
@pytest.mark.parametrize("version", RULES)
def test_a_deny_list_lets_the_key_through_as_an_object(version: str) -> None:
    rule = {"role": {"_neq": ADMIN}}
    major = int(version[:2])
    assert not accepts(rule, {"role": ADMIN}, ASKER, major=major)
    assert accepts(rule, {"role": {"id": ADMIN}}, ASKER, major=major)
    assert names(path_of(World([Row(USERS, "create", validation=rule)]), version=version)) == ["new-user"]


@measured("the same with `_nin`")
@pytest.mark.parametrize("version", RULES)
def test_a_deny_list_of_several_keys_lets_the_key_through_as_an_object(version: str) -> None:
    rule = {"role": {"_nin": [ADMIN]}}
    assert accepts(rule, {"role": {"id": ADMIN}}, ASKER, major=int(version[:2]))
    assert names(path_of(World([Row(USERS, "create", validation=rule)]), version=version)) == ["new-user"]


@measured("users.create with validation `role _eq X`")
@pytest.mark.parametrize("version", RULES)
def test_a_pinned_role_is_pinned_but_may_be_left_out(version: str) -> None:
    rule, major = {"role": {"_eq": CUSTOMER}}, int(version[:2])
    assert not accepts(rule, {"role": ADMIN}, ASKER, major=major)
    assert not accepts(rule, {"role": {"id": ADMIN}}, ASKER, major=major)
    assert accepts(rule, {"email": "a@example.com"}, ASKER, major=major)
    pin = pins((rule,), "role", major=major)
    assert (pin.answer, pin.values, pin.omittable) == (Tri.YES, (CUSTOMER,), True)
    assert path_of(World([Row(USERS, "create", validation=rule)]), version=version) is None


@measured("users.create `fields *` with preset role=X")
@pytest.mark.parametrize("version", RULES)
def test_a_preset_loses_against_what_is_sent(version: str) -> None:
    row = Row(USERS, "create", presets={"role": CUSTOMER})
    assert names(path_of(World([row]), version=version)) == ["new-user"]


@measured("/users/me PATCH role=ADMIN with users.update * and no read")
@pytest.mark.parametrize("version", ALL)
def test_the_own_role_is_changed_without_any_permission_to_read(version: str) -> None:
    assert names(path_of(World([Row(USERS, "update")]), version=version)) == ["own-role"]


@measured("two policies: update own row fields [first_name]")
@pytest.mark.parametrize("version", ["11.17.4"])
def test_fields_are_checked_per_row(version: str) -> None:
    rows = [Row(USERS, "update", ("first_name",), ME), Row(USERS, "update", ("role",), {"status": {"_eq": "archived"}})]
    assert path_of(World(rows), version=version) is None
    merged = AccessModel(
        roles=(Role("r1"),), policies=(Policy("p1"), Policy("p2")), access=(Access("p1", "r1"), Access("p2", "r1")),
        permissions=(
            Permission(USERS, "update", ME, fields=("first_name",), policy="p1"),
            Permission(USERS, "update", {"status": {"_eq": "archived"}}, fields=("role",), policy="p2"),
        ),
    )  # fmt: skip
    access = merged.of_account("r1")
    mine = {"id": "u1", "status": "active"}
    assert access.may("update", USERS, "first_name", mine, access.context("u1"))
    assert not access.may("update", USERS, "role", mine, access.context("u1"))


# --- roles, policies, permissions --------------------------------------------------------------------------------------


@measured("child role of the administrator role")
@pytest.mark.parametrize("version", ["11.17.4", "12.4.1"])
def test_a_child_of_the_administrator_role_is_administrator(version: str) -> None:
    made = model(
        version=version, roles=(Role("admin"), Role("child", parent="admin")),
        policies=(Policy("p", admin_access=True),), access=(Access("p", "admin"),),
    )  # fmt: skip
    assert made.of(Principal(PrincipalKind.ROLE, "child", "child")).admin


@measured("permissions.create only: grant the public policy")
@pytest.mark.parametrize("version", ["11.17.4", "12.4.1"])
def test_permissions_create_alone_goes_by_way_of_the_public(version: str) -> None:
    path = path_of(World([Row("directus_permissions", "create")]), version=version)
    assert path is not None
    grant, use = path.steps
    assert (grant.id, use.id) in {("public-permission", "attach-policy"), ("public-permission", "promote-user")}
    assert grant.action.startswith("give the policy `Public` ")
    assert use.action.startswith("anonymously: ")
    assert [one.request and f"{one.request.method} {one.request.path}" for one in path.steps][:1] == [
        "POST /permissions"
    ]


@measured("admin_access or app_access on a public policy")
@pytest.mark.parametrize("version", ["11.17.4", "12.4.1"])
def test_flags_of_a_public_policy_have_no_effect(version: str) -> None:
    made = model(
        version=version, policies=(Policy(PUBLIC_POLICY, admin_access=True, app_access=True),),
        access=(Access(PUBLIC_POLICY),), users=(User("u1"),),
    )  # fmt: skip
    for access in (made.of(PUBLIC), made.of_user("u1")):
        assert not access.admin
        assert not access.app


@measured("v12 Core refuses creating any permission row with a rule")
def test_core_honours_no_row_with_a_rule_validation_preset_or_named_fields() -> None:
    rows = [
        Permission("posts", "read", {"status": {"_eq": "x"}}, fields=("*",), policy="p"),
        Permission("posts", "create", validation={"status": {"_eq": "x"}}, fields=("*",), policy="p"),
        Permission("posts", "update", presets={"status": "x"}, fields=("*",), policy="p"),
        Permission("posts", "read", fields=("title",), policy="p"),
    ]
    plain = Permission("posts", "delete", fields=("*",), policy="p")
    made = model(*rows, plain, version="12.4.1", edition=Edition.CORE, policies=(Policy("p"),))
    assert made.dormant == tuple(rows)
    assert not model(*rows, version="12.4.1", policies=(Policy("p"),)).dormant


@measured("non-administrator with rows on directus_collections/fields/relations/extensions writes")
@pytest.mark.parametrize("version", ALL)
def test_rows_on_the_data_model_lead_nowhere(version: str) -> None:
    rows = [
        Row(f"directus_{collection}", action)
        for collection in ("collections", "fields", "relations", "extensions")
        for action in ("create", "update", "delete")
    ]
    assert path_of(World(rows), version=version) is None


@measured("PATCH of an extension by a non-administrator with the row")
def test_an_extension_is_not_changed_by_a_row() -> None:
    assert path_of(World([Row("directus_extensions", "update")]), version="12.4.1") is None
    assert "refuses this to everybody but administrators" in _said(
        "extensions-write", Row("directus_extensions", "update")
    )


@measured("directus_sessions read over REST and GraphQL")
def test_sessions_are_refused_by_rest_and_graphql() -> None:
    assert "REST and GraphQL refuse sessions" in _said("sessions-access", Row("directus_sessions", "read"))
    assert path_of(World([Row("directus_sessions", "read")])) is None


@measured("directus_revisions read")
@pytest.mark.parametrize(
    ("edition", "more", "served"),
    [
        (Edition.LICENSED, (), True),
        (Edition.CORE, (), False),
        (Edition.CORE, (Row("directus_activity", "read"),), True),
    ],
)
def test_revisions_on_core_need_the_activity(edition: Edition, more: tuple[Row, ...], served: bool) -> None:
    rows = [Row("directus_revisions", "read"), *more]
    assert bool(_said("revisions-read", *rows, version="12.4.1", edition=edition)) is served


def _said(check: str, *rows: Row, version: str = "11.17.4", edition: Edition = Edition.LICENSED) -> str:
    """What a check says about the editor's rows."""
    asked = catalogue()[check]
    assert isinstance(asked, ExportCheck)
    return " ".join(str(getattr(answer, "message", "")) for answer in asked.judge(World(rows).export(version, edition)))


# --- the public ----------------------------------------------------------------------------------------------------------


@measured("user without a role sees what public sees / user with a role does not")
@pytest.mark.parametrize("version", ["11.17.4", "12.4.1"])
def test_a_user_without_a_role_sees_what_the_public_sees(version: str) -> None:
    made = public(Permission("posts", "read", fields=("*",), policy=PUBLIC_POLICY), version=version)
    assert made.of_user("u1").may("read", "posts")
    assert not made.of_user("u2").may("read", "posts")


@measured("public rule `author _eq $CURRENT_USER`, one item without author")
def test_the_public_is_served_the_items_of_nobody() -> None:
    row = Permission("posts", "read", {"author": {"_eq": "$CURRENT_USER"}}, fields=("*",), policy=PUBLIC_POLICY)
    access = public(row).of(PUBLIC)
    assert access.may("read", "posts", "title", {"id": 1, "author": None}, access.context())
    assert not access.may("read", "posts", "title", {"id": 1, "author": "u9"}, access.context())


# --- item rules ------------------------------------------------------------------------------------------------------------


@measured("item rules that match everything")
@pytest.mark.parametrize(
    "rule",
    [
        {"_and": []}, {"_or": []}, {"_or": [{}, {"status": {"_eq": "x"}}]}, {"id": {"_nnull": True}},
        {"id": {"_nin": []}}, {"id": {"_null": False}}, {"title": {"_contains": ""}},
    ],
)  # fmt: skip
def test_these_rules_match_everything(rule: Any) -> None:
    assert evaluate(effective(rule), {"id": 7, "title": "t", "status": "y"}, ASKER)
    not_null = frozenset({"id", "title"})
    assert matches_everything(effective(rule), not_null=not_null) is Tri.YES


@measured("item rules that match nothing")
@pytest.mark.parametrize("rule", [{"id": {"_in": []}}, {"_and": [{"_or": []}, {"id": {"_eq": 99}}]}])
def test_these_rules_match_none_of_the_items(rule: Any) -> None:
    assert not any(evaluate(effective(rule), {"id": number}, ASKER) for number in range(10))


@measured('`{"_not":{}}`')
def test_not_is_refused() -> None:
    assert not evaluate(effective({"_not": {}}), {"id": 1}, ASKER)
    assert matches_everything(effective({"_not": {}})) is Tri.UNKNOWN


@measured("an item rule on a create row")
def test_the_item_rule_of_a_create_row_is_never_read() -> None:
    row = Permission("posts", "create", {"author": {"_eq": "$CURRENT_USER"}}, fields=("*",), policy=PUBLIC_POLICY)
    grant = public(row).of_user("u1").grant("posts", "create")
    assert grant.items("author") == EVERYTHING
    assert grant.accepts({"author": "u9"}, QueryContext(user="u1"))


@measured("validation on a relation by nested rule")
def test_a_nested_validation_refuses_the_bare_key_and_accepts_an_object() -> None:
    rule = {"articles_id": {"author": {"_eq": "$CURRENT_USER"}}}
    assert not accepts(rule, {"articles_id": 1}, ASKER, major=12)
    assert accepts(rule, {"articles_id": {"id": 1}}, ASKER, major=12)


# --- elsewhere -----------------------------------------------------------------------------------------------------------------


@measured("/files/import of http://0.0.0.0:PORT with the default deny list")
@pytest.mark.parametrize(("version", "refused"), [("10.13.4", True), ("11.17.4", False), ("12.4.1", True)])
def test_the_default_deny_list_and_the_address_of_all_interfaces(version: str, refused: bool) -> None:
    parsed = Version.parse(version)
    assert parsed is not None
    listed = default("IMPORT_IP_DENY_LIST", parsed)
    assert listed is not None
    deny = DenyList.of(cast("IMPORT_IP_DENY_LIST", listed, parsed), parsed)
    assert deny.denies("0.0.0.0") is refused
    assert deny.denies("127.0.0.1")


@measured('flow condition `_eq "{{$env.HOOK_SECRET}}"` with HOOK_SECRET not in FLOWS_ENV_ALLOW_LIST')
def test_a_guard_with_an_unlisted_variable_asks_for_the_word_undefined() -> None:
    guard = Operation(
        "guard", "guard", "condition", "flow",
        {"filter": {"$trigger": {"headers": {"x-hook": {"_eq": "{{$env.HOOK_SECRET}}"}}}}}, "write", None, Location("x"),
    )  # fmt: skip
    write = Operation("write", "write", "item-create", "flow", {"collection": "posts"}, None, None, Location("x"))
    hook = Flow("flow", "Hook", "active", "webhook", {"method": "POST"}, "guard", Location("x"))
    run = FlowModel((hook,), (guard, write)).run(hook, Caller(signed_in=False), RecordValue({}, ABSENT))
    assert {step.operation.key: step.reach for step in run.steps}["write"] is Tri.YES


# --- merging and filtering ---------------------------------------------------------------------------------------------------


def together(*rules: Any) -> Any:
    """The items of several rows of one principal."""
    rows = [
        Permission("posts", "read", rule, fields=("*",), policy=PUBLIC_POLICY, id=n) for n, rule in enumerate(rules)
    ]
    return public(*rows).of(PUBLIC).items("posts", "read")


def test_an_empty_rule_frees_every_item_also_beside_others() -> None:
    empty: tuple[Any, ...] = ({}, None)
    for rule in empty:
        assert together(rule, {"status": {"_eq": "x"}}) == EVERYTHING


def test_an_empty_group_frees_every_item_alone_and_is_dropped_beside_another_rule() -> None:
    empty: tuple[Any, ...] = ({"_and": []}, {"_or": []})
    for rule in empty:
        assert together(rule) == EVERYTHING
        assert together(rule, {"status": {"_eq": "x"}}) == effective({"status": {"_eq": "x"}})


def test_null_is_that_of_sql() -> None:
    item = {"id": 1, "status": None}
    for operator, operand in (("_neq", "x"), ("_nin", ["x"]), ("_ncontains", "x")):
        assert not evaluate(effective({"status": {operator: operand}}), item, ASKER)
    assert effective({"status": {"_in": []}}) == NOTHING
    assert evaluate(effective({"status": {"_nin": []}}), item, ASKER)


def test_contains_ignores_case_where_the_database_does() -> None:
    rule = effective({"title": {"_contains": "AB"}})
    assert evaluate(rule, {"title": "xaby"}, QueryContext(ignore_case=True))
    assert not evaluate(rule, {"title": "xaby"}, QueryContext(ignore_case=False))


def test_false_inverts_in_item_rules_and_is_ignored_in_validations() -> None:
    assert evaluate(effective({"status": {"_null": False}}), {"status": "x"}, ASKER)
    assert not evaluate(effective({"status": {"_null": False}}), {"status": None}, ASKER)
    assert accepts({"status": {"_null": False}}, {"status": None}, ASKER, major=12)


def test_all_validations_hold_and_what_is_not_sent_passes() -> None:
    made = model(
        Permission("posts", "create", validation={"status": {"_eq": "a"}}, fields=("*",), policy="p1"),
        Permission("posts", "create", validation={"title": {"_eq": "t"}}, fields=("*",), policy="p2"),
        roles=(Role("r1"),), policies=(Policy("p1"), Policy("p2")), access=(Access("p1", "r1"), Access("p2", "r1")),
    )  # fmt: skip
    assert made.of_account("r1").collections("create") == ("posts",)
    grant = made.of_account("r1").grant("posts", "create")
    assert grant.accepts({}, ASKER)
    assert grant.accepts({"status": "a", "title": "t"}, ASKER)
    assert not grant.accepts({"status": "a", "title": "other"}, ASKER)


def test_on_10_an_empty_list_of_a_validation_restricts_nothing() -> None:
    assert accepts({"status": {"_in": []}}, {"status": "x"}, ASKER, major=10)


def test_on_10_rows_without_fields_give_keys_and_no_deletion() -> None:
    rows = [Permission("posts", action, fields=(), role="r1") for action in ("read", "delete")]
    access = model(*rows, version="10.13.4", roles=(Role("r1"),)).of_account("r1")
    assert access.grant("posts", "read").fields == ()
    assert access.items("posts", "delete") == NOTHING


def test_on_10_a_row_without_a_key_is_real_unless_it_is_the_frameworks() -> None:
    rows = [
        Permission("posts", "read", fields=("*",), role="r1"),
        Permission("notes", "read", fields=("*",), role="r1", system=True),
    ]
    access = model(*rows, version="10.13.4", roles=(Role("r1"),)).of_account("r1")
    assert access.may("read", "posts")
    assert not access.may("read", "notes")


# --- completeness ------------------------------------------------------------------------------------------------------------


def test_every_row_of_the_table_has_a_test() -> None:
    text = (Path(__file__).parents[1] / "truth" / "rules.md").read_text(encoding="utf-8")
    subjects = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(subjects) > 20
    for subject in subjects:
        found = [name for name in MEASURED if subject.startswith(name)]
        assert len(found) == 1, (subject, found)
    assert len(MEASURED) == len(subjects)
    assert all(re.match(r"test_", test.__name__) for test in MEASURED.values())
