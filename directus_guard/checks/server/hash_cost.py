"""Password hashing must not be weakened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.shared.titles import titled
from directus_guard.checks.shared.variable_fixes import remove
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

FLOORS: Final = {"HASH_MEMORY_COST": 19456, "HASH_TIME_COST": 2, "HASH_TYPE": 2}
"""KiB and passes: OWASP's floor for argon2id; type 2 is argon2id."""


@environment_check(
    "hash-cost",
    variables=("HASH_*",),
    severity=Severity.MEDIUM,
    title="Password hashing is weaker than the default",
    summary="HASH_* lowers argon2 below the OWASP floor (19 MiB, two passes) or picks another variant than argon2id.",
    cwe=(Cwe.WEAK_PASSWORD_HASH,),
    owasp=(OwaspRisk.API2,),
)
def hash_cost(env: Environment) -> Iterator[CheckResult]:
    for name, floor in FLOORS.items():
        cost = env[name]
        if name not in env:
            continue
        if not cost.known:
            yield from unjudged(cost)
        elif (
            isinstance(cost.js, int | float)
            and not isinstance(cost.js, bool)
            and (cost.js != 2 if name == "HASH_TYPE" else cost.js < floor)
        ):
            yield fail(
                env,
                cost,
                title=titled("{} weakens password hashing", name),
                message=(
                    "Stolen password hashes are cheaper to crack. Without this variable argon2 uses 64 MiB, 3 passes and argon2id."
                ),
                expected="unset" if name == "HASH_TYPE" else f"unset, or at least `{floor}`",
                fix=remove(name, safe=True),
            )
