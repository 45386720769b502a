"""The database needs a password that cannot be guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.deployment._datastores import exposed, kind, may_be_one
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated, fail
from directus_guard.checks.shared.secrets import default_of, is_address, literal_of, password_name, untold
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.disclosure import MASK
from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.directus.environment.known_secrets import is_example
from directus_guard.finding import Fix, Related, Severity, Subject
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import Service, Variable
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment

_PASSWORD: Final = lazy_pattern(
    r"(?:POSTGRES(?:QL)?|MYSQL|MARIADB|REDIS|MSSQL|SA|ORACLE|MONGO_INITDB|VALKEY)_(?:\w+_)?PASSWORD"
)
_EMPTY: Final = lazy_pattern(
    r"(?:MYSQL|MARIADB)_ALLOW_EMPTY(?:_ROOT)?_PASSWORD|ALLOW_EMPTY_PASSWORD|POSTGRES_HOST_AUTH_METHOD"
)
_NO_PASSWORD: Final = frozenset({"yes", "true", "1", "trust"})
_OFFICIAL: Final = lazy_pattern(r"(?:[^/]*[.:][^/]*/)?(?:(?:docker/)?library/)?(mysql|mariadb)")
"""Docker's official images, from any registry. Others read these variables in ways of their own."""
_ROOT_PASSWORD: Final = {
    "mysql": lazy_pattern(r"MYSQL_(?:RANDOM_ROOT_PASSWORD|ROOT_PASSWORD(?:_FILE)?)"),
    "mariadb": lazy_pattern(
        r"(?:MYSQL|MARIADB)_(?:RANDOM_ROOT_PASSWORD|ROOT_PASSWORD(?:_FILE)?)|MARIADB_ROOT_PASSWORD_HASH(?:_FILE)?"
    ),
}
"""The variables that give `root` a password, by image."""
_ADDRESSED: Final = lazy_pattern(r"DB_CONNECTION_STRING|DATABASE_URL|(?:\w+_)?REDIS(?:_URL)?")
_OUTSIDE: Final = "Store it outside the repository."
_EXPECTED: Final = "a random password from outside the repository, the same for the database and for Directus"


@environment_check(
    "datastore-credentials",
    severity=Severity.HIGH,
    title="The password of a database can be guessed",
    summary="The database behind Directus has an example password, or none while its port is published.",
    cwe=(Cwe.DEFAULT_CREDENTIALS,),
    owasp=(OwaspRisk.API8,),
    itself=True,
)
def datastore_credentials(env: Environment) -> Iterator[CheckResult]:
    own = {setting.location for setting in _passwords(env) if _is_weak(env, setting)}
    related: list[Related] = []
    for service in env.deployment.services:
        if may_be_one(service) and any(_PASSWORD.fullmatch(variable.name) for variable in service.variables):
            reason = service.image.unknown if service.image else ""
            yield NotEvaluated(f"it is not known what `{service.name}` runs: {reason}", service.location)
        if kind(service) is not None:
            for variable in service.variables:
                why = _weak(variable, service)
                if isinstance(variable.value, Unknown) and _PASSWORD.fullmatch(variable.name):
                    yield NotEvaluated(
                        f"`{variable.name}` of `{service.name}`: {variable.value.reason}", variable.location
                    )
                elif why:
                    related.append(Related(variable.location, f"`{variable.name}` of `{service.name}`"))
                    if variable.location not in own:  # both come from the same place: one finding
                        yield _failure(env, service, variable, why)
            if _is_open_redis(service):
                yield _open(env, service)
    for setting in _passwords(env):
        if why := untold(env, setting):
            yield NotEvaluated(why, setting.location)
        elif _is_weak(env, setting):
            store = (
                "the database"
                if setting.name.startswith("DB_")
                else "Redis"
                if "REDIS" in setting.name
                else "the store"
            )
            within = is_address(setting.written)
            yield fail(
                env,
                setting,
                title=titled(
                    "{} contains an example password" if within else "{} is an example password", setting.name
                ),
                message=f"Anyone who reaches {store} can sign in, and read and change everything in it.",
                expected=_EXPECTED,
                fix=Fix(
                    f"{'Replace the password in' if within else 'Set'} `{setting.name}` {'by' if within else 'to'} the output of "
                    f"`openssl rand -hex 32`. Give {store} the same password first. {_OUTSIDE}"
                ),
                actual=None if setting.known else MASK,
                related=tuple(related),
            )
        elif setting.unknown_reason and setting.name in env:
            yield NotEvaluated(f"`{setting.name}`: {setting.unknown_reason}", setting.location)


def _is_weak(env: Environment, setting: Setting) -> bool:
    secret = literal_of(setting)
    if not secret or untold(env, setting) or default_of(setting):
        return False  # insecure-fallback reports a default
    return is_example(secret, password_name(setting.name, setting.written))


def _passwords(env: Environment) -> Iterator[Setting]:
    """The variables that hold the password of a store, alone or in an address."""
    if env["DB_CLIENT"].text == "sqlite3":
        return
    yield env["DB_PASSWORD"]
    yield from (env[name] for name in sorted(env.settings) if _ADDRESSED.fullmatch(name) or name == "REDIS_PASSWORD")


