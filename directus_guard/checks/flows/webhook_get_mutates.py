"""Opening a link changes data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.flows import _flows
from directus_guard.directus.flows.start import method
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Fix, RowPatch, SetMember, Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


_POST: Final = (SetMember(("options", "method"), '"POST"'),)


@export_check(
    "webhook-get-mutates",
    severity=Severity.MEDIUM,
    title="A GET request changes data",
    summary="A webhook flow with the method GET creates, updates or deletes items: opening a link is enough.",
    cwe=(Cwe.TRUSTED_HTTP_METHOD, Cwe.CROSS_SITE_REQUEST_FORGERY),
    owasp=(OwaspRisk.API8,),
    checklist=(2,),
    needs=(ExportPart.FLOWS, ExportPart.OPERATIONS),
)
def webhook_get_mutates(export: Export) -> Iterator[CheckResult]:
    yield from _flows.gaps(export)
    for flow in _flows.webhooks(export):
        if method(flow) != "GET":
            continue
        yield from _flows.broken(export, flow)
        run = export.flow_model.run(flow, export.anonymous_caller)
        writing = [step for step in run.steps if step.operation.type in _flows.WRITES]
        if not writing:
            yield from _flows.started_elsewhere(export, flow)
        else:
            yield _flows.flow_failure(
                export,
                flow,
                title="Opening the link of flow {} changes data",
                message=(
                    f"{_flows.names_of(writing)} writes whenever the link is opened: mail scanners, chat previews and crawlers do that by "
                    "themselves. Another site can embed the link, and signed-in visitors then run the flow with their session."
                ),
                expected="`method`: `POST`",
                fix=Fix(
                    "Set `method` of this flow to `POST`, and change the services that call it to `POST`. "
                    "If people open the link from a mail, let it lead to a page whose button sends the request.",
                    rows=(RowPatch(flow.location, _POST),),
                ),
                actual="method: GET" + ("" if flow.options.get("method") else " (default)"),
                member=("options", "method"),
                related=_flows.related_to(writing[:5], "writes"),
            )
