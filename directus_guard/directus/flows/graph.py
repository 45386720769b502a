"""The operations of a flow in the order in which Directus runs them (`utils/construct-flow-tree.js` of `@directus/api`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.flows.records import Flow, Operation


MAX_OPERATIONS: Final = 2000
"""Of one flow; a larger one is not followed."""


class Graph(Struct, frozen=True):
    """The operations of one flow in an order in which each comes after those before it."""

    flow: Flow
    operations: tuple[Operation, ...]
    unreachable: tuple[Operation, ...]
    following: Mapping[str, tuple[Operation | None, Operation | None]]
    """By id: what follows when the operation ends well and when it ends badly."""
    broken: str
    """Why Directus cannot load it, a clause. Then nothing of it runs."""


def graph_of(flow: Flow, operations: Mapping[str, Operation]) -> Graph:
    """Put the `operations` of a flow in order, and say why Directus cannot load them."""
    root = operations.get(flow.operation) if flow.operation is not None else None
    following = {operation.id: _followers(operation, operations) for operation in operations.values()}
    ordered, circle = _ordered(root, following)
    reached = {operation.id for operation in ordered}
    broken = ""
    if circle is not None:
        broken = f"its operations run in a circle at `{circle.key}`"
    for operation in ordered:
        for name in (operation.resolve, operation.reject):
            if name is not None and name not in operations:
                broken = broken or f"`{operation.key}` is followed by an operation that the flow does not have"
    if flow.operation is not None and root is None:
        # Directus takes the flow as one without operations; in an export something is missing.
        broken = "its first operation is not in the export"
    if len(ordered) > MAX_OPERATIONS:
        broken = broken or f"it has more than {MAX_OPERATIONS} operations"
    unreachable = tuple(operation for operation in operations.values() if operation.id not in reached)
    return Graph(flow, ordered, unreachable, following, broken)


def _followers(operation: Operation, operations: Mapping[str, Operation]) -> tuple[Operation | None, Operation | None]:
    resolve = operations.get(operation.resolve) if operation.resolve is not None else None
    reject = operations.get(operation.reject) if operation.reject is not None else None
    return resolve, reject


def _ordered(
    root: Operation | None, following: Mapping[str, tuple[Operation | None, Operation | None]]
) -> tuple[tuple[Operation, ...], Operation | None]:
    """Depth first without recursion: the order, and an operation that comes again after itself."""
    if root is None:
        return (), None
    finished: list[Operation] = []
    open_, done = {root.id}, set[str]()
    circle: Operation | None = None
    stack: list[tuple[Operation, Iterator[Operation | None]]] = [(root, iter(following[root.id]))]
    while stack:
        operation, rest = stack[-1]
        for successor in rest:
            if successor is None or successor.id in done:
                continue
            if successor.id in open_:
                circle = successor
                continue
            open_.add(successor.id)
            stack.append((successor, iter(following[successor.id])))
            break
        else:
            stack.pop()
            open_.discard(operation.id)
            done.add(operation.id)
            finished.append(operation)
    return tuple(reversed(finished)), circle
