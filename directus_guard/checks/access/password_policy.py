"""Passwords may be anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _settings
from directus_guard.checks.answers import Answer, export_check
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Export


@export_check(
    "password-policy",
    severity=Severity.MEDIUM,
    title="Passwords may be anything",
    summary="The settings ask nothing of passwords.",
    needs=(),
)
def password_policy(export: Export) -> Iterator[Answer]:
    unseen = tuple(_settings.absent(export, "auth_password_policy"))
    if unseen:
        yield from unseen
        return
    held = _settings.value(export, "auth_password_policy")
    if not held:
        yield _settings.failure(
            export,
            "auth_password_policy",
            "Users may choose any password, however short.",
            "the strong policy of the settings, or a regular expression of your own",
            "auth_password_policy: null",
        )
