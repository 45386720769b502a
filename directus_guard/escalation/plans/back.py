"""Changes that are undone once they served: a field that a rule mentions gets its former value back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.access.records import Access, Permission
from directus_guard.escalation.tables import FLOWS, OPERATIONS, POLICIES, ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.escalation.reach.closure import Cause
    from directus_guard.escalation.requests.request import Request
    from directus_guard.escalation.state import AccessState

_KIND: Final = "change-mentioned"


def put_back(access_state: AccessState, cause: Cause) -> Cause | None:
    """The write that gives a changed field its former value; None for any other write."""
    if cause.step.kind != _KIND or not cause.requests:
        return None
    request = cause.requests[0]
    record = _record(access_state, request)
    (name,) = request.body
    if record is None:
        return None
    step = replace(cause.step, does=f"{cause.step.does} back", gives="what it was before")
    sent = replace(request, body={name: getattr(record, name)})
    return replace(cause, step=step, before=(cause,), requests=(sent,))


def _record(access_state: AccessState, request: Request) -> object | None:
    if isinstance(request.item, (Permission, Access)):
        return request.item
    tables: dict[str, Iterable[object]] = {
        ROLES: access_state.roles.values(), POLICIES: access_state.model.policies, FLOWS: access_state.flows,
        OPERATIONS: (operation for _, operation in access_state.operations),
    }  # fmt: skip
    found = tables.get(request.collection, ())
    return next((one for one in found if getattr(one, "id", None) == request.item), None)
