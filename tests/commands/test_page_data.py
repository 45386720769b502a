"""What a page shows beside the report: it says what `access` and the findings say, and hides what they hide."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from directus_guard.access_matrix import MATRIX_ACTIONS, MatrixLevel, PrincipalMark
from directus_guard.audit.access_table import SelectedAccess
from directus_guard.audit.details import details_of
from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from directus_guard.finding import State
from directus_guard.report.html.graph import drawing
from directus_guard.report.html.page import is_link, prose
from directus_guard.report_details import VariableState, WayNodeKind
from tests.support.cli import write
from tests.support.examples import ESCALATION, EXPORT
from tests.support.page_projects import blog, crowded

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.access_matrix import AccessMatrix


def letters(matrix: AccessMatrix) -> dict[str, dict[str, str]]:
    """The cells as the table of `access` writes them, by principal and collection."""
    found: dict[str, dict[str, str]] = {}
    for principal in matrix.principals:
        levels = {(cell.collection, cell.action): matrix.grants[cell.grant].level for cell in principal.cells}
        found[principal.name] = {
            name: "".join(
                action[0].upper()
                if principal.mark is PrincipalMark.ADMINISTRATOR or levels.get((number, place)) is MatrixLevel.FULL
                else action[0]
                if levels.get((number, place)) is MatrixLevel.CONDITIONAL
                else "-"
                for place, action in enumerate(MATRIX_ACTIONS)
            )
            for number, name in enumerate(matrix.collections)
        }
    return found


@pytest.mark.parametrize("project", ["example", "crowded", "blog"])
def test_the_matrix_says_what_the_table_says(tmp_path: Path, project: str) -> None:
    root = {"example": lambda: EXPORT, "crowded": lambda: crowded(tmp_path, 8, 6), "blog": lambda: blog(tmp_path)}
    audited = run(Options(root=root[project]()))
    access = SelectedAccess(audited.project.exports)
    (matrix,) = details_of(audited).matrices
    assert access.matrices() == (matrix,)
    (listing,) = access.listings()
    table = {column.heading.rstrip("*!?"): column.cells for column in listing.columns}
    assert letters(matrix) == {name: dict(cells) for name, cells in table.items()}


def test_each_cell_has_the_rows_that_grant_it(tmp_path: Path) -> None:
    """Those of its principal's policies, at their places."""
    audited = run(Options(root=crowded(tmp_path, 6, 4)))
    (matrix,) = details_of(audited).matrices
    stored = json.loads((tmp_path / "directus" / "permissions.json").read_text())
    lines = (tmp_path / "directus" / "permissions.json").read_text().splitlines()
    for principal in matrix.principals:
        for cell in principal.cells:
            rows = [
                row for row in matrix.rows
                if row.policy in principal.policies and row[1:3] == (cell.collection, cell.action)
            ]  # fmt: skip
            assert rows
            for row in rows:
                if row.location is None:  # of the framework
                    continue
                assert f'"{MATRIX_ACTIONS[row.action]}"' in "\n".join(
                    lines[row.location.line - 1 : row.location.line + 9]
                )
    assert len([row for row in matrix.rows if row.location]) == len(stored)


def test_the_environment_hides_secrets_and_names_what_has_no_effect(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            ".env": "DB_CLIENT=pg\nSECRET=hunter2hunter2\nLOG_LEVEL=warn\nMY_THING=private\nLOG_LEVEL=debug\n",
            "compose.yaml": "services:\n  directus:\n    image: directus/directus:11.5.0\n    env_file: .env\n"
            "    environment:\n      ACCESS_TOKEN_TTL: ${TTL:-30d}\n",
        },
    )
    (env,) = details_of(run(Options(root=root))).environments
    seen = {variable.name: variable for variable in env.variables}
    assert (seen["SECRET"].value, seen["MY_THING"].value) == ("********", "********")
    level = seen["LOG_LEVEL"]
    assert (level.value, level.default, level.shadowed) == ("debug", None, ("env_file .env, .env:3",))
    assert seen["ACCESS_TOKEN_TTL"].state is VariableState.UNKNOWN
    assert seen["ACCESS_TOKEN_TTL"].value.endswith("otherwise 30d")
    assert seen["ACCESS_TOKEN_TTL"].default == "15m"
    assert seen["CORS_ENABLED"].state is VariableState.DEFAULT
    assert "hunter2" not in str(env)
    assert "private" not in str(env)


def test_ways_with_the_same_end_share_it(tmp_path: Path) -> None:
    """Two roles that may set their own role: two ways, one last step, one administrator."""
    blog(tmp_path)
    path = tmp_path / "directus" / "permissions.json"
    rows = json.loads(path.read_text())
    rows += [{**row, "id": 100, "policy": "support"} for row in rows if row["collection"] == "directus_users"]
    path.write_text(json.dumps(rows, indent=2))
    audited = run(Options(root=tmp_path))
    (graph,) = details_of(audited).graphs
    assert len(graph.ways) == 2
    kinds = [node.kind for node in graph.nodes]
    assert kinds.count(WayNodeKind.GOAL) == 1
    assert kinds.count(WayNodeKind.PRINCIPAL) == 2
    assert kinds.count(WayNodeKind.STEP) == 1
    assert len(graph.edges) == 3
    drawn = drawing(graph)
    places = [(box.x, box.y) for box in drawn.boxes]
    assert len(set(places)) == len(places)
    assert all(box.x + 190 <= drawn.width and box.y + box.height <= drawn.height for box in drawn.boxes)


def test_ignored_ways_are_in_no_graph() -> None:
    audited = run(Options(root=ESCALATION))
    assert details_of(audited).graphs
    from msgspec.structs import replace

    ignored = tuple(replace(finding, state=State.SUPPRESSED) for finding in audited.report.findings)
    assert not details_of(replace(audited, report=replace(audited.report, findings=ignored))).graphs


def test_texts_of_a_repository_stay_texts() -> None:
    assert prose("a `<b>` \u202e <i>") == "a <code>&lt;b&gt;</code> \\u202e &lt;i&gt;"
    assert prose("one ` only <b>") == "one ` only &lt;b&gt;"
    assert [is_link(text) for text in ("https://a.example/b#c", "javascript:alert(1)", 'https://a"onclick=', "")] == [
        True, False, False, False,
    ]  # fmt: skip
