"""What HEAD grants that BASE did not: by what the rules let through, whatever they look like."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given, settings, strategies as st
from msgspec.structs import replace

from directus_guard.audit import sides
from directus_guard.audit.options import Options
from directus_guard.directus.access.change import Comparison, Gain
from directus_guard.directus.access.evaluation import QueryContext, evaluate
from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.payload_implication import accepts_no_more
from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.directus.access.records import Access, Edition, Permission, Policy, Role, User
from directus_guard.directus.access.schema import Collection, Field, Schema
from directus_guard.directus.export import Export, Settings
from directus_guard.directus.flows.records import Flow
from directus_guard.directus.gaps import ExportPart, Gap
from directus_guard.directus.project import Project
from directus_guard.directus.tri import Tri
from directus_guard.directus.versions import Version
from directus_guard.finding import Confidence, Location, Severity
from directus_guard.new_access import AccessDiff, AccessKind, NewAccess
from directus_guard.sources.files.repository import Repository
from tests.support import generate_rules

ADMIN: Final = "00000000-0000-4000-8000-000000000001"
EDITOR: Final = "00000000-0000-4000-8000-000000000002"
ME: Final = {"id": {"_eq": "$CURRENT_USER"}}
PUBLISHED: Final = {"status": {"_eq": "published"}}
ROLE = Principal(PrincipalKind.ROLE, EDITOR, "Editor")
CASES = int(os.environ.get("DIFF_CASES", "150"))


def row(collection: str, action: str, rule: Any = None, **more: Any) -> Permission:
    """A row of the editor's policy, unless it says otherwise."""
    given: dict[str, Any] = {"fields": ("*",), "policy": "editor"} | more
    return Permission(collection, action, rule, **given)


def export(*rows: Permission, **more: Any) -> Export:
    """An instance with an administrator, an editor, and a public policy."""
    given: dict[str, Any] = {
        "version": Version(11, 17, 4),
        "edition": Edition.LICENSED,
        "roles": (Role(ADMIN, "Administrator"), Role(EDITOR, "Editor")),
        "policies": (
            Policy("admin", "Administrator", admin_access=True, app_access=True),
            Policy("editor", "Editor"),
            Policy("public", "Public"),
        ),
        "access": (Access("admin", ADMIN), Access("editor", EDITOR), Access("public")),
    }
    beside = {
        key: more.pop(key) for key in ("flows", "settings", "schema", "gaps", "name", "operations") if key in more
    }
    numbered = tuple(
        replace(one, id=index, location=Location("permissions.json", index)) for index, one in enumerate(rows, 1)
    )
    model = AccessModel(permissions=numbered, **(given | more))
    return Export(beside.pop("name", "directus"), Location("policies.json"), model, **beside)


def compare(base: list[Export], head: list[Export], severities: dict[str, Severity | None] | None = None) -> AccessDiff:
    """As `directus-guard diff` compares two exports."""
    options = Options(severities=tuple((severities or {}).items()))
    nowhere = Repository(Path(__file__).parents[1] / "truth")
    old, new = (sides.look_at(Project((), exports=tuple(side)), options, nowhere) for side in (base, head))
    return sides.compare(old, new, options)


def new(base: Export, head: Export) -> tuple[NewAccess, ...]:
    """New access, without what checks find besides."""
    return tuple(entry for entry in compare([base], [head]).new if entry.kind is not AccessKind.FINDING)


def found(base: Export, head: Export) -> list[tuple[str, Severity]]:
    """The findings that HEAD adds."""
    return [(entry.check, entry.severity) for entry in compare([base], [head]).new if entry.kind is AccessKind.FINDING]


def only(base: Export, head: Export) -> NewAccess:
    (entry,) = new(base, head)
    return entry


