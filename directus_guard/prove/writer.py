"""Rows in as few requests as possible; those that the server refuses are found by halving, and noted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from directus_guard.prove.applied import LeftOut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.prove.applied import Json, Row
    from directus_guard.prove.client import WriteClient

MOST_BYTES: Final = 400_000
"""Of one request: Directus takes 1 MB (MAX_PAYLOAD_SIZE)."""
MOST_ROWS: Final = 1_000


class Writer:
    """Stores rows as administrator. `left_out` grows with what was refused."""

    def __init__(self, client: WriteClient) -> None:
        self.client: Final = client
        self.left_out: Final[list[LeftOut]] = []

    def leave_out(self, kind: str, name: str, reason: str) -> None:
        """Note that something is not stored."""
        self.left_out.append(LeftOut(kind, name, reason))

    def store(
        self, table: str, rows: Sequence[tuple[str, Row]], *, method: str = "POST", fields: str = "id"
    ) -> list[Json]:
        """Store named rows. For each the answer's `fields` in the order of `rows`; None where it was refused.

        Rows of an answer come in the order of their keys: what has a key of its own choice is not matched by place.
        """
        found: list[Json] = []
        for part in _parts(rows):
            found += self._part(table, part, method, fields)
        return found

    def _part(self, table: str, rows: Sequence[tuple[str, Row]], method: str, fields: str) -> list[Json]:
        client = self.client
        answer = client.send(
            method, f"/{table}", [row for _, row in rows], query={"fields": fields}, token=client.administrator
        )
        if answer.ok:
            data = answer.data if isinstance(answer.data, list) else []
            # 11 and 12 add rows of the framework to an answer about permissions.
            kept: list[Json] = [one for one in data if not (isinstance(one, dict) and one.get("system"))]
            return kept if len(kept) == len(rows) else [True] * len(rows)
        if len(rows) == 1:
            self.leave_out(table, rows[0][0], f"the server refused it: {answer.status} {answer.reason}".rstrip())
            return [None]
        middle = len(rows) // 2
        return [
            *self._part(table, rows[:middle], method, fields),
            *self._part(table, rows[middle:], method, fields),
        ]


def _parts(rows: Sequence[tuple[str, Row]]) -> Iterator[list[tuple[str, Row]]]:
    part: list[tuple[str, Row]] = []
    size = 0
    for one in rows:
        length = len(json.dumps(one[1]))
        if part and (size + length > MOST_BYTES or len(part) >= MOST_ROWS):
            yield part
            part, size = [], 0
        part.append(one)
        size += length
    if part:
        yield part
