"""The pictures of docs/how-it-works.md: boxes and arrows as SVG, readable on light and dark pages, without anything from elsewhere."""

from __future__ import annotations

import html
from typing import Final

from msgspec import Struct

WIDTH: Final = 540
"""Pixels; wide enough for two columns, and still readable on a telephone."""

LINE: Final = 20
PADDING: Final = 13
STYLE: Final = """
svg { font: 15px system-ui, -apple-system, "Segoe UI", sans-serif; }
.page { fill: #ffffff; stroke: #d5d9e0; }
text { fill: #1f2430; }
.title { font-weight: 600; }
.small { font-size: 13px; fill: #515a6b; }
.code { font: 13.5px ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
.plain { fill: #f4f6fa; stroke: #c3cad6; }
.good { fill: #e5f5ea; stroke: #3c8f57; }
.bad { fill: #fdeaea; stroke: #c23b3b; }
.line { stroke: #5b6577; stroke-width: 1.6; fill: none; }
.head { fill: #5b6577; }
@media (prefers-color-scheme: dark) {
  .page { fill: #171a21; stroke: #3a4150; }
  text { fill: #e8ebf1; }
  .small { fill: #aab3c3; }
  .plain { fill: #222733; stroke: #4a5365; }
  .good { fill: #173524; stroke: #57b077; }
  .bad { fill: #42191b; stroke: #e06c6c; }
  .line { stroke: #9aa5b8; }
  .head { fill: #9aa5b8; }
}
"""


HEAD: Final = """<marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">
<path class="head" d="M0 0L10 5L0 10z"/></marker>"""
"""The head of an arrow."""


class Box(Struct, frozen=True):
    """A box with lines of text: `# ` starts a title, `> ` code, `- ` small print."""

    x: int
    y: int
    width: int
    lines: tuple[str, ...]
    kind: str = "plain"

    @property
    def height(self) -> int:
        return len(self.lines) * LINE + 2 * PADDING - 4

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def middle(self) -> int:
        return self.x + self.width // 2


class Arrow(Struct, frozen=True):
    """A line with a head from one point to another, and the words beside it."""

    start: tuple[int, int]
    end: tuple[int, int]
    words: str = ""


class Picture(Struct, frozen=True):
    """A drawing with its text alternative."""

    title: str
    description: str
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]

    def svg(self) -> str:
        """The file."""
        size = f'viewBox="0 0 {WIDTH} {self.height}" width="{WIDTH}" height="{self.height}"'
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title description">',
            f'<title id="title">{html.escape(self.title)}</title>',
            f'<desc id="description">{html.escape(self.description)}</desc>',
            f"<style>{STYLE}</style>",
            f"<defs>{HEAD}</defs>",
            f'<rect class="page" x="0.5" y="0.5" width="{WIDTH - 1}" height="{self.height - 1}" rx="10"/>',
            *(_arrow(arrow) for arrow in self.arrows),
            *(_box(box) for box in self.boxes),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"


def _box(box: Box) -> str:
    lines = [f'<rect class="{box.kind}" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="8"/>']
    for number, line in enumerate(box.lines, 1):
        mark, style = next(((mark, style) for mark, style in MARKS.items() if line.startswith(mark)), ("", ""))
        given = f' class="{style}"' if style else ""
        y = box.y + PADDING + number * LINE - 7
        lines.append(f'<text x="{box.x + PADDING}" y="{y}"{given}>{html.escape(line.removeprefix(mark))}</text>')
    return "\n".join(lines)


MARKS: Final = {"# ": "title", "> ": "code", "- ": "small"}


def _arrow(arrow: Arrow) -> str:
    (x, y), (to_x, to_y) = arrow.start, arrow.end
    line = f'<path class="line" d="M{x} {y}L{to_x} {to_y}" marker-end="url(#head)"/>'
    if not arrow.words:
        return line
    at_x, at_y = (x + to_x) // 2 + 10, (y + to_y) // 2 + 5
    return f'{line}\n<text class="small" x="{at_x}" y="{at_y}">{html.escape(arrow.words)}</text>'


def _column(x: int, y: int, width: int, gap: int, *texts: tuple[str, tuple[str, ...]]) -> tuple[Box, ...]:
    """Boxes below each other; a text is its kind and its lines."""
    boxes: list[Box] = []
    for kind, lines in texts:
        boxes.append(Box(x, y, width, lines, kind))
        y = boxes[-1].bottom + gap
    return tuple(boxes)


