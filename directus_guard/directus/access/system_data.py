"""The permission rows of the framework itself: what app access adds at run time, and what the Studio suggests.

Restated from the npm package `@directus/system-data` (MIT), versions 1.1.1 (Directus 10.13), 2.0.0 (11.0), 2.1.0, 4.0.0
(11.14), 4.4.0 (11.17), 4.5.0 (12.0), 4.5.1 (12.1), 4.6.0 (12.2), 4.6.1 (12.3.1) and 4.7.0 (12.4); a test compares them
row by row where the package is at hand.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.access.schema import Relation
from directus_guard.directus.access.system_fields_data import SYSTEM_FIELDS, SYSTEM_RELATIONS
from directus_guard.directus.features import (
    APP_READS_NAMED_SETTINGS,
    APP_READS_PROVIDER,
    HAS_COMMENTS,
    HAS_POLICIES,
    RECOMMENDS_NAMED_SHARE_FIELDS,
    Feature,
)
from directus_guard.directus.versions import OLDEST, Version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.records import Permission


class FrameworkRow(Struct, frozen=True):
    """One row as Directus ships it. `fields` None: the shipped row names none."""

    collection: str
    action: str
    permissions: Mapping[str, Json]
    fields: tuple[str, ...] | None = ("*",)
    validation: Mapping[str, Json] | None = None


NEW_PROFILE: Final = ("first_name", "last_name", "email", "password", "language")
"""Fields of users that whoever creates an account may well fill in."""
OWN_PROFILE: Final = ("first_name", "last_name", "email", "password", "avatar", "language", "tfa_secret")
"""Fields of users that they may well change on their own account."""
SYSTEM_COLLECTIONS: Final = frozenset(re.split("[:<>]", line, maxsplit=1)[0] for line in SYSTEM_FIELDS)
"""The framework's own collections, of any version."""

_ALL: Final[Mapping[str, Json]] = {}
_ME: Final[Json] = {"_eq": "$CURRENT_USER"}


def _fields(names: str) -> tuple[str, ...]:
    return tuple(names.split())


_USER_FIELDS: Final = _fields(
    "id first_name last_name last_page email password location title description tags provider preferences_divider "
    "avatar language appearance theme_light theme_dark tfa_secret status role"
)
_SETTINGS_FIELDS: Final = _fields(
    "id project_url project_logo module_bar storage_asset_transform storage_asset_presets custom_aspect_ratios "
    "basemaps mapbox_key visual_editor_urls collaborative_editing_enabled report_error_url ai_openai_compatible_models "
    "ai_openai_allowed_models ai_anthropic_allowed_models ai_google_allowed_models mcp_prompts_collection "
    "default_save_action ai_translation_default_model ai_translation_glossary ai_translation_style_guide"
)
_OWN_USER_FIELDS: Final = _fields(
    "first_name last_name email password location title description avatar language appearance theme_light theme_dark "
    "theme_light_overrides theme_dark_overrides tfa_secret"
)
_SHARE_FIELDS: Final = _fields("name collection item role password date_start date_end max_uses times_used")
_FILE_FIELDS: Final = _fields("title description tags location folder focal_point_x focal_point_y filename_download")
_FLOW_FIELDS: Final = _fields("id status name icon color options trigger")
_PRESETS_READ: Final[Mapping[str, Json]] = {
    "_or": [
        {"user": _ME},
        {"_and": [{"user": {"_null": True}}, {"role": {"_eq": "$CURRENT_ROLE"}}]},
        {"_and": [{"user": {"_null": True}}, {"role": {"_null": True}}]},
    ]
}


@cache
def app_access_rows(version: Version) -> tuple[FrameworkRow, ...]:
    """`appAccessMinimalPermissions`: rows every principal with app access has at run time; they are stored nowhere."""
    ten = not HAS_POLICIES.of(version)
    comments_in_activity = not HAS_COMMENTS.of(version)
    mine: Mapping[str, Json] = {"user_created": _ME}
    role: Json = {"_eq": "$CURRENT_ROLE"}
    user_fields = tuple(name for name in _USER_FIELDS if name != "provider" or APP_READS_PROVIDER.of(version))
    settings = _SETTINGS_FIELDS if APP_READS_NAMED_SETTINGS.of(version) else ("*",)
    comment: Mapping[str, Json] = {"comment": {"_nnull": True}}
    rows = [
        FrameworkRow("directus_activity", "read", {"user": _ME}),
        FrameworkRow("directus_collections", "read", _ALL),
        FrameworkRow("directus_fields", "read", _ALL),
        FrameworkRow("directus_notifications", "read", {"recipient": _ME}),
        FrameworkRow("directus_notifications", "update", {"recipient": _ME}, ("status",)),
        FrameworkRow("directus_presets", "create", _ALL, validation={"user": _ME}),
        FrameworkRow("directus_presets", "delete", {"user": _ME}),
        FrameworkRow("directus_presets", "read", _PRESETS_READ),
        FrameworkRow("directus_presets", "update", {"user": _ME}, validation={"user": _ME}),
        FrameworkRow("directus_relations", "read", _ALL),
        FrameworkRow("directus_roles", "read", {"id": role if ten else {"_in": "$CURRENT_ROLES"}}),
        FrameworkRow("directus_settings", "read", _ALL, settings),
        FrameworkRow("directus_shares", "read", mine),
        FrameworkRow("directus_translations", "read", _ALL),
        FrameworkRow("directus_users", "read", {"id": _ME}, user_fields),
    ]
    if ten:
        rows.append(FrameworkRow("directus_permissions", "read", {"role": role}))
    if comments_in_activity:
        rows.append(FrameworkRow("directus_activity", "create", _ALL, validation=comment))
    else:
        rows += [
            FrameworkRow("directus_comments", "create", _ALL, validation=comment),
            FrameworkRow("directus_comments", "delete", mine),
            FrameworkRow("directus_comments", "read", mine),
            FrameworkRow("directus_comments", "update", mine, ("comment",)),
        ]
    return tuple(sorted(rows, key=lambda row: (row.collection, row.action)))


