"""Permissions that give more access than a promise of the config allows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.checks.access import _promise_ways, _promise_words
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated, Pass
from directus_guard.checks.shared import rows, studio
from directus_guard.checks.shared.row_fixes import DELETE, WITHOUT_LICENCE, fix_of, only_where, without_fields
from directus_guard.checks.shared.row_members import of_fields
from directus_guard.checks.shared.row_words import can, policy, policy_title
from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.directus.access.principals import PUBLIC
from directus_guard.directus.access.promises import Administers, Excess, PromiseKind, excesses, knows, subjects
from directus_guard.directus.access.system_data import SYSTEM_COLLECTIONS
from directus_guard.directus.export import EffectiveRow
from directus_guard.directus.gaps import ExportPart
from directus_guard.directus.tri import Tri
from directus_guard.finding import DeleteRow, Fix, RowPatch, SetMember, Subject
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.access.promises import Promise
    from directus_guard.directus.access.records import Permission, Policy, Role
    from directus_guard.directus.export import Export
    from directus_guard.finding import Location, Member, RowChange

NEEDS: Final = (
    ExportPart.ATTACHMENTS,
    ExportPart.PERMISSIONS,
    ExportPart.POLICIES,
    ExportPart.HIDDEN_ROWS,
    ExportPart.POLICY,
    ExportPart.USER_POLICIES,
    ExportPart.PARENTS,
)


def judged(export: Export, promises: Sequence[Promise]) -> Iterator[CheckResult]:
    """What is found about the promises that concern an export; `Pass` if all are kept."""
    answers = [answer for one in promises for answer in _judge(export, one)]
    if promises and not any(isinstance(answer, Failure) for answer in answers):
        never = any(one.kind is PromiseKind.NEVER for one in promises)
        needs = (*NEEDS, *(_promise_ways.NEEDS if never else ()))
        answers += [NotEvaluated(reason, export.location) for reason in export.unknown(needs)]
    if promises and not answers:
        answers.append(Pass(f"{len(promises)} promise{'s' if len(promises) > 1 else ''} kept"))
    yield from answers


def _judge(export: Export, promise: Promise) -> Iterator[CheckResult]:
    beyond: dict[tuple[object, ...], list[tuple[Permission, Excess]]] = {}
    undecided: list[str] = []
    administrators: dict[str, list[Principal]] = {}
    yield from _unseen(export, promise)
    for one in excesses(
        export.model, promise, never_null=export.never_null, fields_of=lambda name: _fields(export, name)
    ):
        if isinstance(one, Administers):
            for holder in one.holders:
                administrators.setdefault(holder, []).append(one.principal)
        elif one.answer is Tri.UNKNOWN:
            undecided.append(_undecided(export, promise, one))
        else:
            for row in one.rows:
                beyond.setdefault((row.identity, one.fields, one.beyond_rule), []).append((row, one))
    by_app_access: list[Excess] = []
    for same in beyond.values():
        row, first = same[0]
        if row.system:
            by_app_access += [one for _, one in same]
        else:
            yield _of_row(export, promise, row, first, tuple(dict.fromkeys(one.principal for _, one in same)))
    yield from _by_app_access(export, promise, by_app_access)
    for holder, principals_ in administrators.items():
        yield _of_administrator(export, promise, holder, tuple(principals_))
    if promise.kind is PromiseKind.NEVER:
        having = {one.principal for same in beyond.values() for _, one in same}
        yield from _promise_ways.ways(export, promise, having)
    yield from (NotEvaluated(reason, export.location) for reason in dict.fromkeys(undecided))


# --- what cannot be decided ------------------------------------------------------------------------------------------


def _fields(export: Export, collection: str) -> frozenset[str] | None:
    """All fields of a collection; None = the data model does not tell."""
    schema = export.schema
    if schema is None or not schema.complete or collection not in schema.whole_collections:
        return None
    return frozenset(schema.by_collection[collection])


def _unseen(export: Export, promise: Promise) -> Iterator[CheckResult]:
    """Names of a promise of which the export does not show what they are."""
    place = f"the promise in `{escape_controls(promise.place)}`"
    for name in promise.principals:
        if not subjects(export.model, (name,)).is_empty:
            continue
        if promise.of_base or not knows(export.gaps, name):
            reason = f"`{escape_controls(name)}`, which {place} names, is not in the export"
            yield NotEvaluated(reason, export.location)
    named = subjects(export.model, promise.principals)
    if named.users:
        yield from (NotEvaluated(reason, export.location) for reason in export.unknown((ExportPart.USERS,)))
    whole = export.schema is not None and export.schema.complete
    seen = {*SYSTEM_COLLECTIONS, "*", *export.collections}
    for name in () if whole else promise.collections:
        if name not in seen:
            what = f"no permission and no schema snapshot shows the collection `{escape_controls(name)}`"
            yield NotEvaluated(f"{what}, which {place} names", export.location)


def _undecided(export: Export, promise: Promise, excess: Excess) -> str:
    whom = rows.who(export, (excess.principal,))
    what = f"{excess.action} `{escape_controls(excess.collection)}`"
    return (
        f"whether {whom} may {what} within the promise in `{escape_controls(promise.place)}`:"
        f" {escape_controls(excess.reason)}"
    )


# --- a permission ----------------------------------------------------------------------------------------------------


def _of_row(
    export: Export, promise: Promise, row: Permission, excess: Excess, principals: tuple[Principal, ...]
) -> Failure:
    changes = _changes(export, promise, row, excess)
    granted = EffectiveRow(row, principals, excess.rule, excess.rule, PUBLIC in principals)
    never = promise.kind is PromiseKind.NEVER
    failure = rows.failure(
        export,
        granted,
        title=can(export, row, "{} against a promise", row.collection),
        message=" ".join(
            (
                _promise_words.promised(export, promise),
                _promise_words.beyond(export, promise, excess, rows.who(export, principals)),
            )
        ),
        expected="no such permission" if never else "no such permission, or a row within the promise",
        changes=changes,
        members=_members(row, excess),
    )
    if excess.beyond_rule and excess.action == "create" and changes != DELETE:
        failure = replace(failure, fix=_with_validation(export, promise, row, failure.fix, changes))
    return _known_as(failure, promise)


def _known_as(failure: Failure, promise: Promise) -> Failure:
    """The failure by the name of its promise too: a row may go beyond several."""
    subject = failure.subject
    named = replace(subject, key=f"{subject.key} {_promise_words.name_of(promise)}")
    return replace(failure, subject=named, severity=promise.severity)


def _changes(export: Export, promise: Promise, row: Permission, excess: Excess) -> tuple[RowChange, ...]:
    """The smallest change after which the row lies within the promise."""
    if promise.kind is PromiseKind.NEVER:
        return DELETE
    changes: tuple[RowChange, ...] = ()
    if excess.fields:
        known = _fields(export, row.collection)
        allowed = [name for name in promise.fields if known is None or name in known]
        changes = without_fields(row, excess.fields, allowed)
    if excess.beyond_rule and row.action != "create" and DeleteRow() not in changes:
        changes = (*changes, *only_where(promise.rule))
    return changes


def _members(row: Permission, excess: Excess) -> tuple[Member, ...]:
    """What in the row goes beyond the promise."""
    if excess.beyond_rule:
        by_rule: Member = ("validation",) if row.action == "create" else ("permissions",)
        return (by_rule, *(of_fields(excess.fields, row) if excess.fields else ()))
    return of_fields(excess.fields, row) if excess.fields else (("action",),)


def _with_validation(
    export: Export, promise: Promise, row: Permission, fix: Fix | None, changes: Sequence[RowChange]
) -> Fix | None:
    """The fix with the rule as validation: on create that decides what is written."""
    if export.is_core:
        return fix
    rule = json.dumps(promise.rule, ensure_ascii=False)
    shown = f"`{escape_controls(rule)}`"
    free = is_unrestricted(row.validation)
    text = (
        f"Set `validation` of this permission to {shown}."
        if free
        else f"Add {shown} to `validation` of this permission, in a list of `_and`."
    )
    before = fix_of(changes, row).description if changes else ""
    added = json.dumps(promise.rule if free else {"_and": [row.validation, promise.rule]}, ensure_ascii=False)
    without = "" if export.edition_known else WITHOUT_LICENCE
    patch = (*changes, SetMember(("validation",), added))
    return Fix(
        " ".join(filter(None, (before, text, without))),
        rows=(RowPatch(row.location, patch),) if row.location else (),
    )


# --- app access, administrators --------------------------------------------------------------------------------------


class _Holder(Struct, frozen=True):
    """A policy (10: a role) by its name, and its place."""

    name: str
    location: Location | None
    key: str


def _holders(export: Export) -> Iterator[tuple[_Holder, Policy | Role]]:
    model = export.model
    records: tuple[Policy | Role, ...] = model.policies if model.has_policies else model.roles
    for one in records:
        yield _Holder(one.name or one.id, one.location, one.id), one


def _by_app_access(export: Export, promise: Promise, beyond: Sequence[Excess]) -> Iterator[Failure]:
    """No stored permission grants it, but `app_access` does: of each policy that has it."""
    for holder, record in _holders(export):
        given = [one for one in beyond if record.app_access and holder.key in _held_by(export, one.principal)]
        if given:
            principals = tuple(dict.fromkeys(one.principal for one in given))
            owner, whom = policy(export, holder.name), rows.who(export, principals)
            yield _of_holder(
                export,
                promise,
                holder,
                principals,
                member="app_access",
                title=policy_title(export, holder.name, "has app access against a promise"),
                text=_promise_words.by_app_access(given, owner, whom),
            )


def _of_administrator(export: Export, promise: Promise, key: str, principals: tuple[Principal, ...]) -> Failure:
    holder = next((one for one, record in _holders(export) if record.id == key), _Holder(key, None, key))
    owner, whom = policy(export, holder.name), rows.who(export, principals)
    return _of_holder(
        export,
        promise,
        holder,
        principals,
        member="admin_access",
        title=policy_title(export, holder.name, "makes administrators against a promise"),
        text=f"`admin_access` of {owner} makes {whom} an administrator: no permission limits administrators.",
    )


def _held_by(export: Export, principal: Principal) -> tuple[str, ...]:
    access = export.model.of(principal)
    return access.policies if export.model.has_policies else access.roles[-1:]


def _of_holder(
    export: Export,
    promise: Promise,
    holder: _Holder,
    principals: tuple[Principal, ...],
    *,
    member: str,
    title: str,
    text: str,
) -> Failure:
    """A failure at a flag of a policy."""
    shown = escape_controls(holder.name)
    return Failure(
        subject=Subject(
            "policy",
            f"{export.name} {shown} {member} {_promise_words.name_of(promise)}",
            (("model", export.name), ("principals", rows.names(export, principals)), ("policy", shown)),
        ),
        location=holder.location or export.location,
        title=title,
        message=f"{_promise_words.promised(export, promise)} {text}",
        expected=f"no `{member}`",
        actual=member,
        framed=False,
        members=((member,),),
        severity=promise.severity,
        studio=studio.of_holder(export, holder.key),
        fix=Fix(
            f"Turn `{member}` of {policy(export, holder.name)} off.{_promise_words.otherwise(promise, holder.name)}"
        ),
    )
