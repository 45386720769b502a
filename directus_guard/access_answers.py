"""Answers to "may this principal do that?", as plain data: the audit computes them, the reports print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from directus_guard.finding import Location


class GrantingPermission(Struct, frozen=True):
    """A permission that an answer rests on."""

    text: str
    """Whose it is and what it is about, safe to show."""
    location: Location | None = None


class AccessAnswer(Struct, frozen=True):
    """What one principal may do by one export. All texts are safe to show."""

    export: str
    directus: str
    """The version and edition that the export is judged by, and which of them is assumed."""
    kind: str
    """`public`, `role` or `user`."""
    principal_id: str | None
    principal: str
    answer: str
    """`yes`, `no`, `only where` or `cannot tell`."""
    sentence: str
    """The answer in words."""
    reasons: tuple[str, ...] = ()
    """What refuses it, or what it depends on: whole sentences."""
    rule: object = None
    """The item rule as JSON, masked; None: no item is asked for, or every item."""
    rule_words: str = ""
    validations: tuple[object, ...] = ()
    """As JSON, masked."""
    fields: tuple[str, ...] = ()
    permissions: tuple[GrantingPermission, ...] = ()
    notes: tuple[str, ...] = ()
    """What else matters: addresses, related collections, what the export does not show."""
    escalates: bool = False
    """Whether the principal can become administrator, who may do everything."""
    escalates_known: bool = True
    """Whether every way to administrator could be followed."""


class Answers(Struct, frozen=True):
    """The answers to one question, by export and principal."""

    question: str
    """The question in words."""
    listed: tuple[AccessAnswer, ...]
    every: bool = False
    """Whether everybody was asked about, not one principal."""

    def count(self, answer: str) -> int:
        """How many have an answer."""
        return sum(one.answer == answer for one in self.listed)
