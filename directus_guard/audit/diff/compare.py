"""Compare all exports and findings of two sides: which exports belong together, and the order of what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.audit.diff.exports import ExportComparison
from directus_guard.audit.diff.findings import NewFindings
from directus_guard.audit.diff.judging import CheckJudge
from directus_guard.directus.content import content_key
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Location
from directus_guard.new_access import AccessDiff, AccessKind
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from directus_guard.directus.export import Export
    from directus_guard.finding import Finding, Severity
from directus_guard.new_access import NewAccess


class FoundOnSides(Struct, frozen=True):
    """What the checks find on both sides, as `scan` reports it."""

    base: Sequence[Finding] = ()
    head: Sequence[Finding] = ()
    base_deployments: Sequence[str] = ()
    """The names of all deployments, also of those without findings."""
    head_deployments: Sequence[str] = ()
    placed: Callable[[Sequence[Finding]], Sequence[Finding]] = tuple
    """Findings of `head` at the members that matter. Of many findings few are new, and only their places are shown."""


def compare(
    base: Sequence[Export],
    head: Sequence[Export],
    severities: Callable[[str], Mapping[str, Severity | None]] = lambda _: {},
    sides: FoundOnSides | None = None,
) -> AccessDiff:
    """What `head` grants that `base` does not. `severities`: of checks, as the config has them for an export
    of this name; None = off.

    `sides`: findings of `head` that `base` does not have are new too, but for those that new access already names.
    """
    sides = sides or FoundOnSides()
    found, gone, notices = _pairs(base, head)
    copies = _copies(base, found)
    pairs = [(old or copies.get(export.name), export) for old, export in found]
    notices += [
        f"`{escape_controls(name)}` is a copy of `{escape_controls(one.name)}` of BASE" for name, one in copies.items()
    ]
    new: list[NewAccess] = []
    narrowed = 0
    unknown: list[tuple[str, str, str]] = []
    triggered: set[tuple[str, Location]] = set()
    compared: list[ExportComparison] = []
    for old, export in pairs:
        models = ExportComparison(old, export, CheckJudge(severities(export.name)), copied=export.name in copies)
        compared.append(models)
        new += models.new()
        triggered |= models.triggered
        narrowed += models.narrowed()
        notices += models.notices()
        for side, known in (("BASE", old), ("HEAD", export)):
            unknown += [(side, known.name, gap.reason) for gap in known.gaps if not gap.optional] if known else []
    findings = NewFindings(
        sides.base, sides.head, (sides.base_deployments, sides.head_deployments), compared, triggered
    )
    new += findings.entries(sides.placed)
    new += [entry for models in compared for entry in models.flows(findings.rows)]
    unknown += [("HEAD", one.name, "the export is on BASE only: what HEAD grants there is not known") for one in gone]
    lost = [(one.name, f"the export `{escape_controls(one.name)}`") for one in gone if one.context.gates]
    lost += [one for pair in pairs for one in _lost(*pair)]
    return AccessDiff(
        tuple(_in_order(_grouped(new))),
        narrowed,
        tuple(notices),
        tuple(unknown),
        tuple(lost),
        frozenset(triggered),
    )


def pairs_of(base: Sequence[Export], head: Sequence[Export]) -> list[tuple[Export | None, Export]]:
    """Each export of HEAD with the one that it is compared with."""
    found, _, _ = _pairs(base, head)
    copies = _copies(base, found)
    return [(old or copies.get(export.name), export) for old, export in found]


def _lost(base: Export | None, head: Export) -> Iterator[tuple[str, str]]:
    """The tables that BASE's export has and HEAD's does not, of those that an exporter may leave out. An instance has them
    all: what an export of it never had, it has not lost."""
    if base is None or base.live or not head.context.gates:
        return
    known = {gap.name for gap in base.gaps if gap.optional}
    for gap in head.gaps:
        if gap.optional and gap.part is not ExportPart.DATA_MODEL and gap.name not in known:
            yield head.name, f"`directus_{gap.part}` of the export `{escape_controls(head.name)}`"


def _pairs(
    base: Sequence[Export], head: Sequence[Export]
) -> tuple[list[tuple[Export | None, Export]], list[Export], list[str]]:
    """Exports of the same name; those left over by the roles and policies they share, or because there is one each. Then
    those that only BASE has, and what is to be said of the pairs."""
    names = {export.name for export in head}
    left = {export.name: export for export in base}
    notices: list[str] = []
    found: dict[str, Export | None] = {export.name: left.pop(export.name, None) for export in head}
    lost = [export for export in base if export.name not in names]
    for export in head:
        if found[export.name] is None and lost:
            closest = max(lost, key=lambda one: len(_ids(one) & _ids(export)))
            alone = len(lost) == 1 and sum(old is None for old in found.values()) == 1
            if alone or _ids(closest) & _ids(export):
                lost.remove(closest)
                found[export.name] = closest
                notices.append(
                    f"`{escape_controls(export.name)}` is compared with `{escape_controls(closest.name)}` of BASE"
                )
    return [(found[export.name], export) for export in head], lost, notices


def _copies(base: Sequence[Export], pairs: Sequence[tuple[Export | None, Export]]) -> dict[str, Export]:
    """The exports of HEAD that say, in another folder, what one of BASE says: what they grant was granted. A copy that
    gates is none of one that does not."""
    found: dict[str, Export] = {}
    for export in (export for old, export in pairs if old is None):
        same = (
            one for one in base if one.context.gates >= export.context.gates and _contents(one) == _contents(export)
        )
        one = next(same, None)
        if one is not None:
            found[export.name] = one
    return found


_NOWHERE: Final = Location("")


def _contents(export: Export) -> tuple[object, ...]:
    """What an export says, wherever it lies."""
    model = export.model
    return (
        model.version,
        model.edition,
        tuple(tuple(replace(row, location=_NOWHERE) for row in table) for table in export.tables),
        export.settings and export.settings.values,
        export.possibly_public,
        {(gap.part, gap.subject) for gap in export.gaps},
    )


def _ids(export: Export) -> set[str]:
    ids = {*(role.id for role in export.model.roles), *(policy.id for policy in export.model.policies)}
    return {key for key in ids if not key.startswith("_sync_default")}


def _grouped(entries: Iterable[NewAccess]) -> Iterator[NewAccess]:
    """Principals for whom the same is new are together, in no order. Most entries have a place of their own: only of those
    that share it the whole content is compared."""
    by_place: dict[tuple[str, Location, str, str], list[NewAccess]] = {}
    for entry in entries:
        by_place.setdefault((entry.kind, entry.location, entry.collection, entry.action), []).append(entry)
    for there in by_place.values():
        if len(there) == 1:
            yield _of_all(there)
            continue
        equal: dict[str, list[NewAccess]] = {}
        for entry in there:
            equal.setdefault(content_key(replace(entry, principals=())), []).append(entry)
        yield from map(_of_all, equal.values())


def _of_all(entries: Sequence[NewAccess]) -> NewAccess:
    """One entry for the principals of all."""
    principals = dict.fromkeys(principal for entry in entries for principal in entry.principals)
    return replace(entries[0], principals=tuple(principals))


def _in_order(entries: Iterable[NewAccess]) -> Iterator[NewAccess]:
    """The entries in an order that rests on what they say: all of it is looked at where the rest is the same only."""
    found: dict[tuple[int, int, str, str, str, str, int], list[NewAccess]] = {}
    for entry in entries:
        found.setdefault(_order(entry), []).append(entry)
    for key in sorted(found):
        yield from _by_content(found[key])


def _by_content(entries: Sequence[NewAccess]) -> Iterator[NewAccess]:
    """The entries by `content_key`. Most differ in their first members: only of those that do not all is looked at."""
    if len(entries) == 1:
        yield from entries
        return
    found: dict[str, list[NewAccess]] = {}
    for entry in entries:
        first = entry.kind, entry.model, entry.principals, entry.severity, entry.message, entry.location
        found.setdefault(content_key(first), []).append(entry)
    for key in sorted(found):
        yield from found[key] if len(found[key]) == 1 else sorted(found[key], key=content_key)


_KINDS: Final = {kind: number for number, kind in enumerate(AccessKind)}


def _order(entry: NewAccess) -> tuple[int, int, str, str, str, str, int]:
    kind = _KINDS[entry.kind]
    first = kind if entry.kind in (AccessKind.ESCALATION, AccessKind.ADMINISTRATOR) else len(_KINDS)
    return (
        first,
        -entry.severity.rank,
        entry.model,
        ", ".join(entry.principals),
        entry.collection,
        entry.action,
        kind,
    )
