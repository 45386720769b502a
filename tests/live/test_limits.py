"""An instance that answers without an end is asked for a while only."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from directus_guard import deadline, limits
from directus_guard.finding import Location
from directus_guard.live.answers import Meta, Rows
from directus_guard.live.client import Client, Reply, Unanswered
from directus_guard.live.requested_rows import SHARES
from directus_guard.live.session import LiveSession
from directus_guard.live.system_rows import ShareRow
from directus_guard.live.target import target

if TYPE_CHECKING:
    from collections.abc import Mapping

TARGET = target("http://127.0.0.1:9")


class Endless(LiveSession):
    """A session with an instance that has a row more on each page."""

    def __init__(self, rows: int) -> None:
        super().__init__(TARGET, Location("x"), None)
        self.asked_for = 0
        self._rows = rows

    async def asked(self, model: object, path: str, query: Mapping[str, str] | None = None) -> object:  # type: ignore[override]
        self.asked_for += 1
        row = ShareRow.model_construct()
        return Rows[ShareRow].model_construct(data=(row,) * self._rows, meta=Meta(filter_count=10**9))


@pytest.mark.parametrize(("rows", "limit"), [(1, limits.PAGES), (5_000, limits.ROWS)])
def test_pages_without_an_end(rows: int, limit: limits.Limit) -> None:
    session = Endless(rows)
    with pytest.raises(Unanswered, match=f"more than {limit.shown}"):
        asyncio.run(session.rows(SHARES, ShareRow))
    assert session.asked_for <= limits.PAGES.number


def test_an_answer_of_too_many_values() -> None:
    with pytest.raises(Unanswered, match="values in one answer"):
        Reply(200, {}, b"[" + b"[]," * limits.ANSWER_VALUES.number + b"0]").json()


@pytest.mark.parametrize("name", ["REQUESTS", "ANSWERS"])
def test_requests_and_bytes_are_counted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, name, limits.Limit(0, f"of {name}"))

    async def ask() -> None:
        async with Client(TARGET) as client:
            room = client._bytes if name == "ANSWERS" else client._requests
            with pytest.raises(limits.OverBudgetError, match=f"of {name}"):
                room.spend()
            if name == "REQUESTS":
                with pytest.raises(Unanswered, match="not requested: more than 0 of REQUESTS"):
                    await client.get("/server/info")

    asyncio.run(ask())


def test_without_time_nothing_is_requested() -> None:
    async def ask() -> None:
        async with Client(TARGET) as client:
            with pytest.raises(Unanswered, match="no time left"):
                await client.get("/server/info")

    with deadline.limited(1000):
        deadline._CLOCK.started -= 700
        asyncio.run(ask())
        assert deadline.was_cut()
