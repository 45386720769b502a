"""Any web page may call the API with its visitor's session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import instance_check
from directus_guard.checks.live._header import subject
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated
from directus_guard.directus.gaps import InstancePart
from directus_guard.directus.instance import FOREIGN
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project


@instance_check(
    "response-cors",
    severity=Severity.HIGH,
    title="Any web page may call the API with its visitor's session",
    summary="The instance answers a foreign Origin with that origin and Access-Control-Allow-Credentials.",
)
def response_cors(instance: Instance, _: Project) -> Iterator[CheckResult]:
    if instance.cors is None:
        yield NotEvaluated(instance.why_unknown(InstancePart.CORS) or "the question was not answered")
        return
    allowed = instance.cors.header("access-control-allow-origin")
    credentials = instance.cors.header("access-control-allow-credentials")
    if allowed == FOREIGN and (credentials or "").strip() == "true":
        yield Failure(
            subject=subject(instance, "access-control-allow-origin"),
            location=instance.location,
            message=f"Asked from a page of `{FOREIGN}`, which nobody owns, the server names that very page as allowed, with credentials. So any page on the internet may read the API's answers in the name of whoever opens it, wherever their browser sends the session along.",
            expected="only the origins of your own front ends (`CORS_ORIGIN`), or no CORS at all",
            actual=f"Access-Control-Allow-Origin: {FOREIGN}, Access-Control-Allow-Credentials: true",
            framed=False,
        )
