"""What one side of a comparison lets a principal do that the other does not, by implication of the rules.

Compared per collection, action and field: the items that the one reaches with the field, and whether the other reaches
each of them (`implication.implies`); then the payloads (`payload_implication`). How either side spells it, in which rows, policies or
order, plays no part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.directus.access.counterexample import KEYS
from directus_guard.directus.access.filters import NOTHING, Condition, Filter, Json, conditions
from directus_guard.directus.access.implication import Implication, implies
from directus_guard.directus.access.payload_implication import accepts_no_more
from directus_guard.directus.tri import Tri

if TYPE_CHECKING:
    from directus_guard.directus.access.evaluation import QueryContext
    from directus_guard.directus.access.grants import Grant, GrantRow
    from directus_guard.directus.access.principal_access import PrincipalAccess

EVERY_FIELD = "*"


class Gain(Struct, frozen=True):
    """Something that is allowed now and was not before: an action with these fields on some more items, or payloads.

    `excluded`: fields that `*` does not stand for here. `before`: the items that were reached; NOTHING = none.
    `example` is an item (or, with `payload`, what may be written) that only now is let through; `context` who asks.
    Not `certain`: whether more is allowed is not known; `example` then is what it hangs on, if anything is known.
    """

    collection: str
    action: str
    fields: tuple[str, ...]
    rule: Filter
    before: Filter
    rows: tuple[GrantRow, ...]
    excluded: tuple[str, ...] = ()
    payload: bool = False
    certain: bool = True
    example: Mapping[str, Json] | None = None
    context: QueryContext | None = None

    @property
    def framework(self) -> bool:
        """Whether it comes from the rows that Directus itself adds, not from a stored one."""
        return all(row.permission.system for row in self.rows)


SureOf = Callable[[str], "frozenset[str] | None"]
"""The fields of a collection that are never null, None where no schema tells."""


class Comparison:
    """Compares grants of two models. Exports repeat few rules many times, so each pair of rules is judged once."""

    def __init__(self, sure_of: SureOf) -> None:
        self._sure_of = sure_of
        self._judged: dict[tuple[Filter, Filter, bool, frozenset[str] | None], tuple[Tri, Implication]] = {}
        self._gains: dict[tuple[object, ...], tuple[Gain, ...]] = {}

    def gains(self, old: PrincipalAccess | None, new: PrincipalAccess, *, backwards: bool = False) -> tuple[Gain, ...]:
        """What `new` allows and `old` (None: nothing at all) does not. Administrators are not compared row by row.

        `backwards`: the two models have changed places.
        """
        anonymous = new.principal.anonymous
        # Principals that hold the same share the answer. 10 lists no policies: there the role says what is held.
        key = (backwards, old and (old.holders, old.app), new.holders, new.app, anonymous)
        if key not in self._gains:
            self._gains[key] = tuple(
                gain
                for grant in (new.grants_unlike(old) if old else new.grants())
                for gain in self._of_grant(old.grant(grant.collection, grant.action) if old else None, grant, anonymous)
            )
        return self._gains[key]

    def _of_grant(self, old: Grant | None, new: Grant, anonymous: bool) -> Iterator[Gain]:
        if old is None or not old.rows:
            yield from self._fields(None, new, anonymous)
        elif old.major != new.major or old.content != new.content:
            yield from self._fields(old, new, anonymous)
            if new.action in ("create", "update"):
                yield from self._payloads(old, new, anonymous)

    def _fields(self, old: Grant | None, new: Grant, anonymous: bool) -> Iterator[Gain]:
        rows = (*(old.rows if old else ()), *new.rows)
        if new.action in ("delete", "share"):
            names: tuple[str | None, ...] = (None,)
        else:
            names = tuple(sorted({name for row in rows for name in row.permission.fields or ()} | {EVERY_FIELD}))
        found: dict[tuple[Filter, Filter], list[str | None]] = {}
        known: dict[tuple[bool, ...], tuple[Filter, Filter]] = {}
        for name in names:
            # Fields that the same rows reach share their rules, and most rows name the same few fields.
            reached = () if name is None else tuple(row.reaches(name) for row in rows)
            if reached not in known:
                known[reached] = new.items(name), old.items(name) if old else NOTHING
            rule, before = known[reached]
            if rule != NOTHING:
                found.setdefault((rule, before), []).append(name)
        for (rule, before), held in found.items():
            answer, implication = self._judge(new.collection, rule, before, anonymous)
            if answer is Tri.YES:
                continue
            fields = tuple(name for name in held if name is not None)
            excluded: tuple[str, ...] = ()
            if EVERY_FIELD in fields:
                excluded = tuple(name for name in names if name is not None and name not in fields)
                fields = (EVERY_FIELD,)
            yield Gain(
                new.collection,
                new.action,
                fields,
                rule,
                before,
                _granting(old, new, held),
                excluded,
                certain=answer is Tri.NO,
                example=implication.item,
                context=implication.context,
            )

    def _judge(self, collection: str, rule: Filter, before: Filter, anonymous: bool) -> tuple[Tri, Implication]:
        """Whether all items were reached before. Where only a null escapes in a field of which no schema tells whether
        it can be null, that is not known."""
        sure = self._sure_of(collection)
        key = (rule, before, anonymous, sure)
        if key not in self._judged:
            first = implies(rule, before, not_null=sure or KEYS, anonymous=anonymous)
            answer = first.answer
            if answer is Tri.NO and sure is None and before != NOTHING:
                unknown = {
                    leaf.path[0]
                    for side in (rule, before)
                    for leaf in conditions(side)
                    if isinstance(leaf, Condition) and len(leaf.path) == 1
                }
                second = implies(rule, before, not_null=KEYS | unknown, anonymous=anonymous)
                if second.answer is Tri.NO:
                    first = second
                else:
                    answer = Tri.UNKNOWN
            self._judged[key] = answer, first
        return self._judged[key]

    def _payloads(self, old: Grant, new: Grant, anonymous: bool) -> Iterator[Gain]:
        if not old.validations:
            return
        implied = accepts_no_more(new, old, anonymous=anonymous)
        if implied.answer is not Tri.YES:
            yield Gain(
                new.collection,
                new.action,
                (),
                new.items(),
                old.items(),
                _granting(old, new, [None]),
                payload=True,
                certain=implied.answer is Tri.NO,
                example=implied.item,
                context=implied.context,
            )


def _granting(old: Grant | None, new: Grant, names: list[str | None]) -> tuple[GrantRow, ...]:
    """The rows that allow it: those that were not there before, if such rows reach one of the fields."""
    reaching = [row for row in new.rows if any(name is None or row.reaches(name) for name in names)]
    known = set(old.content) if old else set()
    fresh = [row for row in reaching if row.content not in known] if known else reaching
    return tuple(fresh or reaching or new.rows)
