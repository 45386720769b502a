"""Questions that people asked in public about a 403 of Directus: `can` names the cause.

Each has the address of the thread, and the smallest export that shows what is described there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from tests.support.cli import guard, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

ISSUE: Final = "https://github.com/directus/directus/issues/"
ME: Final = {"_eq": "$CURRENT_USER"}


class Asked(NamedTuple):
    """One thread. `editor` and `public`: permissions; `fields`: the data model; `relations`: (many, field, one, alias)."""

    source: str
    question: str
    says: tuple[str, ...]
    code: int = 1
    editor: Sequence[Mapping[str, Any]] = ()
    public: Sequence[Mapping[str, Any]] = ()
    fields: Mapping[str, str] = {}
    relations: Sequence[tuple[str, str, str | None, str | None]] = ()
    policy: Mapping[str, Any] = {}
    user_role: str | None = "editors"


def row(collection: str, action: str, *fields: str, **more: Any) -> dict[str, Any]:
    return {"collection": collection, "action": action, "fields": list(fields or ("*",)), **more}


THREADS: Final = (
    Asked(
        f"{ISSUE}10203", "public read directus_files",
        ("There is no permission for read on `directus_files` in the Public policy.", "`/assets/ID` asks for this permission, too"),
        public=[row("posts", "read")],
    ),
    Asked(
        f"{ISSUE}23356", "public read directus_files.id",
        ("No permission for read has `id`.", "Its permissions name no field at all.", "with the field `id`"),
        public=[{**row("directus_files", "read", permissions={"folder": {"_null": True}}), "fields": []}],
    ),
    Asked(
        f"{ISSUE}3477", "public read coworkers", ("there is no collection `coworkers`. Did you mean `coworker`?",), 2,
        public=[row("coworker", "read")], fields={"coworker": "id name"},
    ),
    Asked(
        f"{ISSUE}23754", "public read location", ("There is no permission for read on `location`",),
        editor=[row("location", "read")], public=[row("posts", "read")], fields={"location": "id", "posts": "id"},
    ),
    Asked(
        f"{ISSUE}5732", "Editor read products",
        ("It may not read `products_sizes`: requests for `sizes.*`, and filters on that, are refused.",), 0,
        editor=[row("products", "read"), row("sizes", "read")],
        fields={"products": "id sizes", "products_sizes": "id product size", "sizes": "id"},
        relations=[("products_sizes", "product", "products", "sizes"), ("products_sizes", "size", "sizes", None)],
    ),
    Asked(
        f"{ISSUE}23029", 'Editor create companies --payload {"name":"A","owners":["u2"]}',
        ("In `owners` it writes related items: it may not update `company` of `directus_users`.",),
        editor=[row("companies", "create"), row("directus_users", "read")],
        fields={"companies": "id name owners"}, relations=[("directus_users", "company", "companies", "owners")],
    ),
    Asked(
        f"{ISSUE}15929", 'Editor create news --payload {"title":"A","images":[{"title":"B"}]}',
        ("In `images` it writes related items: it may not create `title`, `news` of `directus_files`.",),
        editor=[row("news", "create"), row("directus_files", "read")],
        fields={"news": "id title images"}, relations=[("directus_files", "news", "news", "images")],
    ),
    Asked(
        f"{ISSUE}18214", 'Editor update b --payload {"field2":[{"id":1,"field1":2,"note":"x"}]}',
        ("In `field2` it writes related items: it may not update `field1`, `note` of `a`.",),
        editor=[row("b", "update"), row("a", "update", "field1")],
        fields={"a": "id field1 note", "b": "id field2"}, relations=[("a", "field1", "b", "field2")],
    ),
    Asked(
        f"{ISSUE}25864", 'u1 create directus_files --payload {"folder":"b"}',
        ("The payload does not satisfy the validation of the Public policy: folder is", "Every validation must hold, also those of other policies."),
        editor=[row("directus_files", "create")],
        public=[row("directus_files", "create", validation={"folder": {"_eq": "a"}})], user_role=None,
    ),
    Asked(
        f"{ISSUE}9733", 'Editor create b --payload {"a":1}',
        ("The payload does not satisfy the validation of policy `Editing`", "it cannot look into the item behind `a`"),
        editor=[row("b", "create", validation={"a": {"field": {"_eq": "draft"}}})],
        fields={"a": "id field", "b": "id a"}, relations=[("b", "a", "a", None)],
    ),
    Asked(
        f"{ISSUE}11299", 'Editor create directus_users --payload {"email":"x","role":"editors"}',
        ("does not satisfy the validation of policy `Editing`", "it cannot look into the item behind `role`"),
        editor=[row("directus_users", "create", validation={"_and": [{"role": {"admin_access": {"_eq": False}}}]})],
    ),
    Asked(
        f"{ISSUE}21873", 'Editor create directus_files --payload {"title":"x"}',
        ("does not satisfy the validation of policy `Editing`: folder is not null", "A preset fills in `folder`."),
        editor=[row("directus_files", "create", validation={"folder": {"_nnull": True}}, presets={"folder": None})],
    ),
    Asked(
        f"{ISSUE}25568", 'Editor update spaces_translations --item {"space":{"space_editors":[{"user":"u2"}]}}',
        ("`Editor` may update `spaces_translations` only where space.space_editors.user is the current user",),
        editor=[row("spaces_translations", "update", permissions={"space": {"space_editors": {"user": ME}}})],
    ),
    Asked(
        f"{ISSUE}4373", 'u1 delete articles --item {"author_id":{"user_id":{"id":"u2"}}}',
        ("The item does not meet the item rule: author_id.user_id is the current user.",),
        editor=[row("articles", "delete", permissions={"author_id": {"user_id": {"id": ME}}})],
    ),
    Asked(
        f"{ISSUE}13364", "Editor read planets.id",
        ("No permission for read has `id`.", "Its permissions have `name`.", "only in a filter or a sort"),
        editor=[row("planets", "read", "name")], fields={"planets": "id name"},
    ),
    Asked(
        f"{ISSUE}23652", "public read faqs.sort",
        ("No permission for read has `sort`.", "A field that is only in a filter or a sort must be among them, too."),
        public=[row("faqs", "read", "id", "tags")], fields={"faqs": "id tags sort"},
    ),
    Asked(
        f"{ISSUE}6041", "Editor update cell.id", ("No permission for update has `id`.", "Its permissions have `sort`, `text`."),
        editor=[row("cell", "update", "text", "sort")], fields={"cell": "id text sort"},
    ),
    Asked(
        f"{ISSUE}12737", "Editor read resources",
        ("It may not read `attendance`: requests for `item:attendance.*`, and filters on that, are refused.",), 0,
        editor=[row("resources", "read")], fields={"resources": "id item collection", "attendance": "id type"},
        relations=[("resources", "item", None, None)],
    ),
    Asked(
        f"{ISSUE}4212", "Editor read directus_users",
        ("It may not read `directus_files`: requests for `avatar.*`, and filters on that, are refused.",), 0,
        editor=[row("directus_users", "read"), row("directus_roles", "read")],
    ),
    Asked(
        "https://github.com/directus/docs/issues/541", "Editor read directus_files",
        ("It may not read `directus_folders`: requests for `folder.*`, and filters on that, are refused.",), 0,
        editor=[row("directus_files", "read"), row("directus_users", "read")],
    ),
    Asked(
        f"{ISSUE}8885", "Editor read directus_settings",
        ("App access has a permission for it: no policy of it switches `app_access` on.",), editor=[row("posts", "read")],
    ),
    Asked(
        f"{ISSUE}24175", "Editor create directus_collections",
        ("Only administrators may create `directus_collections`: Directus ignores the permission.",),
        editor=[row("directus_collections", action) for action in ("create", "read", "update", "delete")],
    ),
    Asked(
        f"{ISSUE}26025", "Editor read tasks", ("From some addresses only: `Editing` has `ip_access`.",), 0,
        editor=[row("tasks", "read")], policy={"ip_access": "10.0.0.0/8"},
    ),
    Asked(
        f"{ISSUE}3454", 'Editor update directus_users.avatar --item {"id":"$CURRENT_USER"}',
        ("There is no permission for update on `directus_users` in policy `Editing`.",),
        editor=[row("directus_users", "read", permissions={"id": ME})],
    ),
    Asked(
        f"{ISSUE}14312", 'Editor read posts --item {"id":4711}',
        ("Yes:", "Directus answers 403 for an item that does not exist, too."), 0, editor=[row("posts", "read")],
    ),
    Asked(
        "https://github.com/directus/next/issues/33", "public create messages",
        ("It may not read `messages`: the answer to the request has no data.",), 0, public=[row("messages", "create")],
    ),
)  # fmt: skip


def exported(asked: Asked) -> dict[str, str]:
    """The export that a thread describes."""
    rows = [("editing", one) for one in asked.editor] + [("public", one) for one in asked.public]
    off = {"admin_access": False, "app_access": False, "enforce_tfa": False, "ip_access": None}
    whole = {"permissions": None, "validation": None, "presets": None}
    editors = {"role": "editors", "user": None}
    tables: dict[str, Any] = {
        "permissions": [
            {"id": number, "policy": policy, **whole, **one} for number, (policy, one) in enumerate(rows, start=1)
        ],
        "policies": [
            {"id": "editing", "name": "Editing", **off, **asked.policy},
            {"id": "public", "name": "$t:public_label", **off},
        ],
        "access": [
            {"id": "a", "policy": "editing", **editors, "sort": 1},
            {"id": "b", "policy": "public", "role": None, "user": None, "sort": 1},
            *([] if asked.user_role else [{"id": "c", "policy": "editing", "role": None, "user": "u1", "sort": 1}]),
        ],
        "roles": [{"id": "editors", "name": "Editor", "parent": None}],
        "users": [{"id": one, "role": asked.user_role, "status": "active"} for one in ("u1", "u2")],
    }
    if asked.fields:
        tables["snapshot"] = _snapshot(asked)
    files = {f"directus/{name}.json": json.dumps(value, indent=1) for name, value in tables.items()}
    return {"compose.yaml": "services:\n  cms:\n    image: directus/directus:11.17.4\n", **files}


def _snapshot(asked: Asked) -> dict[str, Any]:
    return {
        "version": 1, "directus": "11.17.4", "vendor": "postgres",
        "collections": [{"collection": one, "meta": {"collection": one}, "schema": {"name": one}} for one in asked.fields],
        "fields": [
            {
                "collection": one, "field": name, "type": "string", "meta": {"special": None},
                "schema": {"name": name, "is_nullable": name != "id", "is_primary_key": name == "id"},
            }
            for one, names in asked.fields.items() for name in names.split()
        ],
        "relations": [
            {
                "collection": many, "field": field, "related_collection": one, "schema": None,
                "meta": {
                    "many_collection": many, "many_field": field, "one_collection": one, "one_field": alias, "junction_field": None,
                    "one_collection_field": None if one else "collection",
                    "one_allowed_collections": None if one else ["attendance"],
                },
            }
            for many, field, one, alias in asked.relations
        ],
    }  # fmt: skip


@pytest.mark.parametrize("asked", THREADS, ids=lambda one: one.source.removeprefix("https://github.com/"))
def test_the_answer_names_the_cause(asked: Asked, tmp_path: Path) -> None:
    root = write(tmp_path, exported(asked))
    run = guard("can", *asked.question.split(" "), f"--path={root}")
    said = " ".join((run.out + run.err).split())
    assert (run.code, [one for one in asked.says if one not in said]) == (asked.code, []), said


def test_each_thread_is_asked_once() -> None:
    assert len({one.source for one in THREADS}) == len(THREADS) >= 20
