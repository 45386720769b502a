"""Browsers may use http for the instance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import instance_check
from directus_guard.checks.live._header import subject
from directus_guard.checks.result import CheckResult, Failure, NotApplicable, NotEvaluated
from directus_guard.directus.disclosure import shorten
from directus_guard.finding import Fix, Severity
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project

_SHORTEST: Final = 86_400
HTTPS_FIRST: Final = (
    "Serve this host and all its subdomains over https first: browsers then refuse http there, for up to a year."
)
"""What helmet sends by itself: a year (180 days on 10), with `includeSubDomains`."""
_AGE: Final = lazy_pattern(r"(?:\A|;)\s*max-age\s*=\s*\"?(\d{1,12})\"?\s*(?:;|\Z)", re.IGNORECASE)
_NAME: Final = "strict-transport-security"


@instance_check(
    "response-hsts",
    severity=Severity.LOW,
    title="Browsers may use http for this instance",
    summary="The instance answers over https without Strict-Transport-Security, or with less than a day.",
    cwe=(Cwe.CLEARTEXT_TRANSMISSION,),
    owasp=(OwaspRisk.API8,),
    checklist=(29,),
)
def response_hsts(instance: Instance, _: Project) -> Iterator[CheckResult]:
    if not instance.https:
        yield NotApplicable("the address begins with http")
        return
    if instance.page is None:
        yield NotEvaluated("the instance did not answer with the page of the Data Studio")
        return
    text = instance.page.header(_NAME)
    age = _AGE.search(text) if text is not None else None
    if age is None or int(age[1]) < _SHORTEST:
        yield Failure(
            subject=subject(instance, _NAME),
            location=instance.location,
            message="An attacker on the network can answer a request over http and read the session. Browsers use https by themselves only after they have received `Strict-Transport-Security`. Directus sends it only with `HSTS_ENABLED`.",
            expected="`Strict-Transport-Security: max-age=15552000` or more, by `HSTS_ENABLED=true` or from the proxy",
            actual="no such header" if text is None else shorten(text),
            fix=Fix(
                f"{HTTPS_FIRST} Then set `HSTS_ENABLED` to `true`."
                if text is None
                else "Raise `max-age` of the header `Strict-Transport-Security` to `15552000`."
            ),
        )
