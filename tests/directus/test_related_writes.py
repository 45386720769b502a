"""What a payload writes beside its own item."""

from __future__ import annotations

from typing import Any, Final

from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.principals import Principal, PrincipalKind
from directus_guard.directus.access.question import Permitted, Question, RelatedRefused, RelatedWrites, answer
from directus_guard.directus.access.records import Access, Permission, Policy, Role
from directus_guard.directus.access.related_writes import (
    RelatedField,
    RelatedWrite,
    is_refused,
    links_of,
    related_writes,
)
from directus_guard.directus.access.schema import Field, Relation, Schema
from tests.support.each import each_case

EDITOR: Final = Principal(PrincipalKind.ROLE, "r", "Editor")
COMMENTS: Final = RelatedField("comments", "post", "id")
AUTHOR: Final = RelatedField("authors", None, "id")
SCHEMA: Final = Schema(
    fields=(Field("comments", "id", primary_key=True), Field("comments", "post"), Field("tags", "code")),
    relations=(
        Relation("comments", "post", "posts", "comments"),
        Relation("posts", "author", "directus_users"),
        Relation("posts", "tag", "tags"),
        Relation("posts", "item", None, allowed_collections=("a",)),
    ),
)


def model(*rows: tuple[str, str, tuple[str, ...]]) -> AccessModel:
    permissions = tuple(Permission(one, action, fields=fields, policy="p") for one, action, fields in rows)
    return AccessModel(roles=(Role("r"),), policies=(Policy("p"),), access=(Access("p", "r"),), permissions=permissions)


def test_the_relations_of_a_collection() -> None:
    assert links_of(None, "posts") == {}
    assert links_of(SCHEMA, "posts") == {
        "comments": COMMENTS,
        "author": RelatedField("directus_users", None, "id"),
        "tag": RelatedField("tags"),
    }


@each_case(
    ("link", "value", "wanted"),
    [
        (AUTHOR, 1, []),
        (AUTHOR, None, []),
        (AUTHOR, {"name": "x"}, [("authors", "create", ("name",))]),
        (AUTHOR, {"id": 1, "name": "x"}, [("authors", "update", ("name",))]),
        (RelatedField("authors"), {"name": "x"}, []),
        (COMMENTS, [1], [("comments", "update", ("post",))]),
        (COMMENTS, [{"text": "x"}], [("comments", "create", ("text", "post"))]),
        (COMMENTS, [{"id": 1, "post": 2}, None], [("comments", "update", ("post",))]),
        (COMMENTS, {"create": [{"text": "x"}], "update": [{"id": 1}], "delete": [2]},
         [("comments", "create", ("text", "post")), ("comments", "update", ("post",))]),
        (COMMENTS, {"create": "x"}, []),
        (COMMENTS, "x", []),
    ],
)  # fmt: skip
def test_the_writes_of_a_value(link: RelatedField, value: Any, wanted: list[tuple[str, str, tuple[str, ...]]]) -> None:
    assert [(one.collection, one.action, one.names) for one in related_writes("f", link, value)] == wanted


def test_a_write_needs_a_permission_with_its_fields() -> None:
    write = RelatedWrite("comments", "comments", "update", ("post",))
    for rows, refused in (
        ((), True),
        ((("comments", "create", ("*",)),), True),
        ((("comments", "update", ("text",)),), True),
        ((("comments", "update", ("post",)),), False),
        ((("comments", "update", ("*",)),), False),
    ):
        assert is_refused(model(*rows).of(EDITOR), write) is refused


def test_a_refused_write_refuses_the_payload() -> None:
    question = Question("create", "posts", payload={"title": "x", "comments": [1]})
    links = links_of(SCHEMA, "posts")
    create = ("posts", "create", ("*",))
    refused = answer(model(create).of(EDITOR), question, links=links)
    assert refused.verdict is Permitted.NO
    assert refused.obstacles == (RelatedRefused(RelatedWrite("comments", "comments", "update", ("post",))),)
    open_ = answer(model(create, ("comments", "update", ("*",))).of(EDITOR), question, links=links)
    assert (open_.verdict, open_.obstacles) == (Permitted.CANNOT_TELL, (RelatedWrites(("comments",)),))


@each_case("action", ["create", "update", "delete"])
def test_only_administrators_write_the_data_model(action: str) -> None:
    access = model(("directus_fields", action, ("*",)), ("directus_fields", "read", ("*",))).of(EDITOR)
    assert answer(access, Question(action, "directus_fields")).verdict is Permitted.NO
    assert answer(access, Question("read", "directus_fields")).verdict is Permitted.YES
    assert answer(access, Question("update", "directus_relations")).verdict is Permitted.NO
