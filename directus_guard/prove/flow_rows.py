"""Flows and operations for the server: nothing reaches out, runs code or starts by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.prove.applied import translated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.prove.applied import Json, Row
    from directus_guard.prove.writer import Writer

KEPT: Final = frozenset(
    {
        "condition",
        "item-create",
        "item-delete",
        "item-read",
        "item-update",
        "log",
        "throw-error",
        "transform",
        "trigger",
    }
)
"""Operations that do nothing but read and write this database."""
_LETTERS: Final = "directus_notifications"
"""Its rows are mailed to whom they are for."""
_STAND_IN: Final[Mapping[str, Json]] = {"json": {}}
"""The options of `transform`, which ends well and leaves an empty object."""
_BY_ITSELF: Final = "schedule"


def is_kept(operation: Operation) -> bool:
    """Whether an operation may run as it is."""
    return operation.type in KEPT and operation.options.get("collection") != _LETTERS


def stand_ins(flows: Sequence[Flow], operations: Sequence[Operation]) -> Mapping[str, tuple[str, ...]]:
    """The operations of each flow that something else is in the place of."""
    found: dict[str, tuple[str, ...]] = {flow.id: () for flow in flows}
    for one in operations:
        if one.flow in found and not is_kept(one):
            found[one.flow] = (*found[one.flow], one.key)
    return {flow: keys for flow, keys in found.items() if keys}


def store(
    writer: Writer, flows: Sequence[Flow], operations: Sequence[Operation], keys: Mapping[str, str]
) -> frozenset[str]:
    """Store flows with their operations, and switch them on at the end. The flows that are there."""
    rows = [(flow.name or flow.id, _flow(flow, keys)) for flow in flows]
    answers = writer.store("flows", rows)
    there = frozenset(flow.id for flow, answer in zip(flows, answers, strict=True) if answer is not None)
    ordered = _ordered(writer, [one for one in operations if one.flow in there])
    stored = writer.store("operations", [(one.key, _operation(one, links, keys)) for one, links in ordered])
    made = {one.id for (one, _), answer in zip(ordered, stored, strict=True) if answer is not None}
    begun: list[tuple[str, Row]] = []
    for flow in flows:
        if flow.id in there:
            first = keys.get(flow.operation or "", flow.operation) if flow.operation in made else None
            status = "inactive" if flow.trigger == _BY_ITSELF else flow.status
            begun.append(
                (flow.name or flow.id, {"id": keys.get(flow.id, flow.id), "operation": first, "status": status})
            )
    writer.store("flows", begun, method="PATCH")
    return there


def _flow(flow: Flow, keys: Mapping[str, str]) -> Row:
    return {
        "id": keys.get(flow.id, flow.id), "name": flow.name or "flow", "status": "inactive", "trigger": flow.trigger or None,
        "options": translated(dict(flow.options), keys), "accountability": "all",
    }  # fmt: skip


def _operation(operation: Operation, links: tuple[str | None, str | None], keys: Mapping[str, str]) -> Row:
    kept = is_kept(operation)
    resolve, reject = (None if link is None else keys.get(link, link) for link in links)
    return {
        "id": keys.get(operation.id, operation.id), "name": operation.key, "key": operation.key, "type": operation.type if kept else "transform",
        "position_x": 1, "position_y": 1, "options": translated(dict(operation.options if kept else _STAND_IN), keys),
        "flow": keys.get(operation.flow or "", operation.flow), "resolve": resolve, "reject": reject,
    }  # fmt: skip


def _ordered(writer: Writer, operations: Sequence[Operation]) -> list[tuple[Operation, tuple[str | None, str | None]]]:
    """Each operation after those it leads to, with where it leads; a link to nothing that is there is noted."""
    known = {one.id: one for one in operations}
    found: list[tuple[Operation, tuple[str | None, str | None]]] = []
    done: set[str] = set()
    for first in operations:
        waiting, path = [first], set[str]()
        while waiting:
            one = waiting[-1]
            path.add(one.id)
            links = [link for link in (one.resolve, one.reject) if link]
            open_ = [known[link] for link in links if link in known and link not in done and link not in path]
            if open_:
                waiting.append(open_[0])
                continue
            waiting.pop()
            if one.id not in done:
                done.add(one.id)
                kept = (one.resolve if one.resolve in done else None, one.reject if one.reject in done else None)
                if len([link for link in kept if link]) < len(links):
                    writer.leave_out(
                        "operations", one.key, "it leads to an operation that is not there, or in a circle"
                    )
                found.append((one, kept))
    return found
