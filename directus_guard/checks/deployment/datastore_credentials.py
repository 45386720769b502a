"""The database needs a password that is not in every tutorial."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.deployment._datastores import exposed, kind, may_be_one
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated, fail
from directus_guard.checks.shared.secrets import literal_of, password_name, untold
from directus_guard.directus.disclosure import MASK
from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.directus.environment.known_secrets import is_example
from directus_guard.finding import Related, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import Service, Variable
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment

_PASSWORD: Final = re.compile(r"(?:POSTGRES|MYSQL|MARIADB|REDIS|MSSQL|SA|ORACLE|MONGO_INITDB|VALKEY)_(?:\w+_)?PASSWORD")
_EMPTY: Final = re.compile(
    r"(?:MYSQL|MARIADB)_ALLOW_EMPTY(?:_ROOT)?_PASSWORD|ALLOW_EMPTY_PASSWORD|POSTGRES_HOST_AUTH_METHOD"
)
_NO_PASSWORD: Final = frozenset({"yes", "true", "1", "trust"})
_ADDRESSED: Final = re.compile(r"DB_CONNECTION_STRING|DATABASE_URL|(?:\w+_)?REDIS(?:_URL)?")
_EXPECTED: Final = "a random password from outside the repository, the same for the database and for Directus"


@environment_check(
    "datastore-credentials",
    severity=Severity.HIGH,
    title="Database password can be guessed",
    summary="The database behind Directus has an example password, or none while its port is published.",
    itself=True,
)
def datastore_credentials(env: Environment) -> Iterator[CheckResult]:
    own = {setting.location for setting in _passwords(env) if _is_weak(env, setting)}
    related: list[Related] = []
    for service in env.deployment.services:
        if may_be_one(service) and any(_PASSWORD.fullmatch(variable.name) for variable in service.variables):
            reason = service.image.unknown if service.image else ""
            yield NotEvaluated(f"what `{service.name}` runs is not known: {reason}", service.location)
        if kind(service) is not None:
            for variable in service.variables:
                why = _weak(variable, service)
                if isinstance(variable.value, Unknown) and _PASSWORD.fullmatch(variable.name):
                    yield NotEvaluated(
                        f"`{variable.name}` of `{service.name}`: {variable.value.reason}", variable.location
                    )
                elif why:
                    related.append(Related(variable.location, f"`{variable.name}` of `{service.name}`"))
                    if variable.location not in own:  # both are filled in from one place: that is one finding
                        yield _failure(env, service, variable, why)
    for setting in _passwords(env):
        if why := untold(env, setting):
            yield NotEvaluated(why, setting.location)
        elif _is_weak(env, setting):
            store = "its database" if setting.name.startswith("DB_") else "a store"
            yield fail(
                env,
                setting,
                message=f"Directus signs in to {store} with an example password: whoever reaches it reads and writes everything.",
                expected=_EXPECTED,
                actual=None if setting.known else MASK,
                related=tuple(related),
            )
        elif setting.unknown_reason and setting.name in env:
            yield NotEvaluated(f"`{setting.name}`: {setting.unknown_reason}", setting.location)


def _is_weak(env: Environment, setting: Setting) -> bool:
    secret = literal_of(setting)
    if not secret or untold(env, setting):
        return False
    return is_example(secret, password_name(setting.name, setting.written))


def _passwords(env: Environment) -> Iterator[Setting]:
    """The variables that hold the password of a store, itself or in an address."""
    if env["DB_CLIENT"].text == "sqlite3":
        return
    yield env["DB_PASSWORD"]
    yield from (env[name] for name in sorted(env.settings) if _ADDRESSED.fullmatch(name) or name == "REDIS_PASSWORD")


def _weak(variable: Variable, service: Service) -> str:
    """Why a variable of the store makes it easy to get in; "" if it does not."""
    if not isinstance(variable.value, Known):
        return ""
    text = variable.value.text.reveal()
    published = bool(exposed(service))
    if _EMPTY.fullmatch(variable.name):
        return (
            "it takes connections without a password, and its port is published"
            if published and text.lower() in _NO_PASSWORD
            else ""
        )
    if not _PASSWORD.fullmatch(variable.name):
        return ""
    if not text:
        return "its password is empty, and its port is published" if published else ""
    return "its password is an example" if is_example(text, variable.name) else ""


def _failure(env: Environment, service: Service, variable: Variable, why: str) -> Failure:
    name = f"{service.name} {variable.name}"
    return Failure(
        subject=Subject("service", f"{env.name} {name}", (("deployment", env.name), ("name", name))),
        location=variable.location,
        message=f"The store `{service.name}` beside Directus is easy to enter: {why}. Whoever reaches it reads and writes everything.",
        expected=_EXPECTED,
        actual=MASK,
        shown=MASK,
    )