# --- silent ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "head"),
    [
        ([row("posts", "read", PUBLISHED)], [row("posts", "read", {"_and": [PUBLISHED]})]),
        ([row("posts", "read", {"status": {"_in": ["a", "b"]}})], [row("posts", "read", {"_or": [{"status": {"_eq": "b"}}, {"status": {"_eq": "a"}}]})]),
        ([row("posts", "read", fields=("a", "b"))], [row("posts", "read", fields=("b", "a"))]),
        ([row("posts", "read", fields=("a", "b"))], [row("posts", "read", fields=("a",)), row("posts", "read", fields=("b",))]),
        ([row("posts", "read", None)], [row("posts", "read", {})]),
        ([row("posts", "read")], [row("posts", "read", PUBLISHED)]),
        ([row("posts", "read")], []),
        ([row("posts", "read", PUBLISHED)], [row("posts", "read", PUBLISHED), row("posts", "read", {"_and": [PUBLISHED, {"a": {"_eq": 1}}]})]),
        ([row("posts", "read", PUBLISHED), row("pages", "delete")], [row("pages", "delete"), row("posts", "read", PUBLISHED)]),
        ([row("posts", "create", None, validation=PUBLISHED)], [row("posts", "create", {"x": {"_eq": 1}}, validation={"_and": [PUBLISHED, {"a": {"_eq": 1}}]})]),
        ([row("posts", "create", validation={"status": {"_in": ["a", "b"]}})], [row("posts", "create", validation={"status": {"_eq": "a"}})]),
        ([row("posts", "read", fields=("a",))], [row("posts", "read", fields=())]),
        ([row("posts", "share")], [row("posts", "share", fields=())]),
    ],
)  # fmt: skip
def test_the_same_or_less_is_silent(base: list[Permission], head: list[Permission]) -> None:
    assert new(export(*base), export(*head)) == ()


def test_renamed_and_split_policies_are_silent() -> None:
    rows = [row("posts", "read", PUBLISHED), row("pages", "update")]
    base = export(*rows)
    renamed = export(
        *(replace(one, policy="other") for one in rows),
        policies=(
            Policy("admin", "Administrator", admin_access=True),
            Policy("other", "Writers"),
            Policy("public", "Public"),
        ),
        access=(Access("public"), Access("other", EDITOR), Access("admin", ADMIN)),
    )
    split = export(
        rows[0],
        replace(rows[1], policy="second"),
        policies=(*base.model.policies, Policy("second", "More")),
        access=(*base.model.access, Access("second", EDITOR)),
    )
    assert new(base, renamed) == ()
    assert new(base, split) == ()


def test_roles_that_hold_the_same_gain_the_same() -> None:
    both: dict[str, Any] = {
        "roles": (Role(ADMIN, "Administrator"), Role(EDITOR, "Editor"), Role("w", "Writer")),
        "access": (Access("admin", ADMIN), Access("editor", EDITOR), Access("editor", "w"), Access("public")),
    }
    old, new_ = export(**both).model, export(row("posts", "read"), **both).model
    comparison = Comparison(lambda _: None)
    gained = [
        comparison.gains(old.of(one), new_.of(one)) for one in (ROLE, Principal(PrincipalKind.ROLE, "w", "Writer"))
    ]
    assert gained[0] == gained[1]
    assert [(gain.collection, gain.action) for gain in gained[0]] == [("posts", "read")]


def test_a_role_is_matched_by_id_then_by_name() -> None:
    base = export(row("posts", "read"))
    renamed = export(row("posts", "read"), roles=(Role(ADMIN, "Administrator"), Role(EDITOR, "Writers")))
    fresh = export(
        row("posts", "read"),
        roles=(Role("a", "Administrator"), Role("b", "Editor")),
        access=(Access("admin", "a"), Access("editor", "b"), Access("public")),
    )
    assert new(base, renamed) == new(base, fresh) == ()


def test_less_is_counted() -> None:
    base, head = export(row("posts", "read"), row("pages", "read")), export(row("posts", "read", PUBLISHED))
    assert compare([base], [head]).narrowed == 2
    assert compare([head], [base]).narrowed == 0


# --- reported --------------------------------------------------------------------------------------------------------


def test_the_acceptance_case() -> None:
    base = export(row("directus_users", "update", ME, fields=("first_name",)))
    head = export(row("directus_users", "update", ME, fields=("first_name", "role")))
    path, items = new(base, head)
    assert (path.kind, path.check, path.severity, path.principals) == (
        AccessKind.ESCALATION, "escalation-path", Severity.CRITICAL, ("Editor",)
    )  # fmt: skip
    assert path.steps
    assert (items.kind, items.collection, items.action, items.fields) == (
        AccessKind.ITEMS, "directus_users", "update", ("role",)
    )  # fmt: skip
    assert items.before is None
    assert items.location == Location("permissions.json", 1)
    assert items.severity.rank >= Severity.HIGH.rank


