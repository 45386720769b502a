"""Whether a condition on the environment holds, where not every variable can be seen."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from directus_guard.directus.environment.watched import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from directus_guard.directus.environment.settings import Environment


class Certainty(Enum):
    """Whether a condition holds, where not every variable can be seen."""

    YES = auto()
    """It holds by what is seen."""
    BY_DEFAULT = auto()
    """It holds where the variables that cannot be seen have their defaults."""
    UNSEEN = auto()
    """It does not hold at the defaults, but a variable that cannot be seen may make it hold."""
    NO = auto()
    """It does not hold by what is seen."""


def certainty(env: Environment, condition: Callable[[Environment], bool]) -> Certainty:
    """Whether `condition` holds in `env`. The condition sees every unseen variable at its default.

    It should look at as few variables as it needs: what it looked at and could not be seen makes the answer unsure.
    """
    if env.wholly_visible:
        return Certainty.YES if condition(env) else Certainty.NO
    watch = Watch()
    if condition(env.at_defaults(watch)):
        return Certainty.BY_DEFAULT if watch.looked else Certainty.YES
    return Certainty.UNSEEN if watch.looked else Certainty.NO
