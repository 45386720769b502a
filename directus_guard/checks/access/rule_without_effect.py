"""A rule looks like a restriction and is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access._rows import every, failure, matches_everything, sure_of
from directus_guard.checks.answers import Answer, NotEvaluated
from directus_guard.checks.declaration import export_check
from directus_guard.directus.access.filters import Condition, Quantified, conditions
from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.directus.tri import Tri
from directus_guard.finding import Severity
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Export, Reached


@export_check(
    "rule-without-effect",
    severity=Severity.HIGH,
    title="A rule looks like a restriction and is none",
    summary="An item rule that matches everything, or any item rule on a create row.",
    checklist=(22, 24),
)
def rule_without_effect(export: Export) -> Iterator[Answer]:
    for found in every(export, "create", "read", "update", "delete", "share"):
        if is_unrestricted(found.row.permissions):
            continue
        if found.row.action == "create":
            yield failure(
                export,
                found,
                "Item rules of create rows are never read (measured).",
                "no such rule",
                rule="a validation, which is what create rows are checked by",
            )
        elif matches_everything(found.rule, sure_of(export, found.row.collection)) is Tri.YES:
            yield failure(
                export,
                found,
                "The rule matches every item.",
                "no rule, so that everybody sees that there is none",
                rule="a condition that some item does not meet",
            )
        elif _hangs_on_the_model(export, found):
            yield NotEvaluated(
                f"no schema snapshot tells whether fields of `{escape_controls(found.row.collection)}` may be null",
                found.row.location,
            )


def _hangs_on_the_model(export: Export, found: Reached) -> bool:
    """Whether the rule matches every item if its fields are never null, and nothing tells whether they are."""
    collection = found.row.collection
    if collection.startswith("directus_") or (export.schema and collection in export.schema.by_collection):
        return False
    leaves = (leaf for leaf in conditions(found.rule) if isinstance(leaf, Condition | Quantified) and leaf.path)
    return matches_everything(found.rule, frozenset(leaf.path[0] for leaf in leaves)) is Tri.YES
