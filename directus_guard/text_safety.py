"""Text of others, made safe to show: what cannot be seen is written as an escape."""

from __future__ import annotations

import re
from typing import Final

_INVISIBLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def escape_controls(text: str) -> str:
    """`text` with control, bidirectional and zero-width characters written as escapes."""
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
