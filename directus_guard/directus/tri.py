"""The three answers to a question about rules and flows: yes, no, cannot tell."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Tri(Enum):
    """Three answers to a question about a rule. UNKNOWN is an answer: the check says so and does not guess."""

    YES = auto()
    NO = auto()
    UNKNOWN = auto()


def any_of(answers: Iterable[Tri]) -> Tri:
    """YES if any is, else UNKNOWN if any is: of "can this happen?"."""
    found = Tri.NO
    for answer in answers:
        if answer is Tri.YES:
            return answer
        if answer is Tri.UNKNOWN:
            found = answer
    return found


def all_of(answers: Iterable[Tri]) -> Tri:
    """NO if any is, else UNKNOWN if any is: of "can all of these happen?"."""
    found = Tri.YES
    for answer in answers:
        if answer is Tri.NO:
            return answer
        if answer is Tri.UNKNOWN:
            found = answer
    return found
