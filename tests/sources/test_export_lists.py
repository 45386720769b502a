"""Rows that answers of the API list by their key tell whether a table is whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import guard, write
from tests.support.each import each_case
from tests.support.exports import TABLES

if TYPE_CHECKING:
    from pathlib import Path


def dump(root: Path, without: str = "") -> Path:
    """The tables as the API answers; without the first row of one of them."""
    rows = {name: table[1:] if name == without else table for name, table in TABLES.items()}
    return write(root, {f"dump/{name}.json": json.dumps({"data": table}) for name, table in rows.items()})


def test_a_whole_dump(tmp_path: Path) -> None:
    assert guard("scan", dump(tmp_path)).code == 0


@pytest.mark.parametrize("table", ["permissions", "access"])
def test_a_row_that_is_lost(tmp_path: Path, table: str) -> None:
    run = guard("scan", dump(tmp_path, table))
    assert run.code == 4
    assert f"policies list rows of directus_{table} that the export does not have" in run.out


def test_a_user_that_is_lost(tmp_path: Path) -> None:
    report = json.loads(guard("scan", dump(tmp_path, "users"), "--output=json").out)
    answers = {answer["check"]: answer["status"] for answer in report["checks"]}
    assert answers["admin-static-token"] == "not-evaluated"
    assert answers["admin-without-second-factor"] == "not-evaluated"


@each_case("kind", ["permissions", "access", "users"])
@each_case("empty", ["[]", '{"data": []}', '{"data": [], "meta": {"total_count": 0}}'])
def test_an_empty_table_that_others_list_rows_of(tmp_path: Path, kind: str, empty: str) -> None:
    write(dump(tmp_path), {f"dump/{kind}.json": empty})
    assert guard("scan", tmp_path).code == (0 if kind == "users" else 4)


@each_case("empty", ["[]", '{"data": []}', '{"data": [], "meta": {"total_count": 0}}'])
def test_a_table_without_rows(tmp_path: Path, empty: str) -> None:
    """Only administrators may do anything: that is known."""
    policies = [{**row, "permissions": []} for row in TABLES["policies"]]
    write(dump(tmp_path), {"dump/permissions.json": empty, "dump/policies.json": json.dumps(policies)})
    run = guard("scan", tmp_path, "--output", "json")
    outcomes = {one["check"]: one["status"] for one in json.loads(run.out)["checks"]}
    assert run.code == 0
    assert outcomes["public-write"] == outcomes["users-update"] == outcomes["users-create"] == "pass"


@each_case("text", ["", "{}", "null", '{"data": null}', '{"errors": [{"message": "x"}]}', '"[]"', "[null]"])
def test_what_is_no_table(tmp_path: Path, text: str) -> None:
    policies = [{**row, "permissions": []} for row in TABLES["policies"]]
    write(dump(tmp_path), {"dump/permissions.json": text, "dump/policies.json": json.dumps(policies)})
    assert guard("scan", tmp_path).code == 4
