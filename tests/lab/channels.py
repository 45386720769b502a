"""By which writes an administrator was made on real servers, read from the record of the proof."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from directus_guard.directus.features import HAS_EDITIONS, HAS_POLICIES
from directus_guard.escalation.reach.facts import AUTHORITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Write = tuple[str, str]

_NOTHING: Final = "gives nothing"
_JOINED: Final = "gives nothing: permissions are joined by *or*"
_NO_LOCKS: Final = "gives nothing: no validations"
_ABSENT: Final = "does not exist"
_WITHOUT: Final[Mapping[Write, str]] = {
    ("directus_users", "delete"): _NOTHING,
    ("directus_settings", "create"): _NOTHING,
    ("directus_settings", "delete"): _NOTHING,
    ("directus_flows", "delete"): _NOTHING,
    ("directus_operations", "delete"): _NOTHING,
}
"""Writes without a proof on any version."""


def proofs(recorded: Iterable[Mapping[str, Any]]) -> Counter[tuple[str, Write]]:
    """How many ways of each version rest on each write: those with permissions that are missing in the refused half."""
    found: Counter[tuple[str, Write]] = Counter()
    for one in recorded:
        rows = [row for row in one["granted"]["rows"] if row not in one["refused"]["rows"]]
        found.update({(one["version"], _write(row)) for row in rows})
    return found


def _write(row: str) -> Write:
    action, collection, *_ = row.split(" ")
    return collection, action


def reason(write: Write, version: tuple[int, ...]) -> str:
    """Why a write has no proof on a version; "" where it must have one."""
    collection, action = write
    if collection in ("directus_policies", "directus_access") and not HAS_POLICIES.of(version):
        return _ABSENT
    if write in _WITHOUT:
        return _WITHOUT[write] if HAS_POLICIES.of(version) or action != "delete" else _NOTHING
    if write == ("directus_roles", "delete") and not HAS_EDITIONS.of(version):
        return ""
    if action == "delete":
        return _NO_LOCKS if HAS_EDITIONS.of(version) else "" if HAS_POLICIES.of(version) else _JOINED
    return ""


def table(recorded: list[dict[str, Any]], versions: list[str]) -> list[str]:
    """The lines of the table."""
    found = proofs(recorded)
    lines = ["| write | " + " | ".join(versions) + " |", "|---|" + "---|" * len(versions)]
    for collection, action in AUTHORITY:
        cells = []
        for version in versions:
            ways = found[version, (collection, action)]
            why = reason((collection, action), tuple(map(int, version.split("."))))
            cells.append(f"{ways} ways" if ways > 1 else "1 way" if ways else why or "not proven")
        lines.append(f"| `{action}` on {collection} | " + " | ".join(cells) + " |")
    return lines
