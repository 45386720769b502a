"""`primaryLocationLineHash`, the identity of an alert's line, exactly as GitHub computes it for a SARIF file without one.

The rule is that of `src/fingerprints.ts` in github/codeql-action: the text as UTF-16 code units, spaces and tabs left
out, every line end one line feed; at its end the unit 65535 and zeros. A line's hash is a polynomial over the hundred
units from its beginning, running on into the lines that follow; `:n` counts equal hashes within the file.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Collection

_WINDOW: Final = 100
_BASE: Final = 37
_MASK: Final = (1 << 64) - 1
_SKIPPED: Final = lazy_pattern(r"[ \t]|(?<=\r)\n")
_END: Final = b"\xff\xff" + bytes(2 * _WINDOW)
_LINE_FEED: Final = b"\n\x00"


def line_hashes(content: bytes, lines: Collection[int]) -> dict[int, str]:
    """The hash of each of `lines` (from 1) of a file; lines that it does not have are left out. Cost: one pass."""
    units = _units(content)
    starts = _starts(units)
    wanted = {line: _window(units, starts[line - 1]) for line in lines if 1 <= line <= len(starts)}
    interesting = set(wanted.values())
    seen: Counter[bytes] = Counter()
    found: dict[int, str] = {}
    for line, start in enumerate(starts, start=1):
        window = _window(units, start)
        if window in interesting:
            seen[window] += 1
            if line in wanted:
                found[line] = f"{_polynomial(window):x}:{seen[window]}"
    return found


def _units(content: bytes) -> bytes:
    """The code units that count, two bytes each, with the end."""
    text = _SKIPPED.sub("", content.decode("utf-8", "replace")).replace("\r", "\n")
    return text.encode("utf-16-le", "surrogatepass") + _END


def _starts(units: bytes) -> list[int]:
    """Where the lines begin, in bytes."""
    starts = [0]
    at = units.find(_LINE_FEED)
    while at != -1:
        if at % 2 == 0:
            starts.append(at + 2)
        at = units.find(_LINE_FEED, at + 1)
    return starts


def _window(units: bytes, start: int) -> bytes:
    return units[start : start + 2 * _WINDOW]


def _polynomial(window: bytes) -> int:
    value = 0
    for at in range(0, len(window), 2):
        value = (_BASE * value + window[at] + 256 * window[at + 1]) & _MASK
    return value
