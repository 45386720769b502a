"""What an attacker can bring about, derived from what decides who is administrator (`facts`): `Closures`."""

from __future__ import annotations

from directus_guard.escalation.reach.run import Closures

__all__ = ["Closures"]
