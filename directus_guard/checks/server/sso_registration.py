"""Sign-in providers must not give accounts to anyone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.checks.result import CheckResult, Failure, NotApplicable, NotEvaluated, Pass, fail
from directus_guard.checks.server import _joins
from directus_guard.checks.server._groups import is_in_use
from directus_guard.checks.shared.titles import titled
from directus_guard.checks.unseen import judge_at_defaults
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.environment.casting import is_truthy
from directus_guard.directus.features import MAPS_ROLES
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Confidence, Fix, Related, Severity
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.setting_changes import SetVariable
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.checks.server._joins import About
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.directus.project import Project
    from directus_guard.finding import Location

_REGISTRATION: Final = lazy_pattern(r"(AUTH_\w+)_ALLOW_PUBLIC_REGISTRATION\Z")
_DRIVER: Final = lazy_pattern(r"(AUTH_\w+)_DRIVER\Z")
_WITHOUT_SWITCH: Final = frozenset({"ldap", "local"})
"""Drivers that do not read ALLOW_PUBLIC_REGISTRATION: `ldap` makes an account for each user, `local` for none."""
_NO_DEPLOYMENT: Final = "the repository has no deployment"


@project_check(
    "sso-registration",
    evidence=(ProjectPart.DEPLOYMENTS, ProjectPart.EXPORTS),
    without=_NO_DEPLOYMENT,
    severity=Severity.HIGH,
    title="Anyone at the identity provider gets an account",
    summary="AUTH_*_ALLOW_PUBLIC_REGISTRATION is on with an administrator role, or without requiring a verified e-mail address.",
    cwe=(Cwe.INCORRECT_PRIVILEGES, Cwe.WEAK_AUTHENTICATION),
    owasp=(OwaspRisk.API2,),
)
def sso_registration(project: Project) -> Iterator[About]:
    if not project.environments:
        yield None, NotEvaluated(_NO_DEPLOYMENT)
    for env in project.environments:
        if not _joins.is_judged(env):
            yield env, NotApplicable("this version is too old; see end-of-life-version")
            continue
        answers = list(judge_at_defaults(env, _accounts))
        for export in project.exports_of(env):
            doubt = project.deployments_of(export).doubt
            found = judge_at_defaults(env, partial(_roles, export))
            answers += (_joins.joined(answer, export, doubt) for answer in found)
        for answer in dict.fromkeys(answers or [Pass()]):
            yield env, answer


def _accounts(env: Environment) -> Iterator[CheckResult]:
    for name in sorted(env.settings):
        provider = _REGISTRATION.match(name)
        if provider is None:
            continue
        setting = env[name]
        if not setting.known or not is_truthy(setting.js) or not is_in_use(env, name):
            continue
        verified = env[f"{provider[1]}_REQUIRE_VERIFIED_EMAIL"]
        if verified.unknown_reason or is_truthy(verified.js):
            continue
        driver = env[f"{provider[1]}_DRIVER"].text
        if driver in _WITHOUT_SWITCH:
            continue
        openid = driver == "openid"
        yield fail(
            env,
            setting,
            title=titled("{} accepts unverified e-mail addresses", provider[1]),
            message=(
                "Anyone can sign in with the e-mail address of another person, if the provider does not verify addresses: "
                f"{f'`{verified.name}` is off' if openid else f'the driver in `{provider[1]}_DRIVER` cannot check this'}. Each user of this provider gets an account with the default role."
            ),
            expected=f"`false`, or `{verified.name}=true` where the driver knows it",
            fix=Fix(
                f"Set `{verified.name}` to `true`."
                if openid
                else f"Set `{name}` to `false`, and create each user in the Data Studio, with this provider and the external identifier. Only the driver `openid` reads `{verified.name}`.",
                settings=(SetVariable(verified.name, "true") if openid else SetVariable(name, "false"),),
            ),
            actual=f"{name}: {setting.shown}; {verified.name}: {verified.shown or 'false'}",
            confidence=Confidence.MEDIUM,
        )


def _roles(export: Export, env: Environment) -> Iterator[CheckResult]:
    """Roles that a provider gives to new accounts, as the export has them."""
    for provider in _opening(env):
        default, mapping = env[f"{provider}_DEFAULT_ROLE_ID"], env[f"{provider}_ROLE_MAPPING"]
        named = [(default, default.text, "")] if default.known else []
        if mapping.known and MAPS_ROLES.of(env.version) and isinstance(mapping.js, dict):
            named += [(mapping, role, shorten(group)) for group, role in mapping.js.items() if isinstance(role, str)]
        reported: set[str] = set()
        for setting, role, group in named:
            if role.strip() and setting.name not in reported:
                answer = _role(env, export, setting, role.strip(), group)
                if isinstance(answer, Failure):
                    reported.add(setting.name)
                if answer:
                    yield answer


def _role(env: Environment, export: Export, setting: Setting, role: str, group: str) -> CheckResult | None:
    """The answer for a role that all new accounts get, or those of a group of the provider."""
    held = _places(export).get(role)
    if held is None:
        return NotEvaluated(f"the export `{export.name}` does not hold the role of `{setting.name}`", setting.location)
    if role not in export.admin_roles:
        gaps = export.unknown((ExportPart.ATTACHMENTS, ExportPart.POLICIES, ExportPart.PARENTS, ExportPart.POLICY))
        return NotEvaluated(gaps[0], setting.location) if gaps else None
    name, location = held
    return fail(
        env,
        setting,
        title="New accounts of the identity provider are administrators",
        message=(
            f"Anyone who controls {f'an account in the group `{group}`' if group else 'an account'} at the provider can take over Directus. "
            f"At the first sign-in the account gets the administrator role `{shorten(name)}`."
        ),
        expected="a role with as little access as new accounts need",
        fix=Fix(
            f"Change `{setting.name}` so that the group `{group}` gets a role without administrator access. {_EXISTING} {_ACCEPTED}"
            if group
            else f"Set `{setting.name}` to the id of a role without administrator access. {_EXISTING}"
        ),
        actual=f"the administrator role `{shorten(name)}`",
        related=(Related(location, "the role"),) if location else (),
    )


_EXISTING: Final = (
    "Then take the administrator role from the accounts of this provider that do not need it. "
    "First make sure that an administrator remains who signs in with a password and a second factor."
)

_ACCEPTED: Final = (
    "If only administrators can be in this group, and the provider requires a second factor, accept this finding."
)


def _places(export: Export) -> Mapping[str, tuple[str, Location | None]]:
    return {role.id: (role.name or role.id, role.location) for role in export.model.roles}


def _opening(env: Environment) -> Iterator[str]:
    """The prefixes (`AUTH_GOOGLE`) of providers that make accounts by themselves; LDAP always does (`auth/drivers/ldap`)."""
    for name in sorted(env.settings):
        registration, driver = _REGISTRATION.match(name), _DRIVER.match(name)
        setting = env[name]
        opens = (
            registration
            and setting.known
            and is_truthy(setting.js)
            and env[f"{registration[1]}_DRIVER"].text not in _WITHOUT_SWITCH
        )
        always = driver and setting.known and setting.text.strip() == "ldap"
        found = registration if opens else driver if always else None
        if found and is_in_use(env, name):
            yield found[1]
