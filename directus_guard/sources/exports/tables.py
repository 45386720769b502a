"""The tables of Directus in an export, recognised by the keys of their rows and the names of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.records import ACTIONS
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.exports.records import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping


def resembles(text: str) -> bool:
    """Whether a text that is no JSON names enough columns of one table to have been its dump."""
    return any(sum(f'"{name}"' in text for name in columns) >= ENOUGH for columns in _COLUMNS.values())


ENOUGH: Final = 4
_COLUMNS: Final = {
    "permissions": ("collection", "action", "fields", "permissions", "validation", "presets", "policy", "role"),
    "policies": ("admin_access", "app_access", "enforce_tfa", "ip_access", "name", "icon"),
    "access": ("policy", "role", "user", "sort"),
    "roles": ("name", "parent", "icon", "admin_access", "app_access", "enforce_tfa"),
    "users": ("email", "role", "status", "provider", "tfa_secret", "last_access", "token"),
    "flows": ("trigger", "accountability", "options", "operation", "status"),
    "operations": ("flow", "type", "key", "resolve", "reject", "options", "position_x"),
    "settings": (
        "project_name", "public_registration", "auth_login_attempts", "auth_password_policy", "custom_css", "public_note",
    ),
}  # fmt: skip
"""Columns that tell the tables apart, for files that cannot be read and rows that lost a member."""
_NAMED: Final = lazy_pattern(
    rf"(?:directus[_-])?({'|'.join(KINDS)})(?:_[0-9a-f]{{16}})?\.json|directus[_-]({'|'.join(KINDS)})[_.-].*json"
)


def named_kind(name: str) -> str:
    """The table that a file is named after, "" if none."""
    match = _NAMED.fullmatch(name.lower())
    return (match[1] or match[2]) if match else ""


def hinted_kind(hint: str) -> str:
    """The table that a name in a file speaks of: a collection of the framework, or a key of a dump in one file."""
    kind = hint.removeprefix("directus_")
    return kind if kind in KINDS else ""


def count_columns(value: object, kind: str) -> int:
    """How many columns of a table a value has."""
    return sum(name in value for name in _COLUMNS[kind]) if isinstance(value, dict) else 0


WRAPPERS: Final = frozenset({"data", "records"})


def listed_below(whole: object) -> set[str]:
    """The keys of an object below which records may be: those of an answer, or the names of tables."""
    if not isinstance(whole, dict):
        return set()
    keys = {key for key in whole if key in WRAPPERS or hinted_kind(key)}
    return keys if any(isinstance(whole[key], list | dict) for key in keys) else set()


def kind_of(record: Mapping[str, object], name: str) -> str:
    """What a record is, by its keys; "" for anything else."""
    if "action" in record and "collection" in record and record["action"] in ACTIONS:
        return "permissions" if "fields" in record or "permissions" in record else ""
    if "admin_access" in record and "app_access" in record:
        return "roles" if "role" in name and "polic" not in name else "policies"
    if "policy" in record and ("role" in record or "user" in record):
        return "access"
    if "trigger" in record and "accountability" in record:
        return "flows"
    if "flow" in record and "type" in record and ("resolve" in record or "position_x" in record):
        return "operations"
    if "public_registration" in record or ("project_name" in record and "auth_login_attempts" in record):
        return "settings"
    if "user" in name and "role" in record and ("email" in record or "status" in record):
        return "users"
    if "role" in name and "name" in record and ("parent" in record or "icon" in record):
        return "roles"
    for kind in ("permissions", "policies", "operations"):
        if count_columns(record, kind) > ENOUGH:
            return kind
    return ""
