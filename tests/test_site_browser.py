"""The website in a real Chromium: it asks for nothing elsewhere, fits a telephone, can be read by everybody, and its search works without a network."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

import pytest

from scripts.site.__main__ import build
from tests.support.browser import browse

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES: Final = (
    "",
    "start/",
    "how-it-works/",
    "checklist/",
    "comparison/",
    "checks/",
    "checks/users-update/",
    "contract/",
    "proof/",
)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, *args: object) -> None:
        del args


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    assert build(folder) == []
    handler = partial(Quiet, directory=str(folder / "html"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.real
def test_the_site_in_a_browser(address: str) -> None:
    asked: dict[str, object] = {"address": address, "pages": PAGES, "widths": [390, 1440], "query": "webhook open"}
    answer = browse("site.mjs", asked)
    assert isinstance(answer, dict)
    assert answer["requests"] > 100
    assert answer["foreign"] == []
    assert answer["errors"] == []
    assert answer["wide"] == []
    assert answer["axe"] == []
    assert answer["found"][0] == "/checks/webhook-open/"