def test_a_harmless_field_beside_a_dangerous_one_is_judged_alone() -> None:
    base = export(row("directus_users", "update", ME, fields=("role",)))
    head = export(row("directus_users", "update", ME, fields=("role", "first_name")))
    entry = only(base, head)
    assert (entry.severity, entry.check, entry.fields) == (Severity.MEDIUM, "", ("first_name",))


def test_a_wider_rule_comes_with_an_item_that_only_head_lets_through() -> None:
    entry = only(
        export(row("posts", "read", PUBLISHED)),
        export(row("posts", "read", {"status": {"_in": ["published", "review"]}})),
    )
    assert entry.example == {"status": "review"}
    assert (entry.before, entry.fields, entry.granted_by) == (PUBLISHED, ("*",), ("Editor",))
    assert entry.severity is Severity.MEDIUM


def test_public_writing_has_the_severity_of_its_check() -> None:
    rows = [row("posts", "update", PUBLISHED, policy="public")]
    wider = [row("posts", "update", policy="public")]
    entry = only(export(*rows), export(*wider))
    assert (entry.severity, entry.principals) == (Severity.HIGH, ("public",))
    assert entry.check in ("public-write", "rule-without-effect")


def test_every_field_but_those_known_before() -> None:
    entry = only(export(row("posts", "read", fields=("title",))), export(row("posts", "read")))
    assert (entry.fields, entry.excluded) == (("*",), ("title",))


def test_fields_with_other_rules_stand_apart() -> None:
    base = export(row("posts", "read", PUBLISHED, fields=("title", "body")))
    head = export(
        row("posts", "read", PUBLISHED, fields=("title", "body")), row("posts", "read", fields=("title", "date"))
    )
    by_field = {entry.fields: entry.before for entry in new(base, head)}
    assert by_field == {("title",): PUBLISHED, ("date",): None}


def test_a_dropped_or_loosened_validation() -> None:
    base = export(row("posts", "create", validation={"status": {"_eq": "draft"}}))
    for head in (
        None,
        {},
        {"status": {"_in": ["draft", "published"]}},
        {"status": {"_neq": "x"}},
        {"title": {"_eq": "a"}},
    ):
        entry = only(base, export(row("posts", "create", validation=head)))
        assert entry.kind is AccessKind.PAYLOADS
        assert entry.example is not None
        assert entry.example["status"] != "draft"
    entry = only(
        export(row("posts", "create", validation={"status": {"_submitted": True}})), export(row("posts", "create"))
    )
    assert entry.example == {}


def test_a_preset_that_satisfied_a_validation() -> None:
    base = export(row("posts", "create", validation={"status": {"_submitted": True}}, presets={"status": "draft"}))
    assert new(base, export(row("posts", "create", validation={"status": {"_submitted": True}}))) == ()
    assert (
        only(export(row("posts", "create", validation={"status": {"_submitted": True}})), base).kind
        is AccessKind.PAYLOADS
    )


def test_a_pattern_cannot_be_told() -> None:
    base = export(row("posts", "create", validation={"title": {"_regex": "^a"}}))
    entry = only(base, export(row("posts", "create", validation={"title": {"_regex": "^a|^b"}})))
    assert (entry.kind, entry.confidence) == (AccessKind.PAYLOADS, Confidence.LOW)


def test_a_removed_row_can_widen() -> None:
    """A row whose rule is an empty group frees no item beside another one (measured), and every item alone."""
    base = export(row("posts", "read", PUBLISHED), row("posts", "read", {"_and": [{}]}))
    assert only(base, export(row("posts", "read", {"_and": [{}]}))).before == PUBLISHED
    # So does a removed validation, of whichever row.
    base = export(row("posts", "update", PUBLISHED, validation={"a": {"_eq": 1}}), row("posts", "update"))
    assert {entry.kind for entry in new(base, export(row("posts", "update")))} == {AccessKind.PAYLOADS}


