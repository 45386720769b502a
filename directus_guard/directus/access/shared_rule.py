"""An item rule that many rows of an export share: read once, whichever row asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.access.item_rules import rule_of_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access.filters import Filter, Json


class SharedRule(dict[str, "Json"]):
    """The JSON of a rule, which is not changed. It keeps what it was read as."""

    __slots__ = ("_filter", "_major")

    def __init__(self, rule: Mapping[str, Json]) -> None:
        super().__init__(rule)
        self._major = 0
        self._filter: Filter | None = None

    def filter_of(self, major: int) -> Filter | None:
        """`rule_of_row` for a major version; an export has one, so only the last is kept."""
        if major != self._major:
            self._major, self._filter = major, rule_of_row(self, major=major)
        return self._filter
