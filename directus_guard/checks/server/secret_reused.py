"""One secret, one purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.answers import Answer, NotEvaluated, fail, project_check
from directus_guard.checks.server._secrets import bearing, secret_of
from directus_guard.directus.known_secrets import is_placeholder
from directus_guard.directus.variables import is_known_variable
from directus_guard.finding import Context, Related, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        for setting, other in _within(env):
            yield (
                env,
                fail(
                    env,
                    setting,
                    message=f"`{setting.name}` has the same value as `{other.name}`: whoever learns one of them has both.",
                    expected="a value of its own for each purpose",
                    related=_related(other, f"`{other.name}`, the same value"),
                ),
            )
    held = [setting for env in project.environments for setting in bearing(env)]
    if held and not any(setting.known for setting in held):
        yield None, NotEvaluated("every secret comes from outside the repository")
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
                    message=f"`{name}` has the same value in `{first.name}`: a session or token of one instance is valid in the other.",
                    expected="a value of its own for each instance",
                    related=_related(other, f"`{name}` of `{first.name}`, the same value"),
                ),
            )


def _within(env: Environment) -> Iterator[tuple[Setting, Setting]]:
    """Variables of one deployment that serve different purposes with one value: a later one with the first."""
    first: dict[str, Setting] = {}
    for setting in bearing(env):
        value = secret_of(setting.name, setting.text)
        if not setting.known or not value or is_placeholder(value) or not is_known_variable(setting.name, env.version):
            continue
        other = first.setdefault(value, setting)
        if _purpose(other.name) != _purpose(setting.name):
            yield setting, other


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
