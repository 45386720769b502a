"""Secrets that are stored in operations, for accounts that can read these, or the revisions in which they are kept, too.

What a token may do is not known, nor what is kept in which revision: where such a secret may lead to administrator, that is
reached without a plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.flows.data import MIN_SECRET
from directus_guard.directus.flows.model import FlowModel
from directus_guard.directus.tri import Tri
from directus_guard.escalation.evidence import Knowledge
from directus_guard.escalation.flow_answers import with_answers
from directus_guard.escalation.flow_requests import holds_token
from directus_guard.escalation.reach.closure import Basis
from directus_guard.escalation.reach.driven_flows import COST_OF_CHANGED_FLOW, anybody, makes
from directus_guard.escalation.reach.facts import ADMINISTRATOR
from directus_guard.escalation.reach.flows import row_of_operation
from directus_guard.escalation.reach.people import gain
from directus_guard.escalation.reach.through_flows import may_start
from directus_guard.escalation.requests.flows import ALWAYS
from directus_guard.escalation.tables import OPERATIONS, REVISIONS
from directus_guard.escalation.telling import SIGN_IN
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.escalation.reach.closure import Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.state import AccessState

_DOUBT: Final = Basis(Knowledge("", Confidence.LOW))


def read_secrets(closure: Closure, acting: UsableAccount) -> Gains:
    """The token that an operation sends to Directus, and what a condition of a flow compares with what its caller sends."""
    state = closure.state
    if closure.level is not Confidence.LOW or not (
        closure.may_use(acting, OPERATIONS, "read", "options") or closure.may_use(acting, REVISIONS, "read", "data")
    ):
        return
    guards: dict[str, list[Operation]] = {}
    for flow, operation in state.operations:
        if not (holds_token(operation) or _is_guard(operation)):
            continue
        read = _read(closure, acting, operation)
        if read is None:
            continue
        if holds_token(operation):
            does = f"use the token that the operation `{escape_controls(operation.key)}` sends, which they can read"
            yield from _administrator(closure, acting, does, read)
        else:
            guards.setdefault(flow.id, []).append(operation)
    yield from _past_guards(closure, acting, guards)


def _past_guards(closure: Closure, acting: UsableAccount, guards: Mapping[str, list[Operation]]) -> Gains:
    state, attacker = closure.state, acting.attacker
    for flow in state.flows:
        passed = guards.get(flow.id, [])
        may = partial(closure.may_use, acting)
        if (
            not passed
            or not may_start(attacker, flow, may)
            or not _drives(state, flow, passed, public=acting.account.public)
        ):
            continue
        read = _read(closure, acting, passed[0])
        does = f"start the flow `{escape_controls(flow.name)}` with what its condition asks for, which they can read"
        yield from _administrator(closure, acting, does, read)


def _administrator(closure: Closure, acting: UsableAccount, does: str, read: Basis | None) -> Gains:
    where = OPERATIONS, "read", "options"
    yield from gain(ADMINISTRATOR, closure.cause(acting, "flow-drive", does, SIGN_IN, where, read, _DOUBT))


def _read(closure: Closure, acting: UsableAccount, operation: Operation) -> Basis | None:
    """What lets an account read the options of an operation, or revisions, which may hold them."""
    known = row_of_operation(operation)
    found = closure.allowed(acting, OPERATIONS, "read", "options", known, operation.id)
    return found or closure.allowed(acting, REVISIONS, "read", "data", {}, "")


def _drives(state: AccessState, flow: Flow, passed: Sequence[Operation], *, public: bool) -> bool:
    """Whether a flow makes an administrator for those who pass its conditions."""
    state.work.spend(COST_OF_CHANGED_FLOW)
    ids = {one.id for one in passed}
    opened = [
        replace(one, options={**one.options, "filter": dict(ALWAYS)}) if one.id in ids else one
        for one in state.export.operations
    ]
    model = FlowModel(state.export.flows, opened, version=state.model.version)
    steps = with_answers(model.run(flow, anybody(signed_in=not public)).steps, None)
    return any(Tri.NO not in (step.reach, makes(state, step, unchecked=False)[0]) for step in steps)


def _is_guard(operation: Operation) -> bool:
    """Whether a condition compares what the caller sends, and nothing else, with a text that they do not know."""
    filter_ = operation.options.get("filter")
    if operation.type != "condition" or not isinstance(filter_, Mapping):
        return False
    texts = list(_compared(filter_))
    return bool(texts) and all(path == "$trigger" for path, _ in texts) and any(_is_secret(text) for _, text in texts)


def _is_secret(text: object) -> bool:
    return isinstance(text, str) and len(text) >= MIN_SECRET and "{{" not in text


def _compared(rule: Json, path: str = "") -> Iterator[tuple[str, object]]:
    """The values of a filter, each with the first part of the path that is compared with it."""
    waiting: list[tuple[str, object]] = [(path, rule)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += [(at if at or key.startswith("_") else key, one) for key, one in value.items()]
        elif isinstance(value, (list, tuple)):
            waiting += [(at, one) for one in value]
        else:
            yield at, value
