"""Usage errors, and how a command says on stderr why it ends."""

from __future__ import annotations

import errno
import os
import re
import sys
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

TOKEN_ADVICE: Final = (
    "a token cannot be an argument, because other users of the machine can read arguments. Put it into the environment"
    " variable DIRECTUS_TOKEN, or name another variable with --token-env NAME."
)
_VARIABLE: Final = lazy_pattern(r"[A-Z_][A-Z0-9_]{0,63}", re.ASCII)
_ASSIGNMENT: Final = lazy_pattern(r"([A-Za-z_][A-Za-z0-9_]*)=", re.ASCII)


class UsageError(Exception):
    """A usage error: the message says what to do instead."""


class NothingFoundError(Exception):
    """There is nothing to read where the arguments say: the message says what to do instead."""


def complain(message: str, code: int) -> int:
    """Say `message` on stderr, harmless for a terminal and a log. Returns `code`."""
    from directus_guard.text_safety import escape_controls, log_line

    first, *rest = (escape_controls(line) for line in message.split("\n"))
    print("\n".join(map(log_line, (f"directus-guard: {first}", *rest))), file=sys.stderr)
    return code


def too_long(error: Exception) -> str:
    """What to say where a file cannot have the name that is given; "" for any other error."""
    if not isinstance(error, OSError) or error.errno != errno.ENAMETOOLONG:
        return ""
    return f"{os.fsdecode(error.filename or '')[:80]}…: this name is longer than file names can be"


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """A hint at the nearest of the known names, to be put behind a sentence; "" if none is near."""
    from directus_guard.spelling import nearest

    near = nearest(name, choices)
    return f" Did you mean `{near}`?" if near else ""


def variable_name(option: str, text: str) -> str:
    """The environment variable that an option names. Raises `UsageError`, without the text, where it may be a value."""
    if text not in os.environ and not _VARIABLE.fullmatch(text):
        raise UsageError(f"{option} takes the name of an environment variable, like DIRECTUS_TOKEN, not its value")
    return text


def assigned_variable(text: str) -> str:
    """The variable in an argument such as `NAME=value`; "" where it is something else."""
    found = _ASSIGNMENT.match(text)
    return found[1] if found else ""
