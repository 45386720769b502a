"""A write that an operation of a flow carries out: what is sent so that it writes just this.

What the operation itself sets is written as well; what its templates take besides is sent so that it changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.flows.data import (
    NULL,
    CallerIdentity,
    CallerInput,
    KnownValue,
    RecordValue,
    as_object,
    look_up,
)
from directus_guard.directus.flows.rights import Rights
from directus_guard.directus.tri import Tri
from directus_guard.escalation.flow_writes import full_access, names_no_key, with_members, written_items
from directus_guard.escalation.plans.flow_values import Draft, FlowInput
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.reach.through_flows import ACTIONS
from directus_guard.escalation.requests.request import CREATE, DELETE, Chosen
from directus_guard.escalation.rule_keys import is_uuid
from directus_guard.escalation.tables import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.flows.data import Value as FlowValue
    from directus_guard.directus.flows.steps import FlowStep
    from directus_guard.escalation.plans.state import Key
    from directus_guard.escalation.requests.request import Request, Value
    from directus_guard.escalation.state import AccessState


class CarriedOut(Struct, frozen=True):
    """What is sent, and what the operation writes of itself. `role`: with whose rights; None: everything is allowed."""

    input: FlowInput
    fixed: Mapping[str, Json]
    role: str | None = None


def carry_out(state: AccessState, step: FlowStep, request: Request, key: Key, *, unchecked: bool) -> CarriedOut | None:
    """What a caller sends so that an operation does what a request asks for; None: it does not, or not for sure.

    `key`: of the row that is there. `unchecked`: the rights of the trigger are not limited.
    """
    if ACTIONS.get(step.operation.type) != request.action:
        return None
    role = _role(state, step)
    if role is None and not _is_full(state, step, unchecked=unchecked):
        return None
    draft = Draft()
    if not _is_there(draft, step.inputs.get("collection", NULL), request.collection):
        return None
    if request.action != CREATE and not _names(draft, step.inputs, request, key):
        return None
    if request.action == DELETE:
        return CarriedOut(FlowInput(draft.sent, Tri.YES), {}, role)
    fixed = _payload(draft, step, request)
    if fixed is None or not all(_is_taken(state, name, value) for name, value in fixed.items()):
        return None
    return CarriedOut(FlowInput(draft.sent, Tri.YES), fixed, role)


def _is_taken(state: AccessState, name: str, value: Json) -> bool:
    """Whether a row takes a value that the operation sets: the row that a relation names must be there."""
    if name in ("policies", "users", "roles", "permissions"):
        return not isinstance(value, str)
    if name in ("role", "parent"):
        return value is None or value in state.roles or value in state.admin_roles
    if name == "policy":
        return value is None or value in state.export.holders or value in state.admin_policies
    return name != "user" or value is None or is_uuid(value)


def _role(state: AccessState, step: FlowStep) -> str | None:
    """The role with whose rights an operation acts; None: a role of administrators, or other rights."""
    permissions = step.inputs.get("permissions", NULL)
    if step.rights is not Rights.ROLE or not isinstance(permissions, KnownValue):
        return None
    role = str(permissions.value)
    return None if role in state.admin_roles else role


def _is_full(state: AccessState, step: FlowStep, *, unchecked: bool) -> bool:
    if step.operation.type == "item-delete":
        return step.rights is Rights.FULL or (unchecked and step.rights is Rights.CALLER)
    return full_access(state, step, unchecked=unchecked) is Tri.YES


def _is_there(draft: Draft, member: FlowValue, value: Value) -> bool:
    """Whether a value of the flow is this one, or can be sent so."""
    if isinstance(member, KnownValue):
        return member.value == value
    return isinstance(member, CallerInput) and draft.put(member, value)


def _names(draft: Draft, inputs: Mapping[str, FlowValue], request: Request, key: Key) -> bool:
    """Whether the operation writes the row that a request is about, and no other one."""
    named = inputs.get("key", NULL)
    if names_no_key(named):
        return request.collection == SETTINGS
    if isinstance(named, KnownValue):
        held = named.value if isinstance(named.value, (list, tuple)) else [named.value]
        return [str(one) for one in held] == [str(key)]
    members = tuple(named.members.values()) if isinstance(named, RecordValue) else (named,)
    if len(members) != 1:
        return False
    (member,) = members
    if isinstance(member, CallerIdentity):
        return isinstance(request.item, Person) and request.item == request.by
    listed = isinstance(member, CallerInput) and not member.text and member.path[-1] == "keys"
    return isinstance(member, CallerInput) and draft.put(member, [request.item] if listed else request.item)


def _payload(draft: Draft, step: FlowStep, request: Request) -> dict[str, Json] | None:
    """Have the payload be that of a request: what the operation adds; None: it cannot be."""
    items = written_items(as_object(step.inputs.get("payload", NULL)))
    if len(items) != 1:
        return None
    (item,) = items
    if isinstance(item, CallerInput):
        sent = (draft.put(replace(item, path=(*item.path, name)), value) for name, value in request.body.items())
        # What names the row is written into it, too.
        fields = {path[len(item.path)] for path in draft.sent if path[: len(item.path)] == item.path != path}
        return {} if all(sent) and fields <= request.body.keys() else None
    item = with_members(item)
    if not isinstance(item, RecordValue):
        return None
    if not all(_is_there(draft, look_up(item, (name,)), value) for name, value in request.body.items()):
        return None
    fixed: dict[str, Json] = {}
    for name, member in item.members.items():
        if isinstance(member, KnownValue):
            fixed[name] = member.value
        elif name not in request.body and not _left_alone(draft, name, member):
            return None
    return fixed


_HARMLESS: Final[Mapping[str, Value]] = {"status": "active", "role": None, "policies": [], "token": None}
_ANY: Final = Chosen("any value")


def _left_alone(draft: Draft, name: str, member: FlowValue) -> bool:
    """Send what changes nothing for a field that the request does not name."""
    return isinstance(member, CallerInput) and draft.put(member, _HARMLESS.get(name, _ANY))
