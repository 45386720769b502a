"""TLS must be verified."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.directus.environment.casting import is_truthy
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

LDAP: Final = re.compile(r"AUTH_[A-Z0-9_]+_CLIENT_URL\Z")


@environment_check(
    "tls-verification",
    severity=Severity.HIGH,
    title="TLS certificates are not verified",
    summary="Certificate verification is off for Node, the database, mail, storage or an identity provider, or LDAP runs without TLS.",
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
                    message="Node accepts any certificate on every connection Directus opens: database, mail, identity provider, imports.",
                    expected="unset; trust your own authority with NODE_EXTRA_CA_CERTS",
                )
        elif name == "EMAIL_SMTP_IGNORE_TLS":
            if is_truthy(setting.js):
                yield fail(
                    env,
                    setting,
                    message="Mail leaves without TLS even where the server offers it: reset and invite links travel in clear.",
                    expected="unset",
                )
        elif LDAP.match(name):
            if setting.text.lower().startswith("ldap://"):
                yield fail(
                    env,
                    setting,
                    message="Directus sends user names and passwords to this LDAP server in clear.",
                    expected="an `ldaps://` address",
                )
        elif setting.js is False or setting.text == "0":
            yield fail(
                env,
                setting,
                message="The certificate of the other side is not verified, so anyone on the way can pose as it.",
                expected="`true`, with the authority's certificate configured",
            )
