"""The cost of a piece of work as a count, which is the same on every machine and under any load."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import TypeAlias

    Trace: TypeAlias = "Callable[[FrameType, str, object], Trace | None]"


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of Python run while `work` is done, those of everything that it calls included."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Trace:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def grows_linearly(work: Callable[[int], Callable[[], object]], size: int) -> bool:
    """Whether twice the size costs at most two and a half times the lines. `work(size)` prepares what is counted.

    It is done once before: modules are imported and patterns compiled at their first use, whatever the size.
    """
    work(size)()
    return lines_run(work(2 * size)) <= 2.5 * lines_run(work(size))
