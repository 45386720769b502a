"""The database of a stack is for the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.deployment._datastores import exposed, kind, may_be_one, undetermined
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated
from directus_guard.finding import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "database-exposed",
    severity=Severity.MEDIUM,
    title="Database is reachable from outside",
    summary="A database or Redis of the stack publishes its port beyond the loopback address.",
)
def database_exposed(env: Environment) -> Iterator[CheckResult]:
    for service in env.deployment.services:
        found = kind(service)
        if found is None and service.ports and may_be_one(service):
            yield NotEvaluated(
                f"what `{service.name}` runs is not known: {service.image.unknown if service.image else ''}",
                service.ports[0].location,
            )
        for port in undetermined(service):
            yield NotEvaluated(f"`{service.name}`: {port.unknown}", port.location)
        for port in exposed(service) if found else ():
            written = f"{port.host or '0.0.0.0'}:{port.published or 'random'}"
            yield Failure(
                subject=Subject(
                    "service", f"{env.name} {service.name}", (("deployment", env.name), ("name", service.name))
                ),
                location=port.location,
                message=(
                    f"{found[0] if found else ''} listens on {written} of the host, past Directus and all its permissions; Docker's port "
                    "publishing also passes the host's own firewall rules."
                ),
                expected=f"no published port (services of one stack reach each other), or `127.0.0.1:{port.published or port.target}:{port.target}`",
                actual=f"{port.published or 'random'}:{port.target}",
                shown=f"{port.published}:{port.target}" if port.published else port.target,
            )
