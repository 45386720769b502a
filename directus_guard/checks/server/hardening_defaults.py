"""Hardening variables left at their defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated
from directus_guard.checks.server._recommended_deny_list import recommended
from directus_guard.directus.features import HAS_OPENAPI_SWITCH, HAS_SESSION_COOKIES, TRUSTS_PROXIES
from directus_guard.directus.versions import NEWEST
from directus_guard.finding import Fix, Severity, Subject
from directus_guard.setting_changes import SetVariable
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "hardening-defaults",
    severity=Severity.LOW,
    title="Hardening variables are left at their defaults",
    summary='One list of the variables that the checklist or "Security & Limits" says to change and that are not set.',
    cwe=(Cwe.INSECURE_DEFAULT,),
    owasp=(OwaspRisk.API8,),
    checklist=(29, 30, 31, 32, 33),
    itself=True,
)
def hardening_defaults(env: Environment) -> Iterator[CheckResult]:
    if not env.complete:
        yield NotEvaluated(env.unseen)
        return
    missing = [
        (name, ",".join(recommended(env.version)) if name == _DENY else value)
        for name, value, applies in WANTED
        if name not in env and applies(env)
    ]
    if not any(name.startswith(_CSP) for name in env.settings):
        missing += [(f"{_CSP}{directive}", value) for directive, value in _DIRECTIVES]
    if not missing:
        yield from _unseen(env)
    else:
        stub = (
            " The file is close to what `directus init` writes, whose values are for a first try."
            if _is_stub(env)
            else ""
        )
        number = f"{len(missing)} hardening variables" if len(missing) > 1 else "1 hardening variable"
        yield Failure(
            subject=Subject(
                "setting",
                f"{env.name} hardening",
                (("deployment", env.name), ("variables", tuple(name for name, _ in missing))),
            ),
            location=env.deployment.location,
            title=f"{number} {'are' if len(missing) > 1 else 'is'} not set",
            message=f"Each line below replaces an open default, such as requests without a limit.{stub}",
            details=tuple(f"{name}={value}{_note(name)}" for name, value in missing),
            expected="this block: " + "; ".join(f"{name}={value}" for name, value in missing),
            actual="not set",
            framed=False,
            fix=Fix(
                "Add the listed lines, each by itself, with values that fit your project: behind `#` it says what may stop working."
                f"{_https_first(dict(missing))}{_notation(dict(missing))}",
                # `PUBLIC_URL` is https, else they are not missing: browsers send the cookies as before.
                safe=all(name.endswith("_COOKIE_SECURE") for name, _ in missing),
                settings=tuple(SetVariable(name, value.strip('"')) for name, value in missing),
            ),
        )


def _unseen(env: Environment) -> Iterator[CheckResult]:
    """The variables that the answer rests on and whose values come from outside."""
    wanted = {"PUBLIC_URL", *(name for name, _, applies in WANTED if applies(env))}
    for name in sorted(env.settings):
        setting = env[name]
        if setting.unknown_reason and (name in wanted or name.startswith(_CSP)):
            yield NotEvaluated(f"`{name}`: {setting.unknown_reason}", setting.location)


def _https_first(missing: Mapping[str, str]) -> str:
    """Without TLS these variables shut everybody out, a sentence."""
    listed = [
        f"`{name}`"
        for name in ("SESSION_COOKIE_SECURE", "REFRESH_TOKEN_COOKIE_SECURE", "HSTS_ENABLED")
        if name in missing
    ]
    if not listed:
        return ""
    *first, last = listed
    names = f"{', '.join(first)} and {last}" if first else last
    return f" Serve every address of Directus over https before you add {names}: over http users cannot sign in then."


def _notation(missing: Mapping[str, str]) -> str:
    """How the lines are written elsewhere, sentences with a space before them."""
    return (
        " The lines are for a `.env` file: in a Compose entry `- NAME=value` and for `docker run --env-file` leave out the double quotes."
        if any('"' in value for value in missing.values())
        else ""
    ) + (
        " For `docker run --env-file` also leave out what follows ` #`: Docker takes it as part of the value."
        if any(map(_note, missing))
        else ""
    )


def _note(name: str) -> str:
    """What a variable may stop, as a comment behind its line; "" for nothing."""
    note = _MAY_STOP.get(name, _ONLY_NAMED_HOSTS if name.startswith(_CSP) else "")
    return f"  # {note}" if note else ""


_ONLY_NAMED_HOSTS: Final = "the Data Studio then loads nothing from other hosts: add those that it needs"
_MAY_STOP: Final = {
    "IMPORT_IP_DENY_LIST": "flows and imports then reach no service on your own network",
    "RATE_LIMITER_ENABLED": "50 requests a second for each address: set IP_TRUST_PROXY first, and raise it for a front end that renders on a server",
    "FILES_MAX_UPLOAD_SIZE": "larger files are then refused",
    "FILES_MIME_TYPE_ALLOW_LIST": "other types are then refused, such as videos, SVG and Office files",
    "QUERY_LIMIT_MAX": "`limit=-1` then gives 1000 items: a static site build must ask page by page",
    "HSTS_ENABLED": "browsers then refuse http for this host and all its subdomains, for up to a year",
    "IP_TRUST_PROXY": "the number of proxies in front of Directus",
    "GRAPHQL_INTROSPECTION": "code generators cannot read the GraphQL schema then",
    "OPENAPI_ENABLED": "code generators cannot read the OpenAPI specification then",
}


def _always(_env: Environment) -> bool:
    return True


def _https(env: Environment) -> bool:
    return env["PUBLIC_URL"].text.lower().startswith("https://")


def _is_stub(env: Environment) -> bool:
    """Whether the environment still has the trio that `directus init` writes (A12 cli/utils/create-env/env-stub.liquid)."""
    return (
        env["CORS_ENABLED"].text == "true"
        and env["CORS_ORIGIN"].text == "true"
        and env["RATE_LIMITER_ENABLED"].text == "false"
    )


_CSP: Final = "CONTENT_SECURITY_POLICY_DIRECTIVES__"
_DIRECTIVES: Final = (
    ("IMG_SRC", "\"'self' data: blob:\""),
    ("CONNECT_SRC", "\"'self'\""),
    ("FONT_SRC", "\"'self' data:\""),
    ("STYLE_SRC", "\"'self' 'unsafe-inline'\""),
)
"""The checklist's directives, without a comma so that they replace Directus' defaults.

See docs/model/environment.md#content-security-policy.
"""
_DENY: Final = "IMPORT_IP_DENY_LIST"
WANTED: Final = (
    (_DENY, ",".join(recommended(NEWEST)), _always),
    ("RATE_LIMITER_ENABLED", "true", _always),
    ("FILES_MAX_UPLOAD_SIZE", "100mb", _always),
    ("FILES_MIME_TYPE_ALLOW_LIST", "image/jpeg,image/png,image/webp,application/pdf", _always),
    ("QUERY_LIMIT_MAX", "1000", _always),
    ("SESSION_COOKIE_SECURE", "true", lambda env: _https(env) and HAS_SESSION_COOKIES.of(env.version)),
    ("REFRESH_TOKEN_COOKIE_SECURE", "true", _https),
    ("HSTS_ENABLED", "true", _https),
    ("IP_TRUST_PROXY", "1", lambda env: TRUSTS_PROXIES.of(env.version)),
    ("GRAPHQL_INTROSPECTION", "false", _always),
    ("OPENAPI_ENABLED", "false", lambda env: HAS_OPENAPI_SWITCH.of(env.version)),
)
"""Name, a value to start from, and whether it matters here. Never MARKETPLACE_TRUST or the assets policy: their defaults are safe."""
