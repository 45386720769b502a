"""What the client of `prove` sends, and what it refuses to send."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from directus_guard.live.target import Target, target
from directus_guard.prove import client as module
from directus_guard.prove.client import (
    NeverSentError,
    ProveError,
    RequestRefusedError,
    UnansweredError,
    WriteAnswer,
    WriteClient,
    segment,
)
from directus_guard.secret import Secret
from tests.live import servers
from tests.live.servers import Loopback
from tests.support.each import each_case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOKEN = Secret("a-token-of-the-administrator")


def at(url: str, timeout: float = 30.0) -> WriteClient:
    return WriteClient(target(url, token=TOKEN, timeout=timeout))


def everywhere(answer: servers.Answer) -> Callable[[servers.Request], servers.Answer]:
    return lambda _: answer


DATA = servers.Answer(200, {"set-cookie": "session=of-one-account"}, b'{"data":{"id":1}}')


def test_tokens_are_the_callers_own() -> None:
    with Loopback(everywhere(DATA)) as server, at(server.url) as client:
        assert client.send("GET", "/users/me", token=None) == WriteAnswer(200, {"id": 1})
        client.send(
            "GET", "/users/me", token=Secret("of-another"), headers={"Authorization": "Bearer x", "cookie": "a=b"}
        )
        assert client.admin("GET", "/users/me", query={"fields": "id"}) == {"id": 1}
        assert [one.token for one in server.requests] == [None, "Bearer of-another", f"Bearer {TOKEN.reveal()}"]
        assert not any("cookie" in one.headers for one in server.requests)
        assert server.requests[2].query == "fields=id"


def test_writes_are_sent_once() -> None:
    with Loopback(everywhere(DATA)) as server, at(server.url) as client:
        for method in ("POST", "PATCH", "DELETE", "SEARCH"):
            assert client.send(method, "/items/articles", [1], token=None).status == 405
        assert [one.method for one in server.requests] == ["POST", "PATCH", "DELETE", "SEARCH"]


def test_no_redirect_is_followed_and_no_proxy_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        Loopback(everywhere(DATA)) as trap,
        Loopback(everywhere(servers.Answer(302, {"location": trap.url}))) as server,
    ):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, trap.url)
        with at(server.url) as client:
            assert client.send("GET", "/users/me", token=TOKEN).status == 302
            with pytest.raises(RequestRefusedError, match="GET /users/me: the server answered 302"):
                client.admin("GET", "/users/me")
        assert trap.requests == []


@each_case(
    ("method", "path"),
    [
        ("POST", "/files/import"), ("POST", "/server/setup"), ("POST", "/utils/import/articles"), ("POST", "/mcp"),
        ("POST", "/extensions/registry/install"), ("PATCH", "/license"), ("POST", "/ai/chat"), ("POST", "/users/invite"),
        ("POST", "/auth/password/request"), ("POST", "/notifications"), ("POST", "/utils/cache/clear/x"),
    ],
)  # fmt: skip
def test_what_is_never_sent(method: str, path: str) -> None:
    with at("http://127.0.0.1:9") as client, pytest.raises(NeverSentError, match="is never sent"):
        client.send(method, path, token=TOKEN)


@each_case(
    ("method", "path"),
    [
        ("PUT", "/items/a"), ("GET", "items/a"), ("GET", "//other.example"), ("GET", "/a/../b"), ("GET", "/a?b"),
        ("GET", "/a#b"), ("GET", "@other.example/"), ("GET", "/a\r\nb"), ("GET", ""),
    ],
)  # fmt: skip
def test_what_is_no_request(method: str, path: str) -> None:
    with at("http://127.0.0.1:9") as client, pytest.raises(ValueError, match="is no request"):
        client.send(method, path, token=TOKEN)


def test_keys_in_paths() -> None:
    assert segment("a/../b?c") == "a%2F..%2Fb%3Fc"
    assert segment(7) == "7"
    for key in ("", ".", ".."):
        with pytest.raises(ProveError):
            segment(key)


@each_case(
    ("where", "said"),
    [
        (target("http://127.0.0.1:9"), "token"),
        (target("http://cms.example.com", token=TOKEN, allow_http=True), "unencrypted"),
        (target("https://cms.example.com", token=TOKEN, proxy=Secret("http://127.0.0.1:9")), "directly"),
        (target("https://cms.example.com", token=TOKEN, headers={"X-Gate": Secret("x")}), "directly"),
    ],
)
def test_targets_that_are_refused(where: Target, said: str) -> None:
    with pytest.raises(ProveError, match=said):
        WriteClient(where)


def test_certificates_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none", encoding="utf-8")
    with pytest.raises(ProveError, match="--ca-file"):
        WriteClient(target("https://127.0.0.1:9", token=TOKEN, ca_file=tmp_path / "ca.pem"))


@each_case(
    ("harm", "said"),
    [
        (servers.hang, "no answer within"),
        (servers.reset, "broke off"),
        (servers.trickle, "did not end"),
        (servers.flood, "MiB"),
    ],
)
def test_servers_that_do_harm(harm: Callable[[servers.Handler], None], said: str) -> None:
    patience = 30.0 if harm is servers.flood else 1.0
    with Loopback(everywhere(servers.Answer(harm=harm))) as server, at(server.url, patience) as client:
        with pytest.raises(UnansweredError, match=rf"GET /users/me: .*{said}"):
            client.send("GET", "/users/me", token=TOKEN)
        assert len(server.requests) == 1


def test_nobody_listens() -> None:
    with at("http://127.0.0.1:9") as client, pytest.raises(UnansweredError, match="refused"):
        client.admin("GET", "/server/info")


@each_case(
    ("body", "data", "reason"),
    [
        (b"", None, ""),
        (b"[1]", [1], ""),
        (b'{"a":1}', {"a": 1}, ""),
        (b"<html>", None, "with no valid JSON"),
        (b"[" * 900 + b"]" * 900, None, "with JSON that is nested too deeply"),
        (b'{"errors":[{"message":"no\\u001b[31m"}]}', {"errors": [{"message": "no\x1b[31m"}]}, r"no\u001b[31m"),
        (b'{"errors":[7]}', {"errors": [7]}, ""),
    ],
)
def test_answers(body: bytes, data: object, reason: str) -> None:
    with Loopback(everywhere(servers.Answer(403, {}, body))) as server, at(server.url) as client:
        assert client.send("GET", "/users/me", token=None) == WriteAnswer(403, data, reason)


def test_a_run_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_REQUESTS", 2)
    with Loopback(everywhere(DATA)) as server, at(server.url) as client:
        for _ in range(2):
            client.admin("GET", "/users/me")
        with pytest.raises(ProveError, match="more than 2 requests"):
            client.admin("GET", "/users/me")
        assert len(server.requests) == 2


@each_case("info", [{}, {"version": 7}, {"version": "new"}, []])
def test_a_server_without_a_version(info: object) -> None:
    body = json.dumps({"data": info}).encode()
    with Loopback(everywhere(servers.Answer(200, {}, body))) as server, at(server.url) as client:
        with pytest.raises(RequestRefusedError, match="does not say its version"):
            _ = client.version
        assert client.database_vendor == "unknown"
