"""A rule looks like a restriction and is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, NotEvaluated
from directus_guard.checks.shared.row_words import policy_title
from directus_guard.checks.shared.rows import can_share, every, failure, is_pinned, matches_everything, sure_of
from directus_guard.directus.access.filters import Condition, Quantified, conditions
from directus_guard.directus.access.item_rules import has_item_rule, is_unrestricted
from directus_guard.directus.access.rules import surely_refuses
from directus_guard.directus.tri import Tri
from directus_guard.finding import MoveRuleToValidation, ReplaceRule, Severity
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.filters import Filter, Json
    from directus_guard.directus.access.grants import Grant, GrantRow
    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.export import EffectiveRow, Export
    from directus_guard.finding import RowChange

_SEES: Final = "The validation sees only what the request and the preset hold, not what Directus fills in later."


@export_check(
    "rule-without-effect",
    severity=Severity.HIGH,
    title="A rule that restricts nothing",
    summary="An item rule that matches everything, or any item rule of `create`.",
    cwe=(Cwe.INCORRECT_AUTHORIZATION,),
    owasp=(OwaspRisk.API1,),
    checklist=(22, 24),
)
def rule_without_effect(export: Export) -> Iterator[CheckResult]:
    frees: dict[tuple[str, str, tuple[str, ...] | None, tuple[Principal, ...]], bool] = {}
    for granted in every(export, "create", "read", "update", "delete", "share"):
        row = granted.row
        if not has_item_rule(row) or (row.action == "share" and not can_share(export, granted.principals)):
            continue
        if row.action == "create":
            if _is_validated(export, granted):
                continue
            yield failure(
                export,
                granted,
                title=_title(export, granted),
                message="Users can create any item: Directus never reads the item rule of `create`.",
                expected="no such rule",
                rule="a validation, which Directus checks on `create`",
                changes=(MoveRuleToValidation(),),
                note=f"{_SEES} {_RELATED}" if _looks_behind(row.permissions) else _SEES,
            )
        elif _plainly_refuses(granted.alike) or not _matches_what_is_not_null(granted.rule):
            continue  # the more so where fields may be null
        elif matches_everything(granted.rule, sure_of(export, row.collection)) is Tri.YES:
            key = (row.collection, row.action, row.fields, granted.principals)
            if key not in frees:
                frees[key] = _frees_items(export, granted)
            if not frees[key]:
                continue
            yield failure(
                export,
                granted,
                title=_title(export, granted),
                message=f"Users can {_verb(row.action)} every item: every item meets the rule.",
                expected="no rule, so that everybody sees what is allowed",
                rule="a condition that only the permitted items meet",
                changes=_changes(export, granted),
                note="If users may read every item, remove the rule instead." if row.action == "read" else "",
            )
        elif _hangs_on_the_model(export, granted):
            yield NotEvaluated(
                f"no schema snapshot says whether fields of `{escape_controls(granted.row.collection)}` may be null",
                granted.row.location,
            )


_RELATED: Final = (
    "A condition on a related item has no effect there: compare the key itself, "
    'as in `{"author": {"_eq": "$CURRENT_USER"}}`.'
)


def _looks_behind(rule: Json) -> bool:
    """Whether a rule has a condition on a related item: below the name of a field another name."""
    if isinstance(rule, list):
        return any(map(_looks_behind, rule))
    if not isinstance(rule, Mapping):
        return False
    return any(
        _looks_behind(value)
        if key in ("_and", "_or")
        else isinstance(value, Mapping) and any(not inner.startswith("_") for inner in value)
        for key, value in rule.items()
    )


def _title(export: Export, granted: EffectiveRow) -> str:
    row = granted.row
    return policy_title(
        export, export.holder(row), f"has no effective rule to {_verb(row.action)} {{}}", row.collection
    )


def _verb(action: str) -> str:
    return "change" if action == "update" else action


def _changes(export: Export, granted: EffectiveRow) -> tuple[RowChange, ...]:
    """Another condition: on the owner of the items, or for visitors on what is published, where a field tells."""
    collection = granted.row.collection
    known = export.schema.by_collection.get(collection) if export.schema else None
    rule: Json = None
    if collection == "directus_users" and not granted.public:
        rule = {"id": {"_eq": "$CURRENT_USER"}}
    elif granted.public and (known is None or "status" in known):
        rule = {"status": {"_eq": "published"}}
    elif not granted.public:
        owners = (name for name, field in sorted((known or {}).items()) if "user-created" in field.special)
        owner = next(owners, "user_created" if known is None else "")
        rule = {owner: {"_eq": "$CURRENT_USER"}} if owner else None
    return (ReplaceRule(json.dumps(rule) if rule else ""),)


def _is_validated(export: Export, granted: EffectiveRow) -> bool:
    """Whether a create row's validation holds every field that its item rule speaks of: then the rule changes nothing."""
    names = _names(granted.alike)
    return bool(names) and all(is_pinned(export, granted, name) for name in names)


@lru_cache(maxsize=4096)
def _names(rule: Filter) -> frozenset[str]:
    """The fields that a rule speaks of."""
    leaves = (leaf for leaf in conditions(rule) if isinstance(leaf, Condition | Quantified) and leaf.path)
    return frozenset(leaf.path[0] for leaf in leaves)


def _frees_items(export: Export, granted: EffectiveRow) -> bool:
    """Whether a principal reaches every item because of rules like the row's: beside another row's rule an empty group is
    dropped, and beside a row without a rule nothing is left to free."""
    row, sure = granted.row, sure_of(export, granted.row.collection)
    names: tuple[str | None, ...] = (row.fields or ()) if row.fields_matter else (None,)

    def is_open(grant: Grant, name: str | None) -> bool:
        return matches_everything(grant.items(name), sure) is Tri.YES

    def is_honest(granted_row: GrantRow) -> bool:
        return is_unrestricted(granted_row.permission.permissions) or (
            granted_row.rule is not None and matches_everything(granted_row.rule, sure) is not Tri.YES
        )

    for principal in granted.principals:
        grant = export.model.of(principal).grant(row.collection, row.action)
        honest = replace(grant, rows=tuple(filter(is_honest, grant.rows)))
        if any(is_open(grant, name) and not is_open(honest, name) for name in names):
            return True
    return False


def _hangs_on_the_model(export: Export, granted: EffectiveRow) -> bool:
    """Whether nothing tells whether the fields of the rule's collection are ever null."""
    collection = granted.row.collection
    known = export.schema.whole_collections if export.schema else ()
    return not collection.startswith("directus_") and collection not in known


@lru_cache(maxsize=4096)
def _plainly_refuses(rule: Filter) -> bool:
    return surely_refuses(rule)


@lru_cache(maxsize=4096)
def _matches_what_is_not_null(rule: Filter) -> bool:
    return matches_everything(rule, _names(rule)) is Tri.YES
