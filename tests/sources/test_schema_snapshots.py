"""Data models in the forms people keep them in, each record with its place, and which export each belongs to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from directus_guard.directus.access.schema import Relation
from directus_guard.sources.exports import reader as exports
from tests.support.cli import guard, write
from tests.support.each import each_case
from tests.support.exports import FORMATS, ROW, gaps_of
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.access.schema import Collection, Field, Schema
    from directus_guard.directus.export import Export
    from directus_guard.finding import Problem

COLLECTIONS: Final[list[dict[str, Any]]] = [
    {
        "collection": "posts",
        "meta": {"collection": "posts", "hidden": False, "singleton": False},
        "schema": {"name": "posts"},
    },
    {
        "collection": "posts_tags",
        "meta": {"collection": "posts_tags", "hidden": True},
        "schema": {"name": "posts_tags"},
    },
    {"collection": "tags", "meta": None, "schema": {"name": "tags"}},
]
FIELDS: Final[list[dict[str, Any]]] = [
    {"collection": "posts", "field": "id", "type": "integer", "meta": {"special": None}, "schema": {"is_nullable": False, "is_primary_key": True}},
    {"collection": "posts", "field": "status", "type": "string", "meta": None, "schema": {"is_nullable": True}},
    {"collection": "posts", "field": "tags", "type": "alias", "meta": {"special": ["m2m"]}, "schema": None},
    {"collection": "posts_tags", "field": "posts_id", "type": "integer", "meta": {"special": None}, "schema": {}},
    {"collection": "posts_tags", "field": "tags_id", "type": "integer", "meta": {"special": None}, "schema": {}},
    {"collection": "tags", "field": "id", "type": "uuid", "meta": {"special": "uuid,hash"}, "schema": {}},
    {"collection": "directus_users", "field": "nickname", "type": "string", "meta": None, "schema": {}},
]  # fmt: skip
RELATIONS: Final[list[dict[str, Any]]] = [
    {"collection": "posts_tags", "field": "posts_id", "related_collection": "posts", "meta": {"one_field": "tags", "junction_field": "tags_id"}, "schema": {}},
    {"collection": "posts_tags", "field": "tags_id", "related_collection": "tags", "meta": {"one_field": None, "junction_field": "posts_id"}, "schema": {}},
]  # fmt: skip
HEAD: Final = {"version": 1, "directus": "11.17.4", "vendor": "sqlite"}
WHOLE: Final[dict[str, Any]] = {
    **HEAD, "collections": COLLECTIONS, "fields": FIELDS, "systemFields": [], "relations": RELATIONS,
}  # fmt: skip


def of(rows: list[dict[str, Any]], collection: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["collection"] == collection]


def without_collection(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != "collection"} for row in rows]


NAMES: Final = ("posts", "posts_tags", "tags", "directus_users")
REST, SYNC = FORMATS["the API"], FORMATS["directus-sync"]
FORMS: Final[dict[str, dict[str, object]]] = {
    "snapshot as YAML": {**REST, "snapshot.yaml": yaml.safe_dump(WHOLE)},
    "snapshot as JSON": {**REST, "dump/snapshot.json": WHOLE},
    "snapshot in a folder above": {**REST, "snapshots/2026.yml": yaml.safe_dump(WHOLE, sort_keys=False)},
    "answer of /schema/snapshot": {**REST, "dump/schema.json": {"data": WHOLE}},
    "answers of the API": {**REST, **{f"dump/{name}.json": {"data": WHOLE[name]} for name in ("collections", "fields", "relations")}},
    "environment sync": {
        **FORMATS["Environment Sync"],
        "directus/default/schema/metadata.json": {"files": [f"{name}_0123456789abcdef.json" for name in NAMES], "snapshot": HEAD},
        **{
            f"directus/default/schema/{name}_0123456789abcdef.json": {
                "collection": name,
                "definition": next(iter(of(COLLECTIONS, name)), None),
                "fields": of(FIELDS, name),
                "relations": of(RELATIONS, name),
                "systemFields": [],
            }
            for name in NAMES
        },
    },
    "directus-sync, one file": {**SYNC, "directus-config/snapshot/snapshot.json": WHOLE},
    "directus-sync, split": {
        **SYNC,
        "directus-config/snapshot/info.json": HEAD,
        **{f"directus-config/snapshot/collections/{row['collection']}.json": row for row in COLLECTIONS},
        **{f"directus-config/snapshot/fields/{row['collection']}/{row['field']}.json": row for row in FIELDS},
        **{f"directus-config/snapshot/relations/{row['collection']}/{row['field']}.json": row for row in RELATIONS},
    },
    "schema-sync, one file": {**FORMATS["schema-sync"], "schema-sync/data/schema.json": {"hash": "x", **WHOLE}},
    "schema-sync, split": {
        **FORMATS["schema-sync"],
        "schema-sync/data/schema.json": {"hash": "x", "partial": True, **HEAD},
        **{
            f"schema-sync/data/schema/{name}.json": {
                **next(iter(of(COLLECTIONS, name)), {"collection": name}),
                "fields": without_collection(of(FIELDS, name)),
                "relations": without_collection(of(RELATIONS, name)),
            }
            for name in NAMES
        },
    },
    "template": {**FORMATS["directus-template-cli"], **{f"t/src/{name}.json": WHOLE[name] for name in ("collections", "fields", "relations")}},
    "template with a snapshot": {**FORMATS["directus-template-cli"], "t/src/schema/snapshot.json": WHOLE},
}  # fmt: skip


def read(root: Path, files: dict[str, object]) -> tuple[Export, ...]:
    return exports.read(repository(root, texts(files)))


def texts(files: dict[str, object]) -> dict[str, str]:
    return {name: data if isinstance(data, str) else json.dumps(data, indent=2) for name, data in files.items()}


def schema_of(root: Path, files: dict[str, object]) -> Schema:
    (found,) = read(root, files)
    assert found.schema is not None
    return found.schema


@each_case("name", FORMS)
def test_every_form_gives_the_same_data_model(tmp_path: Path, name: str) -> None:
    (found,) = read(tmp_path, FORMS[name])
    schema = found.schema
    assert schema is not None
    assert schema.complete
    assert {(one.name, one.hidden) for one in schema.collections} == {
        ("posts", False), ("posts_tags", True), ("tags", False),
    }  # fmt: skip
    assert {key: set(fields) for key, fields in schema.by_collection.items()} == {
        "posts": {"id", "status", "tags"}, "posts_tags": {"posts_id", "tags_id"}, "tags": {"id"}, "directus_users": {"nickname"},
    }  # fmt: skip
    key, status = schema.by_collection["posts"]["id"], schema.by_collection["posts"]["status"]
    assert (key.primary_key, key.nullable, status.primary_key, status.nullable) == (True, False, False, True)
    assert schema.by_collection["tags"]["id"].special == ("uuid", "hash")
    assert schema.junctions == {"posts_tags": ("posts_id", "tags_id")}
    assert found.model.fields["posts"] == {"id", "status", "tags"}
    if name not in ("answers of the API", "template"):
        assert str(found.model.version) == "11.17.4"
    assert schema.vendor == ("" if name in ("answers of the API", "template") else "sqlite")


@pytest.mark.parametrize("vendor", ["post\x1b[31mgres", "x" * 41, "", 7, None])
def test_what_is_no_name_of_a_database_is_none(tmp_path: Path, vendor: object) -> None:
    assert schema_of(tmp_path, {**REST, "dump/snapshot.json": {**WHOLE, "vendor": vendor}}).vendor == ""


@each_case("name", FORMS)
@each_case("newline", ["\n", "\r\n"])
def test_every_record_has_its_place(tmp_path: Path, name: str, newline: str) -> None:
    files = {path: text.replace("\n", newline) for path, text in texts(FORMS[name]).items()}
    (found,) = exports.read(repository(tmp_path, files))
    assert found.schema is not None
    records: list[Collection | Field | Relation] = [*found.schema.collections, *found.schema.fields]
    for record in (*records, *found.schema.relations):
        place = record.location
        assert place is not None
        lines = files[place.path].split(newline)
        own = newline.join(lines[place.line - 1 : place.end_line])
        wanted = record.field if isinstance(record, Relation) else record.name
        assert wanted in own
        first = lines[place.line - 1][place.column - 1 :]
        assert first.startswith("{" if place.path.endswith("json") else ("collection", "- collection"))


def test_many_to_any_has_a_third_key_and_translations_are_no_junction(tmp_path: Path) -> None:
    fields = [
        {"collection": "pages", "field": "translations", "type": "alias", "meta": {"special": ["translations"]}, "schema": None},
        {"collection": "pages_blocks", "field": "item", "type": "string", "meta": None, "schema": {}},
    ]  # fmt: skip
    relations = [
        {"collection": "pages_blocks", "field": "pages_id", "related_collection": "pages", "meta": {"one_field": "blocks", "junction_field": "item"}},
        {"collection": "pages_blocks", "field": "item", "related_collection": None, "meta": {"one_collection_field": "collection", "one_allowed_collections": ["a", "b"], "junction_field": "pages_id"}},
        {"collection": "pages_translations", "field": "pages_id", "related_collection": "pages", "meta": {"one_field": "translations", "junction_field": "languages_code"}},
    ]  # fmt: skip
    schema = schema_of(tmp_path, {**REST, "dump/snapshot.json": {**WHOLE, "fields": fields, "relations": relations}})
    assert schema.junctions == {"pages_blocks": ("collection", "item", "pages_id")}
    assert schema.relations_of["pages_blocks"][1].allowed_collections == ("a", "b")


def test_of_several_the_fullest_then_the_nearest(tmp_path: Path) -> None:
    files = {**FORMS["template"], "t/src/schema/snapshot.json": WHOLE, "t/old-snapshot.yaml": yaml.safe_dump(WHOLE)}
    schema = schema_of(tmp_path, files)
    assert schema.source == "t/src"
    assert schema.others == ("t/src/schema/snapshot.json", "t/old-snapshot.yaml")
    files.pop("t/src/relations.json")
    write(tmp_path / "b", {path: text.encode() for path, text in texts(files).items()})
    assert schema_of(tmp_path / "b", files).source == "t/src/schema/snapshot.json"
    assert "left out: t/old-snapshot.yaml, t/src" in guard("scan", tmp_path / "b").out


def test_a_snapshot_belongs_to_the_export_it_lies_nearest_to(tmp_path: Path) -> None:
    files: dict[str, object] = {f"{place}/permissions.json": [{**ROW, "policy": "p"}] for place in ("x/a", "x/b")}
    one, two = read(tmp_path, {**files, "x/a/snapshot.json": WHOLE})
    assert one.schema is not None
    assert two.schema is None
    one, two = read(tmp_path / "both", {**files, "x/snapshot.yaml": yaml.safe_dump(WHOLE)})
    assert one.schema is not None
    assert two.schema is not None


def test_what_is_partial_is_not_complete(tmp_path: Path) -> None:
    assert not schema_of(tmp_path / "a", {**REST, "dump/snapshot.json": {**WHOLE, "version": 2}}).complete
    files = dict(FORMS["environment sync"])
    files.pop("directus/default/schema/tags_0123456789abcdef.json")
    assert not schema_of(tmp_path / "b", files).complete


def test_an_old_snapshot_beside_policies_tells_no_version(tmp_path: Path) -> None:
    (found,) = read(tmp_path, {**REST, "dump/snapshot.json": {**WHOLE, "directus": "10.8.3"}})
    assert "version" in gaps_of(found)
    assert found.model.version.major == 12


def test_a_snapshot_alone_is_no_export(tmp_path: Path) -> None:
    assert read(tmp_path, {"snapshot.yaml": yaml.safe_dump(WHOLE)}) == ()


def test_other_yaml_is_nobodys(tmp_path: Path) -> None:
    files = {
        **REST,
        "dump/values.yaml": "collections: 1\nfields: 2\n",
        "dump/openapi.yml": "collections:\n  a: b\nfields: {}\n",
        "dump/schema.json": {"$schema": "x", "fields": {"a": 1}},
        "dump/broken.yml": "a: [",
    }
    made = repository(tmp_path, texts(files))
    (found,) = exports.read(made)
    assert found.schema is None
    assert made.problems == []


@pytest.mark.parametrize(
    ("name", "text"),
    [("snapshot.json", '{"collections": [{"collection": }'), ("snapshot.yaml", "collections:\n- a\nfields: [\n")],
)
def test_a_broken_snapshot_is_a_problem(tmp_path: Path, name: str, text: str) -> None:
    made = repository(tmp_path, {**texts(REST), f"dump/{name}": text})
    exports.read(made)
    assert [problem.path for problem in made.problems] == [f"dump/{name}"]


@each_case("newline", ["\n", "\r\n"])
@each_case("form", ["spaces", "tabs", "yaml"])
def test_places_in_a_large_snapshot(tmp_path: Path, form: str, newline: str) -> None:
    fields = [
        {"collection": "posts", "field": f"f{index}ä", "type": "string", "meta": {"special": None}, "schema": {"is_nullable": True}}
        for index in range(1500)
    ]  # fmt: skip
    whole = {**WHOLE, "fields": fields}
    text = (
        yaml.dump(whole, Dumper=yaml.CSafeDumper, allow_unicode=True)
        if form == "yaml"
        else json.dumps(whole, indent=2 if form == "spaces" else "\t", ensure_ascii=False)
    ).replace("\n", newline)
    name = "dump/snapshot.yaml" if form == "yaml" else "dump/snapshot.json"
    schema = schema_of(tmp_path, {**REST, name: text})
    lines = text.split(newline)
    assert len(lines) > 9_000
    assert len(schema.fields) == len(fields)
    for field in schema.fields:
        place = field.location
        assert place is not None
        start = lines[place.line - 1][place.column - 1 :]
        assert start.startswith("collection: posts" if form == "yaml" else "{")
        assert field.name in newline.join(lines[place.line - 1 : place.line + 2])


FIELD: Final = {"collection": "posts", "field": "pin", "type": "hash", "meta": {"special": ["hash"]}, "schema": {"is_nullable": False}}  # fmt: skip


@each_case(
    ("change", "whole"),
    [
        ({}, True), ({"meta": None}, True), ({"type": "alias", "schema": None}, True),
        ({"schema": ...}, False), ({"meta": {"special": ["${X}"]}}, False), ({"meta": {"special": "${X}"}}, False),
    ],
)  # fmt: skip
def test_what_a_field_always_has(tmp_path: Path, change: dict[str, object], whole: bool) -> None:
    """As the snapshots of real projects have them: only an alias is without a column."""
    values = {name: value for name, value in {**FIELD, **change}.items() if value is not ...}
    collections = [{"collection": "posts", "meta": {"hidden": False}, "schema": {"name": "posts"}}]
    snapshot = {"version": 1, "directus": "12.4.1", "collections": collections, "fields": [values], "relations": []}
    files = {**FORMATS["the API"], "dump/snapshot.json": snapshot}
    made = repository(tmp_path, {name: json.dumps(data) for name, data in files.items()})
    (found,) = exports.read(made)
    assert [one.incomplete for one in made.problems] == ([] if whole else [True])
    assert ("data model" in gaps_of(found)) is not whole


def test_a_field_with_nothing_but_its_key_leaves_the_model_open(tmp_path: Path) -> None:
    field = {**FIELD, "meta": {"collection": "posts", "field": "pin"}}
    collections = [{"collection": "posts", "meta": {"hidden": False}, "schema": {"name": "posts"}}]
    snapshot = {"version": 1, "directus": "12.4.1", "collections": collections, "fields": [field], "relations": []}
    files = {**FORMATS["the API"], "dump/snapshot.json": snapshot}
    made = repository(tmp_path, {name: json.dumps(data) for name, data in files.items()})
    (found,) = exports.read(made)
    assert not made.problems
    assert "data model" in gaps_of(found)


@each_case(
    ("other", "known"), [({**FIELD, "field": "id"}, True), ({**FIELD, "field": "id", "meta": {"hidden": True}}, False)]
)
def test_who_writes_a_snapshot_may_leave_out_what_is_not_special(
    tmp_path: Path, other: dict[str, object], known: bool
) -> None:
    """Directus stores nothing for a `special` that is missing. If no field has it, it was cut away."""
    plain = {**FIELD, "meta": {"interface": "input"}}
    collections = [{"collection": "posts", "meta": {"hidden": False}, "schema": {"name": "posts"}}]
    snapshot = {
        "version": 1,
        "directus": "12.4.1",
        "collections": collections,
        "fields": [plain, other],
        "relations": [],
    }
    made = repository(
        tmp_path,
        {name: json.dumps(data) for name, data in {**FORMATS["the API"], "dump/snapshot.json": snapshot}.items()},
    )
    (found,) = exports.read(made)
    assert not made.problems
    assert ("data model" in gaps_of(found)) is not known


@each_case(
    ("special", "lost"),
    [("user-created", False), ("m2o", False), ("file", False), ("o2m", True), ("translations", True)],
)
def test_a_snapshot_without_relations(tmp_path: Path, special: str, lost: bool) -> None:
    """A program makes `user_created` without a relation; only a field without a column needs one."""
    column = {"type": "alias", "schema": None} if lost else {"type": "uuid", "schema": {"is_nullable": True}}
    field = {**FIELD, **column, "meta": {"special": [special]}}
    collections = [{"collection": "posts", "meta": {"hidden": False}, "schema": {"name": "posts"}}]
    snapshot = {"version": 1, "directus": "12.4.1", "collections": collections, "fields": [field], "relations": []}
    files = {name: json.dumps(data) for name, data in FORMATS["the API"].items()}
    for name, text in (("dump/snapshot.json", json.dumps(snapshot)), ("dump/snapshot.yaml", yaml.safe_dump(snapshot))):
        root = tmp_path / name.rpartition(".")[2]
        made = repository(root, {**files, name: text})
        (found,) = exports.read(made)
        assert [problem.incomplete for problem in made.problems] == [True] * lost
        assert ("data model" in gaps_of(found)) is lost


LFS: Final = "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 3\n"
TAGS: Final = "directus/default/schema/tags_0123456789abcdef.json"


def broken(root: Path, form: str, path: str, text: str | None) -> tuple[Export, list[Problem]]:
    """The export of a form with another text in one of its files, or without those below `path`, and what was said."""
    files = {name: one for name, one in texts(FORMS[form]).items() if name != path and not name.startswith(f"{path}/")}
    made = repository(root, files if text is None else {**files, path: text})
    (found,) = exports.read(made)
    return found, made.problems


@each_case(
    ("form", "path", "text"),
    [
        *(("directus-sync, split", "directus-config/snapshot/fields/posts/status.json", text) for text in ("", "{", "{}", "null", LFS)),
        ("directus-sync, split", "directus-config/snapshot/collections/tags.json", '{"collection": "ta'),
        ("directus-sync, split", "directus-config/snapshot/relations/posts_tags/tags_id.json", '{"collection": "posts_tags", "fie'),
        ("directus-sync, split", "directus-config/snapshot/info.json", '{"version": 1, "dir'),
        ("directus-sync, split", "directus-config/snapshot/relations", None),
        ("directus-sync, one file", "directus-config/snapshot/snapshot.json", json.dumps(WHOLE)[:900]),
        *(("environment sync", TAGS, text) for text in (None, "", "{}", '{"collection": "tags", "definition": {')),
        ("environment sync", "directus/default/schema/metadata.json", '{"files": ["tags'),
        ("schema-sync, one file", "schema-sync/data/schema.json", json.dumps(WHOLE)[:900]),
        ("schema-sync, split", "schema-sync/data/schema/tags.json", ""),
        ("template", "t/src/relations.json", json.dumps(RELATIONS)[:200]),
        ("template with a snapshot", "t/src/schema/snapshot.json", json.dumps(WHOLE)[:900]),
        ("snapshot as YAML", "snapshot.yaml", f"<<<<<<< HEAD\n{yaml.safe_dump(WHOLE)}"),
        ("answer of /schema/snapshot", "dump/schema.json", json.dumps({"data": WHOLE})[:900]),
    ],
)  # fmt: skip
def test_a_data_model_of_which_something_is_lost(tmp_path: Path, form: str, path: str, text: str | None) -> None:
    """Nothing is known of a collection then: what is lost may be the field that matters."""
    found, problems = broken(tmp_path, form, path, text)
    assert [problem.incomplete for problem in problems] == [True]
    assert "data model" in gaps_of(found)
    assert found.schema is None or found.schema.whole_collections == frozenset()


def test_what_only_lies_beside_an_export_is_none_of_its_data_model(tmp_path: Path) -> None:
    other = {
        "directus-config/postman_collection.json": '{"info": {"name": "x"}, "item": [{"collection": ',
        "directus-config/snapshot/notes.json": '{"text": "x"}',
        "schema/openapi.json": '{"collection": "x", "type": "object", "properties": {',
    }
    made = repository(tmp_path, {**texts(FORMS["directus-sync, split"]), **other})
    (found,) = exports.read(made)
    assert not any(problem.incomplete for problem in made.problems)
    assert found.schema is not None
    assert found.schema.complete


@pytest.mark.parametrize(("schema", "told"), [({"name": "posts"}, False), (None, True)])
def test_a_table_without_a_field(tmp_path: Path, schema: dict[str, str] | None, told: bool) -> None:
    """Directus leaves fields without `meta` out of a snapshot; a collection without a table only groups others."""
    posts = {**COLLECTIONS[0], "schema": schema}
    fields = [row for row in FIELDS if row["collection"] != "posts"]
    whole = {**WHOLE, "collections": [posts, *COLLECTIONS[1:]], "fields": fields}
    made = repository(tmp_path, {**texts(REST), "dump/snapshot.json": json.dumps(whole)})
    (found,) = exports.read(made)
    assert found.schema is not None
    assert ("posts" in found.schema.whole_collections) is told
    assert [problem.incomplete for problem in made.problems] == ([] if told else [True])


NO_META: Final = "has no `metadata.json`"


@each_case(
    ("text", "said"), [("", "not valid JSON"), ('{"files": ["dir', "not valid JSON"), (LFS, "Git LFS"), ("{}", NO_META), (None, NO_META)]
)  # fmt: skip
def test_metadata_that_cannot_be_read(tmp_path: Path, text: str | None, said: str) -> None:
    _, problems = broken(tmp_path, "environment sync", "directus/default/data/metadata.json", text)
    assert [(said in problem.message, problem.incomplete) for problem in problems] == [(True, True)]


EMPTY: Final = {"is_nullable": False, "default_value": None}


@each_case(
    ("column", "special", "required"),
    [
        (EMPTY, None, True),
        (EMPTY, ["uuid"], False),
        (EMPTY, "date-created", False),
        (EMPTY, ["hash"], True),
        ({**EMPTY, "is_nullable": True}, None, False),
        ({**EMPTY, "default_value": "draft"}, None, False),
        ({**EMPTY, "is_primary_key": True}, None, False),
        ({**EMPTY, "has_auto_increment": True}, None, False),
        ({**EMPTY, "is_generated": True}, None, False),
        ({"is_nullable": False}, None, False),
        ({}, None, False),
    ],
)
def test_a_column_that_must_be_given_a_value(tmp_path: Path, column: Any, special: Any, required: bool) -> None:
    field = {"collection": "posts", "field": "branch", "type": "string", "meta": {"special": special}, "schema": column}
    schema = schema_of(tmp_path, {**REST, "snapshot.json": {**WHOLE, "fields": [*FIELDS, field]}})
    assert schema.required_fields == ({"posts": ("branch",)} if required else {})
