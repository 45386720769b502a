"""Fields that presets write on update, although no row lets them be sent.

Directus merges presets into each payload; only what was sent is held against the fields of the rows (measured on 10.13.4
and 11.17.4, with a row that names no field, too).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.filters import DynamicVariable
from directus_guard.directus.access.known_items import Reach
from directus_guard.escalation.evidence import Allowed, rank
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.evidence import SendableValue
    from directus_guard.escalation.tables import Known

SURE: Final = {Reach.ALWAYS: Confidence.HIGH, Reach.SOMETIMES: Confidence.MEDIUM, Reach.CANNOT_TELL: Confidence.LOW}
"""How sure a write is that reaches an item like that."""


def allowed(attacker: Attacker, collection: str, action: str, name: str, known: Known) -> Allowed | None:
    """The rows that let an item be updated at all, where a preset then writes this field: an empty payload will do."""
    if not is_preset(attacker, collection, action, name):
        return None
    found: list[Allowed] = []
    for row in attacker.rows(collection, action):
        sure = SURE.get(attacker.state.reach(attacker.state.model.rule_alone(row.permission), known, attacker))
        found += [] if sure is None else [Allowed((row,), sure)]
    return min(found, key=lambda one: rank(one.confidence), default=None)


def value(attacker: Attacker, collection: str, action: str, name: str, wanted: object) -> SendableValue | None:
    """What lets a field have the value that its preset gives on update; None where the preset gives another one."""
    if not is_preset(attacker, collection, action, name):
        return None
    preset = attacker.preset(collection, action, name)
    if isinstance(preset, DynamicVariable) or preset != wanted:
        return None
    return attacker.gives(collection, action, name, preset)


def own_field(attacker: Attacker, collection: str, action: str, name: str) -> tuple[str, ...]:
    """The path in the user's own record that the preset for a field reads, where only the instance knows what it holds; or ()."""
    preset = attacker.preset(collection, action, name)
    root, *path = preset.name.split(".") if isinstance(preset, DynamicVariable) else ("",)
    return tuple(path) if root == "$CURRENT_USER" else ()


def is_preset(attacker: Attacker, collection: str, action: str, name: str) -> bool:
    """Whether every update of a collection writes a field by a preset, where nothing is sent for it."""
    return action == "update" and name in attacker.access.grant(collection, action).presets
