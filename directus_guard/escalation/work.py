"""How much is asked before an answer is given up."""

from __future__ import annotations

from typing import Final

COST_OF_ACCOUNT: Final = 10
"""What it costs to look at one account more, in questions."""
MANY_KEYS: Final = 1_000
"""So many keys may be asked about for a field at no further cost."""
MANY_RECORDS: Final = 5_000
"""So many roles, policies and attachments may be copied for a state of a plan at no further cost."""


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

    def spend_on_keys(self, number: int) -> None:
        """Take what it costs to ask about so many keys: most exports have few, of thousands each account asks about each."""
        self.spend(6 * max(number - MANY_KEYS, 0))

    def spend_on_records(self, number: int) -> None:
        """Take what it costs to copy so many records."""
        self.spend(max(number - MANY_RECORDS, 0) // 4)
