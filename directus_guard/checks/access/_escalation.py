"""What the two checks on escalation share: one finding for each set of rows that opens a way, with the principals."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final, assert_never

from msgspec import Struct

from directus_guard.checks.result import CheckResult, Failure, NotEvaluated
from directus_guard.checks.shared import studio
from directus_guard.checks.shared.row_fixes import DELETE
from directus_guard.checks.shared.row_members import of_fields
from directus_guard.checks.shared.rows import doubt, holder, less_sure, names, who
from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.gaps import ExportPart
from directus_guard.escalation import Paths, Unplanned
from directus_guard.escalation.cuts import Cuts
from directus_guard.escalation.cuts.changes import FlowChange, OperationChange, PermissionChange, SettingsChange
from directus_guard.escalation.evidence import rank
from directus_guard.escalation.tables import NO_GOALS
from directus_guard.escalation.work import TooMuchWorkError
from directus_guard.finding import Fix, Related, RemoveFields, ReplaceFields, RowPatch, SetMember, Subject
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import Export
    from directus_guard.escalation import Path
    from directus_guard.escalation.cuts import Change, Cut
    from directus_guard.escalation.tables import Goals
    from directus_guard.finding import Location, Member, RowChange


NEEDS: Final = (ExportPart.ATTACHMENTS, ExportPart.PERMISSIONS, ExportPart.POLICIES, ExportPart.HIDDEN_ROWS, ExportPart.PARENTS, ExportPart.USER_POLICIES, ExportPart.POLICY, ExportPart.FLOWS, ExportPart.OPERATIONS, ExportPart.SETTINGS)  # fmt: skip
"""What of an export both checks rest on."""


MOST_CUTS: Final = 20
"""For so many principals the changes are searched; for the others only those found so far are tried."""


class Way(Struct):
    """The way of some principals: the first one's, all of theirs, and what closes every one of them."""

    path: Path
    cut: Cut | None
    principals: list[Principal]
    whose: Principal
    """Whose the way is."""
    others: dict[Principal, Path]
    """The ways of those who go another one."""


def judge(export: Export, *, public: bool) -> Iterator[CheckResult]:
    """The surest way of each principal; those that the same changes stop together."""
    found: list[Way] = []
    for one in ways_of(export, _principals(export, public=public)):
        if isinstance(one, Way):
            found.append(one)
        else:
            yield one
    named = Counter(object_of(export, way) for way in found)
    for way in found:
        key_ = object_of(export, way)
        # What is changed may have the same names for others, who need more or less of it.
        yield failure_of(export, way, key_ if named[key_] == 1 else f"{key_} {' '.join(_listed(export, way))}")


def ways_of(
    export: Export,
    principals: Sequence[Principal],
    goals: Goals = NO_GOALS,
    where: str = "what decides who is administrator",
) -> Iterator[Way | NotEvaluated]:
    """The ways of principals to administrator, or to one of the goals; those that the same changes stop are one. `where`: what
    ways lead to, for the reason why it is not known whether there are any."""
    paths, cuts = Paths(export, goals=goals), Cuts(export, goals)
    ways: dict[tuple[object, ...], Way] = {}
    unplanned: dict[Unplanned, list[Principal]] = {}
    searched = 0
    for number, principal in enumerate(principals):
        try:
            path = paths.answer(principal)
        except TooMuchWorkError:
            yield NotEvaluated(_too_much(len(principals) - number), export.location)
            break
        if path is None:
            continue
        if isinstance(path, Unplanned):
            unplanned.setdefault(path, []).append(principal)
            continue
        cut = next((one for one in _cuts(ways) if one.touches(path) and cuts.fits(one, principal)), None)
        if cut is None and searched < MOST_CUTS:
            searched += 1
            cut = cuts.of(principal, path.plan)
        key = (path.name, *(row.identity for row in path.rows)) if cut is None else cut.key
        way = ways.setdefault(key, Way(path, cut, [], principal, {}))
        way.principals.append(principal)
        if rank(path.confidence) < rank(way.path.confidence):
            way.others[way.whose] = way.path
            way.path, way.whose = path, principal
        elif path.steps != way.path.steps:
            way.others[principal] = path
    for reached, whose in unplanned.items():
        yield NotEvaluated(_no_plan(export, whose, where, reached), export.location)
    yield from ways.values()


def _cuts(ways: Mapping[tuple[object, ...], Way]) -> Iterator[Cut]:
    return (way.cut for way in ways.values() if way.cut)


def _principals(export: Export, *, public: bool) -> tuple[Principal, ...]:
    return tuple(one for one, _ in export.actors if (one.kind is PrincipalKind.PUBLIC) is public)


