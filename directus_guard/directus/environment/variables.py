"""Which variables Directus reads, their types and defaults, per version
(docs/model/environment.md#variables-by-version; data from its packages)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.variables_data import DEFAULTS, FILE_NAMES, READ_BY_THE_API, TYPES
from directus_guard.directus.versions import NEWEST
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.spelling import nearest

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Mapping

    from directus_guard.directus.environment.variables_data import Step
    from directus_guard.directus.versions import Version

_READ_ELSEWHERE: Final = frozenset(
    {"KEY", "CONFIG_PATH", "NODE_ENV", "NODE_OPTIONS", "NODE_TLS_REJECT_UNAUTHORIZED", "LOG_STYLE"}
)
"""Read outside the API's own code (@directus/env, the command line, Node itself)."""

_GROUPS: Final = (
    # Prefixes handed on whole by getConfigFromEnv (api/src/utils/get-config-from-env.ts), so that any name may be meant.
    "DB_", "REDIS", "LOGGER_", "SERVER_", "HASH_", "HSTS_", "CONTENT_SECURITY_POLICY_", "ASSETS_CONTENT_SECURITY_POLICY",
    "RATE_LIMITER_", "CACHE_", "STORAGE_", "AUTH_", "EMAIL_SES_", "EMAIL_SMTP_TLS_", "EMAIL_MAILTRAP_", "SYNCHRONIZATION_",
    "WEBSOCKETS_",
)  # fmt: skip


def _at(steps: tuple[Step, ...], version: Version) -> str | None:
    value = None
    for since, text in steps:
        if version < since:
            break
        value = text
    return value


def default(name: str, version: Version) -> str | None:
    """The text of the default value, None where there is none (or before the variable existed)."""
    return _at(DEFAULTS.get(name, ()), version)


@cache
def defaulted_names() -> tuple[str, ...]:
    """The variables that have a default in some version, sorted."""
    return tuple(sorted(DEFAULTS))


@cache
def cast_type(name: str, version: Version) -> str | None:
    """The type that @directus/env's type map gives the variable; None = it is guessed from the text."""
    if name in TYPES:
        return _at(TYPES[name], version)
    return next((_at(steps, version) for steps in _of_pattern(name, _TYPE_PATTERNS)), None)


class _OfPattern(Struct, frozen=True):
    """What is known of all names that a pattern matches."""

    beginning: str
    pattern: re.Pattern[str]
    steps: tuple[Step, ...]


def _patterns(histories: Mapping[str, tuple[Step, ...]]) -> tuple[_OfPattern, ...]:
    # `A_.+_B` holds no nested repetition: matching is linear enough for names, which are short.
    names = (name for name in histories if ".+" in name)
    return tuple(_OfPattern(name.partition(".+")[0], lazy_pattern(name), histories[name]) for name in names)


def _of_pattern(name: str, patterns: Iterable[_OfPattern]) -> Iterator[tuple[Step, ...]]:
    return (one.steps for one in patterns if name.startswith(one.beginning) and one.pattern.fullmatch(name))


_TYPE_PATTERNS: Final = _patterns(TYPES)
_FILE_PATTERNS: Final = _patterns(FILE_NAMES)


@cache
def supports_file_variable(name: str, version: Version) -> bool:
    """Whether Directus `version` reads the value of `name` from the file that `name`_FILE names (isDirectusVariable)."""
    if name in FILE_NAMES:
        return _at(FILE_NAMES[name], version) is not None
    return any(_at(steps, version) is not None for steps in _of_pattern(name, _FILE_PATTERNS))


@cache
def known_variables() -> frozenset[str]:
    """Every plain name that some version reads."""
    return (
        frozenset(name for name in (*DEFAULTS, *TYPES, *FILE_NAMES) if ".+" not in name)
        | READ_BY_THE_API
        | _READ_ELSEWHERE
    )


def is_known_variable(name: str, version: Version | None = None) -> bool:
    """Whether Directus reads the name, in `version` or in any."""
    name = name.removesuffix("_FILE") if name not in known_variables() else name
    if version is not None and (history := DEFAULTS.get(name)) is not None:
        return _at(history, version) is not None or name in FILE_NAMES
    return name in known_variables() or supports_file_variable(name, version or NEWEST)


def is_open_group(name: str) -> bool:
    """Whether the name belongs to a group whose members Directus hands on without knowing them."""
    return name.upper().startswith(_GROUPS)


@cache
def closest(name: str) -> str | None:
    """The known name that `name`, which is none itself, is most likely a misspelling of, or None."""
    upper = name.upper()
    for prefix in _FOREIGN_PREFIXES:
        if upper.startswith(prefix) and upper.removeprefix(prefix) in known_variables():
            return upper.removeprefix(prefix)
    if upper in known_variables():
        return upper
    squeezed = upper.replace("_", "").replace("-", "")
    if len(squeezed) < _SHORTEST:
        return None
    if squeezed in _by_letters():
        return _by_letters()[squeezed]
    return nearest(upper, known_variables(), likeness=0.92)


_FOREIGN_PREFIXES: Final = ("DIRECTUS_",)
_SHORTEST: Final = 6


@cache
def _by_letters() -> dict[str, str]:
    """Known names without what separates their words; of several the first."""
    return {known.replace("_", ""): known for known in sorted(known_variables(), reverse=True)}
