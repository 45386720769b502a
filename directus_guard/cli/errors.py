"""Usage errors, and how a command says on stderr why it ends."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class UsageError(Exception):
    """A usage error: the message says what to do instead."""


def complain(message: str, code: int) -> int:
    """Say `message` on stderr, harmless for a terminal and a log. Returns `code`."""
    from directus_guard.text_safety import escape_controls, log_line

    first, *rest = (escape_controls(line) for line in message.split("\n"))
    print("\n".join(map(log_line, (f"directus-guard: {first}", *rest))), file=sys.stderr)
    return code


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """A hint at the nearest of the known names, to be put behind a sentence; "" if none is near."""
    from directus_guard.spelling import nearest

    near = nearest(name, choices)
    return f" Did you mean `{near}`?" if near else ""
