"""An instance that nobody has set up yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import instance_check
from directus_guard.checks.result import CheckResult, Failure
from directus_guard.finding import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project


@instance_check(
    "unclaimed-instance",
    severity=Severity.CRITICAL,
    title="The first visitor becomes the owner",
    summary="The instance is not set up: whoever opens it first creates the administrator.",
)
def unclaimed_instance(instance: Instance, _: Project) -> Iterator[CheckResult]:
    if instance.set_up is False:
        yield Failure(
            subject=Subject("settings", f"{instance.origin} setup", (("model", instance.origin), ("name", "setup"))),
            location=instance.location,
            message="The instance has no user yet, and /server/info tells everybody so. Directus lets anyone create the first administrator with one request to /server/setup, without a password or a token.",
            expected="an administrator before anybody can reach the address: `ADMIN_EMAIL` and `ADMIN_PASSWORD` at the first start",
            actual="set-up not done",
            framed=False,
        )
