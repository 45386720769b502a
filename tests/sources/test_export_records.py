"""Records are read strictly: every form that databases and exporters write, and nothing else is taken for "unset"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.sources.exports import reader as exports
from tests.support.each import each_case
from tests.support.exports import ACCESS, FORMATS, PERMISSIONS, POLICIES, ROLES, ROW, gaps_of
from tests.support.in_memory import in_memory
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.export import Export
    from directus_guard.finding import Problem

WHOLE: Final[dict[str, Any]] = {"permissions": PERMISSIONS, "policies": POLICIES, "roles": ROLES, "access": ACCESS}


def read(root: Path, **tables: object) -> tuple[Export, list[Problem]]:
    import json

    made = repository(root, {f"d/{name}.json": json.dumps(rows) for name, rows in {**WHOLE, **tables}.items()})
    (found,) = exports.read(made)
    return found, made.problems


def changed(rows: list[dict[str, Any]], **members: object) -> list[dict[str, Any]]:
    """The rows with other members in the second: `...` takes one away."""
    row = {key: value for key, value in {**rows[1], **members}.items() if value is not ...}
    return [rows[0], row, *rows[2:]]


@each_case("name", FORMATS)
def test_what_exporters_write_is_no_problem(tmp_path: Path, name: str) -> None:
    import json

    made = repository(tmp_path, {path: json.dumps(data) for path, data in FORMATS[name].items()})
    exports.read(made)
    assert made.problems == []


@each_case("value", [1, "1", True])
def test_a_true_of_a_database(tmp_path: Path, value: object) -> None:
    found, problems = read(tmp_path, policies=changed(POLICIES, admin_access=value))
    assert found.model.policies[1].admin_access
    assert problems == []


@each_case("value", ["*", "a, b", '["a", "b"]', ["a", "b"]])
def test_a_list_of_fields(tmp_path: Path, value: object) -> None:
    found, problems = read(tmp_path, permissions=changed(PERMISSIONS, fields=value))
    assert found.model.permissions[1].fields == (("*",) if value == "*" else ("a", "b"))
    assert problems == []


@pytest.mark.parametrize("value", ['{"a": {"_eq": 1}}', {"a": {"_eq": 1}}])
def test_a_rule_as_text(tmp_path: Path, value: object) -> None:
    found, problems = read(tmp_path, permissions=changed(PERMISSIONS, permissions=value))
    assert found.model.permissions[1].permissions == {"a": {"_eq": 1}}
    assert problems == []


ODD: Final[list[tuple[str, str, object]]] = [
    ("policies", "admin_access", "true"), ("policies", "admin_access", "yes"), ("policies", "admin_access", None),
    ("policies", "admin_access", 2), ("policies", "app_access", []), ("policies", "ip_access", {}), ("policies", "ip_access", [1]),
    ("policies", "enforce_tfa", "x"), ("policies", "id", {}), ("policies", "admin_access", ...), ("policies", "ip_access", ...),
    ("permissions", "collection", ["posts"]), ("permissions", "action", ["read"]), ("permissions", "action", "READ"),
    ("permissions", "fields", {"a": 1}), ("permissions", "fields", '["a"'), ("permissions", "permissions", []),
    ("permissions", "permissions", "{"), ("permissions", "validation", 1), ("permissions", "presets", "x"),
    ("permissions", "policy", ...), ("permissions", "policy", None), ("permissions", "policy", True), ("permissions", "fields", ...),
    ("permissions", "permissions", ...), ("access", "policy", []), ("access", "role", {"name": "x"}), ("access", "user", ...),
    ("permissions", "permissions", {"_and": {}}), ("permissions", "permissions", {"a": {"_eq": {}}}), ("permissions", "permissions", {"a": {"_in": [{"$ref": "x"}]}}), ("permissions", "policy", "${X}"),
    ("permissions", "validation", {"a": {"_eq": "{{ x }}"}}), ("permissions", "presets", {"$ref": "x"}), ("permissions", "fields", ["${X}"]),
    ("permissions", "collection", "{{ x }}"), ("access", "role", ...), ("roles", "parent", []), ("roles", "parent", ...), ("roles", "id", ...),
]  # fmt: skip


@each_case(("table", "member", "value"), ODD)
def test_anything_else_is_a_problem_and_a_gap(tmp_path: Path, table: str, member: str, value: object) -> None:
    found, problems = read(tmp_path, **{table: changed(WHOLE[table], **{member: value})})
    assert [(one.path, one.incomplete) for one in problems] == [(f"d/{table}.json", True)]
    assert f"`{member}`" in problems[0].message
    assert set(gaps_of(found)) - {"version", "edition"}


def test_a_word_for_true_counts_as_that(tmp_path: Path) -> None:
    found, problems = read(tmp_path, policies=changed(POLICIES, admin_access="True"))
    assert found.model.policies[1].admin_access
    assert len(problems) == 1


@each_case("word", ["True", "t", "YES", "on", "False", "F", "no", "off"])
def test_a_word_for_true_or_false_counts_as_that(tmp_path: Path, word: str) -> None:
    found, problems = read(tmp_path, policies=changed(POLICIES, admin_access=word, enforce_tfa=word))
    policy = found.model.policies[1]
    assert policy.admin_access is (word in ("True", "t", "YES", "on"))
    assert len(problems) == 2


@each_case("ending", [".json", "_1.json", "_a.json"])
@each_case("name", WHOLE)
def test_a_full_name_says_that_the_others_are_of_the_project(tmp_path: Path, name: str, ending: str) -> None:
    import json

    names = {table: f"d/{'' if table == name else 'a_'}directus_{table}{ending}" for table in WHOLE}
    own = json.dumps([{"id": "u1", "role": "r1", "email": "a@example.org"}])
    made = repository(
        tmp_path, {names[table]: json.dumps(rows) for table, rows in WHOLE.items()} | {"d/users.json": own}
    )
    (found,) = exports.read(made)
    assert "users" in gaps_of(found, optional=True)


def test_one_fault_in_many_rows_is_one_problem(tmp_path: Path) -> None:
    _, problems = read(tmp_path, permissions=[{**ROW, "id": index} for index in range(3000)])
    (problem,) = problems
    assert "`policy` is missing" in problem.message
    assert "2999 more" in problem.message


@each_case("table", WHOLE)
@each_case("content", ["", "{}", "null", '"moved"', "[1]", "<<<<<<< a\n[]\n", '{"data": null}', '{"$ref": "x"}'])
def test_a_file_with_something_else(tmp_path: Path, table: str, content: str) -> None:
    import json

    files = {f"d/{name}.json": json.dumps(rows) for name, rows in WHOLE.items()} | {f"d/{table}.json": content}
    made = repository(tmp_path, files)
    (found,) = exports.read(made)
    assert any(one.incomplete and one.path == f"d/{table}.json" for one in made.problems)
    assert set(gaps_of(found)) - {"version", "edition"}


@each_case("table", WHOLE)
def test_a_table_that_is_not_there(tmp_path: Path, table: str) -> None:
    import json

    files = {f"d/{name}.json": json.dumps(rows) for name, rows in WHOLE.items() if name != table}
    made = repository(tmp_path, files)
    (found,) = exports.read(made)
    assert [one.incomplete for one in made.problems if f"directus_{table}" in one.message] == [True]
    assert set(gaps_of(found)) - {"version", "edition"}


def test_tables_that_may_be_left_out(tmp_path: Path) -> None:
    found, problems = read(tmp_path)
    assert set(gaps_of(found, optional=True)) == {"users", "flows", "operations", "settings", "data model"}
    assert problems == []
    found, _ = read(tmp_path, users=[], flows=[], operations=[], settings=[])
    assert set(gaps_of(found, optional=True)) == {"data model"}


def test_files_that_the_metadata_lists(tmp_path: Path) -> None:
    listed = {"source": "https://cms.example.org", "incomplete": [], "files": ["directus-flows_3353475ea0a3148b.json"]}
    found, problems = read(tmp_path, metadata=listed)
    assert "flows" in gaps_of(found, optional=True)
    (problem,) = problems
    assert "directus-flows_3353475ea0a3148b.json" in problem.message


def test_a_policy_that_is_not_in_the_export(tmp_path: Path) -> None:
    found, problems = read(tmp_path, permissions=changed(PERMISSIONS, policy=5))
    assert "policies" in gaps_of(found)
    assert [problem.incomplete for problem in problems] == [True]


def test_values_are_never_printed(tmp_path: Path) -> None:
    users = [{"id": "u", "role": "r1", "status": ["hunter2"], "email": "a@example.org", "token": ["hunter2"]}]
    _, problems = read(tmp_path, users=users)
    assert len(problems) == 2
    assert "hunter2" not in repr(problems)


FLOW: Final = {"id": "f", "name": "Hook", "status": "active", "trigger": "webhook", "accountability": "all", "options": {}, "operation": "o"}  # fmt: skip
OPERATION: Final = {"id": "o", "key": "k", "type": "exec", "flow": "f", "position_x": 1, "resolve": None, "reject": None, "options": {}}  # fmt: skip


@each_case("value", ["${CODE}", {"$ref": "#/x"}, {"a": [{"b": " ${X} "}]}])
@each_case("table", ["flows", "operations"])
def test_an_option_that_something_fills_in_later_is_open(tmp_path: Path, table: str, value: object) -> None:
    rows: dict[str, list[dict[str, object]]] = {"flows": [dict(FLOW)], "operations": [dict(OPERATION)]}
    rows[table][0]["options"] = {"code": value}
    found, problems = read(tmp_path, **rows)
    assert table in gaps_of(found)
    assert problems == []


@each_case("value", ["return `${data.x}`;", "{{ $env.X }}", "a ${b} c", {"$trigger": {"body": 1}}])
def test_what_directus_itself_reads_is_no_placeholder(tmp_path: Path, value: object) -> None:
    found, problems = read(tmp_path, flows=[FLOW], operations=[{**OPERATION, "options": {"code": value}}])
    assert not {"flows", "operations"} & set(gaps_of(found))
    assert problems == []


@each_case(
    ("flow", "operation", "part"),
    [({"operation": "x"}, {}, "operations"), ({}, {"flow": "x"}, "flows"), ({}, {"resolve": 5}, "operations"), ({"id": 5}, {}, "flows")],
)  # fmt: skip
def test_operations_that_are_not_in_the_export(
    tmp_path: Path, flow: dict[str, object], operation: dict[str, object], part: str
) -> None:
    found, problems = read(tmp_path, flows=[{**FLOW, **flow}], operations=[{**OPERATION, **operation}])
    assert part in gaps_of(found)
    assert [problem.incomplete for problem in problems] == [True]


@each_case(
    ("table", "options"),
    [
        ("operations", {"filter": "${GUARD}"}), ("operations", {"filter": {"$trigger": {"body": {"_eq": "Bearer ${TOKEN}"}}}}),
        ("operations", {"filter": {"_and": [{"$trigger": {"<HEADER>": {"_eq": "x"}}}]}}), ("operations", {"filter": "<GUARD>"}),
        ("operations", {"filter": {"$ref": "#/x"}}), ("operations", {"permissions": "<%= role %>"}),
        ("operations", {"permissions": "#{ROLE}"}), ("operations", {"permissions": ["$public"]}), ("operations", {"permissions": {}}),
        ("operations", {"collection": "@@COLLECTION@@"}), ("operations", {"flow": "${FLOW:-x}"}),
        ("flows", {"return": "${RETURN}"}), ("flows", {"return": "{{ returned }}"}), ("flows", {"method": "<METHOD>"}),
        ("flows", {"method": "{{METHOD}}"}), ("flows", {"collections": ["posts", "${OTHER}"]}),
    ],
)  # fmt: skip
def test_an_option_that_decides_and_is_filled_in_later_makes_an_export_incomplete(
    tmp_path: Path, table: str, options: dict[str, object]
) -> None:
    rows: dict[str, list[dict[str, object]]] = {"flows": [dict(FLOW)], "operations": [dict(OPERATION)]}
    rows[table][0]["options"] = options
    found, (problem,) = read(tmp_path, **rows)
    assert problem.incomplete
    assert f"options.{next(iter(options))}" in problem.message
    assert table in gaps_of(found)


@each_case(
    "options",
    [
        {"filter": {"$trigger": {"headers": {"x-key": {"_eq": "{{ $env.KEY }}"}}}}}, {"permissions": "{{ $trigger.role }}"},
        {"filter": {"$trigger": {"body": {"mail": {"_regex": "^a{2}$"}}}}}, {"permissions": "$trigger"}, {"permissions": None},
        {"filter": {"$accountability": {"user": {"_eq": "$CURRENT_USER"}}}}, {"collection": "{{$trigger.collection}}"},
        {"filter": {"$trigger": {"body": {"html": {"_contains": "<b>${</b>"}}}}},
    ],
)  # fmt: skip
def test_templates_of_operations_are_no_placeholders(tmp_path: Path, options: dict[str, object]) -> None:
    found, problems = read(tmp_path, flows=[FLOW], operations=[{**OPERATION, "options": options}])
    assert not {"flows", "operations"} & set(gaps_of(found))
    assert problems == []


USER: Final = {"id": "u", "role": "r1", "status": "active", "email": "a@example.org"}


@each_case(
    ("table", "member", "value"),
    [
        ("flows", "status", "Active"), ("flows", "status", "ACTIVE"), ("flows", "status", "enabled"), ("flows", "status", " active"),
        ("flows", "trigger", "Webhook"), ("users", "status", "ACTIVE"), ("users", "status", "Active"), ("users", "status", "aktiv"),
    ],
)  # fmt: skip
def test_a_word_that_directus_does_not_have(tmp_path: Path, table: str, member: str, value: str) -> None:
    rows: dict[str, list[dict[str, object]]] = {"flows": [dict(FLOW)], "operations": [dict(OPERATION)], "users": [dict(USER)]}  # fmt: skip
    rows[table][0][member] = value
    found, (problem,) = read(tmp_path, **rows)
    assert problem.incomplete
    assert table in gaps_of(found)


@each_case(
    ("value", "said"),
    [
        ("${POLICY}", "placeholder"),
        ("{{ policy }}", "placeholder"),
        ("<POLICY>", "placeholder"),
        ("null", "text `null`"),
    ],
)
def test_a_text_that_is_none_is_named(tmp_path: Path, value: str, said: str) -> None:
    settings = {"id": 1, "project_name": "x", "public_registration": False, "auth_password_policy": value}
    _, (problem,) = read(tmp_path, settings=settings)
    assert said in problem.message
    assert "not a text" not in problem.message


def test_a_regular_expression_is_no_placeholder(tmp_path: Path) -> None:
    settings = {
        "id": 1,
        "project_name": "x",
        "public_registration": False,
        "auth_password_policy": r"/^(?=.*[#{}$%<>@]).{12,}${1}/",
    }
    found, problems = read(tmp_path, settings=settings)
    assert problems == []
    assert found.settings is not None
    assert "auth_password_policy" in found.settings.values


def test_an_operation_belongs_to_a_flow(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path, flows=[FLOW], operations=[{**OPERATION, "flow": None}])
    assert "`flow` is null" in problem.message


DUMPED_FLOW: Final[dict[str, Any]] = {
    "id": "f1", "name": "Import", "status": "active", "trigger": "webhook", "accountability": None, "options": {}, "operation": "o1",
}  # fmt: skip
DUMPED_STEP: Final[dict[str, Any]] = {
    "id": "o1",
    "key": "a",
    "type": "log",
    "options": {},
    "resolve": "o2",
    "reject": None,
    "position_x": 1,
}


def test_a_dump_of_one_flow_says_whose_its_operations_are(tmp_path: Path) -> None:
    import json

    second = {**DUMPED_STEP, "id": "o2", "resolve": None, "flow": "f1"}
    made = repository(
        tmp_path, {"d/import-flow.json": json.dumps({"flow": DUMPED_FLOW, "operations": [DUMPED_STEP, second]})}
    )
    (found,) = exports.read(made)
    assert made.problems == []
    assert [flow.id for flow in found.flows] == ["f1"]
    assert [(step.id, step.flow) for step in found.operations] == [("o1", "f1"), ("o2", "f1")]


@each_case("table", WHOLE)
def test_what_an_export_at_the_top_leaves_out(table: str) -> None:
    import json

    made = in_memory({f"{name}.json": json.dumps(rows) for name, rows in WHOLE.items() if name != table})
    exports.read(made)
    assert [one.path for one in made.problems if f"directus_{table}" in one.message] == ["."]
