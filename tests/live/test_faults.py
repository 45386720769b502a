"""What goes wrong between the audit and a real instance: each fault gives the right answer, in bounded time, and no all-clear."""

from __future__ import annotations

import asyncio
import gzip
import struct
import zlib
from functools import cache, reduce
from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.checks import catalogue
from directus_guard.checks.declaration import InstanceCheck
from directus_guard.finding import Status
from directus_guard.live import client
from directus_guard.live.target import TargetError, target
from directus_guard.secret import Secret
from tests.lab.server import TOKEN, row
from tests.live import servers
from tests.live.certificate import self_signed
from tests.live.servers import Answer, Loopback, Request, proxy
from tests.support.cli import guard, write
from tests.support.each import each_case
from tests.support.sampling import one_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from directus_guard.finding import Report
    from tests.lab.server import Lab

HTML = Answer(200, {"content-type": "text/html"}, b"<!doctype html><title>Sign in</title>")
ELSEWHERE = "https://login.example.com"


def report_on(url: str, root: Path, token: str | None = TOKEN, **more: Any) -> Report:
    more.setdefault("timeout", 2)
    return audit(Options(root=root, target=target(url, token=Secret(token) if token else None, **more)))


def zeros(number: int) -> bytes:
    """So many bytes, compressed: a part of them once, which nothing before it matters for, then its compressed form repeated."""
    part = bytes(2**24)
    first, other = zlib.compressobj(9, wbits=31), zlib.compressobj(9, wbits=-15)
    begun = first.compress(part) + first.flush(zlib.Z_FULL_FLUSH)
    repeated = other.compress(part) + other.flush(zlib.Z_FULL_FLUSH)
    parts = number // len(part)
    checksum = reduce(lambda value, _: zlib.crc32(part, value), range(parts), 0)
    ended = b"\x03\x00" + struct.pack("<II", checksum, number % 2**32)
    return begun + repeated * (parts - 1) + ended


def everywhere(answer: Answer) -> Callable[[Request], Answer]:
    return lambda _: answer


