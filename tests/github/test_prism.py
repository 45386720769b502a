"""GitHub's own description of its API, served by prism: every call of the Action passes its validation."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from tests.github.runner import Ran, step
from tests.github.server import DATA
from tests.github.site import Site, site
from tests.github.test_events import MERGE_REF
from tests.tools import missing, npm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.real
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
                {"call": f"{self.command} {self.path}", "status": answer.status_code, "violations": violations}
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


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return site(tmp_path_factory.mktemp("site") / "repository")


def run(made: Site, folder: Path, api: str, event: str, **inputs: str) -> Ran:
    data, ref = (made.push(), "refs/heads/main") if event == "push" else (made.pull(), MERGE_REF)
    return step(
        made.folder, folder, event=event, data=data, sha=made.merge, ref=ref, api=api, environment=None, **inputs
    )


@pytest.mark.parametrize("description", ["api.github.com", "ghes-3.17"])
def test_every_call_is_as_described(made: Site, tmp_path: Path, description: str) -> None:
    with prism(description) as target, observed(target) as (api, calls):
        for event in ("push", "pull_request"):
            ran = run(made, tmp_path, api, event, comment="true", new_only="true")
            assert ran.code == 1
            assert ran.outputs["sarif-id"]
        assert ran.outputs["comment-url"]
        # Its own comment is found again and changed: prism keeps nothing, so it is told which answer to give.
        assert [call for call in calls if call["violations"] or call["status"] >= 400] == []
        assert {call["call"].split("?")[0].split("/Hello-World")[-1] for call in calls} >= {
            "/code-scanning/sarifs", "/issues/2/comments", "GET /user",
        }  # fmt: skip


def test_our_own_comment_is_changed_as_described(tmp_path: Path) -> None:
    from directus_guard.github.api import Api
    from directus_guard.secret import Secret

    with prism("api.github.com") as target, observed(target) as (api, calls):
        answer = Api(api, Secret("t")).call("PATCH", "/repos/a/b/issues/comments/1", {"body": "x"})
        assert answer.ok
        assert calls[0]["violations"] == []


def test_prism_would_complain(tmp_path: Path) -> None:
    from directus_guard.github.api import Api
    from directus_guard.secret import Secret

    with prism("api.github.com") as target, observed(target) as (api, calls):
        answer = Api(api, Secret("t")).call(
            "POST", "/repos/a/b/code-scanning/sarifs", {"commit_sha": "zz", "ref": "main"}
        )
        assert answer.status == 400
        assert answer.data is None
        assert len(calls[0]["violations"]) >= 3


def test_github_is_not_answering_at_all(made: Site, tmp_path: Path) -> None:
    """A port that nobody listens on: a warning, and the findings decide."""
    start = time.monotonic()
    ran = run(made, tmp_path, f"http://127.0.0.1:{free_port()}", "push", fail_on="none")
    assert ran.code == 0
    assert "gave no answer" in ran.annotations("warning")[0].message
    assert time.monotonic() - start < 30
