"""The access matrix in a step summary: all of a small one, of a large one what a change adds and removes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.report.access_text import LEGEND
from directus_guard.report.markdown import code, escape, html

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.access_matrix import MarkedCell, MarkedMatrix

MOST: Final = 20
"""Collections, and principals, of a table."""
MARKS: Final = "🟩 `+`: this change grants it, or more of it; 🟥 `-`: this change takes it away, or grants less of it."


def section(matrices: Sequence[MarkedMatrix]) -> Iterator[str]:
    """The tables of all exports, folded where nothing is changed."""
    shown = [(matrix, table) for matrix in matrices if (table := list(_table(matrix)))]
    if not shown:
        return
    changed = any(matrix.changed for matrix, _ in shown)
    yield "\n### Who can do what\n" if changed else "\n<details><summary>Who can do what</summary>\n"
    for matrix, table in shown:
        yield f"{code(matrix.export)} ({escape(matrix.directus)})\n"
        yield from table
        yield ""
    yield escape(LEGEND)
    if changed:
        yield f"\n{escape(MARKS)}"
    else:
        yield "\n</details>"


def _table(matrix: MarkedMatrix) -> Iterator[str]:
    rows, columns = range(len(matrix.collections)), range(len(matrix.principals))
    if len(rows) > MOST or len(columns) > MOST:
        rows_, columns_ = _changed(matrix)
    else:
        rows_, columns_ = list(rows), list(columns)
    if not rows_ or not columns_:
        return
    yield f"| collection | {' | '.join(html(matrix.principals[column]) for column in columns_[:MOST])} |"
    yield "|---|" + "---|" * len(columns_[:MOST])
    for row in rows_[:MOST]:
        cells = (_cell(matrix.cells[row][column]) for column in columns_[:MOST])
        yield f"| {code(matrix.collections[row])} | {' | '.join(cells)} |"
    yield from _left_out(len(rows_), len(columns_))
    if len(rows_) < len(rows) or len(columns_) < len(columns):
        yield f"\nOf {len(rows)} collections and {len(columns)} principals those that this change affects."


def _left_out(rows: int, columns: int) -> Iterable[str]:
    parts = [
        f"{number - MOST} more {what}"
        for number, what in ((rows, "collections"), (columns, "principals"))
        if number > MOST
    ]
    return [f"\n… and {' and '.join(parts)}."] if parts else []


def _changed(matrix: MarkedMatrix) -> tuple[list[int], list[int]]:
    """The collections and the principals that a change affects."""
    places = [
        (row, column) for row, cells in enumerate(matrix.cells) for column, cell in enumerate(cells) if cell.changed
    ]
    return sorted({row for row, _ in places}), sorted({column for _, column in places})


def _cell(cell: MarkedCell) -> str:
    parts = [f"<code>{cell.now}</code>"]
    parts += [f"🟩&nbsp;<code>+{cell.added}</code>"] if cell.added else []
    parts += [f"🟥&nbsp;<code>-{cell.removed}</code>"] if cell.removed else []
    return " ".join(parts)