def at(path: str, answer: Answer, times: int = 10_000) -> Callable[[Request], Answer | None]:
    """The fault at one address, so many times."""
    left = [times]

    def fault(request: Request) -> Answer | None:
        if request.path != path or not left[0]:
            return None
        left[0] -= 1
        return answer

    return fault


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the client chose to wait, in order. It does not really wait."""
    chosen: list[float] = []
    pause = asyncio.sleep

    async def sleep(seconds: float) -> None:
        chosen.append(seconds)
        await pause(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return chosen


# --- nothing of it can be used ---

GZIP = {"content-encoding": "gzip"}


@cache
def bomb() -> bytes:
    """1 GiB in 1 MB. It takes a second to make, so no run does that which only collects tests."""
    return zeros(2**30)


def compressed_twice() -> Answer:
    return Answer(200, {"content-encoding": "gzip, gzip"}, gzip.compress(bomb()))


SILENT: dict[str, tuple[Answer | Callable[[], Answer], str]] = {
    "reset in the middle": (Answer(harm=servers.reset), "connection broke off"),
    "hangs": (Answer(harm=servers.hang), "no answer within 2 s"),
    "trickles": (Answer(harm=servers.trickle), "no answer within 2 s"),
    "401": (Answer(401, {}, b"{}"), "401"),
    "not a Directus": (Answer(404, {}, b"not found"), "not the address of a Directus API"),
    "HTML login page": (HTML, "an HTML page (status 200)"),
    "200 MB": (Answer(harm=servers.flood), "more than 64 MiB; it was cut off"),
    "no JSON": (Answer(200, {"content-type": "application/json"}, b'{"data": {'), "no valid JSON"),
    "other JSON": (Answer(200, {}, b'{"status": "ok"}'), "unexpected at `data`"),
    "deep JSON": (Answer(200, {}, b'{"data":' + b"[" * 200_000), "no valid JSON"),
    "500 for good": (Answer(500, {}, b"{}"), "status 500, also when asked again"),
    "429 for hours": (Answer(429, {"retry-after": "7200"}, b"{}"), "status 429"),
    "redirect to another host": (Answer(302, {"location": f"{ELSEWHERE}/?next=/"}), f"redirects to {ELSEWHERE} (status 302)"),
    "redirect to itself": (Answer(301, {"location": "/server/info"}), "redirects (status 301); redirects are not followed"),
    "redirect to a file": (Answer(308, {"location": "file:///etc/passwd"}), "(status 308); redirects are not followed"),
    "1 GiB in 1 MB": (lambda: Answer(200, GZIP, bomb()), "more than 64 MiB; it was cut off"),
    "compressed twice": (compressed_twice, "cannot be decompressed"),
    "an encoding that is not known": (Answer(200, {"content-encoding": "br"}, b"x"), "cannot be decompressed"),
    "broken encoding": (Answer(200, {"content-encoding": "gzip"}, b"no gzip"), "cannot be decompressed"),
}  # fmt: skip


@pytest.mark.parametrize("name", SILENT)
def test_an_instance_that_gives_nothing(tmp_path: Path, name: str, waits: list[float]) -> None:
    given, said = SILENT[name]
    answer = given() if callable(given) else given
    with Loopback(everywhere(answer)) as server:
        # A busy machine takes seconds for the large ones.
        report = report_on(server.url, tmp_path, timeout=2 if "within 2 s" in said else 60)
    assert sum(waits) < 10
    assert report.exit_code == 4
    assert report.scanned.instance is None
    assert [said in problem.message for problem in report.problems] == [True]
    live = {one.check: one.status for one in report.outcomes if one.subject == server.url}
    assert all(status is Status.NOT_EVALUATED for status in live.values())
    asked = (
        check for check in catalogue().values() if isinstance(check, InstanceCheck) or getattr(check, "live", False)
    )
    assert {check.id for check in asked} <= live.keys()


def test_connection_refused(tmp_path: Path) -> None:
    with Loopback(everywhere(HTML)) as server:
        url = server.url
    report = report_on(url, tmp_path)
    assert report.exit_code == 4
    assert "refused" in report.problems[0].message


def test_a_certificate_that_nobody_trusts(lab: Lab, tmp_path: Path) -> None:
    with lab.server(11) as real, proxy(real.url, lambda _: None, certificate=self_signed()) as server:
        report = report_on(server.url, tmp_path)
        assert report.exit_code == 4
        assert "--ca-file" in report.problems[0].message
        assert server.requests == []
        trusted = report_on(server.url, tmp_path, ca_file=self_signed())
        assert trusted.scanned.instance == server.url


def test_a_refused_token_is_no_anonymous_audit(lab: Lab, tmp_path: Path) -> None:
    with lab.server(11) as real:
        report = report_on(real.url, tmp_path, "wrong-token")
    assert report.exit_code == 4
    assert "the token is refused (401)" in report.problems[0].message


def test_findings_of_the_repository_beat_a_silent_instance(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "compose.yaml": "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment: {MARKETPLACE_TRUST: all}\n"
        },
    )
    with Loopback(everywhere(HTML)) as server:
        assert report_on(server.url, tmp_path).exit_code == 1


# --- a part of it cannot be used ---

PARTS: dict[str, Answer] = {
    "403": Answer(403, {}, b'{"errors":[]}'),
    "reset": Answer(harm=servers.reset),
    "hang": Answer(harm=servers.hang),
    "500": Answer(500, {}, b"{}"),
    "HTML": HTML,
    "flood": Answer(harm=servers.flood),
    "no JSON": Answer(200, {}, b"[1,"),
    "a list": Answer(200, {}, b"[]"),
    "rows of another shape": Answer(200, {}, b'{"data":[{"id":{"a":1}}]}'),
    "redirect": Answer(307, {"location": ELSEWHERE}),
}
RESTING = {
    "/permissions": "public-write",
    "/access": "public-write",
    "/policies": "admin-two-factor",
    "/roles": "nested-admin-role",
    "/users": "admin-static-token",
    "/flows": "webhook-open",
    "/operations": "script-operation",
    "/settings": "login-attempts",
    "/shares": "share-open",
    "/extensions": "extension-source",
    "/policies/me/globals": "public-write",
}
"""What is asked for, and a check that rests on it and passes on a fresh instance, or fails for what it shows."""


@pytest.mark.parametrize("path", list(one_in(2, RESTING, "parts of an instance")))
def test_a_part_that_fails_is_not_evaluated(lab: Lab, tmp_path: Path, path: str, waits: list[float]) -> None:
    with lab.server(11) as real:
        for name, answer in PARTS.items():
            if name in ("hang", "flood") and path not in ("/permissions", "/users"):
                continue
            with proxy(real.url, at(path, answer)) as server:
                report = report_on(server.url, tmp_path)
            assert sum(waits) < 10, name
            waits.clear()
            answers = {one.status for one in report.outcomes if one.check == RESTING[path]}
            assert answers == {Status.NOT_EVALUATED}, (name, answers)
            assert report.scanned.instance == server.url
            told = [problem.message for problem in report.problems]
            assert bool(told) == (name != "403"), (name, told)
            assert all(path in message for message in told)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_passes_by_is_asked_again(lab: Lab, tmp_path: Path, status: int, waits: list[float]) -> None:
    with lab.server(11) as real:
        harm = Answer(status, {"retry-after": "1"} if status == 429 else {}, b"{}")
        with proxy(real.url, at("/permissions", harm, times=2)) as server:
            report = report_on(server.url, tmp_path)
        assert report.problems == ()
        assert sum(one.path == "/permissions" for one in server.requests) == 3
        assert waits == ([1.0, 1.0] if status == 429 else [0.25, 0.5])


def test_a_reset_that_passes_by(lab: Lab, tmp_path: Path) -> None:
    with lab.server(11) as real, proxy(real.url, at("/permissions", Answer(harm=servers.reset), times=1)) as server:
        assert report_on(server.url, tmp_path).problems == ()


def test_an_instance_that_falls_silent_half_way_is_given_up(lab: Lab, tmp_path: Path) -> None:
    def fault(request: Request) -> Answer | None:
        return None if request.path in ("/server/info", "/policies/me/globals") else Answer(harm=servers.hang)

    with lab.server(11) as real:
        real.grant_public([row("directus_files", "read")])
        with proxy(real.url, fault) as server:
            report = report_on(server.url, tmp_path)
    unanswered = [one for one in server.requests if fault(one) is not None]
    assert len(unanswered) <= client.CONCURRENCY + client.GIVE_UP
    assert not any(
        one.status is Status.PASS and one.check.startswith(("public-", "users-", "escalation"))
        for one in report.outcomes
    )
    assert report.problems


def test_no_redirect_is_followed_and_no_other_host_sees_the_token(lab: Lab, tmp_path: Path) -> None:
    with Loopback(everywhere(HTML)) as other, lab.server(11) as real:
        with proxy(real.url, at("/permissions", Answer(302, {"location": other.url}))) as server:
            report = report_on(server.url, tmp_path)
        assert other.requests == []
        assert f"/permissions redirects to {other.url.rsplit(':', 1)[0]}" in report.problems[0].message


def test_rows_that_end_before_their_count_are_no_whole_answer(lab: Lab, tmp_path: Path) -> None:
    with lab.server(11) as real:
        short = Answer(200, {}, b'{"data":[],"meta":{"filter_count":7}}')
        with proxy(real.url, at("/users", short)) as server:
            report = report_on(server.url, tmp_path)
        assert report.problems[0].message == "/users ended after 0 of 7 rows"


def test_strict_fails_where_a_part_is_missing(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIRECTUS_TOKEN", TOKEN)
    with lab.server(12) as real, proxy(real.url, at("/settings", PARTS["403"])) as server:
        for options, code in (((), 0), (("--strict",), 4)):
            assert guard("scan", tmp_path, "--url", server.url, "--fail-on", "critical", *options).code == code


# --- what is never sent ---


def test_nothing_is_taken_from_the_surroundings(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(everywhere(HTML)) as trap, lab.server(11) as real:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, trap.url)
        assert report_on(real.url, tmp_path).scanned.instance == real.url
        assert trap.requests == []


def test_further_headers_reach_the_instance(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATE", "open-sesame")
    with lab.server(11) as real, proxy(real.url, lambda _: None) as server:
        run = guard("scan", tmp_path, "--url", server.url, "--header-env", "X-Gate=GATE", "--fail-on", "none")
        assert run.code == 0
        assert {one.headers.get("x-gate") for one in server.requests} == {"open-sesame"}
        assert "open-sesame" not in run.out + run.err


@each_case(
    ("url", "more", "said"),
    [
        ("http://cms.example.com", {"token": Secret("t")}, "unencrypted"),
        ("http://cms.example.com", {"headers": {"X-Gate": Secret("t")}}, "unencrypted"),
        ("http://localhost.example.com", {"token": Secret("t")}, "unencrypted"),
        ("ftp://cms.example.com", {}, "https://"),
        ("cms.example.com", {}, "https://"),
        ("https://user:word@cms.example.com", {}, "no user or password"),
        ("https://cms.example.com/?access_token=x", {}, "no query"),
        ("https://cms.example.com/a/../b", {}, "path"),
        ("https://cms.example.com/%2e%2e", {}, "path"),
        ("https://cms.example.com:99999", {}, "no address"),
        ("https://cms.example.com", {"token": Secret("a\nb: c")}, "token"),
        ("https://cms.example.com", {"headers": {"Authorization": Secret("x")}}, "cannot be set"),
        ("https://cms.example.com", {"headers": {"X": Secret("a\r\nb: c")}}, "not allowed"),
        ("https://cms.example.com", {"timeout": 0.0}, "--timeout"),
    ],
)
def test_targets_that_are_refused(url: str, more: dict[str, Any], said: str) -> None:
    with pytest.raises(TargetError, match=said):
        target(url, **more)


def test_loopback_and_a_safe_way_may_be_http() -> None:
    assert target("http://127.0.0.1:8055/", token=Secret("t")).origin == "http://127.0.0.1:8055"
    assert target("http://[::1]:8055", token=Secret("t")).origin == "http://[::1]:8055"
    assert target("http://cms.internal/x/", token=Secret("t"), allow_http=True).origin == "http://cms.internal/x"
    assert target("https://CMS.Example.com:443/admin").origin == "https://cms.example.com"


def test_the_client_has_one_verb() -> None:
    public = {name for name in vars(client.Client) if not name.startswith("_")}
    assert public == {"get"}


@each_case(
    "path", ["/flows/trigger/x", "/FLOWS/trigger/x", "/files/import", "/server/setup", "/items/../flows", "//other"]
)
def test_addresses_that_are_never_asked_for(path: str) -> None:
    import asyncio

    async def ask() -> None:
        async with client.Client(target("http://127.0.0.1:9")) as one:
            await one.get(path)

    with pytest.raises(ValueError, match="never asked"):
        asyncio.run(ask())


def test_without_an_instance_no_http_library_is_loaded(tmp_path: Path) -> None:
    import subprocess
    import sys

    program = (
        "import sys; from directus_guard.cli import main; main(['scan', sys.argv[1]]);"
        "print([name for name in sys.modules if name.startswith(('httpx', 'certifi', 'directus_guard.live'))])"
    )
    write(tmp_path, {".env": "DB_CLIENT=pg\nPUBLIC_URL=/\n"})
    run = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"
