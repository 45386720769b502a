"""Who can do what, after merging: as tables, and as docs/contract.md#access-v1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.access_listing import AccessColumn, AccessListing
from directus_guard.audit.access_known import directus_of, may_have_more, own_collections
from directus_guard.audit.matrix import matrix_of
from directus_guard.directus.access.principals import Principal, PrincipalKind, shown_names
from directus_guard.directus.access.records import ACTIONS
from directus_guard.directus.access.system_data import SYSTEM_COLLECTIONS
from directus_guard.directus.masks import entry_json
from directus_guard.directus.tri import Tri
from directus_guard.escalation import Paths, may_escalate
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from directus_guard.access_matrix import AccessMatrix
    from directus_guard.directus.access.principal_access import PrincipalAccess
    from directus_guard.directus.export import Export

_LETTERS: Final = {"create": "c", "read": "r", "update": "u", "delete": "d", "share": "s"}


class Selection(Struct, frozen=True):
    """What is asked for; empty = everything."""

    principals: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()

    def has(self, principal: Principal, name: str) -> bool:
        """Whether a principal is asked for, by its name, id or kind."""
        return not self.principals or bool(
            {name, principal.name, principal.id, principal.kind.value} & set(self.principals)
        )

    def has_collection(self, collection: str) -> bool:
        """Whether a collection is asked for."""
        return not self.collections or collection in self.collections


def principals_of(exports: Sequence[Export]) -> frozenset[str]:
    """Everything that `--principal` may name."""
    found: set[str | None] = {kind.value for kind in PrincipalKind}
    for export in exports:
        for principal, name in shown_names(export.model.principals()).items():
            found |= {name, principal.name, principal.id}
    return frozenset(name for name in found if name)


def collections_of(exports: Sequence[Export]) -> frozenset[str]:
    """Everything that `--collection` may name: what has permissions, what the data model has, and the framework's own."""
    return frozenset(SYSTEM_COLLECTIONS).union(*(export.collections for export in exports))


class SelectedAccess(Struct, frozen=True):
    """Who can do what in some exports, as far as it is asked for: an `access_listing.AccessTables`."""

    exports: tuple[Export, ...]
    selection: Selection = Selection()

    def as_json(self) -> Mapping[str, object]:
        """As docs/contract.md#access-v1 has it."""
        return {"schema": "access-v1", "models": [_model(export, self.selection) for export in self.exports]}

    def listings(self) -> tuple[AccessListing, ...]:
        """A table for each export."""
        return tuple(_listing(export, self.selection) for export in self.exports)

    def matrices(self) -> tuple[AccessMatrix, ...]:
        """A matrix for each export."""
        return tuple(_matrix(export, self.selection) for export in self.exports)


def _model(export: Export, selection: Selection) -> dict[str, object]:
    model = export.model
    paths = Paths(export)
    return {
        "source": export.name,
        "directus": str(model.version),
        "edition": model.edition.value,
        "principals": [
            {
                "kind": principal.kind.value,
                "id": principal.id,
                "name": name,
                "admin": access.admin,
                "app": access.app,
                "access_known": not may_have_more(export, principal),
                "access": [
                    entry_json(entry, export.mask, model.fields.get(entry.collection, frozenset()))
                    | {"level": export.level(entry, anonymous=principal.anonymous)}
                    for entry in access.entries()
                    if selection.has_collection(entry.collection)
                ],
                "escalates": (escalates := _escalates(paths, principal, access)) is not Tri.NO,
                "escalates_known": escalates is not Tri.UNKNOWN,
            }
            for principal, name, access in _principals(export, selection)
        ],
        "not_evaluated": {gap.name: gap.reason for gap in export.gaps if not gap.optional},
    }


def _matrix(export: Export, selection: Selection) -> AccessMatrix:
    principals = (principal for principal, _, _ in _principals(export, selection))
    collections = (name for name in own_collections(export) if selection.has_collection(name))
    return matrix_of(export, tuple(principals), tuple(collections))


def _escalates(paths: Paths, principal: Principal, access: PrincipalAccess) -> Tri:
    return Tri.NO if access.admin else may_escalate(paths, principal)


def _principals(export: Export, selection: Selection) -> Iterator[tuple[Principal, str, PrincipalAccess]]:
    shown = shown_names(export.model.principals())
    for principal in export.model.principals():
        if selection.has(principal, shown[principal]):
            yield principal, shown[principal], export.model.of(principal)


def _listing(export: Export, selection: Selection) -> AccessListing:
    collections = tuple(_collections(export, selection))
    return AccessListing(
        export.name,
        directus_of(export),
        tuple(gap.reason for gap in export.gaps if not gap.optional),
        collections,
        tuple(_columns(export, selection, collections)),
        tuple(_excluded(export, selection)),
    )


def _collections(export: Export, selection: Selection) -> list[str]:
    """Collections for which a non-administrator has rows, apart from rows of the framework."""
    return sorted(escape_controls(name) for name in own_collections(export) if selection.has_collection(name))


def _columns(export: Export, selection: Selection, collections: Sequence[str]) -> Iterator[AccessColumn]:
    paths = Paths(export)
    for principal, name, access in _principals(export, selection):
        mark = "*" if access.admin else _MARKS[may_escalate(paths, principal)]
        nothing = "?" if may_have_more(export, principal) else "-"
        cells = {collection: _letters(export, access, collection).replace("-", nothing) for collection in collections}
        yield AccessColumn(f"{escape_controls(name)}{mark}", cells)


_MARKS: Final = {Tri.YES: "!", Tri.UNKNOWN: "!?", Tri.NO: ""}


def _excluded(export: Export, selection: Selection) -> Iterator[str]:
    """Where `every field` leaves some out, a sentence each; principals for whom the same holds together."""
    found: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for _, name, access in _principals(export, selection):
        for entry in () if access.admin else access.entries():
            if entry.excluded and selection.has_collection(entry.collection):
                found.setdefault((entry.collection, entry.action, entry.excluded), []).append(escape_controls(name))
    for (collection, action, fields), names in found.items():
        left_out = ", ".join(map(escape_controls, fields))
        yield f"{escape_controls(collection)}, {action}, {', '.join(names)}: every item, but not its {left_out}: the rule of another row governs these."


def _letters(export: Export, access: PrincipalAccess, collection: str) -> str:
    if access.admin:
        return "CRUDS"
    letters = ""
    for action in ACTIONS:
        entries = access.grant(collection, action).entries()
        levels = {export.level(entry, anonymous=access.principal.anonymous) for entry in entries}
        letter = _LETTERS[action]
        letters += letter.upper() if "full" in levels else letter if "conditional" in levels else "-"
    return letters
