"""Passwords may be anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.checks.access import _settings
from directus_guard.checks.declaration import ExportMember, export_check
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


LEAST: Final = 12
"""Characters that make a password without other rules."""
_POLICY: Final = f"/^.{{{LEAST},}}$/"
_FIX: Final = f"Set `auth_password_policy` in the settings to `{_POLICY}`: at least {LEAST} characters."
_LENGTH_ONLY: Final = lazy_pattern(r"/?\^?\.\{(\d{1,3}),(?:\d{1,4})?\}\$?/?\Z")
"""A policy that asks for a length alone, such as the settings' own weak one, `/^.{8,}$/`."""
_SHORT: Final = ("", "a", "1", "Aa1!", "1234", "123456", "abcdefg", "1234567", "Abc123!")
"""Passwords with fewer than eight characters."""
_MAX_PATTERN: Final = 200
_MAX_QUANTIFIERS: Final = 12
_QUANTIFIER: Final = lazy_pattern(r"[*+?{]")
_OWN_SYNTAX: Final = lazy_pattern(
    r"\\[0-9A-Zac-ce-rt-vx-z](?<!\\[BDSW])|\[\^?\]|\[\[|--|&&|~~|\|\||\)[*+?{]|[*+}]\+|\(\?(?!:|=|!|<=|<!)"
)
"""What JavaScript and Python read differently, and groups that are repeated, which can take long to try."""


@export_check(
    "password-policy",
    severity=Severity.MEDIUM,
    title="Passwords may be anything",
    summary="The settings accept any password, or ask only for a few characters.",
    cwe=(Cwe.WEAK_PASSWORD_REQUIREMENTS,),
    owasp=(OwaspRisk.API2,),
    needs=(ExportPart.SETTINGS,),
    evidence=(ExportMember.SETTINGS,),
    without=_settings.NO_SETTINGS,
)
def password_policy(export: Export) -> Iterator[CheckResult]:
    unseen = tuple(_settings.absent(export, "auth_password_policy"))
    if unseen:
        yield from unseen
        return
    held = _settings.value(export, "auth_password_policy")
    shortest = _LENGTH_ONLY.match(held) if isinstance(held, str) else None
    if shortest and int(shortest[1]) < LEAST:
        yield _settings.failure(
            export,
            "auth_password_policy",
            title=f"Passwords need only {int(shortest[1])} characters",
            message="Users can choose `password` or `12345678`, which attackers try first.",
            expected=f"the strong policy of the settings, or at least {LEAST} characters",
            actual=f"auth_password_policy: {held}",
            fix=_FIX,
            value=_POLICY,
        )
    elif isinstance(held, str) and held and _admits_short(held):
        yield _settings.failure(
            export,
            "auth_password_policy",
            title="Passwords may have fewer than 8 characters",
            message="Users can choose passwords that an attacker finds quickly.",
            expected=f"the strong policy of the settings, or at least {LEAST} characters",
            actual=f"auth_password_policy: {shorten(escape_controls(held))}",
            fix=_FIX,
            value=_POLICY,
        )
    elif not held:
        yield _settings.failure(
            export,
            "auth_password_policy",
            title="Any password is accepted",
            message="Users can choose passwords that an attacker finds quickly, even a single character.",
            expected="the strong policy of the settings, or a regular expression of your own",
            actual="auth_password_policy: null",
            fix=_FIX,
            value=_POLICY,
        )


def _admits_short(policy: str) -> bool:
    """Whether a policy surely lets in a password of fewer than eight characters. One that cannot be tried is not said to.

    Directus takes a slash from both ends and looks for the rest anywhere in the password.
    """
    pattern = policy.removeprefix("/").removesuffix("/")
    hard = len(pattern) > _MAX_PATTERN or len(_QUANTIFIER.findall(pattern)) > _MAX_QUANTIFIERS
    if hard or _OWN_SYNTAX.search(pattern):
        return False
    try:
        compiled = re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError):
        return False
    return any(map(compiled.search, _SHORT))
