"""A small access model with a row of every kind, as each major has it."""

from __future__ import annotations

from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.records import PUBLIC_POLICY, Access, Edition, Permission, Policy, Role
from directus_guard.directus.access.schema import Collection, Field, Relation, Schema
from directus_guard.directus.export import Export, Settings
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.directus.versions import NEWEST_OF
from directus_guard.finding import Location

HERE = Location("export.json")
EDITORS = "5e5e5e5e-0000-4000-8000-000000000001"
STAFF = "5e5e5e5e-0000-4000-8000-000000000002"
CHIEFS = "_sync_default_chiefs"
OWN = "a user with the policy Own"
FLOW = "5e5e5e5e-0000-4000-8000-000000000003"
NIGHTLY = "5e5e5e5e-0000-4000-8000-000000000004"


def export(major: int) -> Export:
    """Editors below staff, a policy of one user, rows of the public, a flow with two operations, and one that starts by itself."""
    return Export(
        name="model", location=HERE, model=_old() if major < 11 else _model(major), schema=schema(), flows=flows(),
        operations=operations(),
        settings=Settings({"public_registration": True, "public_registration_role": EDITORS}, HERE),
    )  # fmt: skip


def schema() -> Schema:
    """Articles of authors; two collections that lead to each other; a field of users."""
    fields = (
        Field("articles", "id", "integer", primary_key=True),
        Field("articles", "title", "string"),
        Field("articles", "author", "uuid", ("m2o", "user-created")),
        Field("articles", "topic", "string", ("m2o",)),
        Field("topics", "slug", "string", primary_key=True),
        Field("topics", "best", "integer", ("m2o",)),
        Field("topics", "articles", "alias", ("o2m",)),
        Field("directus_users", "favourite", "integer", ("m2o",)),
    )
    relations = (
        Relation("articles", "author", "directus_users"),
        Relation("articles", "topic", "topics", one_field="articles"),
        Relation("topics", "best", "articles"),
        Relation("directus_users", "favourite", "articles"),
    )
    collections = (Collection("articles", has_table=True), Collection("topics", has_table=True), Collection("folder"))
    return Schema(collections, fields, relations, "snapshot.json", complete=True)


def _rows(policy: str | None = None, role: str | None = None) -> tuple[Permission, ...]:
    return (
        Permission("articles", "read", None, None, None, ("*",), policy, role, id=1, location=HERE),
        Permission("directus_users", "update", None, None, None, ("*",), policy, role, id=2, location=HERE),
    )


def _model(major: int) -> AccessModel:
    rows = (
        *_rows(policy="p-editors"),
        *_rows(policy=PUBLIC_POLICY),
        Permission("articles", "create", {"title": {"_nnull": True}}, {"author": {"_eq": EDITORS}}, {"topic": CHIEFS},
                   ("title", "topic"), policy="p-own", id=3, location=HERE),
    )  # fmt: skip
    return AccessModel(
        source="model", version=NEWEST_OF[major], edition=Edition.CORE if major >= 12 else Edition.LICENSED,
        roles=(Role(EDITORS, "Editors", parent=STAFF), Role(STAFF, "Staff"), Role(CHIEFS, "Chiefs")),
        policies=(
            Policy("p-editors", "Editors"), Policy("p-own", "Own"), Policy("p-chiefs", "Chiefs", admin_access=True),
            Policy(PUBLIC_POLICY, "$t:public_label"),
        ),
        access=(
            Access("p-editors", role=EDITORS), Access("p-chiefs", role=CHIEFS), Access("p-own", user=OWN),
            Access(PUBLIC_POLICY),
        ),
        permissions=rows,
    )  # fmt: skip


def _old() -> AccessModel:
    """Two rows of one kind: the API of 10 answers them merged."""
    return AccessModel(
        source="model", version=NEWEST_OF[10],
        roles=(Role(EDITORS, "Editors", app_access=True), Role(CHIEFS, "Chiefs", admin_access=True, app_access=True)),
        permissions=(
            *_rows(role=EDITORS), *_rows(role=None),
            Permission("articles", "read", {"title": {"_nnull": True}}, None, None, ("title",), role=None, id=3, location=HERE),
        ),
    )  # fmt: skip


def flows() -> tuple[Flow, ...]:
    """One that a webhook starts, one that starts every second."""
    return (
        Flow(FLOW, "Subscribe", "active", "webhook", {"method": "POST"}, "first", HERE),
        Flow(NIGHTLY, "Nightly", "active", "schedule", {"cron": "* * * * * *"}, "tick", HERE),
    )


def operations() -> tuple[Operation, ...]:
    """A request, whose place something else takes, and the write after it; what would run every second."""
    write = {"collection": "articles", "payload": "{{$trigger.body}}", "permissions": "$full"}
    request = {"method": "POST", "url": "https://elsewhere.example.com", "body": "{{$trigger}}"}
    return (
        Operation("first", "tell", "request", FLOW, request, "second", None, HERE),
        Operation("second", "write", "item-create", FLOW, write, None, None, HERE),
        Operation("tick", "tick", "item-create", NIGHTLY, write, None, None, HERE),
    )
