"""A rule as it is written, which the rows of an export share: decoded when it is asked for, parsed once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from directus_guard.directus.content import content_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from directus_guard.directus.access.filters import Filter, Json
    from directus_guard.directus.access.rule_shape import RuleShape


class SharedRule(Struct, eq=False, gc=False):
    """The text of a rule, JSON. Decoded it takes ten times the memory, and most rules are looked at only once: by the parser.

    A `Permission` never gives it away: its members are the decoded rules.
    """

    written: bytes
    shape: RuleShape | None
    """What rules of its shape are, where others may be like it."""
    parsed_for: int | None = None
    """The major version that `parsed` is for."""
    parsed: Filter | None = None

    @property
    def decoded(self) -> Json:
        """The rule. It is not changed: others have the same."""
        return _decoded(self.written)

    def filter_of(self, major: int, parse: Callable[[Json], Filter | None]) -> Filter | None:
        """What the rule is for a major version; an export has one, so only the last is kept."""
        if major != self.parsed_for:
            shape = self.shape
            self.parsed = parse(self.decoded) if shape is None else shape.filter_of(self.written, major, parse)
            self.parsed_for = major
        return self.parsed

    def __eq__(self, other: object) -> bool:
        """Whether it is the same JSON, decoded or not."""
        if isinstance(other, SharedRule):
            return self.written == other.written or self.decoded == other.decoded
        return self.decoded == other

    __hash__ = None  # type: ignore[assignment]  # equal to what cannot be hashed

    def __repr__(self) -> str:
        return content_key(self.decoded)


@lru_cache(maxsize=512)
def _decoded(written: bytes) -> Json:
    """The value of a text. Some checks ask for the rule of a row several times in a row."""
    value: Json = msgspec.json.decode(written)
    return value
