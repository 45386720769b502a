"""GitHub's own description of its API, served by prism, and a proxy that notes each call."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

import httpx

from tests.github.server import DATA
from tests.support.programs import missing, npm

if TYPE_CHECKING:
    from collections.abc import Iterator


PRISM: Final = "@stoplight/prism-cli@5.14.2"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def prism(description: str) -> Iterator[str]:
    """Prism's address."""
    program, port = npm(PRISM) / "node_modules" / ".bin" / "prism", free_port()
    command = [str(program), "mock", "--errors", "-h", "127.0.0.1", "-p", str(port), str(DATA / f"{description}.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert running.stdout is not None
        try:
            for line in running.stdout:
                if "Prism is listening" in line:
                    break
            else:
                missing("prism does not start")
            threading.Thread(target=running.stdout.read, daemon=True).start()
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()


@contextmanager
def observed(target: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A proxy before prism that notes each call, its status and what prism has against it."""
    calls: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            data = self.rfile.read(int(self.headers.get("content-length", 0)))
            kept = {
                name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length")
            }
            answer = httpx.request(self.command, target + self.path, headers=kept, content=data or None, timeout=30)
            violations = json.loads(answer.headers.get("sl-violations", "[]"))
            calls.append(
                {
                    "call": f"{self.command} {self.path}",
                    "status": answer.status_code,
                    "violations": violations,
                    "body": json.loads(data) if data else None,
                }
            )
            self.send_response(answer.status_code)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PATCH = _any  # noqa: N815 - the names that the base class looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class names it
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", calls
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
