"""Code frames: the one line a finding points at, with everything but the named key and the value masked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.disclosure import shorten
from directus_guard.finding import Frame, Location
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAD: Final = re.compile(
    r"""\A(?P<lead>[\ \t]*(?:-[\ ]+)?(?:export[\ ]+|ENV[\ ]+|ARG[\ ]+|FROM[\ ]+)?["']?(?:[A-Za-z_][A-Za-z0-9_.-]{0,80})?["']?[\ \t]*[:=]?[\ \t]*["']?)\Z"""
)
_VARIABLE: Final = re.compile(r"(?:process|import\.meta)\.env\.[A-Za-z_]\w{0,80}")
"""An expression that reads an environment variable. It may be shown, because it holds a name and no value."""


def frame(lines: Sequence[str], location: Location, shown: str) -> Frame | None:
    """The frame of `location`, whose text is replaced by `shown` unless it only names a variable; None when the line does
    not exist.

    The text before the value is kept only if it is indentation and a key; the text after it is cut: on one
    line with it may stand another secret, and a comment may hold one.
    """
    if not 1 <= location.line <= len(lines):
        return None
    line = lines[location.line - 1].rstrip("\r")
    before = line[: location.column - 1]
    lead = escape_controls(before.replace("\t", "    ")) if _LEAD.match(before) else "… "
    rest = line[location.end_column - 1 :] if location.end_line == location.line else "…"
    quote = '"' if rest.startswith('"') else ""
    tail = rest if rest.strip() in {"", '"', "'", '",', "',", ","} else f"{quote} …"
    there = line[location.column - 1 : location.end_column - 1] if location.end_line == location.line else ""
    text = shorten(there if _VARIABLE.fullmatch(there) else shown)
    width = max(len(text), 1)
    return Frame(location.line, f"{lead}{text}{tail.rstrip()}", len(lead) + 1, len(lead) + 1 + width)
