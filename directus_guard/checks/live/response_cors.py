"""Any web page can call the API with the session of its visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import instance_check
from directus_guard.checks.live._header import subject
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated
from directus_guard.checks.shared.cors_words import ORIGINS
from directus_guard.directus.gaps import InstancePart
from directus_guard.directus.instance import FOREIGN
from directus_guard.finding import Fix, Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project


@instance_check(
    "response-cors",
    severity=Severity.HIGH,
    title="Any web page can use the session of its visitor",
    summary="The instance allows a foreign origin, with credentials.",
    cwe=(Cwe.PERMISSIVE_CROSS_DOMAIN,),
    owasp=(OwaspRisk.API8,),
)
def response_cors(instance: Instance, _: Project) -> Iterator[CheckResult]:
    if instance.cors is None:
        yield NotEvaluated(
            instance.why_unknown(InstancePart.CORS) or "the instance did not answer the request for CORS"
        )
        return
    allowed = instance.cors.header("access-control-allow-origin")
    credentials = instance.cors.header("access-control-allow-credentials")
    if allowed == FOREIGN and (credentials or "").strip() == "true":
        yield Failure(
            subject=subject(instance, "access-control-allow-origin"),
            location=instance.location,
            message=f"Any web page can read answers of the API in the name of its visitor, if the browser sends the session along. The instance allowed the invented origin `{FOREIGN}`, with credentials.",
            expected="only the origins of your own front ends (`CORS_ORIGIN`), or no CORS at all",
            actual=f"Access-Control-Allow-Origin: {FOREIGN}, Access-Control-Allow-Credentials: true",
            fix=Fix(f"{ORIGINS} If a proxy sets the header, correct it there."),
        )
