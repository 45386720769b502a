"""What the checks on permissions share: the rows that really reach somebody who is no administrator, and who that is."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from directus_guard.checks.answers import Failure
from directus_guard.directus import rules
from directus_guard.directus.disclosure import shorten, visible
from directus_guard.directus.filters import EVERYTHING, effective, is_unrestricted, to_json
from directus_guard.directus.system_data import is_recommended
from directus_guard.directus.versions import Version
from directus_guard.finding import Confidence, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access import Permission
    from directus_guard.directus.export import Export, Reached
    from directus_guard.directus.filters import Filter
    from directus_guard.directus.principals import Principal
    from directus_guard.directus.rules import Answer as Told


def reached(export: Export, collection: str, *actions: str) -> Iterator[Reached]:
    """The stored rows on a collection that give somebody something, in the order of the file."""
    for action in actions:
        yield from export.reached.get((collection, action), ())


def rule_of(row: Permission) -> Filter:
    """The item rule of one row, as it works when it stands alone."""
    if is_unrestricted(row.permissions):
        return EVERYTHING
    return _parsed(json.dumps(row.permissions, sort_keys=True))


@lru_cache(maxsize=4096)
def _parsed(rule: str) -> Filter:
    """Exports repeat few rules many times."""
    return effective(json.loads(rule))


@lru_cache(maxsize=4096)
def matches_everything(rule: Filter) -> Told:
    """Whether a rule restricts nothing."""
    return rules.matches_everything(rule)


def recommended(export: Export, row: Permission) -> bool:
    """Whether the row is one the Studio stores with app access (its own check speaks of those)."""
    versions = (export.model.version,) if export.version_known else (export.model.version, *_OLDER)
    return any(
        is_recommended(row.collection, row.action, row.permissions, row.validation, row.presets, row.fields, version)
        for version in versions
    )


_OLDER: Final = (Version(11, 0, 0), Version(12, 0, 0), Version(12, 3, 1))
"""Versions in which the recommended rows differ; an export that tells no version may be of any."""


def names(export: Export, principals: tuple[Principal, ...]) -> tuple[str, ...]:
    """How principals are called."""
    return tuple(visible(export.names.get(principal, principal.name))[:80] for principal in principals)


def holder(export: Export, row: Permission) -> str:
    """The name of the policy (10: role) a row belongs to."""
    key = row.policy if export.model.has_policies else row.role
    return "public" if key is None else export.holders.get(key, key)


def who(export: Export, principals: tuple[Principal, ...]) -> str:
    """Principals for a sentence."""
    shown = ", ".join(f"`{name}`" for name in names(export, principals[:5]))
    return shown + (f" and {len(principals) - 5} more" if len(principals) > 5 else "")


def failure(
    export: Export,
    found: Reached,
    message: str,
    expected: str,
    *,
    confidence: Confidence = Confidence.HIGH,
) -> Failure:
    """A failure at a permission row."""
    row = found.row
    policy = visible(holder(export, row))
    fields = row.fields or ()
    return Failure(
        subject=Subject(
            "permission",
            f"{export.name} {policy} {row.action} {row.collection}",
            (
                ("model", export.name),
                ("principals", names(export, found.principals)),
                ("policy", policy),
                ("collection", visible(row.collection)),
                ("action", row.action),
                ("fields", tuple(visible(name) for name in fields)),
            ),
        ),
        location=row.location or export.location,
        message=f"{message} Granted by `{policy}` to {who(export, found.principals)}.",
        expected=expected,
        actual=shorten(describe(row)),
        framed=False,
        confidence=confidence,
    )


def describe(row: Permission) -> str:
    """A row in a few words."""
    rule = rule_of(row)
    fields = ", ".join(row.fields or ()) or "no fields"
    items = "all items" if row.action == "create" or rule == effective(None) else f"items where {to_json(rule)}"
    return f"{row.action} {row.collection}: {fields}; {items}"
