"""What a page shows beside the report of a run: access, environments, ways to administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.audit.escalation_graph import escalation_graphs
from directus_guard.audit.matrix import matrix_of
from directus_guard.audit.seen_environment import seen_environment
from directus_guard.report_details import ReportDetails

if TYPE_CHECKING:
    from directus_guard.audit.audited import Audited


def details_of(audited: Audited) -> ReportDetails:
    """Computed from what the run judged."""
    project = audited.project
    return ReportDetails(
        tuple(map(matrix_of, project.models)),
        tuple(map(seen_environment, project.environments)),
        escalation_graphs(audited.report.findings),
    )
