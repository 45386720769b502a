"""One variable as Directus sees it, after its own loading.

See docs/model/environment.md#loading, docs/model/environment.md#casting.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.directus import disclosure
from directus_guard.directus.environment.casting import JsValue, cast
from directus_guard.directus.environment.deployment import Known, Unknown, Unset, Variable

if TYPE_CHECKING:
    from directus_guard.directus.environment.deployment import Part
    from directus_guard.directus.versions import Version
    from directus_guard.finding import Location
    from directus_guard.secret import Secret


class Setting(Struct, frozen=True, dict=True):
    """One variable as Directus sees it. `value` tells whether its text is known, unknown, or not set at all."""

    name: str
    value: Known | Unknown | Unset
    version: Version
    location: Location | None = None
    origin: str = ""
    via: tuple[Location, ...] = ()
    shadowed: tuple[Variable, ...] = ()
    """What other places say for the same name, without effect: the strongest first."""
    parts: tuple[Part, ...] = ()
    """Texts of other places that are put into the value."""
    literal: Secret | None = None
    """The text at `location` itself; None = all of the value."""

    @property
    def known(self) -> bool:
        """Whether the text is known; then `text`, `js` and `shown` have it."""
        return isinstance(self.value, Known)

    @property
    def is_set(self) -> bool:
        """Whether something sets it, known or not."""
        return not isinstance(self.value, Unset)

    @property
    def assumed(self) -> bool:
        """Whether the value cannot be seen here: what it has is its default."""
        return False

    @property
    def text(self) -> str:
        """The raw text; "" when it is not known. For judging only."""
        return self.value.text.reveal() if isinstance(self.value, Known) else ""

    @property
    def fallback(self) -> str | None:
        """The `:-fallback` of an unknown value. For judging only."""
        unknown = self.value
        return (
            unknown.fallback.reveal()
            if isinstance(unknown, Unknown) and unknown.fallback and unknown.defaulted and not unknown.replaceable
            else None
        )

    @property
    def replaceable(self) -> str | None:
        """The text that is set unless a file that cannot be read sets another; None without one. For judging only."""
        unknown = self.value
        found = isinstance(unknown, Unknown) and unknown.replaceable and unknown.fallback
        return found.reveal() if found else None

    @property
    def written(self) -> str:
        """The text as the repository has it, with its references, as far as that is known. For judging only."""
        unknown = self.value
        return unknown.written.reveal() if isinstance(unknown, Unknown) and unknown.written else self.text

    @property
    def dropped(self) -> str:
        """The name behind a `$` that reads like a part of the text; "" if there is none."""
        return self.value.dropped if isinstance(self.value, Unknown) else ""

    @cached_property
    def js(self) -> JsValue:
        """What Directus' code sees after casting. Meaningful only when `known`."""
        return cast(self.name, self.text, self.version)

    @property
    def shown(self) -> str:
        """The value as people may see it."""
        return disclosure.shown(self.name, self.text)

    @property
    def unknown_reason(self) -> str:
        """Why the value is not known; "" when it is."""
        return self.value.reason if isinstance(self.value, Unknown) else ""
