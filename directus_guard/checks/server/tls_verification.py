"""TLS must be verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.shared.titles import titled
from directus_guard.checks.shared.variable_fixes import changed, remove, set_to
from directus_guard.directus.environment.casting import is_truthy
from directus_guard.finding import Severity
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

_OWN_AUTHORITY: Final = (
    "If the certificate is self-signed, or from an authority of your own or of your provider, first mount the file of that authority. "
    "Then set `NODE_EXTRA_CA_CERTS` to its path inside the container. "
    "Set it where the process starts: Node does not read it from a `.env` file that Directus loads itself."
)
LDAP: Final = lazy_pattern(r"AUTH_[A-Z0-9_]+_CLIENT_URL\Z")


@environment_check(
    "tls-verification",
    variables=("*REJECT_UNAUTHORIZED", "*REJECTUNAUTHORIZED", "EMAIL_SMTP_IGNORE_TLS", "*_CLIENT_URL"),
    severity=Severity.HIGH,
    title="TLS certificates are not verified",
    summary="Certificate verification is off for Node, the database, mail, storage or an identity provider, or LDAP runs without TLS.",
    cwe=(Cwe.CERTIFICATE_VALIDATION,),
    owasp=(OwaspRisk.API8, OwaspRisk.API10),
)
def tls_verification(env: Environment) -> Iterator[CheckResult]:
    for name in sorted(env.settings):
        setting = env[name]
        if not (
            name == "NODE_TLS_REJECT_UNAUTHORIZED"
            or name.endswith(("REJECT_UNAUTHORIZED", "REJECTUNAUTHORIZED"))
            or name == "EMAIL_SMTP_IGNORE_TLS"
            or LDAP.match(name)
        ):
            continue
        if not setting.known:
            yield from unjudged(setting)
        elif name == "NODE_TLS_REJECT_UNAUTHORIZED":
            if setting.text == "0":
                yield fail(
                    env,
                    setting,
                    title="`NODE_TLS_REJECT_UNAUTHORIZED` turns off verification",
                    message=(
                        "An attacker on the network path can read and change what Directus sends to its database, mail server or "
                        "identity provider. Node then accepts any certificate on every connection."
                    ),
                    expected="unset; trust your own certificate authority with NODE_EXTRA_CA_CERTS",
                    fix=remove(name, _OWN_AUTHORITY),
                )
        elif name == "EMAIL_SMTP_IGNORE_TLS":
            if is_truthy(setting.js) and _is_read(env, name) and not _starts_with_tls(env):
                yield fail(
                    env,
                    setting,
                    title="`EMAIL_SMTP_IGNORE_TLS` sends mail unencrypted",
                    message=(
                        "Anyone on the network path can read reset and invite links. Directus then sends mail without TLS, even if the "
                        "server offers it."
                    ),
                    expected="unset",
                    fix=remove(name),
                )
        elif LDAP.match(name):
            if setting.text.lower().startswith("ldap://"):
                yield fail(
                    env,
                    setting,
                    title=titled("{} uses LDAP without TLS", name),
                    message="Anyone on the network path can read the names and passwords that users sign in with.",
                    expected="an `ldaps://` address",
                    fix=changed(setting, "ldap://", "ldaps://"),
                )
        elif (setting.js is False or setting.text == "0") and _is_read(env, name):
            yield fail(
                env,
                setting,
                title=titled("{} turns off verification", escape_controls(name)),
                message=(
                    f"An attacker on the network path can pose as the {_server(name)} and read what Directus sends. Directus then "
                    "accepts any certificate."
                ),
                expected="`true`, with the authority's certificate configured",
                fix=set_to(name, "true", _OWN_AUTHORITY),
            )


def _server(name: str) -> str:
    return "database" if name.startswith("DB_") else "server"


def _is_read(env: Environment, name: str) -> bool:
    """Whether Directus uses the variable: `EMAIL_SMTP_…` only where it sends mail by SMTP (`mailer.js`)."""
    return not name.startswith("EMAIL_SMTP_") or env["EMAIL_TRANSPORT"].text.lower() == "smtp"


def _starts_with_tls(env: Environment) -> bool:
    """Whether the connection to the mail server is encrypted from its start: then nodemailer does not need STARTTLS."""
    secure = env["EMAIL_SMTP_SECURE"]
    if secure.is_set:
        return is_truthy(secure.js)
    port = env["EMAIL_SMTP_PORT"]
    return port.is_set and port.js == _SMTPS


_SMTPS: Final = 465
