"""What the three checks on public reading share: which of them speaks of a row. Of one row only the worst does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.result import CheckResult, NotEvaluated
from directus_guard.checks.shared.enumerations import first_names
from directus_guard.checks.shared.rows import every, matches_everything, sure_of
from directus_guard.directus.access.filters import Condition, Quantified, conditions
from directus_guard.directus.access.sensitive import sensitive_fields
from directus_guard.directus.gaps import ExportPart
from directus_guard.directus.tri import Tri
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import EffectiveRow, Export

NEEDS: Final = (
    ExportPart.ATTACHMENTS,
    ExportPart.PERMISSIONS,
    ExportPart.POLICIES,
    ExportPart.HIDDEN_ROWS,
    ExportPart.POLICY,
)
_HARMLESS: Final = frozenset({"directus_translations", "directus_folders"})
_MEANT: Final = {
    "directus_settings": "id project_name project_descriptor project_logo project_color default_appearance "
    "default_theme_light default_theme_dark theme_light_overrides theme_dark_overrides default_language "
    "public_foreground public_background public_favicon public_note custom_css public_registration "
    "public_registration_verify_email",
    "directus_users": "id first_name last_name avatar title description",
}
"""Fields that may well be meant for everybody: settings that `/server/info` gives away anyway (`services/server.js` of
@directus/api 39.2.1), and the names of authors, where a rule says whose."""
_STATE: Final = lazy_pattern(
    r"(?i)\A(?:status|(?:is_)?(?:published|draft)|publish(?:ed)?_(?:at|on|date)|(?:date|time)_published"
    r"|publication_date|publish_(?:from|start))\Z"
)


def readable(export: Export) -> Iterator[EffectiveRow]:
    """The rows by which everybody reads something."""
    return (granted for granted in every(export, "read") if granted.public)


def sensitive(export: Export, granted: EffectiveRow) -> str:
    """What everybody reads by this row that is hardly meant for them, for a sentence; "" = nothing."""
    row = granted.row
    everything = matches_everything(granted.rule, sure_of(export, row.collection)) is Tri.YES
    if row.collection == "directus_files":
        return "every file, also drafts and private files" if everything else ""
    if row.collection.startswith("directus_"):
        meant = set(row.fields or ()) <= set(_MEANT.get(row.collection, "").split())
        limited = row.collection != "directus_users" or not everything
        return (
            ""
            if row.collection in _HARMLESS or (meant and limited)
            else f"`{escape_controls(row.collection)}`, a collection of Directus itself"
        )
    return ", ".join(
        f"`{escape_controls(name)}`" for name in sensitive_fields(export.schema, row.collection, row.fields or ())[:5]
    )


def is_open(export: Export, granted: EffectiveRow) -> bool:
    """Whether a row on a collection of the project's own gives every item or every field."""
    row = granted.row
    if row.collection.startswith("directus_"):
        return False
    return "*" in (row.fields or ()) or matches_everything(granted.rule, sure_of(export, row.collection)) is Tri.YES


def unused_state(export: Export, granted: EffectiveRow) -> str:
    """The field that tells whether an item is published, where the row's rule asks for none such; else ""."""
    row = granted.row
    known = export.schema.by_collection.get(row.collection, {}) if export.schema else {}
    states = {name for name in (*known, *(row.fields or ())) if _STATE.match(name)}
    used = {leaf.path[0] for leaf in conditions(granted.rule) if isinstance(leaf, Condition | Quantified) and leaf.path}
    return "" if states & used else next(iter(sorted(states, key=lambda name: (name != "status", name))), "")


def unknown_fields(export: Export, what: str) -> Iterator[CheckResult]:
    """The answer where a row gives fields of collections that no snapshot tells the fields of."""
    known = export.schema.whole_collections if export.schema else frozenset()
    rows = (granted.row for granted in readable(export) if granted.row.fields)
    names = sorted({row.collection for row in rows if not row.collection.startswith("directus_")} - known)
    if names:
        listed = first_names(names)
        yield NotEvaluated(f"no schema snapshot tells the fields of {listed}, so {what}", export.location)
