"""The time of a run is over anywhere, also while a block begins or ends: afterwards no time runs."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard import deadline
from directus_guard.deadline import TimeOverError, TimeShare, guarded, limited

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

NO_TIME: Final = 1e-9
LONG: Final = 1000
"""Seconds. No timer rings by itself."""


def work() -> None:
    """What may be broken off."""


def nested() -> None:
    """Blocks as `prove` has them."""
    with limited(LONG, interrupts=False):
        with limited(LONG):
            work()
        work()


def broken_off_at(number: int) -> bool:
    """Run the blocks with a ring of the timer at the so many-th line of what they call; whether there are so many.

    At the beginning and the end of a block, Python calls what it has to without looking for signals before.
    """
    left = number

    def each_line(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if event in ("call", "line") and frame.f_code is not nested.__code__:
            left -= 1
            if left == 0:
                sys.settrace(None)
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(deadline._Clock, "left", lambda *_: 0.0)
                    deadline._ring(signal.SIGALRM, frame)
        return each_line

    sys.settrace(each_line)
    try:
        nested()
    finally:
        sys.settrace(None)
    return left <= 0


@pytest.fixture(autouse=True)
def _ringing() -> Iterator[None]:
    """A timer that an earlier run left behind rings as this one's does."""
    before = signal.signal(signal.SIGALRM, deadline._ring)
    yield
    signal.signal(signal.SIGALRM, before)


def test_wherever_the_timer_rings_no_time_runs_afterwards() -> None:
    number, broken_off = 0, 0
    more = True
    while more:
        number += 1
        try:
            more = broken_off_at(number)
        except TimeOverError:
            broken_off += 1
        assert deadline.left(TimeShare.ALL) == float("inf"), number
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0, number
        assert signal.getsignal(signal.SIGALRM) is deadline._ring, number
    assert number > 50
    assert broken_off >= 2


def test_a_guarded_block_that_has_no_time_is_left() -> None:
    with limited(NO_TIME, interrupts=False):
        for _ in range(2):
            with pytest.raises(TimeOverError), guarded(TimeShare.READ):
                pytest.fail("it is not begun")
        deadline.check()  # outside of guarded blocks nothing is raised
    assert not deadline.was_cut()


def test_the_time_of_the_block_around_goes_on() -> None:
    with limited(1000):
        with suppress(TimeOverError), limited(NO_TIME, interrupts=False), guarded(TimeShare.ALL):
            pass
        assert 900 < deadline.left(TimeShare.ALL) <= 1000
        assert not deadline.was_cut()
