"""The HTTP client: it can GET, and nothing else.

Directus changes state only on other verbs, with one exception, which is barred here: a GET of `/flows/trigger/ID` runs
a flow (docs/model/live.md#requests-that-are-never-sent). What the surroundings say (proxies, .netrc, certificates)
counts for nothing, redirects are never followed, and the token goes to one origin only.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import certifi
import httpx
from msgspec import Struct

from directus_guard import __version__, deadline, limits
from directus_guard.directus.access.nesting import TOO_DEEP, is_too_deep
from directus_guard.limits import Budget, OverBudgetError
from directus_guard.live.body import BodyError, body
from directus_guard.progress import Stage, step
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from directus_guard.live.target import Target

ATTEMPTS: Final = 4
CONCURRENCY: Final = 8
LONGEST_WAIT: Final = 20.0
"""Seconds: the longest single wait that a server may ask for."""
PATIENCE: Final = 60.0
"""Seconds of waiting, over all requests of a run."""
GIVE_UP: Final = 3
"""After so many requests in a row without any answer nothing more is asked."""

_RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_BARRED: Final = ("/flows/trigger", "/files/import", "/server/setup")


class Unanswered(Exception):  # noqa: N818 - what happened, no fault of the program
    """No usable answer. The message says why, a phrase that is safe to show."""


class Reply(Struct, frozen=True):
    """One whole answer."""

    status: int
    headers: Mapping[str, tuple[str, ...]]
    """Names in lower case."""
    body: bytes

    def json(self) -> object:
        """The body as JSON. Raises `Unanswered`."""
        if sum(map(self.body.count, (b"[", b"{", b","))) > limits.ANSWER_VALUES.number:
            raise Unanswered(f"answered {limits.over(limits.ANSWER_VALUES)}")
        try:
            found: object = json.loads(self.body)
        except (ValueError, RecursionError):
            kind = " ".join(self.headers.get("content-type", ())).lower()
            what = "an HTML page" if "html" in kind or self.body[:200].lstrip()[:1] == b"<" else "no valid JSON"
            raise Unanswered(f"answered {what} (status {self.status})") from None
        if is_too_deep(found):
            raise Unanswered(f"answered JSON {TOO_DEEP}")
        return found


class Client:
    """Reads from one instance. Use as an async context manager."""

    def __init__(self, target: Target) -> None:
        """Prepare; nothing is sent yet. Raises `Unanswered` where the certificates of `ca_file` cannot be read."""
        self._target = target
        self._own = {name: value.reveal() for name, value in target.headers.items()}
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._patience = PATIENCE
        self._silent = 0
        self._requests = Budget(limits.REQUESTS)
        self._bytes = Budget(limits.ANSWERS)
        proxy = target.proxy.reveal() if target.proxy else None
        self._http = httpx.AsyncClient(
            verify=_trusted(target), trust_env=False, follow_redirects=False, timeout=target.timeout, proxy=proxy,
            limits=httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY),
            headers={
                "user-agent": f"directus-guard/{__version__}",
                "accept": "application/json, */*;q=0.1",
                "accept-encoding": "gzip",
            },
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def get(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        anonymous: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """The answer to a GET of `path` (encoded, from `/`), with the token unless `anonymous`.

        Raises `Unanswered` when there is none, when it is too large, or when it leads elsewhere. Other statuses are the
        caller's business.
        """
        if path.lower().startswith(_BARRED) or ".." in path or "//" in path:
            raise ValueError(f"{path} is never asked for")
        sent = {**self._own, **(headers or {})}
        if self._target.token is not None and not anonymous:
            sent["authorization"] = f"Bearer {self._target.token.reveal()}"
        async with self._slots:
            step(Stage.ASKING)
            if self._silent >= GIVE_UP:
                raise Unanswered("not requested: the instance has stopped answering")
            if deadline.left(deadline.TimeShare.READ) <= 0:
                deadline.note_cut()
                raise Unanswered(f"not requested: {deadline.NO_TIME}")
            try:
                reply = await self._persistently(self._target.origin + path, query or {}, sent)
            except _SilentError as error:
                self._silent += 1
                raise Unanswered(str(error)) from None
            self._silent = 0
        if 300 <= reply.status < 400:
            raise Unanswered(self._redirected(reply))
        return reply

    async def _persistently(self, url: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """The first answer that is no passing trouble; the last one if all are."""
        for attempt in range(1, ATTEMPTS + 1):
            wait = 0.25 * 2 ** (attempt - 1)
            try:
                reply = await self._once(url, query, headers)
            except _BrokenError:
                if attempt == ATTEMPTS or not await self._wait(wait):
                    raise
                continue
            if reply.status not in _RETRIED or attempt == ATTEMPTS:
                return reply
            asked = _retry_after(reply)
            if not await self._wait(wait if asked is None else asked):
                return reply
        raise AssertionError("unreachable")

    async def _wait(self, seconds: float) -> bool:
        """Wait, if that is not asked too much of us."""
        if seconds > min(LONGEST_WAIT, self._patience, deadline.left(deadline.TimeShare.READ)):
            return False
        self._patience -= seconds
        await asyncio.sleep(seconds)
        return True

    async def _once(self, url: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        try:
            self._requests.spend()
            async with (
                asyncio.timeout(min(self._target.timeout, deadline.left(deadline.TimeShare.READ))),
                self._http.stream("GET", url, params=dict(query), headers=dict(headers)) as answer,
            ):
                return Reply(answer.status_code, _headers(answer), await body(answer, self._bytes))
        except OverBudgetError as error:
            raise Unanswered(f"not requested: {error}") from None
        except (TimeoutError, httpx.TimeoutException):
            raise _SilentError(f"no answer within {self._target.timeout:g} s") from None
        except httpx.ConnectError as error:
            if _about_certificates(error):
                raise _SilentError(
                    "its TLS certificate is not trusted; name the certificates to trust with --ca-file"
                ) from None
            raise _BrokenError("the connection was refused or the host not found") from None
        except BodyError as error:
            raise Unanswered(str(error)) from None
        except (httpx.TransportError, OSError):
            raise _BrokenError("the connection broke off") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            raise Unanswered("answered with something that is not HTTP") from None

    def _redirected(self, reply: Reply) -> str:
        try:
            place = urlsplit((reply.headers.get("location") or ("",))[0])
            host, here = place.hostname, urlsplit(self._target.origin)
            elsewhere = host is not None and (place.scheme, place.netloc) != (here.scheme, here.netloc)
        except ValueError:
            host, elsewhere = None, False
        to = f" to {place.scheme}://{escape_controls(host or '')[:80]}" if elsewhere else ""
        return f"redirects{to} (status {reply.status}); redirects are not followed: give the final address"


class _SilentError(Exception):
    """No answer came; asking again is of no use."""


class _BrokenError(_SilentError):
    """The connection failed; that may pass."""


def _trusted(target: Target) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(target.ca_file or certifi.where()))
    except (OSError, ssl.SSLError):
        raise Unanswered("the file of --ca-file contains no certificates in PEM form") from None


def _about_certificates(error: BaseException) -> bool:
    """Whether the connection failed in TLS: somewhere in the chain of causes."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _headers(answer: httpx.Response) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in answer.headers.multi_items():
        found[name.lower()] = (*found.get(name.lower(), ()), value)
    return found


def _retry_after(reply: Reply) -> float | None:
    """Seconds that the server asks to wait: a number or a date (RFC 9110, 10.2.3)."""
    text = (reply.headers.get("retry-after") or ("",))[0].strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
