"""How much is asked before an answer is given up."""

from __future__ import annotations

from typing import Final

COST_OF_ACCOUNT: Final = 10
"""What it costs to look at one account more, in questions."""


class TooMuchWorkError(Exception):
    """A configuration in which too many roles, rows and rules would have to be followed."""


class Work:
    """How many questions are still answered, counted and never timed, so that the same configuration ends the same."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, number: int) -> None:
        """Take some; `TooMuchWorkError` once none is left."""
        self.left -= number
        if self.left < 0:
            raise TooMuchWorkError