def test_nulls_of_which_no_schema_tells() -> None:
    base, head = row("posts", "read", {"title": {"_nnull": True}}), row("posts", "read")
    entry = only(export(base), export(head))
    assert entry.confidence is Confidence.LOW
    assert entry.example == {"title": None}

    def schema(nullable: bool) -> Schema:
        return Schema((Collection("posts"),), (Field("posts", "title", nullable=nullable),))

    assert only(export(base), export(head, schema=schema(True))).confidence is Confidence.HIGH
    assert new(export(base), export(head, schema=schema(False))) == ()


def test_roles_and_attachments() -> None:
    rows = [row("posts", "read", policy="editor"), row("pages", "read", policy="public")]
    base = export(*rows)
    added = export(*rows, access=(*base.model.access, Access("editor")))
    entry = only(base, added)
    assert (entry.principals, entry.collection) == (("public",), "posts")
    user = export(*rows, access=(*base.model.access, Access("editor", user="u1")))
    assert only(base, user).principals == ("u1",)
    role = export(
        *rows, roles=(*base.model.roles, Role("r", "Guest")), access=(*base.model.access, Access("editor", "r"))
    )
    assert only(base, role).principals == ("Guest",)
    assert only(base, role).message == "Was not on BASE."


def test_a_parent_and_flags() -> None:
    base = export(roles=(Role(ADMIN, "Administrator"), Role(EDITOR, "Editor")))
    child = export(roles=(Role(ADMIN, "Administrator"), Role(EDITOR, "Editor", parent=ADMIN)))
    entry = only(base, child)
    assert (entry.kind, entry.severity, entry.principals) == (AccessKind.ADMINISTRATOR, Severity.CRITICAL, ("Editor",))
    app = export(
        policies=(base.model.policies[0], replace(base.model.policies[1], app_access=True), base.model.policies[2])
    )
    assert only(base, app).kind is AccessKind.APP_ACCESS
    old = {"version": Version(10, 13, 4), "policies": (), "access": ()}
    flagged = export(roles=(Role(ADMIN, "Administrator"), Role(EDITOR, "Editor", admin_access=True)), **old)
    assert only(export(**old), flagged).kind is AccessKind.ADMINISTRATOR


def test_a_user_moved_to_another_role() -> None:
    base = export(row("posts", "read"), users=(User("u", None, "active"), User("v", EDITOR, "active")))
    head = export(row("posts", "read"), users=(User("u", EDITOR, "active"), User("v", ADMIN, "active")))
    administrator, items = new(base, head)
    assert (administrator.kind, administrator.principals) == (AccessKind.ADMINISTRATOR, ("v",))
    assert (items.principals, items.collection) == (("u",), "posts")


@pytest.mark.parametrize(
    ("base", "head", "silent"),
    [
        (("10.0.0.0/8",), (), False),
        (("10.0.0.0/8",), ("10.1.0.0/16", "10.2.3.4"), True),
        (("10.0.0.0/8",), ("10.0.0.0/8", "192.168.0.0/16"), False),
        (("10.0.0.1-10.0.0.9",), ("10.0.0.2-10.0.0.4",), True),
        ((), ("10.0.0.0/8",), True),
        (("what",), ("what",), True),
        (("::1",), ("127.0.0.1",), False),
    ],
)
def test_addresses_a_policy_counts_from(base: tuple[str, ...], head: tuple[str, ...], silent: bool) -> None:
    def limited(addresses: tuple[str, ...]) -> Export:
        made = export(row("posts", "read"))
        policies = tuple(replace(one, ip_access=addresses if one.id == "editor" else ()) for one in made.model.policies)
        return export(row("posts", "read"), policies=policies)

    kinds = [entry.kind for entry in new(limited(base), limited(head))]
    assert kinds == ([] if silent else [AccessKind.ADDRESSES])


def test_the_askers_roles_are_others_now() -> None:
    rows = [row("posts", "read", {"role": {"_in": "$CURRENT_ROLES"}})]
    base = export(*rows, roles=(Role("top", "Top"), Role(EDITOR, "Editor")))
    head = export(*rows, roles=(Role("top", "Top"), Role(EDITOR, "Editor", parent="top")))
    entry = only(base, head)
    assert (entry.kind, entry.collection, entry.confidence) == (AccessKind.UNKNOWN, "posts", Confidence.LOW)


# --- flows, settings, what is not told -------------------------------------------------------------------------------