def _too_much(number: int) -> str:
    """Why the ways of so many principals are not known."""
    whom = "1 role or user" if number == 1 else f"{number} roles and users"
    return f"the roles, permissions and rules are too many to follow every way of {whom}"


def _no_plan(export: Export, principals: list[Principal], where: str, reached: Unplanned) -> str:
    """Why it is not known whether some principals become administrators, or reach a goal."""
    whom = who(export, tuple(principals))
    unknown = reached.drives_flow and export.schema is None
    more = "; the export has no data model, so a field that the flow writes may be a relation" if unknown else ""
    return f"{whom} may reach {where} ({reached.last}), but no sequence of requests was found that works{more}"


def _listed(export: Export, way: Way) -> tuple[str, ...]:
    return names(export, tuple(way.principals))


def _policies(export: Export, way: Way) -> tuple[str, ...]:
    return tuple(dict.fromkeys(escape_controls(holder(export, row)) for row in way.path.rows))


def object_of(export: Export, way: Way) -> str:
    """What the finding is known by: what is to be changed; where that was not worked out, the permissions of the way."""
    return f"{export.name} {', '.join(way.cut.names if way.cut else _rests_on(export, way))}"


def _rests_on(export: Export, way: Way) -> tuple[str, ...]:
    """The permissions that a way rests on, named as a cut names what it changes; a way without any by its steps."""
    named = {
        f"{escape_controls(holder(export, row))} {row.action} {escape_controls(row.collection)}"
        for row in way.path.rows
    }
    return tuple(sorted(named)) or (way.path.name,)


def failure_of(export: Export, way: Way, key: str) -> Failure:
    """The failure about a way. `key`: what it is known by."""
    path, principals = way.path, tuple(way.principals)
    listed = _listed(export, way)
    unsure = doubt(export, path.rows, public=any(one.kind is PrincipalKind.PUBLIC for one in principals))
    location, members = _place(export, way)
    steps = [f"Step {index}: {action}." for index, action in enumerate(path.sentences, 1)]
    return Failure(
        subject=Subject(
            "principal",
            key,
            (("model", export.name), ("principals", listed), ("policies", _policies(export, way))),
        ),
        location=location,
        members=members,
        studio=_studio(export, way),
        message=" ".join(filter(None, (_whose(export, way), *steps, unsure))),
        expected="no way to administrator",
        actual=shorten("; ".join(step.permission for step in path.steps)),
        title=_title(listed, public=principals == (PUBLIC,)),
        framed=False,
        confidence=less_sure(path.confidence, unsure),
        steps=path.steps,
        related=tuple(Related(step.location, step.permission) for step in path.steps if step.location),
        details=tuple(_in_short(export, *other) for other in list(way.others.items())[:MOST_OTHERS]),
        fix=Fix(
            _fix(export, way.cut, public=principals == (PUBLIC,)) if way.cut else _unfinished(export, way),
            rows=_patches(export, way.cut) if way.cut else (),
        ),
    )


def _place(export: Export, way: Way) -> tuple[Location, tuple[Member, ...]]:
    """The first row to change, and what of it; where that is not known, the row of the first step."""
    for change in way.cut.changes if way.cut else ():
        place = export.settings.location if isinstance(change, SettingsChange) and export.settings else change.location
        if place is not None:
            return place, _members(change)
    first = next((step.location for step in way.path.steps if step.location), export.location)
    return first, (("action",),)


def _studio(export: Export, way: Way) -> str:
    """The page of the first thing to change."""
    if way.cut is None:
        return next((studio.of_row(export, row) for row in way.path.rows), "")
    match way.cut.changes[0]:
        case PermissionChange(row):
            return studio.of_row(export, row)
        case OperationChange(operation):
            return studio.of_operation(operation)
        case FlowChange(flow):
            return studio.of_flow(flow)
        case SettingsChange():
            return studio.SETTINGS
        case _:  # pragma: no cover - there is no other change
            assert_never(way.cut.changes[0])


def _members(change: Change) -> tuple[Member, ...]:
    """What a change touches in its row."""
    match change:
        case PermissionChange():
            return _of_permission(change)
        case OperationChange(_, becomes):
            return (("options", "permissions"), ("type",)) if becomes else (("type",),)
        case FlowChange():
            return (("status",), ("trigger",))
        case SettingsChange(values):
            return tuple((name,) for name, _ in values)
        case _:  # pragma: no cover - there is no other change
            assert_never(change)


