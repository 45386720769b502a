"""Secrets do not belong in git."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, NotEvaluated, Pass, fail
from directus_guard.checks.shared.secrets import (
    DOLLAR,
    after_rotation,
    bearing,
    default_of,
    from_outside,
    is_address,
    literal_of,
    password_name,
    renewal,
    untold,
)
from directus_guard.checks.shared.titles import titled
from directus_guard.directus import context
from directus_guard.directus.disclosure import MASK
from directus_guard.directus.environment.deployment import Platform
from directus_guard.directus.environment.known_secrets import is_example, is_generated, weakness
from directus_guard.directus.gaps import DeploymentPart
from directus_guard.finding import Confidence, Context, Fix, Severity
from directus_guard.secret import Secret
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment

_TEMPLATES: Final = ("example", "sample", "template", "dist", "tmpl")
"""Parts of file names that call a file an example."""
_OWN: Final = frozenset({"SECRET", "KEY", "ADMIN_PASSWORD", "ADMIN_TOKEN", "METRICS_TOKENS"})


@environment_check(
    "secret-committed",
    severity=Severity.CRITICAL,
    title="A secret is committed",
    summary="A tracked file holds the literal value of a variable that is a secret: anyone with a copy of the repository has it.",
    cwe=(Cwe.HARD_CODED_CREDENTIALS, Cwe.SENSITIVE_SOURCE),
    owasp=(OwaspRisk.API8,),
    itself=True,
)
def secret_committed(env: Environment) -> Iterator[CheckResult]:
    if env.gaps and any(gap.part is DeploymentPart.UNREAD for gap in env.gaps):
        yield NotEvaluated(env.unseen)
    # What is outside of the repository is not committed: unlike others, this check may pass without seeing it.
    yield Pass()
    for setting in bearing(env):
        why = untold(env, setting)
        if why:
            yield NotEvaluated(why, setting.location)
            continue
        secret = literal_of(setting)
        if not env.committed(setting, secret) or is_example(secret, password_name(setting.name, setting.written)):
            continue  # placeholders and well-known values have checks of their own
        if setting.name == "SECRET" and weakness(secret):
            continue  # secret-weak reports it, and its fix covers both
        yield fail(
            env,
            setting,
            title=titled(
                f"{'Password in ' if is_address(setting.written) else ''}{{}} is committed to git", setting.name
            ),
            message=_message(setting),
            expected="a value given from outside the repository",
            fix=Fix(
                f"{renewal(setting, f'Rotate {_named(setting)}')}: git keeps the old value.{_without_dollar(setting)} "
                f"{from_outside(env, setting)}{after_rotation(env, setting.name)}"
            ),
            actual=None if setting.known else MASK,
            confidence=Confidence.MEDIUM if default_of(setting) else Confidence.HIGH,
            context=_context(env, setting, secret),
            leak=Secret(secret),
        )


def _message(setting: Setting) -> str:
    message = (
        "Anyone with a copy of the repository has this secret. It stays in the history of git after it is removed."
    )
    if default_of(setting):
        message += f" It is a default, which counts where no other value is given ({setting.unknown_reason})."
    return f"{message} {DOLLAR}" if setting.dropped else message


def _without_dollar(setting: Setting) -> str:
    """That the new value should have no `$`, a sentence with a space before it; "" where the old value has none."""
    return " Choose a value without `$`." if setting.dropped else ""


def _named(setting: Setting) -> str:
    name = f"`{escape_controls(setting.name)}`"
    return f"the password in {name}" if is_address(setting.written) else name


def _context(env: Environment, setting: Setting, secret: str) -> Context | None:
    """A value that looks real is one, whatever the deployment is for (the catalogue, "How checks answer").

    What opens only a database of the same machine is worth what the deployment is worth, unless it is a generator's.
    """
    if env.context.gates or env.deployment.platform is Platform.WORKFLOW or "ci" in env.deployment.hints:
        return None
    strong = not weakness(secret) or (setting.name != "SECRET" and is_generated(secret))
    if env.context is Context.DEVELOPMENT:
        return Context.UNKNOWN if strong or not _is_own(env, setting) else None
    file = env.name.partition("#")[0].rpartition("/")[2].lower()
    named = any(word in file for word in _TEMPLATES) or context.is_copy(file)
    return Context.UNKNOWN if strong and named else None


def _is_own(env: Environment, setting: Setting) -> bool:
    """Whether a secret is the instance's own, or opens a store beside it."""
    if setting.name.startswith("DB_"):
        return not context.is_remote_host(env["DB_HOST"].text) and not context.is_remote_address(setting.written)
    if is_address(setting.written):
        return not context.is_remote_address(setting.written)
    return setting.name in _OWN or setting.name.startswith("REDIS")
