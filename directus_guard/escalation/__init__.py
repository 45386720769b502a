"""From what a principal may do to administrator: everything that can be brought about (`reach`), and requests that do it
(`requests`, `plans`)."""

from __future__ import annotations

from directus_guard.escalation.catalogue import StepKind, steps
from directus_guard.escalation.certainty import may_escalate
from directus_guard.escalation.search import Path, Paths, Unplanned

__all__ = ["Path", "Paths", "StepKind", "Unplanned", "may_escalate", "steps"]
