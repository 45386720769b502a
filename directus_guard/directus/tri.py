"""The three answers to a question about rules and flows: yes, no, cannot tell."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


class Tri(Enum):
    """Three answers to a question about a rule. UNKNOWN is an answer: the check says so and does not guess."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "cannot tell"


_RANK: Final = {Tri.NO: 0, Tri.UNKNOWN: 1, Tri.YES: 2}


def any_of(answers: Iterable[Tri]) -> Tri:
    """YES if any is, else UNKNOWN if any is: of "can this happen?"."""
    return max(answers, key=_RANK.__getitem__, default=Tri.NO)


def all_of(answers: Iterable[Tri]) -> Tri:
    """NO if any is, else UNKNOWN if any is: of "can all of these happen?"."""
    return min(answers, key=_RANK.__getitem__, default=Tri.YES)
