"""The time that a run may take: once it is over, what was judged is reported, and the rest is *not evaluated*.

Each part of a run has a share of the time, so that a slow part leaves some for those after it. Where the system has a timer
the work is interrupted wherever it is, elsewhere at the next file or check.
"""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    _Handler = Callable[[int, FrameType | None], object] | int | None

MAX_TIME: Final = 300.0
"""Seconds, without `--max-time`."""
LONGEST: Final = 86_400.0
"""Seconds that `--max-time` may name."""
NO_TIME: Final = "the run had no time left (--max-time)"
_AGAIN: Final = 0.5
"""Seconds between two attempts to interrupt what is over its time."""


class TimeShare(float, Enum):
    """The part of a run that is over by this share of its time."""

    READ = 0.6
    JUDGE = 0.9
    ALL = 1.0


class TimeOverError(BaseException):
    """The time is over. Not an `Exception`: what goes on after a bug must not go on after this."""


class _Clock:
    """The time of the run that is under way."""

    def __init__(self) -> None:
        self.seconds: float = 0.0
        """0 = no run has a limit now."""
        self.started: float = 0.0
        self.share = TimeShare.ALL
        self.guarded = 0
        """How many blocks are under way that know what to do when the time is over."""
        self.cut = False
        """Whether anything was left out."""
        self.changes = False
        """Whether a block begins or ends just now."""

    def left(self, share: TimeShare) -> float:
        return self.started + self.seconds * share - time.monotonic() if self.seconds else float("inf")


_CLOCK: Final = _Clock()


class limited:  # noqa: N801 - used like a function; a generator that a ring leaves half way would be closed too late
    """Let what is inside take so many seconds, 0 = any. Raises `TimeOverError` there where nothing else ends it.

    Without `interrupts` it is never broken off, and asks itself how much time is left.
    """

    __slots__ = ("_before", "_handler", "_interrupts", "_seconds")

    def __init__(self, seconds: float, *, interrupts: bool = True) -> None:
        self._seconds = seconds
        self._interrupts = interrupts
        self._before: dict[str, object] = {}
        self._handler: _Handler = None

    def __enter__(self) -> None:
        if not self._seconds:
            return
        self._before = vars(_CLOCK).copy()
        _CLOCK.changes = True
        vars(_CLOCK).update(seconds=self._seconds, started=time.monotonic(), share=TimeShare.ALL, guarded=0, cut=False)
        if self._interrupts:
            # Without this signal, and in threads, the time is looked at before each file and each check only.
            with suppress(AttributeError, ValueError):
                self._handler = signal.signal(signal.SIGALRM, _ring)
        try:
            _CLOCK.changes = False
            if self._handler is not None:
                signal.setitimer(signal.ITIMER_REAL, max(self._seconds * TimeShare.READ, 1e-6), _AGAIN)
        except TimeOverError:  # it rang at once
            self.__exit__()
            raise

    def __exit__(self, *_error: object) -> None:
        _CLOCK.changes = True
        if self._handler is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._handler)
        vars(_CLOCK).update(self._before)
        _CLOCK.changes = False


def _ring(_signal: int, frame: FrameType | None) -> None:
    """Break the work off, but not a block that begins or ends: half of that would let its time run on."""
    if _CLOCK.changes or (frame is not None and frame.f_code is limited.__exit__.__code__):
        return
    if _CLOCK.left(TimeShare.ALL) <= 0:
        raise TimeOverError
    check()


class guarded:  # noqa: N801 - used like a function; a generator costs three times as much, for each question of a check
    """A block that may be interrupted once its share of the time is over: it raises `TimeOverError`, and the run goes on."""

    __slots__ = ("_before", "_share")

    def __init__(self, share: TimeShare) -> None:
        self._share = self._before = share

    def __enter__(self) -> None:
        self._before = _CLOCK.share
        try:
            _CLOCK.share = self._share
            _CLOCK.guarded += 1
            check()
        except TimeOverError:
            self.__exit__()
            raise

    def __exit__(self, *_error: object) -> None:
        _CLOCK.share = self._before
        _CLOCK.guarded -= 1


def check() -> None:
    """Raise `TimeOverError` if the time of the guarded block is over."""
    if _CLOCK.guarded and _CLOCK.seconds and _CLOCK.left(_CLOCK.share) <= 0:
        _CLOCK.cut = True
        raise TimeOverError


def left(share: TimeShare) -> float:
    """Seconds that are left until a share of the time is over; without a limit, no end of them."""
    return _CLOCK.left(share)


def note_cut() -> None:
    """Note that something was left out because the time was over."""
    _CLOCK.cut = True


def was_cut() -> bool:
    """Whether anything was left out so far."""
    return _CLOCK.cut
