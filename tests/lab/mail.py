"""A mail server on loopback that keeps what it gets: invitations, verifications, new passwords."""

from __future__ import annotations

import re
import socket
import time
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Self

from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    from types import TracebackType

    from aiosmtpd.smtp import SMTP, Envelope, Session


def free_port() -> int:
    """A port of loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mailbox:
    """Everything that was sent, whoever it was for."""

    def __init__(self) -> None:
        self._letters: list[tuple[str, str]] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 -- the library's name
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        body = message.get_body(("plain", "html"))
        self._letters += [(to, body.get_content() if body else "") for to in envelope.rcpt_tos]
        return "250 OK"

    def token_for(self, address: str, patience: float = 20.0) -> str | None:
        """The token of the link in the newest letter to an address; waits so many seconds for it."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            for to, text in reversed(self._letters):
                found = re.search(r"[?&]token=([\w.~-]+)", text) if to == address else None
                if found:
                    return found[1]
            time.sleep(0.05)
        return None

    def count(self) -> int:
        """How many letters there are."""
        return len(self._letters)

    def clear(self) -> None:
        self._letters.clear()
