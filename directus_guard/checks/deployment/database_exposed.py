"""The database of a stack is reachable from outside the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.deployment._datastores import exposed, kind, may_be_one, undetermined
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated
from directus_guard.checks.shared.titles import titled
from directus_guard.finding import Fix, Severity, Subject
from directus_guard.setting_changes import CloseToHost
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "database-exposed",
    severity=Severity.MEDIUM,
    title="A database is reachable from outside",
    summary="A database or Redis of the stack publishes its port beyond the loopback address.",
    cwe=(Cwe.UNRESTRICTED_ADDRESS,),
    owasp=(OwaspRisk.API8,),
)
def database_exposed(env: Environment) -> Iterator[CheckResult]:
    for service in env.deployment.services:
        found = kind(service)
        if found is None and service.ports and may_be_one(service):
            yield NotEvaluated(
                f"it is not known what `{service.name}` runs: {service.image.unknown if service.image else ''}",
                service.ports[0].location,
            )
        for port in undetermined(service):
            yield NotEvaluated(f"`{service.name}`: {port.unknown}", port.location)
        for port in exposed(service) if found else ():
            target = port.target.split("/")[0]
            written = ":".join(filter(None, (port.host, port.published, target)))
            yield Failure(
                subject=Subject(
                    "service", f"{env.name} {service.name}", (("deployment", env.name), ("name", service.name))
                ),
                location=port.location,
                title=titled(f"{found[0] if found else ''} of {{}} is reachable from outside", service.name),
                message=(
                    f"Anyone who reaches port {port.published or 'random'} of the host can try passwords. Permissions of Directus do not apply there. "
                    "Ports that Docker publishes bypass the firewall of the host."
                ),
                fix=Fix(
                    f"Remove `{written}` from the ports of `{service.name}`: services of a stack reach each other without it. "
                    f"If you need it on the host, write `127.0.0.1:{port.published}:{target}`.",
                    # A random port is another one at each start, so nothing on other machines can rely on it.
                    safe=not any(one.published for one in service.ports),
                    settings=(CloseToHost(service.name),),
                ),
                expected=f"no published port (services of one stack reach each other), or `127.0.0.1:{port.published}:{port.target}`",
                actual=f"{port.published or 'random'}:{port.target}",
                shown=f"{port.published}:{port.target}" if port.published else port.target,
            )
