"""The `fields` of a permission that an account makes or changes: all, or those that a preset or a validation leaves.

Directus takes a list, and a text with commas for one (`cast-csv` of `services/payload.js`). A validation that asks for a
text is met by the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.escalation.tables import FREE, PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.escalation.reach.closure import Basis, Closure, UsableAccount

EVERY: Final = ("*",)
_DECISIVE: Final = (
    "role", "policies", "token", "password", "email", "status", "users", "roles", "parent", "admin_access", "policy", "user",
    "collection", "action", "fields", "permissions", "validation", "presets", "public_registration",
    "public_registration_role", "options", "type", "trigger", "operation", "resolve", "reject", "flow",
)  # fmt: skip
"""Fields of which one may be enough."""


class FieldList(Struct, frozen=True):
    """Fields that a permission may get. `sent`: as what; None: a preset gives them, or none are needed."""

    names: tuple[str, ...]
    basis: Basis | None
    sent: str | tuple[str, ...] | None = EVERY


WITHOUT: Final = FieldList(EVERY, None)
"""Of a permission to delete, which asks for no field."""
NONE: Final = FieldList((), None, None)
"""Of a permission that is given fields later."""


def new_lists(closure: Closure, acting: UsableAccount) -> tuple[FieldList, ...]:
    """The fields that a new permission may get; with all fields no others."""
    every = closure.gives(acting, PERMISSIONS, "create", "fields", list(EVERY))
    if every is not None:
        return (FieldList(EVERY, every),)
    preset = acting.attacker.preset(PERMISSIONS, "create", "fields")
    given = closure.gives(acting, PERMISSIONS, "create", "fields", preset) if preset else None
    by_preset = () if given is None else (FieldList(names_of(preset), given, None),)
    return (*by_preset, *_sendable(closure, acting, "create"))


def lists_or_presets(closure: Closure, acting: UsableAccount) -> tuple[FieldList, ...]:
    """The same. A permission that gets presets of the attacker's choice needs no field."""
    lists = new_lists(closure, acting)
    presets = (
        None if EVERY in [one.names for one in lists] else closure.send(acting, PERMISSIONS, "create", "presets", FREE)
    )
    return lists if presets is None else (FieldList(EVERY, presets),)


def changed_lists(closure: Closure, acting: UsableAccount) -> tuple[FieldList, ...]:
    """The fields that a stored permission may be given; with all fields no others. A preset writes its own where none are sent."""
    every = closure.send(acting, PERMISSIONS, "update", "fields", list(EVERY))
    if every is not None:
        return (FieldList(EVERY, every),)
    preset = closure.presets(acting, PERMISSIONS, "update").get("fields")
    written = closure.send(acting, PERMISSIONS, "update", "fields", preset) if preset else None
    by_preset = () if written is None else (FieldList(names_of(preset), written, None),)
    return (*by_preset, *_sendable(closure, acting, "update"))


def names_of(value: object) -> tuple[str, ...]:
    """The fields of a list, or of a text with commas."""
    if isinstance(value, str):
        return tuple(name for name in value.split(",") if name)
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def _sendable(closure: Closure, acting: UsableAccount, action: str) -> Iterator[FieldList]:
    """Texts and lists that the validations accept, each list of fields once, those with more fields first."""
    if not acting.attacker.may(PERMISSIONS, action, "fields") and not closure.has_gained(acting):
        return
    seen: set[tuple[str, ...]] = set()
    for value in _candidates(closure, acting, action):
        names = names_of(value)
        basis = None if names in seen else closure.send(acting, PERMISSIONS, action, "fields", value)
        if basis is not None:
            seen.add(names)
            yield FieldList(names, basis, value if isinstance(value, str) else tuple(map(str, names)))
            if names == EVERY:
                return


def _candidates(closure: Closure, acting: UsableAccount, action: str) -> Iterator[str | list[str]]:
    """What a validation may let through: what it names, alone and beside other fields, and each field that may decide."""
    rules = acting.attacker.access.grant(PERMISSIONS, action).payload_rules
    named = [names_of(value) for value in closure.state.values_in_order(rules.named("fields"))]
    most = ",".join(_DECISIVE)
    yield from ("*", most)
    for names in named:
        text = ",".join(names)
        yield from (f"{text},*", f"*,{text}", f"{text},{most}", f"{most},{text}", text, list(names))
    yield from _DECISIVE
