"""What one export, or instance, grants that another does not, as plain data: the audit computes it, the reports print it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.finding import Confidence, Context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.finding import Location, Severity, Step, Subject


class AccessKind(StrEnum):
    """What is new, the gravest first."""

    ESCALATION = "escalation"
    ADMINISTRATOR = "administrator"
    ITEMS = "items"
    PAYLOADS = "payloads"
    APP_ACCESS = "app-access"
    ADDRESSES = "addresses"
    FLOW = "flow"
    FINDING = "finding"
    UNKNOWN = "unknown"


class NewAccess(Struct, frozen=True):
    """One thing that HEAD grants and BASE did not. All of it is safe to show: literals of `rule`, `before` and `example` that
    may be secret are masked, equal ones alike."""

    kind: AccessKind
    model: str
    principals: tuple[str, ...]
    severity: Severity
    message: str
    """A whole sentence."""
    location: Location
    check: str = ""
    """The check that this triggers; "" = none."""
    confidence: Confidence = Confidence.HIGH
    """LOW: it is not known whether BASE granted it."""
    context: Context = Context.UNKNOWN
    collection: str = ""
    action: str = ""
    fields: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    """Fields that `*` does not stand for here."""
    rule: object = None
    """The items reached now, as a Directus filter; `{}` = every item."""
    rule_words: str = ""
    """The same in words."""
    before: object = None
    """The items reached before; null = none."""
    before_words: str = ""
    """The same in words."""
    example: Mapping[str, object] | None = None
    """An item, or with the kind `payloads` what may be written, that only HEAD lets through. Values that are those of
    whoever asks are written as the variable."""
    granted_by: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    title: str = ""
    """Of a finding, its own."""
    subject: Subject | None = None
    """Of a finding, what it is about."""
    always_gates: bool = False
    """Whether it can fail a run in development and example files, too."""

    @property
    def gates(self) -> bool:
        """Whether it can fail a run: not in development and example files, unless that is asked for."""
        return self.always_gates or self.context.gates


class AccessDiff(Struct, frozen=True):
    """The answer, in order: escalations, new administrators, then by severity."""

    new: tuple[NewAccess, ...]
    narrowed: int = 0
    """How much is allowed on BASE only: counted as `new` is."""
    notices: tuple[str, ...] = ()
    """What the comparison rests on: other versions, models that are compared under another name …"""
    unknown: tuple[tuple[str, str, str], ...] = ()
    """Side (`BASE`, `HEAD`), model and what it does not show."""
    lost: tuple[tuple[str, str], ...] = ()
    """Exports, and tables of them, that BASE has and HEAD does not: the model and a phrase. What HEAD grants there is not
    known."""
    triggered: frozenset[tuple[str, Location]] = frozenset()
    """Checks that the new access alone fails, with the places of the permissions on HEAD that grant it."""
