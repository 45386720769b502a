"""The body of an answer, read piece by piece, so that an answer of any size costs little memory.

httpx would decompress each piece that arrives at once, as often as the server says: 64 KiB may become 64 MiB, and with
`gzip, gzip` a thousand times that. So one compression is undone here, and never more of it than there is room for.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx

    from directus_guard.limits import Budget

MAX_BYTES: Final = 64 * 1024 * 1024
"""An answer is read up to here; 100,000 permission rows are half of it."""
_PIECE: Final = 256 * 1024
_EITHER: Final = 47
"""What zlib calls a window of any size, in gzip's format or its own."""


class BodyError(Exception):
    """The body is of no use. The message says why, a phrase that is safe to show."""


async def body(answer: httpx.Response, room: Budget) -> bytes:
    """The whole body, decompressed. `room`: for the bytes of all answers. Raises `BodyError` and `OverBudgetError`."""
    parts: list[bytes] = []
    size = 0
    async for part in _pieces(answer):
        size += len(part)
        if size > MAX_BYTES:
            raise BodyError(f"answered more than {MAX_BYTES // 2**20} MiB; it was cut off")
        room.spend(len(part))
        parts.append(part)
    return b"".join(parts)


async def _pieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    coding = answer.headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity"):
        async for part in answer.aiter_raw():
            yield part
        return
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise BodyError(_UNREADABLE)
    unpacked = _Unpacked()
    async for part in answer.aiter_raw():
        for piece in unpacked.pieces(part):
            yield piece


class _Unpacked:
    """What a compressed body holds."""

    def __init__(self) -> None:
        self._unpacking: Final = zlib.decompressobj(_EITHER)

    def pieces(self, part: bytes) -> Iterator[bytes]:
        """What a further part of the body holds, in pieces. Raises `BodyError`."""
        while part and not self._unpacking.eof:
            try:
                piece = self._unpacking.decompress(part, _PIECE)
            except zlib.error:
                raise BodyError(_UNREADABLE) from None
            yield piece
            part = self._unpacking.unconsumed_tail


_UNREADABLE: Final = "answered with a body that cannot be decompressed"