def _weak(variable: Variable, service: Service) -> str:
    """Why a variable lets anyone into the store; "" if it does not."""
    if not isinstance(variable.value, Known):
        return ""
    text = variable.value.text.reveal()
    published = bool(exposed(service))
    if _EMPTY.fullmatch(variable.name):
        return "without a password" if published and _leaves_empty(variable.name, text, service) else ""
    if not _PASSWORD.fullmatch(variable.name) or "_RANDOM_" in variable.name:  # a switch holds no password
        return ""
    if not text:
        return "with an empty password" if published else ""
    return "with an example password" if is_example(text, variable.name) else ""


def _leaves_empty(name: str, text: str, service: Service) -> bool:
    """Whether a variable that allows an empty password leaves an account without a password.

    The entrypoints of the official images take any text for yes, and use the variable only where `root` gets no password.
    """
    image = _OFFICIAL.fullmatch(service.image.repository) if service.image else None
    if image is None or not name.startswith(("MYSQL_", "MARIADB_")):
        return text.lower() in _NO_PASSWORD
    given = _ROOT_PASSWORD[image[1]]
    return bool(text) and not any(given.fullmatch(item.name) and _may_have_text(item) for item in service.variables)


def _may_have_text(variable: Variable) -> bool:
    return isinstance(variable.value, Unknown) or bool(variable.value.text.reveal())


def _failure(env: Environment, service: Service, variable: Variable, why: str) -> Failure:
    name = f"{service.name} {variable.name}"
    port = "" if why == "with an example password" else " Its port is published."
    return Failure(
        subject=Subject("service", f"{env.name} {name}", (("deployment", env.name), ("name", name))),
        location=variable.location,
        title=titled(f"Anyone can sign in to {{}} {why}", service.name),
        message=f"Anyone who reaches `{service.name}` can sign in {why}, and read and change everything in it.{port}",
        expected=_EXPECTED,
        actual=_written(variable),
        shown=_written(variable),
        fix=Fix(f"{_change(service, variable)} {_OUTSIDE}"),
    )


_REDIS: Final = lazy_pattern(r"(?:[^/]*[.:][^/]*/)?(?:(?:docker/)?library/)?redis|(?:[^/]*[.:][^/]*/)?valkey/valkey")
"""The official images, from any registry: they are built with the protected mode off (their Dockerfiles)."""
_MAY_ASK: Final = lazy_pattern(r"requirepass|aclfile|--user|--include|\.conf|[^ -~]|\$|sh\b|server\s+[^-\s]")
"""What a command says that may set a password: an option, a file of configuration, or a shell script."""


def _is_open_redis(service: Service) -> bool:
    """Whether anyone who reaches a published Redis may use it."""
    repository = service.image.repository if service.image and not service.image.unknown else ""
    return bool(_REDIS.fullmatch(repository) and exposed(service) and not _MAY_ASK.search(" ".join(service.command)))


def _open(env: Environment, service: Service) -> Failure:
    return Failure(
        subject=Subject("service", f"{env.name} {service.name}", (("deployment", env.name), ("name", service.name))),
        location=service.location,
        title=titled("Anyone can use {} without a password", service.name),
        message=(
            f"Anyone who reaches `{service.name}` can read and change everything in it, as answers that Directus has cached. "
            "Its port is published, and nothing sets a password. The protected mode of Redis is off in this image."
        ),
        expected="no published port, or a random password from outside the repository",
        actual="no password",
        shown=f"{service.name}:",
        fix=Fix(
            f"Remove the published port of `{service.name}`, or bind it to 127.0.0.1: services of a stack reach each other without it. "
            "If other machines need it, start it with `--requirepass` and the output of `openssl rand -hex 32`, and give Directus the same password. "
            f"{_OUTSIDE}"
        ),
    )


def _written(variable: Variable) -> str:
    """A value as it may be printed: that there is no password is no secret."""
    text = variable.value.text.reveal() if isinstance(variable.value, Known) else ""
    if not text:
        return f"{variable.name}: (empty)"
    return f"{variable.name}: {text}" if _EMPTY.fullmatch(variable.name) else MASK


def _change(service: Service, variable: Variable) -> str:
    """What to change at the store; first in the database that exists, because most images only read variables to create it."""
    found = kind(service)
    label = found[0] if found else ""
    name, store = f"`{variable.name}`", f"`{service.name}`"
    command = f" with `{_COMMANDS[label]}`" if label in _COMMANDS else ""
    if _EMPTY.fullmatch(variable.name):
        given = f"Give the database users of {store} random passwords{command}, and Directus the password of its user."
        if label != "PostgreSQL":
            return f"{given} Then remove {name} from {store}."
        return f"{given} {_SCRAM} Last, replace {name} in {store} by `POSTGRES_PASSWORD`, which an empty volume needs."
    random = f"Set {name} to the output of `openssl rand -hex 32`, and give Directus the same password."
    if not command:
        return random
    return f"{random} In a database that exists, change the password first{command}: the image sets it in a new database only."


_SCRAM: Final = (
    "Before PostgreSQL 14, run `SET password_encryption = 'scram-sha-256'` first. "
    "Then replace `trust` in its `pg_hba.conf` by `scram-sha-256`, and reload it with `SELECT pg_reload_conf()`."
)
_COMMANDS: Final = {
    "PostgreSQL": "ALTER ROLE",
    "MySQL": "ALTER USER",
    "SQL Server": "ALTER LOGIN",
    "Oracle": "ALTER USER",
}
"""How a password is changed in a database, by kind."""