@cache
def recommended_app_rows(version: Version) -> tuple[FrameworkRow, ...]:
    """`appRecommendedPermissions`: rows the Studio stores when an administrator enables app access. Real rows, known pattern.

    The package names them since 4.5.0; earlier Studios carried the same list themselves.
    """
    mine: Mapping[str, Json] = {"user_created": _ME}
    uploaded: Mapping[str, Json] = {"uploaded_by": _ME}
    shares = _SHARE_FIELDS if RECOMMENDS_NAMED_SHARE_FIELDS.of(version) else ("*",)
    rows = [
        FrameworkRow(f"directus_{collection}", action, _ALL)
        for collection in ("dashboards", "panels", "folders")
        for action in ("create", "read", "update", "delete")
        if (collection, action) != ("folders", "delete")
    ]
    rows += [
        FrameworkRow("directus_folders", "delete", _ALL, None),
        FrameworkRow("directus_comments", "read", _ALL),
        FrameworkRow("directus_files", "create", _ALL),
        FrameworkRow("directus_files", "read", _ALL),
        FrameworkRow("directus_files", "update", uploaded, _FILE_FIELDS),
        FrameworkRow("directus_files", "delete", uploaded),
        FrameworkRow("directus_flows", "read", {"trigger": {"_eq": "manual"}}, _FLOW_FIELDS),
        FrameworkRow("directus_roles", "read", _ALL),
        FrameworkRow(
            "directus_shares", "read", {"_or": [{"role": {"_eq": "$CURRENT_ROLE"}}, {"role": {"_null": True}}]}
        ),
        FrameworkRow("directus_shares", "create", _ALL),
        FrameworkRow("directus_shares", "update", mine, shares),
        FrameworkRow("directus_shares", "delete", mine),
        FrameworkRow("directus_users", "read", _ALL),
        FrameworkRow("directus_users", "update", {"id": _ME}, _OWN_USER_FIELDS),
    ]
    return tuple(sorted(rows, key=lambda row: (row.collection, row.action)))


def is_recommended(row: Permission, version: Version) -> bool:
    """Whether a stored row equals a recommended one, as `isRecommendedAppPermission` of the licence check compares them."""
    if row.validation or row.presets:
        return False
    shipped = _recommended_by_key(version).get((row.collection, row.action))
    return shipped is not None and row.fields == shipped.fields and row.permissions == shipped.permissions


def _since(*features: Feature) -> tuple[Version, ...]:
    """The oldest version, and the first one with each of the features."""
    return (OLDEST, *(Version(*(*feature.since, 0, 0)[:3]) for feature in features))


RECOMMENDED_SINCE: Final = _since(RECOMMENDS_NAMED_SHARE_FIELDS)
"""First versions of the lists of recommended rows that differ …"""
APP_ACCESS_SINCE: Final = _since(HAS_POLICIES, HAS_COMMENTS, APP_READS_PROVIDER, APP_READS_NAMED_SETTINGS)
"""… and of the lists of rows that app access adds."""


def was_recommended(row: Permission) -> bool:
    """Whether a stored row equals one that some version recommends: stored rows outlive the version that made them."""
    return any(is_recommended(row, version) for version in RECOMMENDED_SINCE)


@cache
def system_fields(version: Version) -> Mapping[str, Mapping[str, bool]]:
    """The system collections a version has, with their fields, and of each whether it points at another collection.

    Between two releases that were looked at, what one of them has counts as there.
    """
    found: dict[str, dict[str, bool]] = {}
    for line in SYSTEM_FIELDS:
        head, _, names = line.partition(":")
        collection, there = _system_name(head, version)
        if there:
            fields = found[collection.removesuffix("*")] = {}
            for word in names.split():
                name, there = _system_name(word, version)
                if there:
                    fields[name.removesuffix("*")] = name.endswith("*")
    return found


@cache
def system_relations(version: Version) -> tuple[Relation, ...]:
    """The relations between the system collections that a version has."""
    found: list[Relation] = []
    for line in SYSTEM_RELATIONS:
        text, there = _system_name(line, version)
        if there:
            collection, field, related, *shown = text.split(" ")
            found.append(Relation(collection, field, related, shown[0] if shown else None))
    return tuple(found)


def _system_name(word: str, version: Version) -> tuple[str, bool]:
    """A name of the table, and whether the version has it."""
    name, _, until = word.partition("<")
    name, _, after = name.partition(">")
    release = version[:2]
    too_old = bool(after) and release <= tuple(map(int, after.split(".")))
    gone = bool(until) and release >= tuple(map(int, until.split(".")))
    return name, not (too_old or gone)


@cache
def _recommended_by_key(version: Version) -> Mapping[tuple[str, str], FrameworkRow]:
    return {(row.collection, row.action): row for row in recommended_app_rows(version)}
