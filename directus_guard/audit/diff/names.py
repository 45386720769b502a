"""How things of HEAD are called on BASE: policies and roles, flows, deployments. A new name is no new access."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.directus.export import Export


def short_name(name: str) -> str:
    """A name as an entry shows it."""
    return escape_controls(name)[:80]


_ON_BOTH: Final = 2
"""How often a key occurs that each side has once."""


def renamed_holders(base: Export | None, head: Export) -> dict[str, str | None]:
    """How the policies and roles of HEAD, by their shown names, are called on BASE; None: they are not there."""
    if base is None:
        return {}
    found: dict[str, str | None] = {}
    for here, there in (
        (head.model.policies, base.model.policies),
        (head.model.roles, base.model.roles),
    ):
        ids = Counter(one.id for one in (*there, *here))
        known = {escape_controls(one.name or one.id) for one in there}
        # A key that several records share, or an empty one, identifies none of them.
        names = {one.id: escape_controls(one.name or one.id) for one in there if one.id and ids[one.id] <= _ON_BOTH}
        for one in here:
            name = escape_controls(one.name or one.id)
            found.setdefault(name, names.get(one.id) or (name if name in known else None))
    return found


def renamed_flows(base: Export | None, head: Export) -> dict[str, str]:
    """How the flows of HEAD, by their shown names, are called on BASE, where that differs."""
    if base is None:
        return {}
    there = {flow.id: base.flow_model.name_of(flow) for flow in base.flows}
    kept = {there[flow.id] for flow in head.flows if flow.id in there}
    found: dict[str, str] = {}
    for flow in head.flows:
        name = head.flow_model.name_of(flow)
        # A renamed flow is compared with the flow of the old name on BASE.
        found[name] = there.get(flow.id) or (f"{name} of HEAD" if name in kept else name)
    return found


def moved_deployments(base: Sequence[str], head: Sequence[str]) -> dict[str, str]:
    """The deployments of HEAD that BASE has under another name, in another folder or file, with that name.

    Those of the same file name and service belong together, then those of one service, of one file name, and at last the only
    one on each side.
    """
    gone = [name for name in base if name not in head]
    come = [name for name in head if name not in base]
    found: dict[str, str] = {}
    for key in (_file_and_service, _service, _file_name, _any):
        for name in tuple(come):
            alike = [other for other in gone if key(other) and key(other) == key(name)]
            if len(alike) == 1 and sum(key(other) == key(name) for other in come) == 1:
                found[name] = alike[0]
                gone.remove(alike[0])
                come.remove(name)
    return found


def _file_and_service(name: str) -> tuple[str, str]:
    return _file_name(name), _service(name)


def _service(name: str) -> str:
    return name.partition("#")[2]


def _file_name(name: str) -> str:
    return name.partition("#")[0].rpartition("/")[2]


def _any(_name: str) -> str:
    return "any"
