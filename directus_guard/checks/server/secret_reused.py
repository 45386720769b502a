"""One secret, one purpose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.checks.answers import Answer, NotEvaluated, fail, project_check
from directus_guard.checks.server._secrets import bearing, secret_of
from directus_guard.directus.known_secrets import is_example, is_placeholder
from directus_guard.directus.variables import is_known_variable
from directus_guard.finding import Context, Related, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.checks.answers import Failure
    from directus_guard.directus.environment import Environment, Setting
    from directus_guard.directus.project import Project

_OWN: Final = ("SECRET", "ADMIN_PASSWORD", "ADMIN_TOKEN")
"""What belongs to one instance alone; two instances may well share a database server or a mail account."""


@project_check(
    "secret-reused",
    severity=Severity.HIGH,
    title="One secret serves two purposes",
    summary="The same value stands in two variables or two deployments: who learns it in one place has it in the other.",
)
def secret_reused(project: Project) -> Iterator[tuple[Environment | None, Answer]]:
    for env in project.environments:
        yield from ((env, _within_failure(env, shared)) for shared in _within(env))
    held = [setting for env in project.environments for setting in bearing(env)]
    if held and not any(setting.known for setting in held):
        yield None, NotEvaluated("every secret comes from outside the repository")
    elif not all(setting.known for setting in held):
        yield None, NotEvaluated("some secrets come from outside the repository")
    seen: dict[tuple[str, str], tuple[Environment, Setting]] = {}
    for env in project.environments:
        for name in _OWN:
            setting = env[name]
            if not setting.known or is_placeholder(setting.text) or env.context is Context.EXAMPLE:
                continue
            first, other = seen.setdefault((name, setting.text), (env, setting))
            if first is env or other.location == setting.location or _same_instance(first, env):
                continue
            yield (
                env,
                fail(
                    env,
                    setting,
                    message=f"`{name}` has the same value in `{first.name}`: whoever learns it in one deployment {_gives(name)} in both.",
                    expected=f"a `{name}` of its own for each instance",
                    related=_related(other, f"`{name}` of `{first.name}`, the same value"),
                ),
            )


def _within_failure(env: Environment, shared: Sequence[Setting]) -> Failure:
    """One value in several variables of a deployment: told at the last one, with what each of them opens."""
    *others, setting = shared
    names = [f"`{other.name}`" for other in others]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    gives = "; ".join(f"`{one.name}`: {_gives(one.name)}" for one in shared)
    return fail(
        env,
        setting,
        message=f"`{setting.name}` has the same value as {listed}. Whoever learns it in one place can use it for each ({gives}).",
        expected="a value of its own for each variable",
        related=tuple(related for other in others for related in _related(other, f"`{other.name}`, the same value")),
    )


_GIVES: Final = (
    (re.compile(r"SECRET\Z"), "makes access tokens for any user"),
    (re.compile(r"KEY\Z"), "knows the key of the instance"),
    (re.compile(r"(?:DIRECTUS_)?ADMIN_PASSWORD\Z"), "signs in as the first administrator"),
    (re.compile(r"ADMIN_TOKEN\Z"), "acts as the first administrator"),
    (re.compile(r"DB_"), "reads and writes the database"),
    (re.compile(r"REDIS|CACHE|RATE_LIMITER|SYNCHRONIZATION|MESSENGER"), "reads and writes the cache"),
    (re.compile(r"EMAIL_"), "sends e-mail in the name of the server"),
    (re.compile(r"STORAGE_"), "reads and writes the stored files"),
    (re.compile(r"AUTH_"), "acts as this application at the identity provider"),
    (re.compile(r"METRICS_"), "reads the metrics"),
    (re.compile(r"LICENSE_"), "uses the licence"),
)


def _gives(name: str) -> str:
    """What whoever knows the value of a variable does with it, a clause without its subject."""
    return next((what for pattern, what in _GIVES if pattern.match(name)), "uses what it protects")


def _within(env: Environment) -> Iterator[Sequence[Setting]]:
    """Groups of variables of one deployment that serve different purposes with one value."""
    groups: dict[str, list[Setting]] = {}
    for setting in bearing(env):
        value = secret_of(setting.name, setting.text)
        if (
            not setting.known
            or not value
            or is_example(value, setting.name)
            or not is_known_variable(setting.name, env.version)
        ):
            continue
        groups.setdefault(value, []).append(setting)
    for group in groups.values():
        first = group[0]
        shared = [first, *(other for other in group[1:] if _purpose(other.name) != _purpose(first.name))]
        if len(shared) > 1:
            yield shared


def _purpose(name: str) -> str:
    return name.split("_", 1)[0]


def _same_instance(one: Environment, other: Environment) -> bool:
    """Whether two deployments are one instance started in two ways (replicas, workers, a base and its override)."""
    if one.name.split("#", 1)[0] == other.name.split("#", 1)[0] or one.name in other.deployment.consumed:
        return True
    keys = ("DB_HOST", "DB_DATABASE", "PUBLIC_URL")
    return all(one[key].known and one[key].text == other[key].text for key in keys)


def _related(setting: Setting, message: str) -> tuple[Related, ...]:
    return (Related(setting.location, message),) if setting.location else ()
