"""What the rows of one collection and action allow together: items, fields, validations, presets.

Rests on `process-ast/lib/get-cases.js` and `process-payload.js` of `@directus/api` 35.2.0 and 39.2.1
(docs/model/access.md#merging).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.directus.access import validation as payloads
from directus_guard.directus.access.filters import EVERYTHING, NOTHING, Filter, Json
from directus_guard.directus.access.item_rules import any_of, is_unrestricted
from directus_guard.directus.content import content_key
from directus_guard.directus.features import DELETES_WITHOUT_FIELDS, JUDGES_FIELDS_PER_ROW

if TYPE_CHECKING:
    from directus_guard.directus.access.evaluation import QueryContext
    from directus_guard.directus.access.records import Permission


class AccessEntry(Struct, frozen=True):
    """One grant after merging, as docs/contract.md#access-v1 shows it: these fields of the items this rule matches.

    On create `rule` is every item: item rules of create rows are never read (measured). `validation` is what the
    payload must satisfy by all rows of the action together. `excluded` holds fields that `*` does not reach here:
    rows whose rule is an empty group are dropped where another row has a rule (measured).
    """

    collection: str
    action: str
    fields: tuple[str, ...]
    rule: Filter
    validation: Json
    presets: Json
    granted_by: tuple[str, ...]
    rows: tuple[Permission, ...]
    excluded: tuple[str, ...]

    @property
    def level(self) -> str:
        """`full`: every item and field, nothing to satisfy; `conditional`; or `none`."""
        if not self.fields or self.rule == NOTHING:
            return "none"
        full = self.fields == ("*",) and not self.excluded and self.rule == EVERYTHING and not self.validation
        return "full" if full else "conditional"


class GrantRow(Struct, frozen=True, dict=True):
    """A permission that applies, and the name of who grants it. On 10 several rows may have become this one.

    `rule` is its item rule as `item_rules.rule_of_row` reads it.
    """

    permission: Permission
    granted_by: str
    sources: tuple[Permission, ...]
    rule: Filter | None

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells it from every other one: the rows it was made of."""
        return tuple(source.identity for source in self.sources)

    @cached_property
    def content(self) -> str:
        """What it says, whoever says it: equal rows have equal texts."""
        row = self.permission
        fields = None if row.fields is None else sorted(set(row.fields))
        return content_key((fields, row.permissions, row.validation, row.presets))

    def reaches(self, name: str) -> bool:
        fields = self.permission.fields or ()
        return "*" in fields or name in fields


