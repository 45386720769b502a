"""The HTTP client of `prove`: the only one that can write, and to one origin only.

Redirects are never followed, and what the surroundings say (proxies, .netrc, certificates) counts for nothing. Nothing is
sent twice: a write that broke off may have been carried out. What makes a server fetch an address, install something or
ask for a licence is barred.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import certifi
import httpx
from msgspec import Struct

from directus_guard import __version__
from directus_guard.directus.access.nesting import is_too_deep
from directus_guard.directus.versions import Version
from directus_guard.live.target import is_loopback
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from directus_guard.live.target import Target
    from directus_guard.secret import Secret

MAX_BYTES: Final = 64 * 1024 * 1024
"""Of one answer."""
MAX_REQUESTS: Final = 200_000
"""Of one run."""

_METHODS: Final = frozenset({"GET", "SEARCH", "POST", "PATCH", "DELETE"})
_WRITTEN: Final = frozenset(
    {
        "access", "auth", "collections", "fields", "flows", "folders", "items", "operations", "permissions", "policies",
        "presets", "relations", "roles", "schema", "settings", "shares", "users",
    }
)  # fmt: skip
"""Endpoints that are written to; others are only read."""
_MAILS: Final = frozenset({"/users/invite", "/auth/password/request"})
"""What has no other purpose than to send a letter."""
_CACHE: Final = "/utils/cache/clear"
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~%$-]+)+")
_SHOWN: Final = 300
"""Characters of an answer that a message repeats."""


class ProveError(Exception):
    """`prove` cannot go on. The message says why, and is safe to show."""


class UnansweredError(ProveError):
    """No usable answer came."""


class RequestRefusedError(ProveError):
    """The server refused what an administrator may do, or answered something else than expected."""


class NeverSentError(ProveError):
    """A request that this client does not send, whoever asks for it."""


class WriteAnswer(Struct, frozen=True):
    """One answer, whatever its status."""

    status: int
    data: object
    """The member `data` of a JSON object; other JSON as it is; None where there is none."""
    reason: str = ""
    """The first error that the server names; it may repeat text of the repository, with control characters escaped."""

    @property
    def ok(self) -> bool:
        """Whether the request was carried out."""
        return 200 <= self.status < 300


class WriteClient:
    """Writes to one instance. Use as a context manager."""

    def __init__(self, target: Target, *, service: bool = False) -> None:
        """Prepare; nothing is sent yet. Raises `ProveError` without a token, or where `ca_file` cannot be read.

        `service`: whether `runner.is_service` said that it is a container of this job, which is reached without leaving the
        machine.
        """
        if target.token is None:
            raise ProveError("the token of an administrator is needed")
        if target.origin.startswith("http:") and not service and not is_loopback(target.origin):
            raise ProveError("the token would be sent unencrypted: over http only to this machine")
        if target.proxy is not None or target.headers:
            raise ProveError("a throw-away Directus is reached directly, without a proxy or further headers")
        self.origin: Final = target.origin
        self.administrator: Final = target.token
        """The token of the administrator whom the instance was made with."""
        self._timeout: Final = target.timeout
        self._left = MAX_REQUESTS
        self._http = httpx.Client(
            verify=_trusted(target), trust_env=False, follow_redirects=False, timeout=target.timeout,
            headers={"user-agent": f"directus-guard/{__version__}", "accept": "application/json"},
        )  # fmt: skip

    def __enter__(self) -> Self:
        self._http.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.__exit__(kind, error, trace)

    @cached_property
    def version(self) -> Version:
        """What the server says it is. Raises `ProveError`."""
        about = self.admin("GET", "/server/info")
        named = about.get("version") if isinstance(about, dict) else None
        found = Version.parse(named) if isinstance(named, str) else None
        if found is None:
            raise RequestRefusedError("the server does not say its version: is the token an administrator's?")
        return found

    @cached_property
    def database_vendor(self) -> str:
        """The database below it, as Directus names it (`sqlite`, `postgres`). Raises `ProveError`."""
        snapshot = self.admin("GET", "/schema/snapshot")
        named = snapshot.get("vendor") if isinstance(snapshot, dict) else None
        return escape_controls(named)[:40] if isinstance(named, str) else "unknown"

    def admin(self, method: str, path: str, body: object = None, query: Mapping[str, str] | None = None) -> object:
        """The data of a request of the administrator. Raises `RequestRefusedError` where it is no success."""
        answer = self.send(method, path, body, query=query, token=self.administrator)
        if not answer.ok:
            raise RequestRefusedError(f"{method} {path}: the server answered {answer.status} {answer.reason}".rstrip())
        return answer.data

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: Secret | None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        patience: float | None = None,
    ) -> WriteAnswer:
        """Any request, whatever its answer. `path`: from `/`, encoded (`segment`). `token`: None sends none. `patience`:
        seconds, for a request that does much at once.

        Raises `UnansweredError` when no answer comes, or one that is too large.
        """
        _check(method, path)
        if self._left <= 0:
            raise ProveError(f"more than {MAX_REQUESTS} requests")
        self._left -= 1
        sent = {name: value for name, value in (headers or {}).items() if name.lower() not in _OURS}
        if token is not None:
            sent["authorization"] = f"Bearer {token.reveal()}"
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            sent["content-type"] = "application/json"
        where = f"{method} {path}"
        seconds = patience or self._timeout
        until = time.monotonic() + seconds
        try:
            with self._http.stream(
                method, self.origin + path, params=dict(query or {}), headers=sent, content=content, timeout=seconds
            ) as reply:
                return _answer(reply.status_code, _body(reply, where, until))
        except httpx.TimeoutException:
            raise UnansweredError(f"{where}: no answer within {seconds:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise UnansweredError(f"{where}: {_broken(error)}") from None
        finally:
            # Sessions are what tokens say; a cookie of one account must not follow another.
            self._http.cookies.clear()


_OURS: Final = frozenset({"authorization", "host", "content-length", "transfer-encoding", "connection", "cookie"})


def segment(key: object) -> str:
    """A key as a part of a path. Raises `ProveError` where it cannot be one."""
    text = str(key)
    if not text or text in (".", ".."):
        raise ProveError("a key that cannot be part of a path")
    return quote(text, safe="")


def _check(method: str, path: str) -> None:
    """Raises `NeverSentError` for what is barred, and `ValueError` for what is no request at all: a mistake of the caller."""
    parts = path.split("/")[1:]
    if method not in _METHODS or not _PATH.fullmatch(path) or not {".", ".."}.isdisjoint(parts):
        raise ValueError(f"{escape_controls(method)} {escape_controls(path)} is no request")
    reads = method in ("GET", "SEARCH") or path == _CACHE
    if path in _MAILS or not (reads or parts[0] in _WRITTEN):
        raise NeverSentError(f"{method} {path} is never sent")


def _trusted(target: Target) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(target.ca_file or certifi.where()))
    except (OSError, ssl.SSLError):
        raise ProveError("the file of --ca-file contains no certificates in PEM form") from None


def _body(reply: httpx.Response, where: str, until: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in reply.iter_bytes():
        size += len(part)
        if size > MAX_BYTES:
            raise UnansweredError(f"{where}: answered more than {MAX_BYTES // 2**20} MiB")
        if time.monotonic() > until:
            raise UnansweredError(f"{where}: the answer did not end in time")
        parts.append(part)
    return b"".join(parts)


def _answer(status: int, body: bytes) -> WriteAnswer:
    try:
        found: object = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return WriteAnswer(status, None, "with no valid JSON")
    if is_too_deep(found):
        return WriteAnswer(status, None, "with JSON that is nested too deeply")
    if not isinstance(found, dict):
        return WriteAnswer(status, found)
    return WriteAnswer(status, found.get("data", found), _reason(found.get("errors")))


def _reason(errors: object) -> str:
    first = errors[0] if isinstance(errors, list) and errors else None
    message = first.get("message") if isinstance(first, dict) else None
    return escape_controls(message)[:_SHOWN] if isinstance(message, str) else ""


def _broken(error: Exception) -> str:
    if isinstance(error, httpx.ConnectError):
        return "the connection was refused, or the certificate is not trusted"
    if isinstance(error, (httpx.TransportError, OSError)):
        return "the connection broke off"
    return "answered with something that is not HTTP"
