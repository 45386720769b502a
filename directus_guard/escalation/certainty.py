"""Whether a principal can become administrator, and whether that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.access.principals import PUBLIC
from directus_guard.directus.tri import Tri
from directus_guard.escalation.work import TooMuchWorkError

if TYPE_CHECKING:
    from directus_guard.directus.access.principals import Principal
    from directus_guard.escalation.search import Paths


def may_escalate(paths: Paths, principal: Principal) -> Tri:
    """YES with a way, be it any anonymous visitor's; UNKNOWN where something may lead there, but no way could be followed."""
    try:
        if paths.of(principal) is not None:
            return Tri.YES
        if not paths.escalates(principal):
            return Tri.NO
        return Tri.YES if paths.of(PUBLIC) is not None else Tri.UNKNOWN
    except TooMuchWorkError:
        return Tri.UNKNOWN
