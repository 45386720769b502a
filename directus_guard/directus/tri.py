"""The three answers to a question about rules and flows: yes, no, cannot tell."""

from __future__ import annotations

from enum import Enum


class Answer(Enum):
    """Three answers to a question about a rule. CANNOT_TELL is an answer: the check says so and does not guess."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot tell"
