"""Servers on loopback for these tests: one that stands in front of a real Directus and does harm, one that repeats answers.

The faults are ours, the Directus behind them is real. Both note every request.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType


@dataclass
class Answer:
    """What is sent back. `harm` is done in place of it."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    harm: Callable[[Handler], None] | None = None


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str
    token: str | None
    headers: Mapping[str, str]


class Handler(BaseHTTPRequestHandler):
    """Whatever is asked is noted; only a GET is answered."""

    protocol_version = "HTTP/1.1"
    server: Loopback

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # the other side has gone
            self.close_connection = True

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        url = urlsplit(self.path)
        token = self.headers.get("Authorization")
        request = Request(self.command, url.path, url.query, token, {k.lower(): v for k, v in self.headers.items()})
        self.server.requests.append(request)
        answer = self.server.answer(request) if self.command == "GET" else Answer(405)
        if answer.harm is not None:
            self.close_connection = True
            answer.harm(self)
            return
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def __getattr__(self, name: str) -> object:
        """Other methods are noted too."""
        if name.startswith("do_"):
            return self.do_GET
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


class Loopback(ThreadingHTTPServer):
    """A server on a free port of loopback, for the length of a block."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        answer: Callable[[Request], Answer],
        *,
        certificate: Path | None = None,
        upstream: httpx.Client | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.requests: list[Request] = []
        self.over = threading.Event()
        self.upstream = upstream
        self._scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def url(self) -> str:
        return f"{self._scheme}://{self.server_address[0]!s}:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()
        if self.upstream is not None:
            self.upstream.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up, or does not trust the certificate, is what some tests are about."""


# --- in front of a real server ---

Fault = "Callable[[Request], Answer | None]"


def proxy(upstream: str, fault: Callable[[Request], Answer | None], **more: Any) -> Loopback:
    """Hands requests on to `upstream`, but for those that `fault` answers."""
    client = httpx.Client(base_url=upstream, timeout=60, trust_env=False)

    def answer(request: Request) -> Answer:
        harm = fault(request)
        return harm if harm is not None else forwarded(client, request)

    return Loopback(answer, upstream=client, **more)


def forwarded(client: httpx.Client, request: Request) -> Answer:
    """What the real server answers."""
    headers = {k: v for k, v in request.headers.items() if k not in ("host", "connection", "accept-encoding")}
    reply = client.get(f"{request.path}?{request.query}" if request.query else request.path, headers=headers)
    kept = {
        k: v
        for k, v in reply.headers.items()
        if k not in ("transfer-encoding", "content-length", "connection", "content-encoding", "keep-alive")
    }
    return Answer(reply.status_code, kept, reply.content)


def reset(handler: Handler) -> None:
    """Half of a body, then a reset."""
    handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n" + b'{"data":[' * 20
    )
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def hang(handler: Handler) -> None:
    """Nothing, until the test is over."""
    handler.server.over.wait(60)


def trickle(handler: Handler) -> None:
    """A byte now and then: every read succeeds, the answer never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    while not handler.server.over.wait(0.2):
        handler.wfile.write(b" ")
        handler.wfile.flush()


def flood(handler: Handler) -> None:
    """200 MB of JSON."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200000000\r\n\r\n")
    block = b'{"data":[' + b" " * (1_000_000 - 9)
    for _ in range(200):
        handler.wfile.write(block)


# --- repeating what a real server answered ---


def replay(answers: Path, **more: Any) -> Loopback:
    """Repeats the answers of a file: `PATH` as anonymous visitors got them, `token PATH`, and `origin PATH` with an Origin."""
    recorded: dict[str, Any] = json.loads(answers.read_text(encoding="utf-8"))

    def answer(request: Request) -> Answer:
        kind = "token " if request.token else "origin " if "origin" in request.headers else ""
        found = recorded.get(f"{kind}{request.path}")
        if found is None:
            return Answer(
                403,
                {"content-type": "application/json"},
                b'{"errors":[{"message":"You don\'t have permission to access this."}]}',
            )
        body = found["body"]
        text = body if isinstance(body, str) else json.dumps(body)
        return Answer(found["status"], found["headers"], text.encode())

    return Loopback(answer, **more)
