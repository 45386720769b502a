"""Prompts must not be recorded elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.shared.variable_fixes import set_to
from directus_guard.directus.environment.casting import is_truthy
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "ai-recording",
    variables=("AI_TELEMETRY_RECORD_IO",),
    unset="default",
    severity=Severity.MEDIUM,
    title="AI prompts and answers go to a telemetry service",
    summary="AI_TELEMETRY_RECORD_IO sends whole prompts and answers, with the data in them, to a telemetry service.",
    cwe=(Cwe.SENSITIVE_DATA_SENT,),
    owasp=(OwaspRisk.API8,),
)
def ai_recording(env: Environment) -> Iterator[CheckResult]:
    record = env["AI_TELEMETRY_RECORD_IO"]
    if not record.known:
        yield from unjudged(record)
    elif is_truthy(record.js):
        yield fail(
            env,
            record,
            title="`AI_TELEMETRY_RECORD_IO` sends prompts and answers away",
            message="The telemetry provider receives whole prompts and answers, with the items that they quote.",
            expected="`false` (the default)",
            fix=set_to(record.name, "false", safe=True),
        )
