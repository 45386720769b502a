"""Values of JavaScript as JSON carries them between two programs, and their comparison."""

from __future__ import annotations

import math

from directus_guard.directus.environment.casting import Regex, Undefined


def encode(value: object) -> object:
    if isinstance(value, Undefined):
        return {"$": "undefined"}
    if isinstance(value, Regex):
        return {"$": "regex", "source": value.source}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {
            "$": "object",
            "entries": sorted(([key, encode(item)] for key, item in value.items()), key=lambda entry: str(entry[0])),
        }
    return value


def order(value: object) -> object:
    """Objects' entries in one order: integer-like keys come first in JavaScript."""
    if isinstance(value, list):
        return [order(item) for item in value]
    if isinstance(value, dict) and value.get("$") == "object":
        return {
            "$": "object",
            "entries": sorted(([key, order(item)] for key, item in value["entries"]), key=lambda entry: entry[0]),
        }
    return value


def same(ours: object, theirs: object) -> bool:
    """Equal, telling true from 1 apart; numbers by value."""
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, float) and isinstance(theirs, (int, float)) and not isinstance(theirs, bool):
        return ours == float(theirs)
    return ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool)
