"""The matrices as JSON for the page's script: rules and rows once, and cells as short lists of numbers.

A cell is a place (`collection * actions + action`) and a grant, a row is a place, a text, a path and a line. Places and
lines are written as differences to the one before, because exports list hundreds of thousands of rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from markupsafe import Markup

from directus_guard.access_matrix import MATRIX_ACTIONS
from directus_guard.text_safety import clean, json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.access_matrix import AccessMatrix, MatrixCell, MatrixPrincipal, MatrixRow, MatrixRule

_MARKUP: Final = str.maketrans({letter: f"\\u{ord(letter):04x}" for letter in "<>&'"})


def matrix_data(matrices: Iterable[AccessMatrix]) -> Markup:
    """The JSON, safe inside of a `script` element: nothing in it ends the element, or is obeyed by a terminal."""
    text = msgspec.json.encode([_matrix(matrix) for matrix in matrices]).decode()
    return Markup(json_text(text).translate(_MARKUP))  # noqa: S704 - what could end the element is escaped


def _matrix(matrix: AccessMatrix) -> dict[str, object]:
    paths: dict[str, int] = {}
    by_policy: dict[int, list[MatrixRow]] = {}
    for row in matrix.rows:
        by_policy.setdefault(row.policy, []).append(row)
    return {
        "name": matrix.export,
        "actions": MATRIX_ACTIONS,
        "collections": matrix.collections,
        "policies": matrix.policies,
        "principals": [_principal(principal) for principal in matrix.principals],
        "grants": [[grant.level.value, grant.rules] for grant in matrix.grants],
        "rules": [_rule(rule) for rule in matrix.rules],
        "rows": [list(_rows(by_policy.get(number, ()), paths)) for number in range(len(matrix.policies))],
        "texts": matrix.texts,
        "paths": [clean(path) for path in paths],
    }


def _principal(principal: MatrixPrincipal) -> dict[str, object]:
    return {
        "name": principal.name,
        "kind": principal.kind,
        "mark": principal.mark.value if principal.mark else "",
        "unsure": principal.unsure,
        "policies": principal.policies,
        "cells": list(_cells(principal.cells)),
    }


def _rule(rule: MatrixRule) -> list[object]:
    return [rule.words, rule.rule, rule.fields, rule.excluded, rule.validation, rule.presets]


def _place(cell: MatrixCell | MatrixRow) -> int:
    return cell.collection * len(MATRIX_ACTIONS) + cell.action


def _cells(cells: Sequence[MatrixCell]) -> Iterator[int]:
    before = 0
    for cell in sorted(cells):
        place = _place(cell)
        yield place - before
        yield cell.grant
        before = place


def _rows(rows: Iterable[MatrixRow], paths: dict[str, int]) -> Iterator[int]:
    """Four numbers for each row; the path is -1 where the row is stored nowhere."""
    place, line = 0, 0
    for row in sorted(rows, key=lambda row: (_place(row), row.location or ())):
        yield _place(row) - place
        yield row.text
        place = _place(row)
        yield paths.setdefault(row.location.path, len(paths)) if row.location else -1
        yield row.location.line - line if row.location else 0
        line = row.location.line if row.location else line
