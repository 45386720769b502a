"""The access matrix of an export: every principal, collection and action, with the rules and the rows behind it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeVar

from directus_guard.access_matrix import (
    MATRIX_ACTIONS,
    AccessMatrix,
    MatrixCell,
    MatrixGrant,
    MatrixLevel,
    MatrixPrincipal,
    MatrixRow,
    MatrixRule,
    PrincipalMark,
)
from directus_guard.audit.access_known import directus_of, may_have_more, own_collections
from directus_guard.directus.access.filters import EVERYTHING
from directus_guard.directus.access.model import FRAMEWORK
from directus_guard.directus.access.records import PUBLIC_LABEL, Permission
from directus_guard.directus.access.system_data import app_access_rows
from directus_guard.directus.masks import rule_in_words
from directus_guard.directus.tri import Tri
from directus_guard.escalation import Paths, may_escalate
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from directus_guard.directus.access.filters import Filter
    from directus_guard.directus.access.grants import AccessEntry, Grant
    from directus_guard.directus.access.principal_access import PrincipalAccess
    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.export import Export

_ACTION: Final[Mapping[str, int]] = {action: index for index, action in enumerate(MATRIX_ACTIONS)}
_MARKS: Final = {Tri.YES: PrincipalMark.ESCALATES, Tri.UNKNOWN: PrincipalMark.PERHAPS, Tri.NO: None}
_Key = TypeVar("_Key", bound="Hashable")


def matrix_of(
    export: Export, principals: Sequence[Principal] | None = None, collections: Iterable[str] | None = None
) -> AccessMatrix:
    """Who may do what by an export; only these principals and collections, where they are given."""
    chosen = export.model.principals() if principals is None else principals
    return _Matrix(export, own_collections(export) if collections is None else collections).of(chosen)


class _Once(dict[_Key, int]):
    """A list of different things, by their index."""

    def index(self, key: _Key) -> int:
        return self.setdefault(key, len(self))


class _Matrix:
    """Collects what the cells of one export refer to."""

    def __init__(self, export: Export, collections: Iterable[str]) -> None:
        self.export = export
        self.collections = {name: index for index, name in enumerate(sorted(collections))}
        self.policies: _Once[str | None] = _Once()
        self.grants: _Once[MatrixGrant] = _Once()
        self.rules: _Once[MatrixRule] = _Once()
        self.texts: _Once[str] = _Once()
        self.of_entries: dict[tuple[object, ...], int] = {}
        """What is known of cells, by the rows that they are merged from."""
        self.of_rules: dict[Filter, tuple[str, str]] = {}
        """Each item rule in words and as JSON: many rows share few rules."""
        self.of_rows: dict[tuple[object, ...], int] = {}

    def of(self, principals: Sequence[Principal]) -> AccessMatrix:
        export = self.export
        paths = Paths(export)
        listed = tuple(self._principal(one, export.model.of(one), paths) for one in principals)
        rows = tuple(self._rows())
        return AccessMatrix(
            export=escape_controls(export.name),
            directus=directus_of(export),
            unknown=tuple(escape_controls(gap.reason) for gap in export.gaps if not gap.optional),
            collections=tuple(map(escape_controls, self.collections)),
            policies=tuple(map(self._policy_name, self.policies)),
            principals=listed,
            grants=tuple(self.grants),
            rules=tuple(self.rules),
            rows=rows,
            texts=tuple(self.texts),
        )

    def _principal(self, principal: Principal, access: PrincipalAccess, paths: Paths) -> MatrixPrincipal:
        mark = PrincipalMark.ADMINISTRATOR if access.admin else _MARKS[may_escalate(paths, principal)]
        holders = (*access.holders, *([FRAMEWORK] if access.app else []))
        return MatrixPrincipal(
            name=escape_controls(self.export.names.get(principal, principal.name)),
            kind=principal.kind.value,
            mark=mark,
            unsure=may_have_more(self.export, principal),
            policies=tuple(map(self.policies.index, holders)),
            cells=() if access.admin else tuple(self._cells(access)),
        )

    def _cells(self, access: PrincipalAccess) -> Iterable[MatrixCell]:
        for grant in access.grants():
            collection, action = self.collections.get(grant.collection), _ACTION.get(grant.action)
            if collection is not None and action is not None and grant.rows:
                yield MatrixCell(collection, action, self._grant(grant, anonymous=access.principal.anonymous))

    def _grant(self, grant: Grant, *, anonymous: bool) -> int:
        """The grant of a cell; rows that say the same about one collection are looked at once."""
        key = (grant.collection, grant.action, anonymous, *(row.content for row in grant.rows))
        if key not in self.of_entries:
            entries = grant.entries()
            levels = [MatrixLevel(self.export.level(entry, anonymous=anonymous)) for entry in entries]
            level = next((one for one in MatrixLevel if one in levels), MatrixLevel.NONE)
            rules = tuple(self.rules.index(self._rule(entry)) for entry in entries)
            self.of_entries[key] = self.grants.index(MatrixGrant(level, rules))
        return self.of_entries[key]

    def _rule(self, entry: AccessEntry) -> MatrixRule:
        mask = self.export.mask
        words, rule = self._item_rule(entry.rule)
        return MatrixRule(
            words=words,
            rule=rule,
            fields=tuple(map(escape_controls, entry.fields)),
            excluded=tuple(map(escape_controls, entry.excluded)),
            validation=_text(mask.rule(entry.validation)) if entry.validation else "",
            presets=_text(mask.values(entry.presets)) if entry.presets else "",
        )

    def _item_rule(self, rule: Filter) -> tuple[str, str]:
        """An item rule in words, and as JSON; "" = every item."""
        if rule not in self.of_rules:
            mask = self.export.mask
            text = "" if rule == EVERYTHING else _text(mask.filter(rule))
            self.of_rules[rule] = rule_in_words(rule, mask), text
        return self.of_rules[rule]

    def _rows(self) -> Iterable[MatrixRow]:
        """The rows of the policies that someone holds, and those of the framework."""
        model = self.export.model
        for holder, policy in self.policies.items():
            stored: Iterable[Permission] = () if holder == FRAMEWORK else model.stored.get(holder, ())
            for row in stored:
                yield from self._row(policy, row)
        if FRAMEWORK in self.policies:
            for given in app_access_rows(model.version):
                row = Permission(given.collection, given.action, given.permissions, fields=given.fields)
                yield from self._row(self.policies[FRAMEWORK], row)

    def _row(self, policy: int, row: Permission) -> Iterable[MatrixRow]:
        collection, action = self.collections.get(row.collection), _ACTION.get(row.action)
        if collection is not None and action is not None:
            yield MatrixRow(policy, collection, action, self._row_text(row), row.location)

    def _row_text(self, row: Permission) -> int:
        """What a row says: the index of its text."""
        rule = EVERYTHING if row.action == "create" else self.export.model.rule_alone(row)
        key = row.fields if row.fields_matter else None, row.fields_matter, rule
        if key not in self.of_rows:
            fields = row.fields or ()
            named = "every field" if "*" in fields else ", ".join(map(escape_controls, fields)) or "no field"
            where = "" if rule == EVERYTHING else f" where {self._item_rule(rule)[0]}"
            self.of_rows[key] = self.texts.index((named if row.fields_matter else "every item") + where)
        return self.of_rows[key]

    def _policy_name(self, holder: str | None) -> str:
        """A policy (10: role), as the Data Studio names it."""
        if holder is None:
            return "public"
        name = self.export.holders.get(holder, holder)
        return "Public policy" if name == PUBLIC_LABEL else escape_controls(name)


def _text(rule: object) -> str:
    return escape_controls(json.dumps(rule, ensure_ascii=False))
