"""What an export lets anonymous visitors do, and what it tells its reader."""

from __future__ import annotations

from typing import Any

from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.records import Access, Edition, Permission, Policy
from directus_guard.directus.access.schema import Collection, Field, Schema
from directus_guard.directus.export import Export
from directus_guard.directus.gaps import ExportPart, Gap
from directus_guard.directus.versions import NEWEST_OF
from directus_guard.finding import Location

SCHEMA = Schema(
    (Collection("posts"), Collection("pages")),
    (Field("posts", "slug", primary_key=True), Field("posts", "state", nullable=False)),
    source="snapshot.yaml",
)


def export(*rows: tuple[str, str, Any], **more: Any) -> Export:
    """Rows of the public policy."""
    model = AccessModel(
        source="x",
        version=NEWEST_OF[11],
        edition=Edition.LICENSED,
        policies=(Policy("p", "Public"),),
        access=(Access("p"),),
        permissions=tuple(
            Permission(collection, action, rule, fields=("*",), policy="p", id=number)
            for number, (collection, action, rule) in enumerate(rows, 1)
        ),
    )
    return Export("directus", Location("directus"), model, **more)


def test_rules_that_no_visitor_can_meet_open_nothing() -> None:
    """`state` and `slug` are never null, and the visitor's own id is."""
    rows = (
        ("posts", "read", {"state": {"_null": True}}),
        ("posts", "update", {"slug": {"_eq": "$CURRENT_USER"}}),
        ("posts", "create", {"state": {"_null": True}}),
        ("pages", "read", {"state": {"_null": True}}),
        ("pages", "share", None),
    )
    known = export(*rows, schema=SCHEMA)
    assert known.public_access == {"posts": {"create"}, "pages": {"read", "share"}}
    assert known.public_reads == {"pages"}
    assert export(*rows).public_access == {"posts": {"create", "read", "update"}, "pages": {"read", "share"}}


def test_what_was_decided_where_the_export_left_a_choice() -> None:
    assert export().notices == ()
    schema = Schema(source="snapshot.yaml", others=("old/snapshot.yaml", "dump.json"))
    gaps = (Gap(ExportPart.EDITION, "judged as licensed"), Gap(ExportPart.USERS, "not exported"))
    assert export(gaps=gaps, schema=schema, possibly_public=frozenset({"p", "q", "r", "s", "t"})).notices == (
        "directus: judged as licensed",
        "directus: attached to the public or to a user, judged as both: `Public`, `q`, `r`, `s`, `t`",
        "directus: the data model is read from snapshot.yaml; left out: old/snapshot.yaml, dump.json",
    )
    assert export(schema=SCHEMA).notices == ()
