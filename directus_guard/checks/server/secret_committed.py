"""Secrets do not belong into git."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.answers import Answer, NotEvaluated, Pass, check, fail
from directus_guard.checks.server._secrets import bearing, secret_of
from directus_guard.directus.known_secrets import is_example, weakness
from directus_guard.finding import Context, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment import Environment

_TEMPLATES: Final = ("example", "sample", "template", "dist", "tmpl")
"""Parts of file names that call a file an example."""


@check(
    "secret-committed",
    severity=Severity.CRITICAL,
    title="A secret is committed",
    summary="A tracked file holds the literal value of a secret-bearing variable: everyone with the repository, or a copy of it, has it.",
    itself=True,
)
def secret_committed(env: Environment) -> Iterator[Answer]:
    if "not readable" in env.closed:
        yield NotEvaluated(env.closed)
    # What stands outside of the repository is not committed: unlike others, this check may pass without seeing it.
    yield Pass()
    for setting in bearing(env):
        secret = secret_of(setting.name, setting.text)
        if not setting.known or not env.committed(setting, secret):
            continue
        if is_example(secret):  # placeholders, and well-known values: those have checks of their own
            continue
        yield fail(
            env,
            setting,
            message=(
                f"`{setting.name}` stands in a file that git tracks. It stays readable in the history after it is removed, "
                "so it has to be replaced where it is used, not only here."
            ),
            expected="a value given from outside the repository: the platform's secret store, an untracked file, or `${…:?}`",
            context=_context(env, secret),
        )


def _context(env: Environment, secret: str) -> Context | None:
    """A value that looks real is one, also in a file that is called an example (the catalogue, "How checks answer")."""
    file = env.name.split("#", 1)[0].rsplit("/", 1)[-1].lower()
    real = env.context is Context.EXAMPLE and any(word in file for word in _TEMPLATES) and not weakness(secret)
    return Context.UNKNOWN if real else None
