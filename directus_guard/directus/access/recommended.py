"""Stored rows that say what Directus' own rows say: those that the Data Studio recommends, and copies of what app access
grants anyway. Compared by what they let through, not by how they are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from directus_guard.directus.access.implication import implies
from directus_guard.directus.access.item_rules import rule_of_row
from directus_guard.directus.access.system_data import (
    APP_ACCESS_SINCE,
    RECOMMENDED_SINCE,
    FrameworkRow,
    app_access_rows,
    recommended_app_rows,
)
from directus_guard.directus.tri import Tri

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import Filter
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.versions import Version


def is_recommended_row(row: Permission, version: Version | None, *, major: int) -> bool:
    """Whether a stored row says what the Studio of a version recommends (None: of any version), or what app access grants
    anyway in any version: stored copies outlive the version that made them. `major`: of the Directus that reads it."""
    known = _shipped(version).get((row.collection, row.action), ())
    return not row.presets and any(_says_the_same(row, shipped, major) for shipped in known)


def is_within_recommended_row(row: Permission, version: Version | None, *, major: int) -> bool:
    """Whether a stored row lets through no more than a row that `is_recommended_row` compares with."""
    known = _shipped(version).get((row.collection, row.action), ())
    return any(_says_no_more(row, shipped, major) for shipped in known)


@cache
def _shipped(version: Version | None) -> Mapping[tuple[str, str], tuple[FrameworkRow, ...]]:
    """The rows to compare with, by collection and action."""
    found: dict[tuple[str, str], tuple[FrameworkRow, ...]] = {}
    lists = (version,) if version is not None else RECOMMENDED_SINCE
    rows = [row for each in lists for row in recommended_app_rows(each)]
    rows += [row for each in APP_ACCESS_SINCE for row in app_access_rows(each)]
    for row in rows:
        key = row.collection, row.action
        if row not in found.get(key, ()):
            found[key] = (*found.get(key, ()), row)
    return found


def _says_the_same(row: Permission, shipped: FrameworkRow, major: int) -> bool:
    if row.fields_matter and set(row.fields or ()) != set(shipped.fields or ()):
        return False
    if rule_of_row(row.validation, major=major) != rule_of_row(shipped.validation, major=major):
        return False
    # Item rules of create rows are never read.
    return row.action == "create" or _equal(
        rule_of_row(row.permissions, major=major), rule_of_row(shipped.permissions, major=major)
    )


def _says_no_more(row: Permission, shipped: FrameworkRow, major: int) -> bool:
    presets = tuple(row.presets) if isinstance(row.presets, Mapping) else ()
    names = {*(row.fields or ()), *presets} if row.fields_matter else set()
    if not names <= set(shipped.fields or ()) and "*" not in (shipped.fields or ()):
        return False
    if shipped.validation and rule_of_row(row.validation, major=major) != rule_of_row(shipped.validation, major=major):
        return False
    rule, other = rule_of_row(row.permissions, major=major), rule_of_row(shipped.permissions, major=major)
    # A rule that compiles to nothing is dropped beside another row: it is no narrower than any.
    return row.action == "create" or (rule is not None and other is not None and implies(rule, other).answer is Tri.YES)


def _equal(first: Filter | None, other: Filter | None) -> bool:
    """A rule that compiles to nothing is none of theirs: beside another row it is dropped."""
    if first is None or other is None:
        return False
    return first == other or (implies(first, other).answer is Tri.YES and implies(other, first).answer is Tri.YES)
