"""Anybody can register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.access import _settings
from directus_guard.checks.declaration import ExportMember, export_check
from directus_guard.directus.access.principals import Principal, PrincipalKind
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


_OTHER_ROLE: Final = "Set `public_registration_role` to a role without app access."
_FILTER: Final = '{"email": {"_ends_with": "@acme.example"}}'


@export_check(
    "public-registration",
    severity=Severity.HIGH,
    title="Anybody can register",
    summary="Public registration is on: with a role that has app access or administration, without e-mail verification, or without a filter.",
    cwe=(Cwe.INCORRECT_PRIVILEGES, Cwe.WEAK_AUTHENTICATION),
    owasp=(OwaspRisk.API2,),
    needs=(ExportPart.SETTINGS,),
    evidence=(ExportMember.SETTINGS,),
    without=_settings.NO_SETTINGS,
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
    reasons: dict[str, str] = {}
    if isinstance(role, str):
        access = export.model.of(Principal(PrincipalKind.ROLE, role))
        if access.admin:
            reasons["The role is an administrator's."] = _OTHER_ROLE
        elif access.app:
            reasons["The role opens the Data Studio."] = _OTHER_ROLE
    if _settings.value(export, "public_registration_verify_email") is False:
        reasons["E-mail addresses are not verified."] = (
            "Set `public_registration_verify_email` to `true`: Directus must be able to send mail."
        )
    seen = not any(_settings.absent(export, "public_registration_email_filter"))
    if seen and not _settings.value(export, "public_registration_email_filter"):
        reasons["Every e-mail address is accepted."] = (
            f"Set `public_registration_email_filter` to the domains that may register, such as `{_FILTER}`. "
            "If every address may register, accept this finding."
        )
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
            title="Anybody can register",
            message=f"Everybody on the internet can make an account. {' '.join(reasons)}",
            expected="registration off, or a role with little access, verified addresses and a filter",
            actual="public_registration: true",
            fix=f"Set `public_registration` to `false`, if visitors should not register. Otherwise do this. {' '.join(reasons.values())}",
        )
