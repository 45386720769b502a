"""What makes a request less sure, beside the keys that it names and what it sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.escalation.evidence import Knowledge
from directus_guard.escalation.requests.request import CREATE, DELETE, INVITE, SomeAdministrator
from directus_guard.escalation.tables import ROLES
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.plans.state import SimulatedState
    from directus_guard.escalation.requests.request import Request

_OTHERS: Final = Knowledge("no other user may have the role, and it may have no bookmarks", Confidence.MEDIUM)
"""The server also updates its users and deletes its bookmarks, as whoever asks: exports seldom have them."""
_SECOND_FACTOR: Final = Knowledge(
    "every known administrator has a second factor, which must be passed too", Confidence.MEDIUM
)
_ONE_OF_SEVERAL: Final = Knowledge(
    "without app access Directus 10 takes only one of several permissions, and the database decides which",
    Confidence.MEDIUM,
)


def doubts(state: SimulatedState, attacker: Attacker, request: Request) -> Iterator[Knowledge]:
    """What else a request depends on."""
    if (request.collection, request.action) == (ROLES, DELETE):
        yield _OTHERS
    # A password alone does not pass a second factor; a static token does.
    with_password = not request.body.keys().isdisjoint(("password", "email"))
    if isinstance(request.item, SomeAdministrator) and with_password and state.access_state.all_have_second_factors:
        yield _SECOND_FACTOR
    action = CREATE if request.action == INVITE else request.action
    if state.is_one_of_several(attacker, request.collection, action):
        yield replace(_ONE_OF_SEVERAL, confidence=Confidence.LOW) if state.ahead else _ONE_OF_SEVERAL
