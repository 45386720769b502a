"""Workflow commands of the Action's own, and text that must not become one (actions/runner, ActionCommand.cs)."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from directus_guard.report.github_annotations import said

if TYPE_CHECKING:
    from collections.abc import Iterator


def error(message: str) -> str:
    """The command that shows `message` as an error of the step."""
    return said("error", message)


@contextmanager
def stopped(stream: IO[str]) -> Iterator[None]:
    """While it lasts, nothing that is written to `stream` is taken for a command."""
    token = secrets.token_hex(16)
    stream.write(f"::stop-commands::{token}\n")
    try:
        yield
    finally:
        stream.write(f"\n::{token}::\n")
        stream.flush()
