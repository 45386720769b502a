"""directus_settings: the members that checks rest on, with the types of their columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from directus_guard.directus.placeholders import is_filled_in
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access.filters import Json

_FLAG: Final = "true or false"
_NUMBER: Final = "a whole number"
_TEXT: Final = "a text"
_OBJECT: Final = "an object"
_LIST: Final = "a list"
TYPES: Final[Mapping[str, str]] = {
    "public_registration": _FLAG,
    "public_registration_verify_email": _FLAG,
    "public_registration_role": _TEXT,
    "public_registration_email_filter": _OBJECT,
    "auth_login_attempts": _NUMBER,
    "auth_password_policy": _TEXT,
    "mcp_enabled": _FLAG,
    "mcp_allow_deletes": _FLAG,
    "mcp_oauth_enabled": _FLAG,
    "mcp_oauth_dcr_enabled": _FLAG,
    "custom_css": _TEXT,
    "ai_openai_compatible_base_url": _TEXT,
    "ai_openai_compatible_headers": _LIST,
}
"""By name. All but the flags may be null."""
_FLAGS: Final[Mapping[object, bool]] = {True: True, False: False, "1": True, "0": False}
_DIGITS: Final = lazy_pattern(r"-?[0-9]{1,9}")
_UNUSABLE: Final = object()


def typed(values: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, str]]:
    """The settings as the types they have in Directus, and by name what was expected of those that are something else.

    Those are left out, so that nothing takes them for unset. Flags may be 0 and 1, numbers and JSON texts, as databases
    hand them out. Which settings there are depends on the version: a missing one is not looked for here.
    """
    kept, odd = dict(values), {}
    for name, expected in TYPES.items():
        if name not in kept:
            continue
        read = _read(kept[name], expected)
        if read is _UNUSABLE:
            del kept[name]
            odd[name] = expected
        else:
            kept[name] = read  # type: ignore[assignment]  # what `_read` gives is JSON
    return kept, odd


def _read(value: Json, expected: str) -> object:
    if expected == _FLAG:
        usable = isinstance(value, bool | int | str) and value in _FLAGS
        return _FLAGS[value] if usable else _UNUSABLE
    if value is None:
        return None
    if expected == _NUMBER and isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    if expected in (_OBJECT, _LIST) and isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return _UNUSABLE
    return value if _fits(value, expected) else _UNUSABLE


def _fits(value: Json, expected: str) -> bool:
    if expected == _TEXT:
        return isinstance(value, str) and not is_filled_in(value) and value not in ("null", "undefined")
    if expected == _NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, dict if expected == _OBJECT else list)
