"""A GitHub that fails on demand. What it is asked is judged by GitHub's own description of its API (`data/`)."""

from __future__ import annotations

import base64
import gzip
import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import jsonschema_rs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DATA: Final = Path(__file__).parent / "data"
Json = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One answer. `body` is sent as JSON, a text as it is."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """One question."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Json | None

    @property
    def sarif(self) -> Json:
        """The log that an upload carries."""
        assert self.body is not None
        log: Json = json.loads(gzip.decompress(base64.b64decode(self.body["sarif"])))
        return log


ACCEPTED: Final = Reply(202, {"id": "47177e22-5596-11eb-80a1-c1e54ef945c6", "url": "https://api.example/x"})
COMPLETE: Final = Reply(200, {"processing_status": "complete", "analyses_url": "https://api.example/y"})
PENDING: Final = Reply(200, {"processing_status": "pending"})


def refused(status: int, message: str) -> Reply:
    """A refusal as GitHub words them."""
    return Reply(status, {"message": message, "documentation_url": "https://docs.example", "status": str(status)})


def failed(*errors: str) -> Reply:
    """A report that GitHub took and could not process."""
    return Reply(200, {"processing_status": "failed", "errors": list(errors)})


class GitHub:
    """The server's state: the answers of each kind of call, in order, the last one for all that follow."""

    def __init__(self, description: str = "api.github.com") -> None:
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.url = ""
        self._description = description
        self._answers: dict[str, list[Reply]] = {
            "POST sarifs": [ACCEPTED],
            "GET sarif": [COMPLETE],
            "GET comments": [Reply(200, [])],
            "POST comments": [Reply(201, {"id": 1, "html_url": "https://github.com/x/pull/2#issuecomment-1"})],
            "PATCH comment": [Reply(200, {"id": 1, "html_url": "https://github.com/x/pull/2#issuecomment-1"})],
            "GET files": [Reply(200)],
            "POST reviews": [Reply(200)],
            "GET review comments": [Reply(200)],
            "POST review comments": [Reply(200)],
            "PATCH review comment": [Reply(200)],
            "GET user": [refused(403, "Resource not accessible by integration")],
        }

    def answer(self, call: str, *replies: Reply) -> None:
        """What `call` (`POST sarifs`, `GET sarif`, …) is answered."""
        assert call in self._answers
        self._answers[call] = list(replies)

    def of(self, call: str) -> list[Request]:
        """The questions of a kind."""
        return [request for request in self.requests if _kind(request) == call]

    def reply(self, request: Request) -> Reply:
        self.requests.append(request)
        self.violations += violations(self._description, request)
        replies = self._answers.get(_kind(request), [])
        if not replies:
            return refused(404, "Not Found")
        return replies.pop(0) if len(replies) > 1 else replies[0]


_KINDS: Final = {
    r"POST .*/code-scanning/sarifs": "POST sarifs",
    r"GET .*/code-scanning/sarifs/[^/]+": "GET sarif",
    r"GET .*/issues/\d+/comments": "GET comments",
    r"POST .*/issues/\d+/comments": "POST comments",
    r"PATCH .*/issues/comments/\d+": "PATCH comment",
    r"GET .*/pulls/\d+/files": "GET files",
    r"POST .*/pulls/\d+/reviews": "POST reviews",
    r"GET .*/pulls/\d+/comments": "GET review comments",
    r"POST .*/pulls/\d+/comments": "POST review comments",
    r"PATCH .*/pulls/comments/\d+": "PATCH review comment",
    r"GET .*/user": "GET user",
}


def _kind(request: Request) -> str:
    asked = f"{request.method} {urlsplit(request.path).path}"
    return next((name for pattern, name in _KINDS.items() if re.fullmatch(pattern, asked)), "")


@cache
def _operations(description: str) -> tuple[tuple[str, re.Pattern[str], Callable[[object], list[str]]], ...]:
    """Method, path and check of the body of every operation described."""
    data: Json = json.loads((DATA / f"{description}.json").read_text(encoding="utf-8"))
    found = []
    for path, item in data["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
            found.append((method.upper(), pattern, _check(schema, data["components"])))
    return tuple(found)


def _check(schema: Json | None, components: Json) -> Callable[[object], list[str]]:
    if schema is None:
        return lambda body: [] if body is None else ["a body where none is described"]
    validator = jsonschema_rs.validator_for({**schema, "components": components}, validate_formats=True)
    return lambda body: [str(error)[:300] for error in validator.iter_errors(body)]


def violations(description: str, request: Request) -> list[str]:
    """What GitHub's description has against a request."""
    path = urlsplit(request.path).path.removeprefix("/api/v3")
    for method, pattern, check in _operations(description):
        if method == request.method and pattern.fullmatch(path):
            return check(request.body)
    return [f"{request.method} {path} is not described"]


@contextmanager
def serving(github: GitHub, prefix: str = "") -> Iterator[GitHub]:
    """Serve on a free port of the loopback interface; `github.url` is the API's address."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            data = self.rfile.read(int(self.headers.get("content-length", 0)))
            body = json.loads(data) if data else None
            reply = github.reply(Request(self.command, self.path, dict(self.headers.items()), body))
            text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            content = b"" if reply.body is None else text.encode()
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = _any  # noqa: N815 - the names that the base class looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class names it
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    github.url = f"http://127.0.0.1:{server.server_port}{prefix}"
    try:
        yield github
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
