"""A fallback in a manifest is a secret that everybody knows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, NotEvaluated, fail
from directus_guard.checks.shared.secrets import bearing, default_of, password_name, secret_of
from directus_guard.directus.disclosure import MASK
from directus_guard.directus.environment.kept_elsewhere import kept_elsewhere
from directus_guard.directus.environment.known_secrets import is_example, weakness
from directus_guard.finding import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

_REFERENCE: Final = re.compile(r"(\$\{[A-Za-z_][A-Za-z0-9_]*:?-)[^{}]*\}")
"""A value that is one reference with a fallback."""


@environment_check(
    "insecure-fallback",
    severity=Severity.HIGH,
    title="A secret falls back to a value everybody knows",
    summary="`${SECRET:-change-me}`: where nobody gives a value, the server runs with the one written into the manifest.",
    itself=True,
)
def insecure_fallback(env: Environment) -> Iterator[CheckResult]:
    if env.closed:
        yield NotEvaluated(env.closed)
    for setting in bearing(env):
        fallback = secret_of(setting.name, setting.fallback or "")
        if not fallback or kept_elsewhere(fallback):
            continue
        weak = is_example(fallback, password_name(setting.name, setting.fallback or "")) or (
            setting.name == "SECRET" and weakness(fallback)
        )
        if default_of(setting) and (setting.name == "SECRET" or not weak):
            continue  # a default is a literal: secret-weak and secret-committed judge it
        found = fail(
            env,
            setting,
            message=(
                f"Where `{setting.name}` is not set, the server starts with the value that is written here, "
                + ("which anyone can guess" if weak else "which everyone who can read the repository knows")
                + ", without an error."
            ),
            expected="`${" + setting.name + ":?set it}`, which refuses to start without a value",
            actual="a fallback",
            title="" if weak else "A secret falls back to a value in the repository",
            confidence=Confidence.HIGH if weak else Confidence.MEDIUM,
        )
        reference = _REFERENCE.fullmatch(setting.written)
        yield found if reference is None else replace(found, shown=f"{reference[1]}{MASK}}}")
