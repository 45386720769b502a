"""What is sent, so that all validations together let it through."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.access import validation
from directus_guard.directus.access.filters import DynamicVariable
from directus_guard.escalation.attacker import spellings
from directus_guard.escalation.tables import FREE, RELATIONS
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.escalation.attacker import Attacker

MOST_TRIED: Final = 300
"""So many payloads are tried for one request."""
COST_OF_PAYLOAD: Final = 2
"""What it costs to try one, in questions."""


class Payload(Struct, frozen=True):
    """What is sent for a request, and what is written: with what presets fill in."""

    sent: Mapping[str, Json]
    written: Mapping[str, Json]
    confidence: Confidence = Confidence.HIGH
    reasons: tuple[str, ...] = ()
    """Why it works although it does not look so (`catalogue`)."""


def fitted(
    attacker: Attacker, collection: str, action: str, wanted: Mapping[str, Json], free: frozenset[str]
) -> Payload | str:
    """A payload with the wanted values that is let through; else why there is none. `free`: fields whose value does not matter.

    Fields that are left to presets have to be left out before. Fields that only validations ask for are added.
    """
    grant = attacker.access.grant(collection, action)
    presets = {name: _preset(attacker, collection, action, name) for name in grant.presets}
    rules, context, names = grant.validations, attacker.context, grant.payload_rules.names
    choices = {name: list(_choices(attacker, collection, action, name, wanted, free)) for name in {*names, *wanted}}
    ordered = sorted(choices)
    for tried in islice(product(*(choices[name] for name in ordered)), MOST_TRIED):
        attacker.state.work.spend(COST_OF_PAYLOAD)
        sent = {name: value for name, value in zip(ordered, tried, strict=True) if value is not _LEFT_OUT}
        written = {**presets, **sent}
        if all(validation.accepts(rule, written, context, major=attacker.major) for rule in rules):  # type: ignore[arg-type]  # `_LEFT_OUT` is left out
            return _payload(attacker, collection, action, wanted, sent, written)  # type: ignore[arg-type]  # as above
    unknown = [
        grant.payload_rules.sendable(name, value, context, relation=name in RELATIONS) for name, value in wanted.items()
    ]
    if rules and all(one is not None for one in unknown) and any(one and not one.certain for one in unknown):
        return Payload(dict(wanted), {**presets, **wanted}, Confidence.LOW)
    return f"a validation refuses what is sent to {action} {collection}"


_LEFT_OUT: Final = object()


def _payload(
    attacker: Attacker,
    collection: str,
    action: str,
    wanted: Mapping[str, Json],
    sent: Mapping[str, Json],
    written: Mapping[str, Json],
) -> Payload:
    grant = attacker.access.grant(collection, action)
    certain, reasons = True, []
    written = dict(written)
    for name, value in sent.items():
        key = value.get("id") if isinstance(value, dict) else value
        if name in wanted and name in RELATIONS and key in spellings(wanted[name]):
            certain, written[name] = False, wanted[name]
            reasons.append("key-deny-list")
            continue
        form = grant.payload_rules.sendable(name, value, attacker.context) if grant.validations else None
        certain = certain and (form is None or form.certain)
        if name in wanted and value != wanted[name] and isinstance(value, dict):
            reasons.append("foreign-key-deny-list")
        if name in wanted and name in grant.presets and grant.presets[name] != value:
            reasons.append("preset-not-locked")
    confidence = Confidence.HIGH if certain else Confidence.LOW
    return Payload(sent, written, confidence, tuple(dict.fromkeys(reasons)))


def _choices(
    attacker: Attacker, collection: str, action: str, name: str, wanted: Mapping[str, Json], free: frozenset[str]
) -> Iterator[object]:
    """What may be sent for a field: the wanted value first."""
    rules = attacker.access.grant(collection, action).payload_rules
    named = [attacker.value(one) if isinstance(one, DynamicVariable) else one for one in rules.named(name)]
    named = list(attacker.state.values_in_order(named))
    if name in wanted:
        yield wanted[name]
        if name in free:
            yield from rules.texts(name) if named else ()
            yield from named
        elif name in RELATIONS and wanted[name] is not None:
            yield {"id": wanted[name]}
            for spelling in spellings(wanted[name]) if attacker.state.spells_keys else ():
                yield from (spelling, {"id": spelling})
        return
    yield _LEFT_OUT
    if attacker.rows(collection, action, name):
        yield from (one for one in named if not isinstance(one, DynamicVariable))
        yield from (f"{FREE} {name}", True, 1, None)


def _preset(attacker: Attacker, collection: str, action: str, name: str) -> Json:
    preset = attacker.preset(collection, action, name)
    return None if isinstance(preset, DynamicVariable) else preset
