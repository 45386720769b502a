"""Passwords may be anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.checks.access import _settings
from directus_guard.checks.declaration import export_check
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.answers import Answer
    from directus_guard.directus.export import Export


LEAST: Final = 12
"""Characters that make a password without other rules."""
_LENGTH_ONLY: Final = re.compile(r"/?\^?\.\{(\d{1,3}),(?:\d{1,4})?\}\$?/?\Z")
"""A policy that asks for a length alone, such as the settings' own weak one, `/^.{8,}$/`."""


@export_check(
    "password-policy",
    severity=Severity.MEDIUM,
    title="Passwords may be anything",
    summary="The settings ask nothing of passwords, or only that they have a few characters.",
    needs=(ExportPart.SETTINGS,),
)
def password_policy(export: Export) -> Iterator[Answer]:
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
            f"The policy asks for {int(shortest[1])} characters and nothing else: `password` and `12345678` are tried first.",
            f"the strong policy of the settings, or at least {LEAST} characters",
            f"auth_password_policy: {held}",
        )
    elif not held:
        yield _settings.failure(
            export,
            "auth_password_policy",
            "Users may choose any password, however short.",
            "the strong policy of the settings, or a regular expression of your own",
            "auth_password_policy: null",
        )
