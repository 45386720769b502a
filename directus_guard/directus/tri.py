"""The three answers to a question about rules and flows: yes, no, cannot tell."""

from __future__ import annotations

from enum import Enum


class Tri(Enum):
    """Three answers to a question about a rule. UNKNOWN is an answer: the check says so and does not guess."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "cannot tell"
