"""What allows a step, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.access.grants import GrantRow
    from directus_guard.directus.access.records import Permission

_RANK: Final = {Confidence.HIGH: 0, Confidence.MEDIUM: 1, Confidence.LOW: 2}


def weakest(confidences: Iterable[Confidence]) -> Confidence:
    """The least sure of them; none = sure."""
    return max(confidences, key=_RANK.__getitem__, default=Confidence.HIGH)


def rank(confidence: Confidence) -> int:
    """0 = surest."""
    return _RANK[confidence]


class Allowed(Struct, frozen=True):
    """The rows that let an action reach an item, and how sure that is."""

    rows: tuple[GrantRow, ...]
    confidence: Confidence = Confidence.HIGH

    @property
    def stored(self) -> tuple[Permission, ...]:
        """The stored permissions behind the rows."""
        return tuple(source for row in self.rows for source in row.sources)


class SendableValue(Struct, frozen=True):
    """A value that may be sent for a field: by which rows, how sure, and why although it looks locked."""

    rows: tuple[GrantRow, ...]
    confidence: Confidence = Confidence.HIGH
    reasons: tuple[str, ...] = ()
    """Ids of the catalogue's reasons."""


class Knowledge(Struct, frozen=True):
    """How the attacker comes to know a key, and how sure that is."""

    source: str = ""
    confidence: Confidence = Confidence.HIGH


KNOWN: Final = Knowledge()
