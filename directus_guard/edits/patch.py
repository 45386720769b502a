"""A unified diff of edited files, as git writes it. It shows no secret, so one with masked lines cannot be applied."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from directus_guard.edits.json_masking import JsonLineMask
    from directus_guard.edits.masking import LineMask


class Patch(Struct, frozen=True):
    """A patch of one file. `masked`: the lines that hide something."""

    path: str
    text: str
    masked: int


def patch(path: str, before: str, after: str, mask: LineMask | JsonLineMask) -> Patch:
    """What changes in a file. A line around a change that hides something is left out, if the patch then hides nothing:
    with one line of context programs can still apply it."""
    patches = [_patch(path, before, after, mask, context) for context in (3, 2, 1)]
    return next((one for one in patches if not one.masked), patches[0])


def _patch(path: str, before: str, after: str, mask: LineMask | JsonLineMask, context: int) -> Patch:
    lines: list[str] = []
    masked = 0
    old, new = before.removeprefix("\ufeff"), after.removeprefix("\ufeff")
    compared = difflib.unified_diff(_lines(old), _lines(new), f"a/{path}", f"b/{path}", n=context)
    for number, line in enumerate(compared):
        if number < 2 or line.startswith("@@"):
            lines.append(line if line.endswith("\n") else f"{line}\n")
            continue
        text, ended = line[1:].removesuffix("\n"), line.endswith("\n")
        shown = mask.line(text)
        masked += shown != text
        lines.append(f"{line[0]}{shown}\n" + ("" if ended else "\\ No newline at end of file\n"))
    return Patch(path, "".join(lines), masked)


def _lines(text: str) -> list[str]:
    """Only a line feed ends a line."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [line for line in text.split("\n")[-1:] if line]
