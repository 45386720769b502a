"""What `local.x` and `var.x` give, in a module of Terraform and in a job of Nomad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats import values
from directus_guard.sources.formats.values import Call, ComputedValue, List, ObjectEntry, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from directus_guard.sources.formats.hcl_document import HclBlock
    from directus_guard.sources.formats.values import Value

_REFERENCE: Final = lazy_pattern(
    r"(var|local)\.([A-Za-z_][A-Za-z0-9_-]*)((?:\.[A-Za-z_][A-Za-z0-9_-]*|\[\"[^\"\]$%]{1,200}\"\]){0,20})\Z"
)
_KEY: Final = lazy_pattern(r"\.([^.\[]+)|\[\"([^\"]+)\"\]")
_MAX_DEPTH: Final = 40
_OF_TEXTS: Final = frozenset({Call.FILE, Call.TEMPLATE, Call.JOIN, Call.REPLACE, Call.FORMAT})
"""Calls that make a text, of which only their arguments are worked out."""


class HclScope:
    """The locals and variables of some blocks. `given`: who gives a variable, as a phrase after its name.

    `values` are those of the variables that a file gives.
    """

    def __init__(self, blocks: Iterable[HclBlock], given: str, values: Mapping[str, Value] | None = None) -> None:
        self._given = given
        self._values = values or {}
        self._locals: dict[str, Value] = {}
        self._defaults: dict[str, Value | None] = {}
        self._known: dict[str, Value] = {}
        """Locals and defaults by `local.x` and `var.x`, once they are worked out."""
        for block in blocks:
            if block.kind == "locals":
                self._locals |= {entry.key.text: entry.value for entry in block.body.entries}
            elif block.kind == "variable" and block.labels:
                self._defaults[block.labels[0]] = block.body.get("default")

    def resolve(self, value: Value, depth: int = 0) -> Value:
        """The value behind `local.x` or `local.x.y`; of `var.x` the default is only what it is where no other is given."""
        if not isinstance(value, ComputedValue) or depth > _MAX_DEPTH:
            return value
        if value.call is not None:
            return self._called(value, depth)
        if value.parts:
            return values.joined(value, lambda part: self.resolve(part, depth + 1))
        match = _REFERENCE.match(value.source)
        if match is None:
            return value
        kind, name, keys = match.groups()
        if kind == "var" and name in self._values:
            return self._inside(self._values[name], keys, depth) or value
        held = self._named(kind, name, depth)
        held = None if held is None else self._inside(held, keys, depth)
        if kind == "local":
            return value if held is None else held
        given = ComputedValue(f"`var.{name}` {self._given}", value.location, variable=name)
        return given if held is None else _as_default(held, given)

    def _called(self, value: ComputedValue, depth: int) -> Value:
        """The object that a call makes of others; what is not known of them may add to it."""
        held = [self.resolve(part, depth + 1) for part in value.parts]
        if value.call in _OF_TEXTS:
            return replace(value, parts=tuple(held))
        objects = [one for one in held if isinstance(one, ObjectValue)]
        if not objects:
            return value
        entries = {entry.key.text: entry for one in objects for entry in one.entries}
        reasons = (one.computed if isinstance(one, ObjectValue) else value.reason for one in held)
        return ObjectValue(tuple(entries.values()), value.location, next(filter(None, reasons), ""))

    def _inside(self, value: Value, keys: str, depth: int) -> Value | None:
        """What is behind `.a["b"]` in an object."""
        held: Value | None = value
        for match in _KEY.finditer(keys):
            held = held.get(match[1] or match[2]) if isinstance(held, ObjectValue) else None
            held = None if held is None else self.resolve(held, depth + 1)
        return held

    def _named(self, kind: str, name: str, depth: int) -> Value | None:
        """The local, or the default of the variable, worked out once: values that double each other cost nothing more."""
        held = self._locals.get(name) if kind == "local" else self._defaults.get(name)
        if held is None:
            return None
        key = f"{kind}.{name}"
        if key not in self._known:
            self._known[key] = held  # what refers to itself stays as it is written
            self._known[key] = self.resolve(held, depth + 1)
        return self._known[key]


def _as_default(value: Value, given: ComputedValue, depth: int = 0) -> Value:
    """A value that holds where no other is given, with all that is in it. `given`: what holds in its place."""
    if isinstance(value, Text):
        text = None if value.kind is TextKind.NULL else value.text
        return replace(given, location=value.location, fallback=text, written=text is not None)
    if depth > _MAX_DEPTH or isinstance(value, ComputedValue):
        return replace(given, location=value.location)
    if isinstance(value, List):
        items = tuple(_as_default(item, given, depth + 1) for item in value.items)
        return List(items, value.location, given.reason)
    entries = tuple(ObjectEntry(entry.key, _as_default(entry.value, given, depth + 1)) for entry in value.entries)
    return ObjectValue(entries, value.location, given.reason, value.labels)
