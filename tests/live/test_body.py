"""Compressed answers are undone in small pieces, once."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given, strategies as st

from directus_guard.limits import Budget, Limit, OverBudgetError
from directus_guard.live.body import MAX_BYTES, BodyError, body
from tests.support.each import each_case

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOM = Limit(4 * MAX_BYTES, "bytes")


def received(data: bytes, coding: str, *, size: int = 65_536, room: Limit = ROOM) -> bytes:
    """What is read of an answer that comes in parts of a size."""

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(data), size):
            yield data[start : start + size]

    answer = httpx.Response(200, headers={"content-encoding": coding} if coding else {}, content=parts())
    return asyncio.run(body(answer, Budget(room)))


@given(st.binary(max_size=2000), st.integers(1, 50))
def test_each_encoding_gives_the_bytes_that_were_packed(data: bytes, size: int) -> None:
    assert received(data, "", size=size) == data
    assert received(gzip.compress(data), "gzip", size=size) == data
    assert received(zlib.compress(data), " Deflate", size=size) == data


@each_case("coding", ["gzip, gzip", "br", "zstd", "x"])
def test_other_encodings_are_not_undone(coding: str) -> None:
    with pytest.raises(BodyError, match="cannot be decompressed"):
        received(gzip.compress(gzip.compress(b"{}")), coding)


def test_what_becomes_too_large_costs_no_more_than_what_is_read() -> None:
    packed = gzip.compress(bytes(8 * MAX_BYTES), 9)
    tracemalloc.start()
    try:
        with pytest.raises(BodyError, match="more than 64 MiB"):
            received(packed, "gzip", size=len(packed))
        assert tracemalloc.get_traced_memory()[1] < 1.5 * MAX_BYTES
    finally:
        tracemalloc.stop()


def test_all_answers_together_have_a_limit() -> None:
    with pytest.raises(OverBudgetError, match="more than 10 bytes"):
        received(gzip.compress(bytes(11)), "gzip", room=Limit(10, "bytes"))


def test_nothing_is_nothing_in_any_encoding() -> None:
    assert received(b"", "gzip") == b""
