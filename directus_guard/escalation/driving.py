"""Steps that drive the flows there are: a flow that acts with full access for whoever starts it.

What a flow does with what its caller sends is `directus/flows.py`'s to say; here it is asked whether that makes an
administrator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.flows.data import (
    NULL,
    Given,
    KnownValue,
    RecordValue,
    as_object,
    better,
    carries,
    look_up,
    worse,
)
from directus_guard.directus.flows.model import FlowModel
from directus_guard.directus.flows.rights import Rights
from directus_guard.directus.flows.start import Caller
from directus_guard.directus.tri import Tri
from directus_guard.escalation.telling import SIGN_IN, Move, told
from directus_guard.escalation.world import ANONYMOUS, FLOWS, FREE, Drive, Knowledge
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.flows.data import Value
    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.flows.steps import FlowStep
    from directus_guard.escalation.world import Actor, Known as Row, World

_WRITES: Final = ("item-create", "item-update")


def drive_flow(actor: Actor) -> Iterator[Move]:
    """A flow that writes with full access what its caller sends: the caller says who is administrator."""
    anybody = () if actor.account.public else {drive.flow.id for drive in _drives(actor.world.actor(ANONYMOUS))}
    for drive in _drives(actor):
        flow = drive.flow
        if flow.id in anybody:
            continue
        known: Row = {("id",): flow.id, ("trigger",): flow.trigger, ("status",): flow.status, ("name",): flow.name}
        step = told(
            "flow-drive",
            f"start the flow `{escape_controls(flow.name)}` so that its operation `{escape_controls(drive.operation.key)}`, which has full access, makes an administrator",
            SIGN_IN, FLOWS, "", None, _how_sure(drive.told), _address(actor, flow, known),
        )  # fmt: skip
        allows = f"the {escape_controls(flow.trigger)} trigger of the flow `{escape_controls(flow.name)}`"
        yield Move((replace(step, permission=allows, location=drive.operation.location),))


def retrigger_flow(actor: Actor) -> Iterator[Move]:
    """PATCH /flows/ID: a flow that could be driven, if it only had a webhook or were active."""
    if not actor.rows(FLOWS, "update"):
        return
    driven = {drive.flow.id for drive in _drives(actor)}
    for flow in actor.world.flows:
        known: Row = {("id",): flow.id, ("trigger",): flow.trigger, ("status",): flow.status, ("name",): flow.name}
        if flow.id in driven or not _writes(actor.world, flow):
            continue
        openings = {
            name: opening
            for name in ("trigger", "status", "options")
            if (opening := actor.opening(FLOWS, "update", name, known)) is not None
        }
        changed = _retriggered(flow, set(openings))
        drive = None if changed is None else _once_driven(actor.world, changed)
        if changed is None or drive is None:
            continue
        used = [openings[name] for name in _difference(flow, changed)]
        step = told(
            "flow-trigger", f"give the flow `{escape_controls(flow.name)}` an active webhook", "a flow that does what its caller sends",
            FLOWS, "update", "trigger" if flow.trigger != "webhook" else "status", *used, _address(actor, flow, known),
        )  # fmt: skip
        does = f"call it so that its operation `{escape_controls(drive.operation.key)}`, which has full access, makes an administrator"
        run = told("flow-drive", does, SIGN_IN, FLOWS, "", None, _how_sure(drive.told))
        yield Move((step, replace(run, permission="the webhook of the flow", rows=step.rows)))


def _once_driven(world: World, changed: Flow) -> Drive | None:
    """What a stranger makes of a flow with another trigger; worked out once."""
    key = (changed.id, repr(changed.options.get("method")))
    if key not in world.retriggered:
        world.retriggered[key] = next(_driven(world, changed, _anybody(signed_in=False)), None)
    return world.retriggered[key]


def _retriggered(flow: Flow, able: set[str]) -> Flow | None:
    """The flow with an active webhook, as far as its fields may be changed."""
    if (flow.trigger != "webhook" and "trigger" not in able) or (flow.status != "active" and "status" not in able):
        return None
    options = {**flow.options, "method": "POST"} if "options" in able else flow.options
    return replace(flow, trigger="webhook", status="active", options=options)


def _difference(flow: Flow, changed: Flow) -> list[str]:
    pairs = {"trigger": (flow.trigger, changed.trigger), "status": (flow.status, changed.status)}
    pairs_options = [] if flow.options is changed.options else ["options"]
    return [name for name, (before, after) in pairs.items() if before != after] + pairs_options


def _drives(actor: Actor) -> Iterator[Drive]:
    """The flows an account can drive: what a flow does is worked out once, whether it starts for each account."""
    world = actor.world
    public = actor.account.public
    caller = Caller(
        signed_in=not public, role=None if actor.account.role == FREE else actor.account.role, may=actor.told
    )
    if public not in world.drives:
        world.drives[public] = _worked_out(world, signed_in=not public)
    for drive in world.drives[public]:
        starts = world.export.flow_model.starts(drive.flow, caller)
        if starts is not Tri.NO:
            yield replace(drive, told=better((drive.told, starts)))


def _worked_out(world: World, *, signed_in: bool) -> tuple[Drive, ...]:
    caller = _anybody(signed_in=signed_in)
    return tuple(drive for flow in world.flows if _writes(world, flow) for drive in _driven(world, flow, caller))


def _anybody(*, signed_in: bool) -> Caller:
    return Caller(signed_in=signed_in, may=lambda _collection, _action: Tri.YES)


def _driven(world: World, flow: Flow, caller: Caller) -> Iterator[Drive]:
    """The first operation by which a caller of a flow makes an administrator."""
    model = world.export.flow_model
    if model.by_id.get(flow.id) is not flow:
        others = [one for one in world.export.flows if one.id != flow.id]
        model = FlowModel([*others, flow], world.export.operations, version=world.model.version)
    found = [
        Drive(flow, step.operation, answer)
        for step in model.run(flow, caller).steps
        if (answer := better((step.reach, _makes_administrator(world, step)))) is not Tri.NO
    ]
    if found:
        yield min(found, key=lambda drive: drive.told is not Tri.YES)


def _writes(world: World, flow: Flow) -> bool:
    """Whether some operation of the flow, or of one that it may start, writes items with more than the caller's rights."""
    held = world.writing_flows
    return flow.id in held or (bool(held) and flow.id in world.starting_flows)


