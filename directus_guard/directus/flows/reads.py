"""What an operation reads of items: whether a secret of the caller's selects them, and whether relations lead to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.flows.data import (
    ABSENT,
    NULL,
    Absent,
    KnownValue,
    RecordValue,
    Value,
    as_object,
    is_secretive,
    look_up,
    may_prove,
    sent_paths,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.flows.templates import Path


def is_proven(query: Value, tested: frozenset[Path]) -> bool:
    """Whether a query finds only items whose secret the caller sends: its filter asks a field of such a name for that very value.

    `tested`: paths of the trigger that conditions tested before. JSON may hold null, which items without a secret have.
    """
    waiting = [look_up(as_object(query), ("filter",))]
    while waiting:
        rule = as_object(waiting.pop())
        for name, member in rule.members.items() if isinstance(rule, RecordValue) else ():
            if name == "_and" and isinstance(member, RecordValue):
                waiting += member.members.values()
            elif not name.startswith("_") and is_secretive(name):
                sent = sent_paths(look_up(member, ("_eq",)))
                if any(may_prove(one) and _is_there(one, tested) for one in sent):
                    return True
    return False


def _is_there(path: Path, tested: frozenset[Path]) -> bool:
    return path[1:2] in (("headers",), ("query",)) or path in tested


def reads_related(query: Value) -> bool:
    """Whether a query reads fields of related items, or asks for them: `fields` with a path, an alias, a filter with a relation."""
    query = as_object(query)
    if look_up(query, ("alias",)) not in (ABSENT, NULL):
        return True
    fields = look_up(query, ("fields",))
    listed = fields.members.values() if isinstance(fields, RecordValue) else (fields,)
    return any(map(_is_path, listed)) or _asks_related((look_up(query, ("filter",)),), within=False)


def _is_path(name: Value) -> bool:
    return "." in str(name.value) if isinstance(name, KnownValue) else not isinstance(name, Absent)


def _asks_related(rules: Iterable[Value], *, within: bool) -> bool:
    """Whether a filter names a field below another one."""
    for one in rules:
        rule = as_object(one)
        if isinstance(rule, KnownValue):
            members = _members(rule)
        elif isinstance(rule, RecordValue):
            members = dict(rule.members)
        else:
            continue
        for name, member in members.items():
            is_field = not name.startswith("_") and not name.isdecimal()
            if (is_field and within) or _asks_related((member,), within=within or is_field):
                return True
    return False


def _members(rule: KnownValue) -> dict[str, Value]:
    """The members of a known object, or of a list."""
    held = rule.value
    if isinstance(held, (list, tuple)):
        return {str(number): KnownValue(one) for number, one in enumerate(held)}
    return {name: KnownValue(one) for name, one in held.items()} if isinstance(held, dict) else {}
