"""Anybody can register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _settings
from directus_guard.checks.declaration import export_check
from directus_guard.directus.access.principals import Principal, PrincipalKind
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "public-registration",
    severity=Severity.HIGH,
    title="Anybody can register",
    summary="Public registration is on with a role that has app access or administration, without e-mail verification, or without a filter on addresses.",
    needs=(ExportPart.SETTINGS,),
)
def public_registration(export: Export) -> Iterator[CheckResult]:
    unseen = tuple(_settings.absent(export, "public_registration"))
    if unseen:
        yield from unseen
        return
    held = _settings.value(export, "public_registration")
    if held is not True:
        return
    role = _settings.value(export, "public_registration_role")
    reasons = []
    if isinstance(role, str):
        access = export.model.of(Principal(PrincipalKind.ROLE, role))
        if access.admin:
            reasons.append("the role is an administrator's")
        elif access.app:
            reasons.append("the role opens the Data Studio")
    if _settings.value(export, "public_registration_verify_email") is False:
        reasons.append("addresses are not verified")
    seen = not any(_settings.absent(export, "public_registration_email_filter"))
    if seen and not _settings.value(export, "public_registration_email_filter"):
        reasons.append("every address is accepted")
    if not reasons:
        for name in (
            "public_registration_role",
            "public_registration_verify_email",
            "public_registration_email_filter",
        ):
            yield from _settings.absent(export, name)
    if reasons:
        yield _settings.failure(
            export,
            "public_registration",
            f"Everybody on the internet can make an account: {', '.join(reasons)}.",
            "registration off, or a role with little, verified addresses and a filter",
            "public_registration: true",
        )