def _makes_administrator(world: World, step: FlowStep) -> Tri:
    """Whether an operation writes, with full access, what the caller of the flow sends, where that makes administrators."""
    if step.operation.type not in _WRITES:
        return Tri.NO
    permissions = step.inputs.get("permissions")
    full = Tri.YES if step.rights is Rights.FULL else Tri.NO
    if step.rights is Rights.ROLE and isinstance(permissions, KnownValue):
        full = Tri.YES if permissions.value in world.admin_roles else Tri.NO
    elif step.rights is not None and step.rights.unknown:
        full = Tri.UNKNOWN
    if full is Tri.NO:
        return full
    collection = step.inputs.get("collection", NULL)
    payload = as_object(step.inputs.get("payload", NULL))
    target = worse((carries(step.inputs.get("key", NULL)), carries(step.inputs.get("query", NULL))))
    own = _own(step)
    answers = [Tri.NO]
    for name, create, fields, whose in _DANGEROUS:
        if create is (step.operation.type == "item-create"):
            there = Tri.YES if isinstance(collection, KnownValue) and collection.value == name else carries(collection)
            row = Tri.YES if create else worse((target, own)) if whose == "own" else target
            attached = name == "directus_access"
            answers += [
                better((there, row, *(_chosen(world, one, field, attached=attached) for field in fields)))
                for one in _items(payload)
            ]
    return better((full, worse(answers)))


def _own(step: FlowStep) -> Tri:
    """Whether an operation writes the caller's own record: its key is theirs, alone or in a list (as the Studio stores it);
    a query may meet it."""
    key, query = step.inputs.get("key", NULL), step.inputs.get("query", NULL)
    if _is_own(key):
        return Tri.YES
    named = isinstance(key, RecordValue) or (isinstance(key, KnownValue) and key.value not in (None, "", [], ()))
    return Tri.UNKNOWN if query != NULL and (_is_own(query) or not named) else Tri.NO


def _is_own(value: Value) -> bool:
    """Whether the caller's own key stands in a value."""
    return isinstance(value, Given) or (isinstance(value, RecordValue) and any(map(_is_own, value.members.values())))


_DANGEROUS: Final = (
    ("directus_users", True, ("role", "email"), ""),
    ("directus_users", True, ("role", "token"), ""),
    ("directus_users", False, ("role",), "own"),
    ("directus_users", False, ("token",), ""),
    ("directus_users", False, ("password",), ""),
    ("directus_users", False, ("email",), ""),
    ("directus_access", True, ("policy", "user"), ""),
    ("directus_access", True, ("policy", "role"), ""),
    ("directus_permissions", True, ("collection", "action", "policy"), ""),
    ("directus_permissions", True, ("collection", "action", "role"), ""),
    ("directus_policies", False, ("admin_access",), ""),
    ("directus_roles", False, ("admin_access",), ""),
    ("directus_roles", False, ("parent",), ""),
)
"""Where an operation writes, whether it creates, and the fields whose values must be the caller's; of an update, whether
the caller must choose the row or the own one will do."""


def _items(payload: Value) -> tuple[Value, ...]:
    """What a payload writes: one item, or each of a list."""
    if isinstance(payload, RecordValue) and payload.members and all(key.isdecimal() for key in payload.members):
        return tuple(payload.members.values())
    return (payload,)


def _chosen(world: World, payload: Value, name: str, *, attached: bool) -> Tri:
    """Whether the caller decides a field of the payload, or it makes an administrator already. `attached`: of what a policy
    is attached to, where the caller's own key will do."""
    member = look_up(payload, (name,))
    if attached and isinstance(member, Given) and name in ("user", "role"):
        return Tri.YES
    if isinstance(member, KnownValue):
        wanted = name in ("role", "parent", "policy", "admin_access")
        makes = (*world.admin_roles, *world.admin_policies, True)
        return Tri.YES if wanted and member.value in makes else Tri.NO
    return carries(member)


def _how_sure(told: Tri) -> Knowledge:
    return Knowledge("", Confidence.HIGH if told is Tri.YES else Confidence.LOW)


def _address(actor: Actor, flow: Flow, known: Row) -> Knowledge:
    """How the attacker knows which flow to start."""
    if flow.trigger not in ("webhook", "manual") or actor.opening(FLOWS, "read", "id", known):
        return Knowledge()
    return Knowledge("its key, a random UUID, must be learnt elsewhere", Confidence.MEDIUM)
