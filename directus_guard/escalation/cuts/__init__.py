"""What to change so that no other account becomes administrator: `Cuts`."""

from __future__ import annotations

from directus_guard.escalation.cuts.changes import Change, applied
from directus_guard.escalation.cuts.search import Cut, Cuts

__all__ = ["Change", "Cut", "Cuts", "applied"]
