"""Steps of a way in words: one sentence each, the rows that allow it, its place and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.access.records import PUBLIC_LABEL
from directus_guard.escalation.catalogue import KINDS
from directus_guard.escalation.evidence import Allowed, Knowledge, SendableValue, weakest
from directus_guard.escalation.tables import NEW
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from directus_guard.directus.access.records import Permission
    from directus_guard.escalation.account import Account
    from directus_guard.escalation.requests.request import Requests
    from directus_guard.escalation.state import AccessState
    from directus_guard.finding import Confidence, Location


class PlanStep(Struct, frozen=True, eq=False):
    """One step in words, without who takes it."""

    kind: str
    """The id in the catalogue."""
    does: str
    permission: str
    gives: str
    rows: tuple[Permission, ...]
    """The stored rows that allow it."""
    confidence: Confidence
    location: Location | None = None
    """Its place, if no row allows it."""
    account: Account | None = None
    """Who takes it, if not who begins the sequence."""
    note: str = ""
    """Why it works although it does not look so, and how keys are known."""
    operation: str | None = None
    """The key of the operation of a flow that it rests on."""


class StepSequence(Struct, frozen=True):
    """Steps that lead to an account, or (None) to administrator."""

    steps: tuple[PlanStep, ...]
    target: Account | None = None
    requests: tuple[Requests, ...] = ()
    """What is sent for each step but the last one, which starts a flow."""


def plan_step(
    kind: str,
    does: str,
    gives: str,
    collection: str,
    action: str,
    name: str | None,
    *evidence: Allowed | SendableValue | Knowledge | None,
    account: Account | None = None,
) -> PlanStep:
    """A step on one collection: its rows and how sure it is come from the evidence, its reasons into the sentence."""
    rows: list[Permission] = []
    notes: list[str] = []
    sure = [KINDS[kind].confidence]
    # Where it is known which rows reach the item, those are the ones that count; rows of other fields stay.
    allowances = [one for one in evidence if isinstance(one, Allowed)]
    for one in evidence:
        if one is None:
            continue
        sure.append(one.confidence)
        if isinstance(one, Allowed) or (isinstance(one, SendableValue) and not allowances):
            rows += [source for row in one.rows for source in row.sources if not source.system]
        if isinstance(one, SendableValue):
            notes += [REASONS[reason] for reason in one.reasons]
        if isinstance(one, Knowledge) and one.source:
            notes.append(one.source)
    field = f" with `{name}`" if name else ""
    return PlanStep(
        kind,
        does,
        f"{action} on {collection}{field}",
        gives,
        tuple({row.identity: row for row in rows}.values() if len(rows) > 1 else rows),
        weakest(sure),
        account=account,
        note="; ".join(dict.fromkeys(notes)),
    )


REASONS: Final = {
    "foreign-key-deny-list": 'a validation refuses the bare key, but not the same key sent as an object, `{"id": …}`',
    "key-deny-list": "a validation lists keys that are refused, and the database may take other spellings of them",
    "preset-not-locked": "the preset does not lock the field: what is sent wins",
}

IS_ADMIN: Final = "the account is an administrator"
SIGN_IN: Final = "an administrator's account to sign in with"


def role_name(state: AccessState, role: str | None) -> str:
    """A role in a sentence."""
    if role is None:
        return "no role"
    if role in state.admin_roles:
        return "the administrator role"
    if role == NEW:
        return "the new role"
    record = state.roles.get(role)
    # A key that no record has may be any literal of a rule: it is not shown.
    return (
        f"the role `{escape_controls(record.name or record.id)}`" if record else "a role that the export does not have"
    )


def policy_name(state: AccessState, policy: str) -> str:
    """A policy in a sentence."""
    if policy in state.admin_policies:
        return "the administrator policy"
    name = state.export.holders.get(policy)
    if name == PUBLIC_LABEL:
        return "the Public policy"
    return f"the policy `{escape_controls(name)}`" if name else "a policy that the export does not have"
