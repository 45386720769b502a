"""How far a run is: sources, checks and the escalation say what they do, and a command may show it."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from directus_guard import deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Stage(StrEnum):
    """What a run does, in words."""

    READING = "reading files"
    ASKING = "asking the instance"
    CHECKING = "checking"
    FOLLOWING = "following ways to administrator"
    PROVING = "carrying out ways to administrator"


_WATCHER: Final[ContextVar[Callable[[Stage], None] | None]] = ContextVar("watcher", default=None)


def step(stage: Stage) -> None:
    """Note that another piece of a stage begins. A run whose time is over ends here."""
    deadline.check()
    watcher = _WATCHER.get()
    if watcher is not None:
        watcher(stage)


@contextmanager
def watched(watcher: Callable[[Stage], None]) -> Iterator[None]:
    """Call `watcher` for each piece that begins inside of the block."""
    before = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(before)
