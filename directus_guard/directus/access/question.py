"""May a principal do something? The answer to one question, with what it rests on.

A question names an action on a collection, and optionally a field, an item and a payload. What the question leaves open
(the item, the user who has a role) is answered with the rule that decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.access import validation
from directus_guard.directus.access.evaluation import evaluate
from directus_guard.directus.access.filters import (
    EVERYTHING,
    And,
    DynamicVariable,
    Filter,
    Json,
    Opaque,
    Path,
    Scalar,
    conditions,
    normalise,
    variables,
)
from directus_guard.directus.access.known_items import Reach, reach
from directus_guard.directus.access.principals import PrincipalKind
from directus_guard.directus.access.related_writes import is_refused, related_writes
from directus_guard.directus.access.rules import matches_everything, matches_nothing
from directus_guard.directus.tri import Tri

if TYPE_CHECKING:
    from directus_guard.directus.access.grants import Grant, GrantRow
    from directus_guard.directus.access.principal_access import PrincipalAccess
    from directus_guard.directus.access.related_writes import RelatedField, RelatedWrite

EVERY_FIELD: Final = "*"
DATA_MODEL: Final = frozenset({"directus_collections", "directus_fields", "directus_relations", "directus_extensions"})
"""System collections that only administrators write (docs/model/access.md#system-collections)."""
CURRENT_USER: Final = "$CURRENT_USER"
"""In an item or a payload: the user who asks."""
_ASKER: Final = "(the current user)"
"""Stands for the key of the user who asks, where only the role is known."""


class Question(Struct, frozen=True):
    """What is asked. `field` `*` is every field; a value `$CURRENT_USER` in `item` or `payload` is whoever asks."""

    action: str
    collection: str
    field: str | None = None
    item: Mapping[str, Json] | None = None
    """What is known of the item: a field that is not here may hold anything."""
    payload: Mapping[str, Json] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that the action must reach."""
        sent = self.payload or {}
        return tuple(dict.fromkeys([*((self.field,) if self.field else ()), *sent]))


class Permitted(StrEnum):
    """The answers."""

    YES = "yes"
    NO = "no"
    ONLY_WHERE = "only where"
    """It depends on what the question leaves open: the item, the payload, the user."""
    CANNOT_TELL = "cannot tell"


class NoPermission(Struct, frozen=True):
    """No permission of the principal is about this action on this collection."""


class FieldsNotAllowed(Struct, frozen=True):
    """No permission for the action has these fields."""

    names: tuple[str, ...]
    allowed: tuple[str, ...]


class NotMatched(Struct, frozen=True):
    """The item rule does not match the item (or any item): `unmet` are the conditions of it that do not hold."""

    unmet: tuple[Filter, ...]


class NotSaid(Struct, frozen=True):
    """What the item holds in these fields decides, and the question does not say it."""

    fields: tuple[str, ...]


class DependsOnUser(Struct, frozen=True):
    """The rule asks for something of the user who asks, and only the role is known."""


class DependsOnDatabase(Struct, frozen=True):
    """Databases answer differently: some tell capital letters from small ones, some do not."""


class PayloadRefused(Struct, frozen=True):
    """The payload, filled up with the presets, does not satisfy this validation of a permission."""

    rule: Json
    row: GrantRow


class RelatedWrites(Struct, frozen=True):
    """The payload writes to related items in these fields: that is asked for by itself."""

    fields: tuple[str, ...]


class RelatedRefused(Struct, frozen=True):
    """The payload writes to a related item, and no permission gives that."""

    write: RelatedWrite


class AdministratorsOnly(Struct, frozen=True):
    """The server refuses the action to everybody but administrators, whatever permissions say."""


class RuleRefused(Struct, frozen=True):
    """Directus refuses the item rule, or it is not known what it matches."""

    reason: str


Obstacle: TypeAlias = (
    NoPermission
    | FieldsNotAllowed
    | NotMatched
    | NotSaid
    | DependsOnUser
    | DependsOnDatabase
    | PayloadRefused
    | RelatedWrites
    | RelatedRefused
    | AdministratorsOnly
    | RuleRefused
)


class QuestionAnswer(Struct, frozen=True):
    """The answer, and what it rests on."""

    verdict: Permitted
    obstacles: tuple[Obstacle, ...] = ()
    """What refuses it, or makes it depend on something."""
    rows: tuple[GrantRow, ...] = ()
    """The permissions for the action that have one of the fields; all of them where no field is asked for."""
    rule: Filter = EVERYTHING
    """The items that the action reaches with the fields that are asked for."""
    validations: tuple[Json, ...] = ()
    """What every payload must satisfy, where no payload is given."""
    fields: tuple[str, ...] = ()
    """The fields that the permissions have; `("*",)` = all."""
    admin: bool = False
    """Whether it is an administrator, to whom no permission applies."""


class _Part(Struct, frozen=True):
    """One part of an answer."""

    verdict: Permitted
    obstacles: tuple[Obstacle, ...] = ()


_YES: Final = _Part(Permitted.YES)
_WORST: Final = (Permitted.NO, Permitted.CANNOT_TELL, Permitted.ONLY_WHERE, Permitted.YES)


def answer(
    access: PrincipalAccess,
    question: Question,
    *,
    user: str | None = None,
    not_null: frozenset[str] = frozenset(),
    plain: frozenset[str] = frozenset(),
    links: Mapping[str, RelatedField] | None = None,
) -> QuestionAnswer:
    """What a principal may do, as the major of its model decides it.

    `user`: the key of the user who asks, where it is known. `not_null`: the fields of the collection without nulls;
    `plain`: those that are surely no relation; `links`: those that are, as far as it is known.
    """
    if access.admin:
        return QuestionAnswer(Permitted.YES, fields=(EVERY_FIELD,), admin=True)
    grant = access.grant(question.collection, question.action)
    if grant.rows and question.collection in DATA_MODEL and question.action in ("create", "update", "delete"):
        return QuestionAnswer(Permitted.NO, (AdministratorsOnly(),), grant.rows, fields=grant.fields)
    if not grant.rows:
        return QuestionAnswer(Permitted.NO, (NoPermission(),))
    names = question.names
    missing = tuple(name for name in names if not _reaches(grant, name))
    rows = tuple(row for row in grant.rows if not names or any(map(row.reaches, names))) or grant.rows
    if missing:
        return QuestionAnswer(Permitted.NO, (FieldsNotAllowed(missing, grant.fields),), rows, fields=grant.fields)
    asker = _Asker(access, user, question)
    rule = _items(grant, names)
    items = _item(rule, question, asker, not_null)
    sent = _sent(access, grant, question, asker, plain, links or {})
    parts = (items, sent)
    return QuestionAnswer(
        next(verdict for verdict in _WORST if any(part.verdict is verdict for part in parts)),
        tuple(one for part in parts for one in part.obstacles),
        rows,
        rule,
        grant.validations if question.payload is None and question.action in ("create", "update") else (),
        grant.fields,
    )


def _reaches(grant: Grant, name: str) -> bool:
    return EVERY_FIELD in grant.fields if name == EVERY_FIELD else grant.reaches(name)


def _items(grant: Grant, names: Sequence[str]) -> Filter:
    """The items that the action reaches with all of these fields."""
    if len(names) < 2:
        return grant.items(*names)
    return normalise(And(tuple(grant.items(name) for name in names)))


class _Asker:
    """Who asks, as far as it is known."""

    def __init__(self, access: PrincipalAccess, user: str | None, question: Question) -> None:
        anonymous = access.principal.kind is PrincipalKind.PUBLIC
        own = access.principal.id if access.principal.kind is PrincipalKind.USER else user
        said = CURRENT_USER in _values(question.item) | _values(question.payload)
        self.context = access.context(own or (None if anonymous else _ASKER))
        self.known = anonymous or own is not None or said
        """Whether the key of the user is known, or the question says `$CURRENT_USER` where it matters."""

    def named(self, values: Mapping[str, Json]) -> dict[str, Json]:
        """Values with the user who asks in the place of `$CURRENT_USER`."""
        return {name: self._named(value) for name, value in values.items()}

    def _named(self, value: Json) -> Json:
        if isinstance(value, Mapping):
            return self.named(value)
        if isinstance(value, (list, tuple)):
            return [self._named(one) for one in value]
        return self.context.user if value == CURRENT_USER else value

    def value(self, variable: DynamicVariable) -> Json | DynamicVariable:
        """The value of a variable; the variable where that is not known."""
        name = variable.name
        known = name.startswith("$NOW") or name in ("$CURRENT_ROLE", "$CURRENT_ROLES", "$CURRENT_POLICIES")
        if not known and self.context.user is not None and (name != CURRENT_USER or not self.known):
            return variable
        return self.context.value(variable)

    def leaves_open(self, rule: Filter) -> bool:
        """Whether a rule asks for something of the user that is not known."""
        return any(isinstance(self.value(one), DynamicVariable) for one in variables(rule))


def _values(value: Json) -> frozenset[str]:
    """The texts in it."""
    if isinstance(value, Mapping):
        return frozenset[str]().union(*(_values(one) for one in value.values()))
    if isinstance(value, (list, tuple)):
        return frozenset[str]().union(*map(_values, value))
    return frozenset({value}) if isinstance(value, str) else frozenset()


# --- items -----------------------------------------------------------------------------------------------------------


def _item(rule: Filter, question: Question, asker: _Asker, not_null: frozenset[str]) -> _Part:
    if question.action == "create" or rule == EVERYTHING:
        return _YES
    refused = next((leaf.reason for leaf in conditions(rule) if isinstance(leaf, Opaque)), None)
    if refused is not None:
        return _Part(Permitted.CANNOT_TELL, (RuleRefused(refused),))
    if question.item is None:
        return _any_item(rule, not_null, anonymous=asker.context.user is None)
    item = asker.named(question.item)
    reached = _reach(rule, item, asker)
    if reached is Reach.ALWAYS:
        return _YES
    if reached is Reach.NEVER:
        return _Part(Permitted.NO, (NotMatched(_unmet(rule, item, asker)),))
    return _open(rule, item, asker)


def _open(rule: Filter, item: Mapping[str, Json], asker: _Asker) -> _Part:
    """What an answer depends on that the item alone does not give."""
    unsaid = _not_said(rule, item)
    if unsaid:
        return _Part(Permitted.ONLY_WHERE, (NotSaid(unsaid),))
    if asker.leaves_open(rule):
        return _Part(Permitted.ONLY_WHERE, (DependsOnUser(),))
    return _Part(Permitted.CANNOT_TELL, (DependsOnDatabase(),))


def _any_item(rule: Filter, not_null: frozenset[str], *, anonymous: bool) -> _Part:
    if matches_everything(rule, not_null=not_null) is Tri.YES:
        return _YES
    if matches_nothing(rule, not_null=not_null, anonymous=anonymous) is Tri.YES:
        return _Part(Permitted.NO, (NotMatched((rule,)),))
    return _Part(Permitted.ONLY_WHERE)


def _reach(rule: Filter, item: Mapping[str, Json], asker: _Asker) -> Reach:
    lists = {name for name, value in item.items() if isinstance(value, (list, tuple))}
    if not lists & {leaf.path[0] for leaf in conditions(rule) if not isinstance(leaf, Opaque)}:
        return reach(rule, dict(_flat(item)), asker.value)
    # Related items, several of them: only where all is said can they be looked at.
    if _not_said(rule, item) or asker.leaves_open(rule):
        return Reach.SOMETIMES
    either = {evaluate(rule, item, replace(asker.context, ignore_case=ignore_case)) for ignore_case in (True, False)}
    return Reach.CANNOT_TELL if len(either) > 1 else Reach.ALWAYS if True in either else Reach.NEVER


def _flat(item: Mapping[str, Json], above: Path = ()) -> Sequence[tuple[Path, Scalar]]:
    """The values of an item by path, that of a related item being its key; what is in lists is left out."""
    found: list[tuple[Path, Scalar]] = []
    for name, value in item.items():
        if isinstance(value, Mapping):
            found += _flat(value, (*above, name))
            key = value.get("id")
            if isinstance(key, (int, str)):
                found.append(((*above, name), key))
        elif value is None or isinstance(value, (bool, int, float, str)):
            found.append(((*above, name), value))
    return found


def _unmet(rule: Filter, item: Mapping[str, Json], asker: _Asker) -> tuple[Filter, ...]:
    """The conditions that must hold together and of which each alone lets the item out; the rule where they do so only
    together."""
    branches = rule.branches if isinstance(rule, And) else (rule,)
    alone = tuple(branch for branch in branches if _reach(branch, item, asker) is Reach.NEVER)
    return alone or (rule,)


def _not_said(rule: Filter, item: Mapping[str, Json]) -> tuple[str, ...]:
    """The fields, with dots, that the rule asks for and the item does not have."""
    known = {path for path, _ in _flat(item)}
    lists = {name for name, value in item.items() if isinstance(value, (list, tuple))}
    asked = {
        ".".join(leaf.path)
        for leaf in conditions(rule)
        if not isinstance(leaf, Opaque) and leaf.path[0] not in lists and not _is_said(leaf.path, known, item)
    }
    return tuple(sorted(asked))


def _is_said(path: Path, given: set[Path], item: Mapping[str, Json]) -> bool:
    if path in given or (path[-1] == "id" and path[:-1] in given):
        return True
    return path[0] in item and item[path[0]] is None


# --- payloads --------------------------------------------------------------------------------------------------------


def _sent(
    access: PrincipalAccess,
    grant: Grant,
    question: Question,
    asker: _Asker,
    plain: frozenset[str],
    links: Mapping[str, RelatedField],
) -> _Part:
    if question.action not in ("create", "update"):
        return _YES
    if question.payload is None:
        return _Part(Permitted.ONLY_WHERE) if grant.validations else _YES
    filled = asker.named({**grant.presets, **question.payload})
    refusing = tuple(
        PayloadRefused(row.permission.validation, row)
        for row in grant.rows
        if not validation.accepts(row.permission.validation, filled, asker.context, major=grant.major)
    )
    if refusing:
        return _Part(Permitted.NO, refusing)
    writes = [one for name in links for one in related_writes(name, links[name], question.payload.get(name))]
    missing = tuple(RelatedRefused(one) for one in dict.fromkeys(writes) if is_refused(access, one))
    if missing:
        return _Part(Permitted.NO, missing)
    named = {one.field for one in writes}
    nested = tuple(
        name for name, value in question.payload.items() if name in named or (name not in plain and _is_nested(value))
    )
    return _Part(Permitted.CANNOT_TELL, (RelatedWrites(nested),)) if nested else _YES


def _is_nested(value: Json) -> bool:
    """Whether a value writes to related items, if its field is a relation: it holds objects."""
    if isinstance(value, (list, tuple)):
        return any(isinstance(one, Mapping) for one in value)
    return isinstance(value, Mapping)
