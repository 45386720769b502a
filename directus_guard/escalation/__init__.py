"""From what a principal may do to administrator: the shortest path over named steps (`catalogue`, `moves`, `search`), and
where these lead nowhere, everything that can be brought about (`reach`)."""

from __future__ import annotations

from directus_guard.escalation.catalogue import StepKind, steps
from directus_guard.escalation.certainty import may_escalate
from directus_guard.escalation.search import Path, Paths

__all__ = ["Path", "Paths", "StepKind", "may_escalate", "steps"]
