"""Answers of the API that are a page of a table make the export incomplete."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.cli import guard, write
from tests.support.each import each_case
from tests.support.exports import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cli import Run

PAGED: Final[dict[str, dict[str, Any]]] = {
    "total": {"meta": {"total_count": 240, "filter_count": 240}},
    "only the total": {"meta": {"total_count": 240}},
    "only the filter": {"meta": {"filter_count": 240}},
    "as text": {"meta": {"total_count": "240"}},
    "in camel case": {"meta": {"totalCount": 240}},
    "beside the rows": {"total": 240},
    "count": {"count": 240},
    "pagination": {"pagination": {"page": 1, "pageSize": 25, "pageCount": 3, "total": 240}},
    "a full page": {"meta": {"limit": 2}},
    "a full page of its own": {"limit": 2, "offset": 0},
    "a later page": {"meta": {"page": 3, "limit": 2}},
    "an offset": {"offset": 100},
    "pages": {"meta": {"page": 1, "page_count": 3}},
    "a next page": {"links": {"self": "/x?page=1", "next": "/x?page=2"}},
    "more": {"hasMore": True},
}
WHOLE: Final[dict[str, dict[str, Any]]] = {
    "counts": {"meta": {"total_count": 2, "filter_count": 2}},
    "no limit": {"meta": {"limit": -1, "total_count": 2}},
    "a limit that is not reached": {"meta": {"limit": 100, "page": 1, "page_count": 1}},
    "a full page that is all": {"meta": {"limit": 2, "total_count": 2}},
    "no next page": {"links": {"self": "/x", "next": None}, "hasMore": False},
    "smaller numbers": {"meta": {"total_count": 0}},
    "nonsense": {"meta": {"total_count": "many", "page": None, "limit": True}},
}


def scanned(root: Path, **answers: Any) -> Run:
    """The tables as the API answers, some of them with more than their rows."""
    for kind, rows in TABLES.items():
        text = json.dumps(answers.get(kind, {"data": rows}))
        write(root, {f"dump/{kind}.json": text})
    return guard("scan", root, "--output", "json")


@each_case("told", PAGED)
def test_a_page_of_permissions(tmp_path: Path, told: str) -> None:
    assert_unfinished(tmp_path, "permissions", told)


@each_case("kind", ["access", "roles", "policies", "users"])
def test_a_page_of_any_table(tmp_path: Path, kind: str) -> None:
    assert_unfinished(tmp_path, kind, "total")


@pytest.mark.thorough
@each_case("kind", ["access", "roles", "policies", "users"])
@each_case("told", PAGED)
def test_any_page_of_any_table(tmp_path: Path, kind: str, told: str) -> None:
    assert_unfinished(tmp_path, kind, told)


def assert_unfinished(tmp_path: Path, kind: str, told: str) -> None:
    assert scanned(tmp_path, **{kind: {"data": TABLES[kind], **PAGED[told]}}).code == 4


@each_case("told", WHOLE)
def test_a_whole_table(tmp_path: Path, told: str) -> None:
    answers = {kind: {"data": rows, **WHOLE[told]} for kind, rows in TABLES.items()}
    assert scanned(tmp_path, **answers).code == 0


def test_a_filter_of_users(tmp_path: Path) -> None:
    """Users may be left out on purpose: what is said of them is not evaluated."""
    meta = {"total_count": 9, "filter_count": 2}
    run = scanned(tmp_path, users={"meta": meta, "data": TABLES["users"]})
    assert run.code == 0
    assert "9 rows of directus_users" in run.out


def test_a_filter_of_permissions(tmp_path: Path) -> None:
    meta = {"total_count": 9, "filter_count": 2}
    assert scanned(tmp_path, permissions={"meta": meta, "data": TABLES["permissions"]}).code == 4


def test_rows_of_the_framework_do_not_count(tmp_path: Path) -> None:
    """`GET /permissions` lists them, and counts only stored rows."""
    system = {**TABLES["permissions"][0], "id": None, "policy": None, "system": True}
    rows = [*TABLES["permissions"], *[system] * 3]
    assert scanned(tmp_path, permissions={"meta": {"total_count": 2}, "data": rows}).code == 0
    assert scanned(tmp_path, permissions={"meta": {"total_count": 5}, "data": rows}).code == 4


def test_pages_in_files_of_their_own(tmp_path: Path) -> None:
    """Together they are the table."""
    first, second = ([row] for row in TABLES["permissions"])
    page = scanned(tmp_path, permissions={"data": first, "meta": {"total_count": 2}})
    assert page.code == 4
    write(tmp_path, {"dump/permissions-2.json": json.dumps({"data": second, "meta": {"total_count": 2}})})
    assert guard("scan", tmp_path).code == 0


def test_the_same_page_twice(tmp_path: Path) -> None:
    answer = {"data": TABLES["permissions"][:1], "meta": {"total_count": 2}}
    scanned(tmp_path, permissions=answer)
    write(tmp_path, {"dump/permissions-2.json": json.dumps(answer)})
    assert guard("scan", tmp_path).code == 4


def in_one_file(root: Path, dump: Any) -> Run:
    write(root, {"dump/directus.json": json.dumps(dump)})
    return guard("scan", root)


def test_one_file_with_all_answers(tmp_path: Path) -> None:
    dump = {kind: {"data": rows, "meta": {"total_count": len(rows)}} for kind, rows in TABLES.items()}
    assert in_one_file(tmp_path, dump).code == 0
    dump["permissions"]["meta"] = {"total_count": 240}
    assert in_one_file(tmp_path, dump).code == 4


@each_case("count", [{"count": 240}, {"count": {"id": 240}}, {"countAll": 240}])
def test_graphql(tmp_path: Path, count: dict[str, Any]) -> None:
    assert in_one_file(tmp_path, {"data": {**TABLES}}).code == 0
    assert in_one_file(tmp_path, {"data": {**TABLES, "permissions_aggregated": [count]}}).code == 4


def grouped(root: Path, count: int) -> Run:
    """As schema-sync writes tables with `groupBy`."""
    tables = {name: rows for name, rows in TABLES.items() if name not in ("permissions", "users")}
    marker = {"count": count, "groupedBy": ["collection"], "partial": True}
    files = {f"schema-sync/data/directus_{name}.json": json.dumps(rows) for name, rows in tables.items()}
    files["schema-sync/data/directus_permissions.json"] = json.dumps(marker)
    for row in TABLES["permissions"]:
        files[f"schema-sync/data/directus_permissions/__{row['collection']}.json"] = json.dumps([row])
    write(root, files)
    return guard("scan", root)


def test_groups_of_schema_sync(tmp_path: Path) -> None:
    assert grouped(tmp_path, 2).code == 0


def test_a_group_that_is_lost(tmp_path: Path) -> None:
    assert grouped(tmp_path, 3).code == 4


@pytest.mark.parametrize(("count", "known"), [(99, True), (100, False), (101, True)])
def test_as_many_rows_as_a_page_has(tmp_path: Path, count: int, *, known: bool) -> None:
    """Without a number beside them nothing tells whether they are all."""
    more = [{**TABLES["users"][1], "id": f"x{number}", "policies": []} for number in range(count - 2)]
    run = scanned(tmp_path, users={"data": [*TABLES["users"], *more]})
    assert run.code == 0
    assert ("a full page of the API" in run.out) is not known
    whole = {"data": [*TABLES["users"], *more], "meta": {"total_count": count}}
    assert "a full page of the API" not in scanned(tmp_path, users=whole).out


@each_case("value", [None, 7, "no", [], {}])
def test_an_answer_of_nothing(tmp_path: Path, value: Any) -> None:
    assert scanned(tmp_path, permissions={"data": value, "meta": {"total_count": 7}}).code == 4


def test_an_answer_of_something_else(tmp_path: Path) -> None:
    """A list of the project's own, paged, in a folder of an export."""
    scanned(tmp_path)
    write(tmp_path, {"dump/role-models.json": json.dumps({"data": [{"name": "x"}], "total": 9})})
    assert guard("scan", tmp_path).code == 0
