"""The ways to administrator as a drawing: boxes in columns, from who begins to the administrator."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.report_details import WayNodeKind
from directus_guard.text_safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.report_details import EscalationGraph, WayNode

WIDTH: Final = 190
"""Of a box, in pixels."""
GAP: Final = 44
ROW: Final = 112
"""From the middle of one row to that of the next."""
LINE: Final = 17
PADDING: Final = 12
LETTERS: Final = 27
"""Of a line in a box."""
MOST_LINES: Final = 4


class Box(Struct, frozen=True):
    """A node: its place, and its text in lines."""

    kind: WayNodeKind
    x: float
    y: float
    height: float
    lines: tuple[tuple[float, str], ...]
    """The height of the baseline, and the text."""
    text: str
    """The whole text."""
    way: int
    """The first way that leads through it, from 1 on."""


class Drawing(Struct, frozen=True):
    """Everything that is drawn."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[str, ...]
    """The paths of the lines between boxes."""


def drawing(graph: EscalationGraph) -> Drawing:
    """Place the nodes: a column for each step, a row for each way; what ways share is in the middle of their rows."""
    columns = max(node.distance for node in graph.nodes)
    boxes = tuple(_box(node, columns) for node in graph.nodes)
    return Drawing(
        columns * (WIDTH + GAP) + WIDTH + 4,
        len(graph.ways) * ROW,
        boxes,
        tuple(_arrows(boxes, graph.edges)),
    )


def _box(node: WayNode, columns: int) -> Box:
    column = 0 if node.kind is WayNodeKind.PRINCIPAL else columns - node.distance
    text = clean(node.text.replace("`", ""))
    lines = textwrap.wrap(text, LETTERS, max_lines=MOST_LINES, placeholder=" …") or [""]
    height = len(lines) * LINE + 2 * PADDING
    middle = (sum(node.ways) / len(node.ways) + 0.5) * ROW
    top = middle - height / 2
    baselines = tuple((top + PADDING + 13 + number * LINE, line) for number, line in enumerate(lines))
    return Box(node.kind, column * (WIDTH + GAP) + 2, top, height, baselines, text, node.ways[0] + 1)


def _arrows(boxes: Sequence[Box], edges: Sequence[tuple[int, int]]) -> Iterator[str]:
    for start, end in edges:
        left, right = boxes[start], boxes[end]
        x1, y1 = left.x + WIDTH, left.y + left.height / 2
        x2, y2 = right.x - 10, right.y + right.height / 2
        bend = x2 - GAP / 2
        yield f"M{x1:g} {y1:g}H{bend - 8:g}C{bend:g} {y1:g} {bend:g} {y2:g} {bend + 8:g} {y2:g}H{x2:g}"
