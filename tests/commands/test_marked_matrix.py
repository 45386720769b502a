"""The matrix of a step summary: what a change adds and removes is marked, a large one shows only that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from directus_guard.audit.marked_matrix import marked_matrices
from directus_guard.audit.options import Base, Options
from directus_guard.audit.run import run
from directus_guard.report.matrix_markdown import section
from directus_guard.sources.files.folder import Folder
from tests.support.page_projects import blog, crowded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from directus_guard.access_matrix import MarkedCell, MarkedMatrix

Rows = list[dict[str, Any]]


def changed(tmp_path: Path, table: str, change: Callable[[Rows], Rows]) -> MarkedMatrix:
    """The matrix after a change of one table of the blog."""
    base, head = blog(tmp_path / "base"), blog(tmp_path / "head")
    path = head / "directus" / f"{table}.json"
    path.write_text(json.dumps(change(json.loads(path.read_text())), indent=2))
    (matrix,) = marked_matrices(run(Options(root=head, base=Base("base", Folder(base)))))
    return matrix


def cell(matrix: MarkedMatrix, principal: str, collection: str) -> MarkedCell:
    column = [name.rstrip("*!?") for name in matrix.principals].index(principal)
    return matrix.cells[matrix.collections.index(collection)][column]


def with_row(**row: Any) -> Callable[[Rows], Rows]:
    return lambda rows: [
        *rows,
        {"id": 99, "permissions": None, "validation": None, "presets": None, "fields": ["*"], **row},
    ]


def marks(matrix: MarkedMatrix) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (matrix.collections[row], matrix.principals[column]): (one.added, one.removed)
        for row, cells in enumerate(matrix.cells)
        for column, one in enumerate(cells)
        if one.changed
    }


def test_what_is_granted_is_marked(tmp_path: Path) -> None:
    matrix = changed(tmp_path, "permissions", with_row(policy="support", collection="authors", action="delete"))
    assert marks(matrix) == {("authors", "Support"): ("D", "")}
    assert cell(matrix, "Support", "authors").now == "---D-"


def test_what_is_taken_away_is_marked_with_its_old_letter(tmp_path: Path) -> None:
    matrix = changed(tmp_path, "permissions", lambda rows: [
        row for row in rows if (row["policy"], row["collection"], row["action"]) != ("support", "newsletter", "delete")
    ])  # fmt: skip
    assert marks(matrix) == {("newsletter", "Support"): ("", "D")}
    assert cell(matrix, "Support", "newsletter").now == "-r---"


def test_other_items_are_added_and_removed(tmp_path: Path) -> None:
    """A rule that reaches some more and some less; a rule that says the same in other words is no change."""

    def other(rows: Rows) -> Rows:
        for row in rows:
            if (row["policy"], row["collection"], row["action"]) == ("public", "articles", "read"):
                row["permissions"] = {"status": {"_eq": "draft"}}
            if (row["policy"], row["collection"], row["action"]) == ("author", "articles", "update"):
                row["permissions"] = {"_and": [{"author": {"_eq": "$CURRENT_USER"}}]}
        return rows

    assert marks(changed(tmp_path, "permissions", other)) == {("articles", "public"): ("r", "r")}


def test_roles_come_and_go(tmp_path: Path) -> None:
    without = changed(tmp_path, "roles", lambda rows: [row for row in rows if row["name"] != "Support"])
    assert any(name.startswith("Support") for name in without.principals) or "support" in without.principals
    renamed = changed(
        tmp_path, "roles", lambda rows: [{**row, "name": row["name"].replace("Support", "Help")} for row in rows]
    )
    assert marks(renamed) == {}


def test_without_a_base_nothing_is_marked(tmp_path: Path) -> None:
    (matrix,) = marked_matrices(run(Options(root=blog(tmp_path))))
    assert not matrix.changed
    text = "\n".join(section((matrix,)))
    assert text.startswith("\n<details>")
    assert "🟩" not in text
    assert "<code>CRUDS</code>" in text


def test_a_large_matrix_shows_the_change_alone(tmp_path: Path) -> None:
    base, head = crowded(tmp_path / "base", 22, 3), crowded(tmp_path / "head", 22, 3)
    path = head / "directus" / "permissions.json"
    rows = json.loads(path.read_text())
    path.write_text(json.dumps(with_row(policy="role-005", collection="invoices", action="read")(rows)))
    (whole,) = marked_matrices(run(Options(root=base)))
    assert not list(section((whole,)))
    (matrix,) = marked_matrices(run(Options(root=head, base=Base("base", Folder(base)))))
    lines = list(section((matrix,)))
    table = [line for line in lines if line.startswith("|")]
    assert table[0] == "| collection | Role 005 |"
    assert len(table) == 3
    assert "🟩&nbsp;<code>+R</code>" in table[2]
