"""What Directus answers foreign websites: the npm package cors 2.8, which every version hands CORS_* as they are cast."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.casting import Regex, is_true_strict, is_truthy
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.casting import JsValue
    from directus_guard.directus.environment.settings import Environment


class Origins(Enum):
    """Whom CORS_ORIGIN lets in."""

    NONE = auto()
    """No website: nothing of CORS is sent."""
    LISTED = auto()
    """Only origins that it names."""
    PATTERN = auto()
    """Also origins that a pattern without `^` and `$` matches."""
    ANY = auto()
    """Every origin: each is answered with itself."""
    WILDCARD = auto()
    """Every origin: each is answered with `*`, which browsers refuse together with credentials."""


def origins(value: JsValue) -> Origins:
    """Whom the cast value of CORS_ORIGIN lets in."""
    if not is_truthy(value):
        return Origins.NONE
    if isinstance(value, str):
        return Origins.WILDCARD if value == "*" else Origins.LISTED
    return _entry(value)


def _entry(value: JsValue) -> Origins:
    """The package's isOriginAllowed: in a list a text is compared, a pattern tried, and any other value taken for its truth."""
    if isinstance(value, tuple):
        found = [_entry(item) for item in value]
        return next((kind for kind in (Origins.ANY, Origins.PATTERN) if kind in found), Origins.LISTED)
    if isinstance(value, str):
        return Origins.LISTED
    if isinstance(value, Regex):
        return Origins.LISTED if all(map(_is_anchored, _alternatives(value.text))) else Origins.PATTERN
    return Origins.ANY if is_truthy(value) else Origins.LISTED


def _is_anchored(pattern: str) -> bool:
    """Whether a pattern without alternatives matches no host that only contains what it means.

    A dot in front and `$` at the end leave the subdomains of one host.
    """
    return pattern.startswith(("^", r"\.")) and pattern.endswith("$") and not pattern.endswith(r"\$")


def _alternatives(pattern: str) -> Iterator[str]:
    """The parts of a pattern that a `|` outside of all brackets divides."""
    start, depth = 0, 0
    for match in _PIECE.finditer(pattern):
        piece = match[0]
        depth += (piece == "(") - (piece == ")")
        if piece == "|" and depth == 0:
            yield pattern[start : match.start()]
            start = match.end()
    yield pattern[start:]


_PIECE: Final = lazy_pattern(r"\\.|\[(?:\\.|[^\]\\])*\]|[()|]", re.DOTALL)
"""An escape, a class of characters, or what divides and groups."""


def enabled(env: Environment) -> bool:
    """Whether Directus sends CORS headers at all: only the boolean `true` switches them on."""
    return is_true_strict(env["CORS_ENABLED"].js)


def origins_of(env: Environment) -> Origins:
    """Whom CORS_ORIGIN lets in; its default is `false`."""
    origin = env["CORS_ORIGIN"]
    return origins(origin.js) if origin.known else Origins.NONE


def sends_credentials(env: Environment) -> bool:
    """Whether the answer allows credentials: the default, and nothing but the boolean `true` (not `1`, not `True`)."""
    credentials = env["CORS_CREDENTIALS"]
    return not credentials.is_set or is_true_strict(credentials.js)