class Grant(Struct, frozen=True, dict=True):
    """All rows of one principal for one collection and action, and what they allow together."""

    collection: str
    action: str
    rows: tuple[GrantRow, ...]
    major: int

    @cached_property
    def content(self) -> tuple[str, ...]:
        """What the rows say, in no order: grants with the same content allow the same."""
        return tuple(sorted(row.content for row in self.rows))

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields some row names; ("*",) for all."""
        names = {name for row in self.rows for name in row.permission.fields or ()}
        return ("*",) if "*" in names else tuple(sorted(names))

    def reaches(self, name: str) -> bool:
        """Whether some row has the field, on whatever item."""
        return any(row.reaches(name) for row in self.rows)

    def items(self, name: str | None = None) -> Filter:
        """The items the action reaches: with that field (read, update), or at all.

        Fields are judged per row from 11 on (measured); 10 has one row.
        """
        if self.action == "create":
            return EVERYTHING if self.rows and (name is None or self.reaches(name)) else NOTHING
        rows = [row for row in self.rows if name is None or row.reaches(name)]
        if self.action in ("read", "update") and JUDGES_FIELDS_PER_ROW.of_major(self.major):
            # Rows without fields are no case of any query; where no row has any, reading answers bare keys (measured).
            named = [row for row in rows if row.permission.fields]
            rows = named if named or self.action == "update" else rows
        if self.action == "delete" and not DELETES_WITHOUT_FIELDS.of_major(self.major):
            # 10 refuses to delete where no field is named: measured for an empty list.
            rows = [row for row in rows if row.permission.fields != ()]
        return any_of(row.rule for row in rows)

    @cached_property
    def validations(self) -> tuple[Json, ...]:
        """What every payload must satisfy: all of them, whichever row grants the field."""
        return tuple(row.permission.validation for row in self.rows if not is_unrestricted(row.permission.validation))

    @cached_property
    def payload_rules(self) -> payloads.Validations:
        """The validations, read once for many questions."""
        return payloads.Validations(self.validations, self.major)

    @cached_property
    def presets(self) -> Mapping[str, Json]:
        """Values for fields the payload does not send; a later row wins, what is sent wins over all."""
        merged: dict[str, Json] = {}
        for row in self.rows:
            if isinstance(row.permission.presets, Mapping):
                merged.update(row.permission.presets)
        return merged

    def accepts(self, payload: Mapping[str, Json], context: QueryContext) -> bool:
        """Whether a payload may be written: every field named by some row, every validation satisfied."""
        if not self.rows or not all(self.reaches(name) for name in payload):
            return False
        filled = {**self.presets, **payload}
        return all(payloads.accepts(rule, filled, context, major=self.major) for rule in self.validations)

    def entries(self) -> tuple[AccessEntry, ...]:
        """The rows as docs/contract.md#access-v1 lists them: one entry per distinct rule."""
        return self._entries

    @cached_property
    def _entries(self) -> tuple[AccessEntry, ...]:
        if not self.rows:
            return ()
        if self.action == "create":
            return (self._entry(self.fields, EVERYTHING, self.rows),)
        if self.action in ("delete", "share"):
            return self._whole_entries()
        grouped: dict[Filter, list[GrantRow]] = {}
        dropped: list[GrantRow] = []
        for row in self.rows:
            if row.rule is None:
                dropped.append(row)
            else:
                grouped.setdefault(row.rule, []).append(row)
        ordered = sorted(grouped, key=repr) if len(grouped) > 1 else grouped
        entries = [self._entry(_union(grouped[rule]), rule, grouped[rule]) for rule in ordered]
        if dropped:
            entries += self._dropped_entries(dropped, [row for rows in grouped.values() for row in rows])
        return tuple(entries)

    def _whole_entries(self) -> tuple[AccessEntry, ...]:
        """Of actions that ask for no field: the items of all rows together."""
        rule = self.items()
        return (self._entry(("*",) if rule != NOTHING else (), rule, self.rows),)

    def _dropped_entries(self, dropped: Sequence[GrantRow], others: Sequence[GrantRow]) -> list[AccessEntry]:
        """Rows whose rule compiles to nothing free every item, for the fields where no other row has a rule."""
        reached = _union(dropped)
        beside = _union(others)
        if beside == ("*",):
            return []
        if reached == ("*",):
            # Names that `*` and a row without a rule share are open all the same: their own entry says so.
            return [self._entry(("*",), EVERYTHING, dropped, excluded=beside)]
        free = tuple(name for name in reached if name not in beside)
        return [self._entry(free, EVERYTHING, dropped)] if free or not reached else []

    def _entry(
        self, fields: tuple[str, ...], rule: Filter, rows: Sequence[GrantRow], *, excluded: tuple[str, ...] = ()
    ) -> AccessEntry:
        writes = self.action in ("create", "update")
        sources = tuple(source for row in rows for source in row.sources)
        return AccessEntry(
            collection=self.collection,
            action=self.action,
            fields=fields,
            rule=rule,
            validation=_all_of(self.validations) if writes else None,
            presets=dict(self.presets) or None if writes else None,
            granted_by=tuple(dict.fromkeys(row.granted_by for row in rows)),
            rows=sources,
            excluded=excluded,
        )


def _union(rows: Iterable[GrantRow]) -> tuple[str, ...]:
    names = {name for row in rows for name in row.permission.fields or ()}
    return ("*",) if "*" in names else tuple(sorted(names))


def _all_of(rules: Sequence[Json]) -> Json:
    distinct = list({content_key(rule): rule for rule in rules}.values())
    if not distinct:
        return None
    return distinct[0] if len(distinct) == 1 else {"_and": distinct}
