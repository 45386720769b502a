"""An instance without an administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import instance_check
from directus_guard.checks.result import CheckResult, Failure
from directus_guard.finding import Fix, Severity, Subject
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project


@instance_check(
    "unclaimed-instance",
    severity=Severity.CRITICAL,
    title="Any visitor can become the administrator",
    summary="The instance is not set up: any visitor can create the first administrator.",
    cwe=(Cwe.MISSING_AUTHENTICATION, Cwe.INSECURE_DEFAULT),
    owasp=(OwaspRisk.API2, OwaspRisk.API8),
)
def unclaimed_instance(instance: Instance, _: Project) -> Iterator[CheckResult]:
    if instance.set_up is False:
        yield Failure(
            subject=Subject("settings", f"{instance.origin} setup", (("model", instance.origin), ("name", "setup"))),
            location=instance.location,
            message="Anyone can create the first administrator with one request to `/server/setup`, and then owns the server. Directus shows in `/server/info` that the instance has no user yet.",
            expected="an administrator before others can reach the address: `ADMIN_EMAIL` and `ADMIN_PASSWORD` at the first start",
            actual="`/server/info` says that the set-up is not completed",
            fix=Fix(
                "Create the administrator now, in the setup of the Data Studio, at `/admin`. "
                "For the next instance set `ADMIN_EMAIL` and `ADMIN_PASSWORD` before the first start."
            ),
        )
