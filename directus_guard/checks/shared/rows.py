"""What the checks on permissions share: the rows that have an effect for a non-administrator, and for whom."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from directus_guard.checks.result import Failure
from directus_guard.checks.shared import row_members, studio
from directus_guard.checks.shared.enumerations import first_of
from directus_guard.checks.shared.row_fixes import DELETE, fix
from directus_guard.checks.shared.row_words import held
from directus_guard.directus.access import rules
from directus_guard.directus.access.counterexample import KEYS
from directus_guard.directus.access.filters import EVERYTHING, NOTHING, Condition, DynamicVariable
from directus_guard.directus.access.implication import implies
from directus_guard.directus.access.item_rules import has_item_rule, is_unrestricted
from directus_guard.directus.access.principals import PUBLIC
from directus_guard.directus.access.recommended import is_recommended_row, is_within_recommended_row
from directus_guard.directus.access.validation import pins
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.gaps import ExportPart
from directus_guard.directus.masks import rule_in_words
from directus_guard.directus.tri import Tri
from directus_guard.finding import Confidence, Related, Subject
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.directus.access.filters import Filter, Json
    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import EffectiveRow, Export
    from directus_guard.finding import Location, Member, RowChange


def effective_rows(export: Export, collection: str, *actions: str) -> Iterator[EffectiveRow]:
    """The stored rows on a collection that grant something, in the order of the file."""
    for action in actions:
        yield from export.effective_rows.get((collection, action), ())


def every(export: Export, *actions: str) -> Iterator[EffectiveRow]:
    """The stored rows on any collection that grant something, collection by collection."""
    rows = export.effective_rows
    for collection in sorted(export.granted_collections):
        for action in actions:
            yield from rows.get((collection, action), ())


def remedy(export: Export, always: str, rule: str = "") -> str:
    """What is expected instead: `rule` where rules count, `always` on any edition.

    12 Core ignores rows with rules, validations, presets or named fields (docs/model/access.md#editions): there only
    `always` helps.
    """
    if not rule:
        return always
    if export.is_core:
        return f"{always}; Directus 12 Core ignores rules, validations and limits of fields"
    if export.edition_known:
        return f"{rule}, or {always}"
    return f"{rule}; without a licence (Directus 12 Core): {always}"


def settable(row: Permission, name: str) -> bool:
    """Whether a payload may name the field."""
    return "*" in (row.fields or ()) or name in (row.fields or ())


def fields_of_users(export: Export, *names: str) -> tuple[str, ...]:
    """Those of the fields of directus_users that the version has: on 10 users have no `policies`."""
    return tuple(name for name in names if name != "policies" or export.model.has_policies)


def unpinned(export: Export, granted: EffectiveRow, *fields: str) -> tuple[str, ...]:
    """Which of the fields a payload may set to any value: named by the row, and held by no validation.

    See docs/model/access.md#validation.
    """
    return tuple(name for name in fields if settable(granted.row, name) and not is_pinned(export, granted, name))


def is_pinned(export: Export, granted: EffectiveRow, name: str) -> bool:
    """Whether validations hold a field for everybody who has the row: all rows of an action validate a payload together,
    and 10 joins their validations by OR."""
    row, model = granted.row, export.model
    if (row.collection, row.action) not in model.validated and not row.collection.startswith("directus_"):
        return False  # as most rows; app access has validations on collections of Directus only
    major = model.version.major
    if (
        model.has_policies
        and not is_unrestricted(row.validation)
        and pins((row.validation,), name, anonymous=granted.public, major=major).answer is Tri.YES
    ):
        return True
    return all(
        (validations := _validations(export, row, principal))
        and pins(validations, name, anonymous=principal == PUBLIC, major=major).answer is Tri.YES
        for principal in granted.principals
    )


def _validations(export: Export, row: Permission, principal: Principal) -> tuple[Json, ...]:
    """What a payload must satisfy that a principal sends by a row. A policy that counts from some addresses only is no
    help: from elsewhere its validations do not apply."""
    grant = export.model.of(principal).grant(row.collection, row.action)
    if not export.model.has_policies or not grant.validations:
        return grant.validations
    limited = export.model.limited
    others = (held.permission for held in grant.rows if held.permission is not row)
    return (row.validation, *(other.validation for other in others if other.policy not in limited))


@lru_cache(maxsize=4096)
def matches_everything(rule: Filter, not_null: frozenset[str] = KEYS) -> Tri:
    """Whether a rule restricts nothing. `not_null`: fields that are never null."""
    return rules.matches_everything(rule, not_null=not_null)


def sure_of(export: Export, collection: str) -> frozenset[str]:
    """Fields of a collection that are never null."""
    return export.never_null(collection)


@lru_cache(maxsize=4096)
def only_own_account(rule: Filter) -> bool:
    """Whether a rule on directus_users lets through only the current user's record."""
    return not rules.surely_reaches_others(rule) and implies(rule, _OWN_ACCOUNT).answer is Tri.YES


ROOM: Final = 100
"""Characters about items that leave room for the rest of a row."""
_OWN_ACCOUNT: Final = Condition(("id",), "_eq", DynamicVariable("$CURRENT_USER"))


def recommended(export: Export, row: Permission) -> bool:
    """Whether the row is one the Studio stores with app access, or a copy of what app access grants anyway (their own
    check speaks of those)."""
    version = export.model.version
    return is_recommended_row(row, version if export.version_known else None, major=version.major)


def within_recommended(export: Export, row: Permission) -> bool:
    """Whether the row lets through no more than one that `recommended` knows."""
    version = export.model.version
    return is_within_recommended_row(row, version if export.version_known else None, major=version.major)


def names(export: Export, principals: tuple[Principal, ...]) -> tuple[str, ...]:
    """How principals are called."""
    return tuple(escape_controls(export.names.get(principal, principal.name))[:80] for principal in principals)


def holder(export: Export, row: Permission) -> str:
    """The name of the policy (10: role) a row belongs to."""
    return export.holder(row)


def can_share(export: Export, principals: Iterable[Principal]) -> bool:
    """Whether one of them may create a share: the action `share` alone does nothing."""
    return any(export.model.of(principal).grant("directus_shares", "create").rows for principal in principals)


def who(export: Export, principals: tuple[Principal, ...]) -> str:
    """Principals for a sentence."""
    shown = [
        "anonymous visitors" if principal == PUBLIC else f"`{name}`"
        for principal, name in zip(principals, names(export, principals), strict=True)
    ]
    return first_of(shown, 5)


def doubt(export: Export, rows: Iterable[Permission], *, public: bool) -> str:
    """Why it is not certain who has these rows, a sentence; "" = it is."""
    if export.lacks(ExportPart.ATTACHMENTS) and all(row.assumed for row in export.model.access):
        return "The export does not say who has which policy, so each policy is judged by itself."
    unsure = sorted({escape_controls(holder(export, row)) for row in rows if row.policy in export.possibly_public})
    if public and unsure:
        listed = ", ".join(f"`{name}`" for name in unsure)
        return f"Possibly public: the export does not say whether {listed} is attached to the public or to a user."
    return ""


def less_sure(confidence: Confidence, why: str) -> Confidence:
    """At most medium where there is a doubt."""
    return Confidence.MEDIUM if why and confidence is Confidence.HIGH else confidence


def failure(
    export: Export,
    granted: EffectiveRow,
    *,
    title: str,
    message: str,
    expected: str,
    rule: str = "",
    changes: Sequence[RowChange] = DELETE,
    hint: str = "",
    note: str = "",
    confidence: Confidence = Confidence.HIGH,
    related: tuple[Related, ...] = (),
    members: tuple[Member, ...] = (),
) -> Failure:
    """A failure at a permission row. `expected` and `rule` as `remedy` takes them, `changes`, `hint` and `note` as `fix` does.

    `members`: what in the row matters, where it is not what the changes touch.
    """
    row = granted.row
    policy = escape_controls(holder(export, row))
    fields = row.fields or ()
    principals = names(export, granted.principals)
    unsure = doubt(export, (row,), public=granted.public)
    return Failure(
        subject=Subject(
            "permission",
            f"{export.name} {policy} {row.action} {row.collection}",
            (
                ("model", export.name),
                ("principals", principals),
                ("policy", policy),
                ("collection", escape_controls(row.collection)),
                ("action", row.action),
                ("fields", tuple(escape_controls(name) for name in fields)),
            ),
        ),
        location=row.location or export.location,
        title=title,
        message=f"{message} {held(export, holder(export, row), granted.principals)} {unsure}".rstrip(),
        expected=remedy(export, expected, rule),
        actual=shorten(describe(export, row)),
        framed=False,
        confidence=less_sure(confidence, unsure),
        related=related,
        studio=studio.of_row(export, row),
        members=members or row_members.of_changes(changes, row),
        fix=fix(export, row, changes, hint, note),
    )


def places(texts: Iterable[tuple[Location | None, str]]) -> tuple[Related, ...]:
    """All places of a finding about several things; none for a single thing, which its location shows."""
    held = tuple(Related(location, text) for location, text in texts if location is not None)
    return held if len(held) > 1 else ()


def describe(export: Export, row: Permission) -> str:
    """A row in a few words, without the literals of its rule, its validation and its presets."""
    rule = export.model.rule_alone(row)
    parts = [] if row.action in ("delete", "share") else [", ".join(row.fields or ()) or "no fields"]
    if row.action != "create":
        parts.append(_items(export, rule))
    elif has_item_rule(row):
        parts.append("an item rule, which is not read")
    if not is_unrestricted(row.validation):
        parts.append(f"validation {_shown(export.mask.rule(row.validation))}")
    if row.presets:
        parts.append(f"preset {_shown(export.mask.values(row.presets))}")
    return f"{row.action} {row.collection}: {'; '.join(parts)}"


def _items(export: Export, rule: Filter) -> str:
    """The items that a rule reaches, in words, and as JSON where there is room for it."""
    if rule in (EVERYTHING, NOTHING):
        return "all items" if rule == EVERYTHING else "no items"
    words, written = rule_in_words(rule, export.mask), _shown(export.mask.filter(rule))
    both = f"items where {words} ({written})"
    return both if len(both) <= ROOM else f"items where {words}"


def _shown(masked: Json) -> str:
    return json.dumps(masked, ensure_ascii=False)
