"""From what a principal may do to administrator: named steps (`catalogue`, `moves`), and the shortest path over them
(`search`)."""

from __future__ import annotations

from directus_guard.escalation.catalogue import StepKind, steps
from directus_guard.escalation.search import Path, Paths

__all__ = ["Path", "Paths", "StepKind", "steps"]