def flow(**more: Any) -> Flow:
    given: dict[str, Any] = {
        "id": "f",
        "name": "Hook",
        "status": "active",
        "trigger": "webhook",
        "options": {},
        "operation": None,
    }
    return Flow(**(given | more), location=Location("flows.json", 3))


def test_flows_that_a_request_starts() -> None:
    quiet = flow(status="inactive")
    entry = only(export(flows=(quiet,)), export(flows=(flow(),)))
    assert (entry.location, entry.kind) == (Location("flows.json", 3), AccessKind.FLOW)
    assert new(export(flows=(flow(),)), export(flows=(flow(),))) == ()


def test_settings_that_the_checks_find() -> None:
    def with_registration(on: bool) -> Export:
        values: dict[str, Any] = {
            "public_registration": on,
            "public_registration_role": EDITOR,
            "public_registration_verify_email": False,
        }
        return export(settings=Settings(values, Location("settings.json")))

    assert found(with_registration(False), with_registration(True)) == [("public-registration", Severity.HIGH)]
    assert found(with_registration(True), with_registration(False)) == []


def test_what_is_not_told_is_said() -> None:
    base = export(row("posts", "read"))
    gap = export(row("posts", "read"), gaps=(Gap(ExportPart.ATTACHMENTS, "the export has no directus_access"),))
    entry = only(base, gap)
    assert (entry.kind, entry.confidence) == (AccessKind.UNKNOWN, Confidence.LOW)
    more = export(row("posts", "read"), row("pages", "read"))
    assert only(replace(base, gaps=(Gap(ExportPart.PERMISSIONS, "x"),)), more).confidence is Confidence.LOW
    assert compare([base], [gap]).unknown == (("HEAD", "directus", "the export has no directus_access"),)


def test_exports_under_another_name() -> None:
    base, head = export(row("posts", "read")), export(row("posts", "read"), row("pages", "read"), name="cms")
    diff = compare([base], [head])
    assert [entry.collection for entry in diff.new] == ["pages"]
    assert "compared with" in diff.notices[0]
    alone = compare([], [head])
    assert [entry.kind for entry in alone.new] == [AccessKind.UNKNOWN]
    gone = (("HEAD", "directus", "the export is on BASE only: what HEAD grants there is not known"),)
    assert compare([base], []) == AccessDiff((), unknown=gone, lost=(("directus", "the export `directus`"),))


def test_another_major_version_is_said() -> None:
    old = export(
        row("posts", "read", role=EDITOR, policy=None), version=Version(10, 13, 4), policies=(), access=(),
        roles=(Role(ADMIN, "Administrator", admin_access=True), Role(EDITOR, "Editor")),
    )  # fmt: skip
    diff = compare([old], [export(row("posts", "read"))])
    assert diff.new == ()
    assert "BASE is Directus 10.13.4, HEAD is Directus 11.17.4" in diff.notices[0]
    assert [entry.collection for entry in compare([old], [export(row("posts", "read"), row("pages", "read"))]).new] == [
        "pages"
    ]


def test_severities_of_the_config() -> None:
    base, head = export(), export(row("posts", "update", policy="public"))
    assert compare([base], [head], {"public-write": Severity.LOW}).new[0].severity is Severity.LOW
    assert compare([base], [head], {"public-write": None}).new[0].severity is Severity.MEDIUM


# --- properties ------------------------------------------------------------------------------------------------------


def random_rows(random: Random, count: int) -> list[Permission]:
    def one() -> Permission:
        fields = random.choice((("*",), ("a",), ("a", "b"), ("b", "c"), (), None))
        rule = random.choice((None, {}, generate_rules.rule(random, 2)))
        writes = {"validation": generate_rules.leaf(random)} if random.random() < 0.2 else {}
        action = random.choice(("create", "read", "update", "delete", "share"))
        return row(
            random.choice(("posts", "pages")),
            action,
            rule,
            fields=fields,
            policy=random.choice(("editor", "public")),
            **writes,
        )

    return [one() for _ in range(count)]