def _of_permission(change: PermissionChange) -> tuple[Member, ...]:
    row, becomes = change.row, change.becomes
    if becomes is None:
        return (("action",),)
    named = of_fields(change.dropped, row) if becomes.fields != row.fields else ()
    changed = ((name,) for name in ("permissions", "validation") if getattr(becomes, name) != getattr(row, name))
    return (*named, *changed)


def _patches(export: Export, cut: Cut) -> tuple[RowPatch, ...]:
    """The changes of a cut as data; nothing where one of them has no such form. What may be needed is left to a person."""
    found: list[RowPatch] = []
    for change in (one for one in cut.changes if one.key not in cut.unsure):
        place = export.settings.location if isinstance(change, SettingsChange) and export.settings else change.location
        changes = _as_data(change)
        if place is None or not changes:
            return ()
        found.append(RowPatch(place, changes))
    return tuple(found)


def _as_data(change: Change) -> tuple[RowChange | SetMember, ...]:
    match change:
        case PermissionChange(row, becomes):
            return DELETE if becomes is None else tuple(_differences(row, becomes))
        case OperationChange(_, becomes):
            # Others lead to an operation that is deleted: they would have to lead on.
            return () if becomes is None else (SetMember(("options", "permissions"), '"$trigger"'),)
        case FlowChange(_, flow):
            return (SetMember(("status",), json.dumps(flow.status)),)
        case SettingsChange(values):
            return tuple(SetMember((name,), json.dumps(value)) for name, value in values)
        case _:  # pragma: no cover - there is no other change
            assert_never(change)


def _differences(row: Permission, becomes: Permission) -> Iterator[RowChange | SetMember]:
    held, left = row.fields or (), becomes.fields or ()
    if set(left) < set(held):
        yield RemoveFields(tuple(name for name in held if name not in left))
    elif left != held:
        yield ReplaceFields(left)
    for name, before, after in (
        ("permissions", row.permissions, becomes.permissions),
        ("validation", row.validation, becomes.validation),
    ):
        if before != after:
            yield SetMember((name,), json.dumps(after))


def _in_short(export: Export, principal: Principal, path: Path) -> str:
    """Another way that ends with the same changes."""
    return f"{who(export, (principal,))}: {'; then '.join(path.sentences)}."


MOST_OTHERS: Final = 5
"""So many other ways are listed."""


def _fix(export: Export, cut: Cut, *, public: bool) -> str:
    """What to change, a line for each change."""
    ordered = sorted(cut.changes, key=lambda change: change.key in cut.unsure)
    lines = [f"{_PERHAPS if one.key in cut.unsure else ''}{one.sentence}." for one in ordered]
    limiting = [at for at, one in enumerate(ordered) if isinstance(one, PermissionChange) and one.limits]
    if not export.edition_known and limiting:
        lines[limiting[-1]] += " Without a licence (Directus 12 Core) delete the permission instead."
    lines += [_REGISTER] if public and any(map(_makes_accounts, cut.changes)) else []
    return "\n".join(lines)


def _unfinished(export: Export, way: Way) -> str:
    """What to change where it was not worked out which changes close every way."""
    rests = ", ".join(f"`{one}`" for one in _rests_on(export, way)[:MOST_OTHERS]) if way.path.rows else ""
    first = (
        f"Delete or narrow a permission that the steps rest on: {rests}." if rests else "Change what the steps rest on."
    )
    return f"{first}\nThen scan again: it was not worked out which changes close every way."


_PERHAPS: Final = "Unless you do this too, another way may be left: "
_REGISTER: Final = "If visitors should register, use `public_registration` with a role in `public_registration_role`."


def _makes_accounts(change: Change) -> bool:
    """Whether it deletes the permission of visitors to create users."""
    row = change.row if isinstance(change, PermissionChange) and change.becomes is None else None
    return row is not None and (row.collection, row.action) == ("directus_users", "create")


def _whose(export: Export, way: Way) -> str:
    """Who can do it, where that is not the title."""
    if len(way.principals) == 1:
        return ""
    listed = who(export, tuple(way.principals))
    return f"{listed[:1].upper()}{listed[1:]} can." + (
        f" These are the steps of {who(export, (way.whose,))}." if way.others else ""
    )


def _title(listed: tuple[str, ...], *, public: bool) -> str:
    if public:
        return "Anonymous visitors can become administrators"
    more = f" and {len(listed) - 1} more" if len(listed) > 1 else ""
    does = f"{more} can become administrator"
    most = MOST_TITLE - len(does)
    name = listed[0] if len(listed[0]) <= most else f"{listed[0][: most - 1]}…"
    return f"{name}{does}"


MOST_TITLE: Final = 60
"""Characters of a title."""
