"""The cookies that a version of Directus sends, by the prefix of their variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.features import HAS_SESSION_COOKIES

if TYPE_CHECKING:
    from directus_guard.directus.versions import Version


def cookie_prefixes(version: Version) -> tuple[str, ...]:
    """The prefixes that `version` reads: the session cookie is not in all of them."""
    return ("SESSION_COOKIE", "REFRESH_TOKEN_COOKIE") if HAS_SESSION_COOKIES.of(version) else ("REFRESH_TOKEN_COOKIE",)
