"""Flows must not see secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.answers import Answer, Pass, check, fail, unjudged
from directus_guard.directus.casting import to_array
from directus_guard.directus.disclosure import is_secret_name, visible
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment import Environment

LOGIN: Final = frozenset({"DB_USER", "ADMIN_EMAIL", "DB_CONNECTION_STRING", "REDIS"})


@check(
    "flows-env-allow-list",
    severity=Severity.HIGH,
    title="Flows can read secrets of the environment",
    summary="FLOWS_ENV_ALLOW_LIST names a secret-bearing variable: every flow author reads it, and a flow that returns all its data hands it to callers.",
    checklist=(3,),
)
def flows_env_allow_list(env: Environment) -> Iterator[Answer]:
    allowed = env["FLOWS_ENV_ALLOW_LIST"]
    if not allowed.known:
        yield from unjudged(allowed)
        return
    names = [str(entry).strip() for entry in to_array(allowed.js) if entry is not False]
    secret = [visible(name) for name in names if is_secret_name(name) or name in LOGIN]
    if secret:
        yield fail(
            env,
            allowed,
            message=(
                f"Flows receive {', '.join(f'`{name}`' for name in secret)} as `$env` and Run Script as `process.env`: everyone who may "
                "edit a flow reads it, and a webhook flow with `Response Body: All Data` returns it to the caller."
            ),
            expected="only names that hold no secret; use a credential of the request's own service instead",
        )
    elif "*" in names:
        yield Pass("`*` is no wildcard: Directus picks exact names, so it has no effect")