@pytest.mark.thorough
@settings(max_examples=CASES, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_property_nothing_is_new_beside_itself_in_any_order(seed: int) -> None:
    random = Random(seed)
    rows = random_rows(random, 6)
    base = export(*rows)
    random.shuffle(rows)
    head = export(
        *rows,
        roles=base.model.roles[::-1],
        policies=base.model.policies[::-1],
        access=tuple(random.sample(base.model.access, len(base.model.access))),
    )
    assert new(base, base) == ()
    assert new(base, head) == ()


@settings(max_examples=CASES, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_property_what_is_new_is_so_and_nothing_else(seed: int) -> None:
    """With one more row: each example is let through by HEAD only, and random items agree with what is said."""
    random = Random(seed)
    rows = random_rows(random, 3)
    old, now = export(*rows).model, export(*rows, *random_rows(random, 1)).model
    for principal in (PUBLIC, ROLE):
        before, after = old.of(principal), now.of(principal)
        gains = Comparison(lambda _: None).gains(before, after)
        for gain in gains:
            if gain.certain:
                confirm(gain, before.grant(gain.collection, gain.action), after.grant(gain.collection, gain.action))
        for grant in after.grants():
            told = [gain for gain in gains if (gain.collection, gain.action) == (grant.collection, grant.action)]
            for name in ("a", "b", "c", "other"):
                asked = None if grant.action in ("delete", "share") else name
                wider = after.items(grant.collection, grant.action, asked)
                narrower = before.items(grant.collection, grant.action, asked)
                for _ in range(5):
                    item, context = generate_rules.item(random), generate_rules.context(random)
                    if principal is PUBLIC:
                        context = replace(context, user=None, role=None, roles=(), variables={})
                    if evaluate(wider, item, context) and not evaluate(narrower, item, context):
                        assert any(speaks_of(gain, asked) for gain in told)


def speaks_of(gain: Gain, name: str | None) -> bool:
    if gain.payload:
        return False
    return name is None or name in gain.fields or ("*" in gain.fields and name not in gain.excluded)


def confirm(gain: Gain, before: Any, after: Any) -> None:
    assert gain.example is not None
    assert gain.context is not None
    if gain.payload:
        assert after.accepts(gain.example, gain.context)
        assert not before.accepts(gain.example, gain.context)
        return
    for name in gain.fields or (None,):
        assert evaluate(after.items(name), gain.example, gain.context)
        assert not evaluate(before.items(name), gain.example, gain.context)


VALUES = ("draft", "published", "", None, 1, "1", 2, True)


@pytest.mark.thorough
@settings(max_examples=CASES * 2, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_property_payloads(seed: int) -> None:
    """An example is one; and where none is said to exist, random payloads find none."""
    random = Random(seed)

    def condition() -> dict[str, Any]:
        operator = random.choice(
            ("_eq", "_neq", "_in", "_nin", "_null", "_nnull", "_empty", "_nempty", "_submitted", "_contains")
        )
        value: Any = random.choice(VALUES[:3]) if operator == "_contains" else random.choice(VALUES)
        if operator in ("_in", "_nin"):
            value = [random.choice(VALUES) for _ in range(random.randint(0, 3))]
        if operator in ("_eq", "_neq") and random.random() < 0.2:
            value = "$CURRENT_USER"
        return {random.choice(("status", "title")): {operator: value}}

    def validation() -> Any:
        kind = random.random()
        if kind < 0.15:
            return None
        if kind < 0.4:
            return {random.choice(("_and", "_or")): [condition() for _ in range(random.randint(1, 3))]}
        return condition()

    def grant(**presets: Any) -> Any:
        rows = [
            row("posts", "create", validation=validation(), presets=presets or None)
            for _ in range(random.randint(1, 2))
        ]
        return export(*rows).model.of(ROLE).grant("posts", "create")

    old, now = grant(), grant(**({"status": "draft"} if random.random() < 0.2 else {}))
    told = accepts_no_more(now, old)
    if told.answer is Tri.NO:
        assert told.item is not None
        assert told.context is not None
        assert now.accepts(told.item, told.context)
        assert not old.accepts(told.item, told.context)
    if told.answer is Tri.YES:
        for _ in range(40):
            payload: dict[str, Any] = {
                name: random.choice((*VALUES, {}, {"id": "draft"}, [], "x"))
                for name in ("status", "title")
                if random.random() < 0.7
            }
            context = QueryContext(user=random.choice(("me", "draft")))
            assert not now.accepts(payload, context) or old.accepts(payload, context)
