"""Code frames: the one line a finding points at, with everything but the named key and the value masked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.disclosure import MASK, shorten
from directus_guard.finding import Frame, Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAD: Final = lazy_pattern(
    r"""\A(?P<lead>[\ \t]*(?:-[\ ]+)?(?:export[\ ]+|ENV[\ ]+|ARG[\ ]+|FROM[\ ]+)?["']?(?:[A-Za-z_][A-Za-z0-9_.-]{0,80})?["']?[\ \t]*[:=]?[\ \t]*["']?)\Z"""
)
_VARIABLE: Final = lazy_pattern(r"(?:process|import\.meta)\.env\.[A-Za-z_]\w{0,80}")
"""An expression that reads an environment variable. It may be shown, because it holds a name and no value."""
_MASKED: Final = lazy_pattern(r"\*{4,}")
_WORD: Final = lazy_pattern(
    r"(?P<reference>(?:process\.env\.[A-Za-z_]\w{0,80}|\$\{[A-Za-z_][\w.]{0,80}))"
    r"|[^\s\"'`{}()\[\],;:=&?/<>|$\\.~+-][^\s\"'`{}()\[\],;:=&?/<>|$\\]*"
)
"""A name of a variable that is read, which holds no value; or a word, between what separates words in code and addresses."""


def frame(lines: Sequence[str], location: Location, shown: str) -> Frame | None:
    """The frame of `location`; None when the line does not exist. Of its text what `shown` has too may be seen.

    The text before the value is kept only if it is indentation and a key; the text after it is cut: on one
    line with it may stand another secret, and a comment may hold one.
    """
    if not 1 <= location.line <= len(lines):
        return None
    line = lines[location.line - 1].rstrip("\r")
    before = line[: location.column - 1]
    lead = escape_controls(before.replace("\t", "    ")) if _LEAD.match(before) else "… "
    single = location.end_line == location.line
    rest = line[location.end_column - 1 :] if single else ""
    quote = '"' if rest.startswith('"') else ""
    tail = rest if rest.strip() in {"", '"', "'", '",', "',", ","} else f"{quote} …"
    text = shorten(_visible(line[location.column - 1 : location.end_column - 1 if single else None].rstrip(), shown))
    width = max(len(text), 1)
    return Frame(location.line, f"{lead}{text}{tail.rstrip()}", len(lead) + 1, len(lead) + 1 + width)


def _visible(text: str, shown: str) -> str:
    """What may be seen of a text of the file, given what a finding says of it."""
    if not text or text == shown or _VARIABLE.fullmatch(text):
        return text
    if _MASKED.search(shown):
        like = ".*".join(map(re.escape, _MASKED.split(shown)))
        return shown if re.fullmatch(like, text, re.DOTALL) else MASK
    known = {match[0] for match in _WORD.finditer(shown)}
    parts: list[str] = []
    position, hidden = 0, False
    for match in _WORD.finditer(text):
        if match["reference"] or match[0] in known:
            parts += (MASK if hidden else "", text[position : match.end()])
            hidden = False
        elif not hidden:
            parts.append(text[position : match.start()])
            hidden = True
        position = match.end()
    return "".join((*parts, MASK if hidden else "", text[position:]))
