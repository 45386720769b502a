"""Secrets that are stored in operations, for accounts that can read these, or the revisions in which they are kept, too; and
tokens that another flow signs with the same secret for whoever asks.

What a token may do is not known, nor what is kept in which revision: where such a secret may lead to administrator, that is
reached without a plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, TypeGuard

from msgspec.structs import replace

from directus_guard.directus.flows.data import MAX_DEPTH, MIN_SECRET
from directus_guard.directus.flows.model import FlowModel
from directus_guard.directus.tri import Tri
from directus_guard.escalation.evidence import KNOWN, Allowed, Knowledge
from directus_guard.escalation.flow_answers import with_answers
from directus_guard.escalation.flow_requests import holds_token
from directus_guard.escalation.reach.closure import Basis
from directus_guard.escalation.reach.driven_flows import COST_OF_CHANGED_FLOW, anybody, handed_over, makes
from directus_guard.escalation.reach.facts import ADMINISTRATOR
from directus_guard.escalation.reach.flows import row_of_operation
from directus_guard.escalation.reach.people import gain
from directus_guard.escalation.reach.through_flows import may_start
from directus_guard.escalation.tables import FREE, OPERATIONS, REVISIONS
from directus_guard.escalation.telling import SIGN_IN
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.reach.closure import Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains

_DOUBT: Final = Basis(Knowledge("", Confidence.LOW))


def read_secrets(closure: Closure, acting: UsableAccount) -> Gains:
    """The token that an operation sends to Directus, and what a flow asks its caller for: a secret, or a token that is signed."""
    state = closure.state
    if closure.level is not Confidence.LOW:
        return
    yield from _kept_of_others(closure, acting)
    answered = bool(handed_over(acting.attacker, (OPERATIONS, "options"), (REVISIONS, "data")))
    reads = (
        answered
        or closure.may_use(acting, OPERATIONS, "read", "options")
        or closure.may_use(acting, REVISIONS, "read", "data")
    )
    if not reads and not state.signed_secrets:
        return
    passed: dict[str, dict[str, Operation]] = {}
    bases: dict[str, Basis] = {}
    for flow, operation in state.operations:
        sends, opened = holds_token(operation), _opened(operation)
        read = _read(closure, acting, operation) if reads and (sends or opened is not None) else None
        if read is None and answered:
            read = Basis(KNOWN)
        if sends and read is not None:
            does = f"use the token that the operation `{escape_controls(operation.key)}` sends, which they can read"
            yield from _administrator(closure, acting, does, read)
        is_signed = operation.type == "json-web-token" and operation.options.get("secret") in state.signed_secrets
        given = read or (Basis(KNOWN) if is_signed else None)
        if opened is not None and given is not None:
            passed.setdefault(flow.id, {})[operation.id] = opened
            bases.setdefault(flow.id, given)
    for flow in state.flows:
        opened_ones = passed.get(flow.id, {})
        starts = bool(opened_ones) and may_start(acting.attacker, flow, partial(closure.may_use, acting))
        if starts and _drives(acting.attacker, flow, opened_ones):
            does = (
                f"start the flow `{escape_controls(flow.name)}` with the secret that it asks for, "
                "or a token that is signed with it"
            )
            yield from _administrator(closure, acting, does, bases[flow.id])


def _kept_of_others(closure: Closure, acting: UsableAccount) -> Gains:
    """What flows store of passwords and tokens that others send, an administrator perhaps among them."""
    for flow, collection in closure.state.kept_of_others:
        read = next(iter(closure.usable(acting, collection, "read")), None)
        if read is not None:
            does = f"read what the flow `{escape_controls(flow.name)}` stores of others: passwords or tokens"
            where = collection, "read", None
            basis = Basis(Allowed((read.row,)), read.causes)
            yield from gain(ADMINISTRATOR, closure.cause(acting, "flow-drive", does, SIGN_IN, where, basis, _DOUBT))


def _administrator(closure: Closure, acting: UsableAccount, does: str, read: Basis) -> Gains:
    where = OPERATIONS, "read", "options"
    yield from gain(ADMINISTRATOR, closure.cause(acting, "flow-drive", does, SIGN_IN, where, read, _DOUBT))


def _read(closure: Closure, acting: UsableAccount, operation: Operation) -> Basis | None:
    """What lets an account read the options of an operation, or revisions, which may hold them."""
    known = row_of_operation(operation)
    found = closure.allowed(acting, OPERATIONS, "read", "options", known, operation.id)
    return found or closure.allowed(acting, REVISIONS, "read", "data", {}, "")


def _drives(attacker: Attacker, flow: Flow, opened: Mapping[str, Operation]) -> bool:
    """Whether a flow makes an administrator for an account that knows the secrets of its operations."""
    state, account = attacker.state, attacker.account
    state.work.spend(COST_OF_CHANGED_FLOW)
    operations = [opened.get(one.id, one) for one in state.export.operations]
    model = FlowModel(state.export.flows, operations, version=state.model.version)
    own = replace(anybody(signed_in=not account.public), role=None if account.role == FREE else account.role)
    # A webhook may be called without an account, too.
    callers = dict.fromkeys((own, anybody(signed_in=False)) if flow.trigger == "webhook" else (own,))
    return any(
        Tri.NO not in (step.reach, makes(state, step, unchecked=False)[0])
        for caller in callers
        for step in with_answers(model.run(flow, caller).steps, None)
    )


def _opened(operation: Operation) -> Operation | None:
    """An operation as it is for those who know the secrets in it, which they then give; None if it asks for none."""
    options = operation.options
    if operation.type == "condition":
        filter_ = options.get("filter")
        met = _met(filter_)
        return replace(operation, options={**options, "filter": met}) if met != filter_ else None
    secret = options.get("secret")
    if operation.type == "json-web-token" and options.get("operation") == "verify" and _is_plain(secret):
        return replace(operation, options={**options, "operation": "decode"})
    return None


def _met(rule: Json, path: str = "", depth: int = 0) -> Json:
    """A filter where a value of `$trigger` that is compared with a secret only has to be sent."""
    if depth > MAX_DEPTH:
        return rule
    if isinstance(rule, Mapping):
        if path == "$trigger" and any(map(_holds_secret, rule.values())):
            return {"_nnull": True}
        return {key: _met(one, path or ("" if key.startswith("_") else key), depth + 1) for key, one in rule.items()}
    if isinstance(rule, (list, tuple)):
        return type(rule)(_met(one, path, depth + 1) for one in rule)
    return rule


def _holds_secret(value: Json) -> bool:
    values = value if isinstance(value, (list, tuple)) else (value,)
    return any(_is_plain(one) and len(one) >= MIN_SECRET for one in values)


def _is_plain(text: Json) -> TypeGuard[str]:
    return isinstance(text, str) and text != "" and "{{" not in text
