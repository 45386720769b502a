"""What `local.x` and `var.x` give, in a module of Terraform and in a job of Nomad."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.sources import values
from directus_guard.sources.values import Computed, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.sources.hcl_document import Block
    from directus_guard.sources.values import Value

_REFERENCE: Final = re.compile(r"(var|local)\.([A-Za-z_][A-Za-z0-9_-]*)\Z")
_MAX_STEPS: Final = 20


class Scope:
    """The locals and variables of some blocks. `given`: who gives a variable, as a phrase after its name."""

    def __init__(self, blocks: Iterable[Block], given: str) -> None:
        self._given = given
        self._locals: dict[str, Value] = {}
        self._defaults: dict[str, Value | None] = {}
        for block in blocks:
            if block.kind == "locals":
                self._locals |= {entry.key.text: entry.value for entry in block.body.entries}
            elif block.kind == "variable" and block.labels:
                self._defaults[block.labels[0]] = block.body.get("default")

    def resolve(self, value: Value) -> Value:
        """The value behind `local.x`; of `var.x` the default is only a fallback, because anybody may give another."""
        return self._resolve(value, _MAX_STEPS)

    def _resolve(self, value: Value, steps: int) -> Value:
        if not isinstance(value, Computed) or not steps:
            return value
        if value.parts:
            return values.joined(value, lambda part: self._resolve(part, steps - 1))
        match = _REFERENCE.match(value.source)
        if match is None:
            return value
        kind, name = match.groups()
        if kind == "local":
            return self._resolve(self._locals[name], steps - 1) if name in self._locals else value
        held = self._defaults.get(name)
        default = self._resolve(held, steps - 1) if held is not None else None
        text = default.text if isinstance(default, Text) else None
        return Computed(f"`var.{name}` {self._given}", value.location, text)
