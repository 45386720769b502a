"""The line that a terminal shows while a run takes long; it is gone before anything else is printed."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

from directus_guard import progress
from directus_guard.cli.arguments import columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.progress import Stage

PATIENCE: Final = 1.0
"""Seconds without a line: most runs end before."""
INTERVAL: Final = 0.1
"""Seconds between two changes of the line."""
_ERASE: Final = "\r\x1b[K"


class ProgressLine:
    """Says on a terminal how far a run is. Nothing is written before `PATIENCE` is over."""

    def __init__(self, stream: IO[str], clock: Callable[[], float] = time.monotonic) -> None:
        """Start to count the time. `clock`: seconds."""
        self._stream = stream
        self._clock = clock
        self._next = clock() + PATIENCE
        self._stage: Stage | None = None
        self._number = 0
        self._shown = False

    def __call__(self, stage: Stage) -> None:
        """Count one more piece of a stage, and show it if it is time."""
        self._number = self._number + 1 if stage is self._stage else 1
        self._stage = stage
        now = self._clock()
        if now < self._next:
            return
        self._next = now + INTERVAL
        self._shown = True
        self._write(f"{_ERASE}{f'directus-guard: {stage} ({self._number})'[: columns() - 1]}")

    def erase(self) -> None:
        """Remove the line, if there is one."""
        if self._shown:
            self._shown = False
            self._write(_ERASE)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


@contextmanager
def shown_progress(*, quiet: bool) -> Iterator[None]:
    """Show on stderr how far the work in the block is, if stderr is a person's terminal; erase it at the end."""
    if quiet or os.environ.get("CI") or os.environ.get("TERM") == "dumb" or not sys.stderr.isatty():
        yield
        return
    line = ProgressLine(sys.stderr)
    try:
        with progress.watched(line):
            yield
    finally:
        line.erase()
