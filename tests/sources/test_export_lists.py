"""Rows that answers of the API list by their key tell whether a table is whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import guard, write
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