def _down(boxes: tuple[Box, ...], words: tuple[str, ...]) -> tuple[Arrow, ...]:
    """An arrow from each box to the next."""
    return tuple(
        Arrow((box.middle, box.bottom + 2), (below.middle, below.y - 3), said)
        for box, below, said in zip(boxes[:-1], boxes[1:], words, strict=True)
    )


def _environment() -> Picture:
    boxes = _column(
        24, 24, WIDTH - 48, 34,
        ("plain", ("# 1  Defaults of the version", "> RATE_LIMITER_ENABLED = false")),
        ("plain", ("# 2  Variables of the process", "- image, env_file, environment, ConfigMap, Secret",
                   '> RATE_LIMITER_ENABLED = "True"')),
        ("plain", ("# 3  Directus' own file, such as /directus/.env", "- does not set it here")),
        ("plain", ("# 4  The text becomes a value", "- X_FILE is read; prefix, then type of the variable, then a guess",
                   '> "True" stays a text')),
        ("bad", ("# 5  The code of Directus tests the value", "> RATE_LIMITER_ENABLED === true", "The rate limiter is off.")),
    )  # fmt: skip
    return Picture(
        "How a variable reaches Directus",
        "The defaults of the version come first. The variables of the process override them, and Directus' own file overrides "
        "both. The text then becomes a value, and the code of Directus tests it. With RATE_LIMITER_ENABLED set to True, "
        "written with a capital letter, the test fails and the rate limiter is off.",
        boxes[-1].bottom + 24,
        boxes,
        _down(boxes, ("is overridden by", "is overridden by", "the last value counts", "is used as")),
    )


def _access() -> Picture:
    left, right, half = 24, 282, 234
    user = Box(24, 24, WIDTH - 48, ("# User Ana", "- role Author, a child of the role Staff"))
    top = user.bottom + 44
    author = Box(left, top, half, ("# Policy Author", "- attached to the role Author", "> update posts",
                                   "fields: title, body", "items: her own"))  # fmt: skip
    staff = Box(right, top, half, ("# Policy Staff", "- comes from the role Staff", "> update posts",
                                   "fields: status", "items: in review"))  # fmt: skip
    result = Box(24, author.bottom + 50, WIDTH - 48, (
        "# What Ana may change",
        "title, body   of her own posts",
        "status          of posts in review",
        "- Not: the title of another author's post in review.",
    ), "good")  # fmt: skip
    return Picture(
        "How policies become the access of a user",
        "The user Ana has the role Author, a child of the role Staff. The policy Author lets her update title and body of her "
        "own posts. The policy Staff, which she inherits, lets her update the status of posts in review. Merged, each field "
        "counts only on the items of the permission that names it: she may not change the title of another author's post.",
        result.bottom + 24,
        (user, author, staff, result),
        (
            Arrow((author.middle, user.bottom + 2), (author.middle, author.y - 3), "has"),
            Arrow((staff.middle, user.bottom + 2), (staff.middle, staff.y - 3), "inherits"),
            Arrow((author.middle, author.bottom + 2), (author.middle, result.y - 3), "merged"),
            Arrow((staff.middle, staff.bottom + 2), (staff.middle, result.y - 3), "merged"),
        ),
    )


def _escalation() -> Picture:
    boxes = _column(
        24, 24, WIDTH - 48, 38,
        ("plain", ("# Role Editor may", "> create directus_permissions", "- nothing in it looks like administration")),
        ("plain", ("# 1  An editor grants the role a permission", "> POST /permissions",
                   "> update directus_users, fields: *")),
        ("plain", ("# 2  The editor changes their own role", "> PATCH /users/me", '> {"role": "<id of Administrator>"}')),
        ("bad", ("# The editor is an administrator",)),
        ("good", ("# What to change", "Delete the permission to create permissions.",
                  "- Tried on the changed configuration: no way is left.")),
    )  # fmt: skip
    return Picture(
        "A way to administrator",
        "The role Editor may create permissions. An editor first grants the role the permission to update the role of users, "
        "then changes their own role, and is an administrator. The fix is to delete the permission to create permissions. "
        "It is tried on the changed configuration, where no way is left.",
        boxes[-1].bottom + 24,
        boxes,
        _down(boxes, ("allows", "allows", "gives", "is stopped by")),
    )


PICTURES: Final = {"environment": _environment, "access": _access, "escalation": _escalation}
"""By the name of the file below docs/pictures/."""
