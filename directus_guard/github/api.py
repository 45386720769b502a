"""GitHub's REST interface, as far as the Action needs it: one origin, no redirects, patient where GitHub asks for it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from msgspec import Struct

from directus_guard import __version__
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    from directus_guard.secret import Secret

VERSION: Final = "2022-11-28"
TIMEOUT: Final = 60.0
TRIES: Final = 4
LONGEST_WAIT: Final = 120.0
"""Seconds that GitHub may ask us to wait before we rather go on without it."""
_FINAL: Final = frozenset({400, 410, 413, 422, 451})
"""Answers that no second try changes; github/codeql-action tries all others again, 413 aside."""
_ADDRESS: Final = lazy_pattern(r"https?://[A-Za-z0-9.:\[\]_-]+(?:/[A-Za-z0-9._~/-]*)?\Z")
_TOKEN: Final = lazy_pattern(r"[\x21-\x7e]+\Z")
_MOST_BYTES: Final = 16 * 1024 * 1024


class UnreachableError(Exception):
    """GitHub gave no answer. The message says why."""


class Answer(Struct, frozen=True):
    """What GitHub said. `data` is None where the body is no JSON; refusals may come with an empty or an HTML body."""

    status: int
    data: object

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def message(self) -> str:
        """GitHub's own words for a refusal, its list of errors included."""
        if not isinstance(self.data, dict):
            return ""
        errors = self.data.get("errors")
        details = [_error(item) for item in errors] if isinstance(errors, list) else []
        return "; ".join(part for part in (str(self.data.get("message") or ""), *details) if part)

    def text(self, key: str) -> str:
        """A text member of the answer, "" where there is none."""
        value = self.data.get(key) if isinstance(self.data, dict) else None
        return value if isinstance(value, str) else ""


class Api:
    """Calls with the job's token, which goes to this address and to no other."""

    def __init__(self, url: str, token: Secret, sleep: Callable[[float], None] = time.sleep) -> None:
        """`url`: GITHUB_API_URL, of github.com, GHE.com or a server of one's own. Raises `UnreachableError` for one without TLS."""
        try:
            place = urlsplit(url)
            host, _ = place.hostname, place.port
        except ValueError:
            raise UnreachableError("GITHUB_API_URL is not an address such as https://api.github.com") from None
        local = host in ("127.0.0.1", "localhost", "::1")
        if place.scheme != "https" and not (place.scheme == "http" and local):
            raise UnreachableError("GITHUB_API_URL is not an https address, and the token must not be sent unencrypted")
        if not host or not _ADDRESS.match(url):
            raise UnreachableError("GITHUB_API_URL is not an address such as https://api.github.com")
        if not _TOKEN.match(token.reveal()):
            raise UnreachableError("the token contains spaces or characters that a header cannot have")
        self._url: Final = url.rstrip("/")
        self._token: Final = token
        self.sleep: Final = sleep

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Answer:
        """One call, tried again where that can help. Raises `UnreachableError` when there was no answer at all."""
        import httpx  # noqa: PLC0415 - an eighth of a second, and most runs need no network

        with httpx.Client(timeout=TIMEOUT, follow_redirects=False, headers=self._headers()) as client:
            for number in range(1, TRIES + 1):
                try:
                    response = client.request(method, self._url + path, json=body)
                except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
                    if number == TRIES:
                        raise UnreachableError(f"{type(error).__name__} at {method} {path}") from None
                    self.sleep(number**2)
                    continue
                answer = Answer(response.status_code, _json(response))
                wait = _wait(response, answer, number)
                if wait is None or number == TRIES:
                    return answer
                self.sleep(wait)
        raise AssertionError("the loop returns or raises")

    def graphql(self, query: str, variables: Mapping[str, object]) -> Answer:
        """A question in GraphQL, for the few things that the REST interface cannot do. Its address is beside that."""
        api = self._url
        beside = Api(api.removesuffix("/v3"), self._token, self.sleep) if api.endswith("/api/v3") else self
        return beside.call("POST", "/graphql", {"query": query, "variables": variables})

    def _headers(self) -> dict[str, str]:
        return {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self._token.reveal()}",
            "X-GitHub-Api-Version": VERSION,
            "User-Agent": f"directus-guard/{__version__}",
        }


def _wait(response: httpx.Response, answer: Answer, number: int) -> float | None:
    """Seconds until the next try; None: this is the answer."""
    status = answer.status
    if status < 400 or status in _FINAL:
        return None
    asked = response.headers.get("retry-after", "")
    if not asked and response.headers.get("x-ratelimit-remaining") == "0":
        reset = response.headers.get("x-ratelimit-reset", "")
        asked = str(max(int(reset) - int(time.time()), 1)) if reset.isdecimal() else ""
    if asked.isdecimal():
        return float(asked) if float(asked) <= LONGEST_WAIT else None
    # 401, 403 and 404 were seen to be passing, but not those that say what is missing.
    if status in (401, 403, 404) and (number > 1 or "must be enabled" in answer.message or "not enabled" in answer.message
                                      or "not accessible" in answer.message):  # fmt: skip
        return None
    return float(number**2)


def _json(response: httpx.Response) -> object:
    if len(response.content) > _MOST_BYTES:
        return None
    try:
        data: object = json.loads(response.content)
    except (ValueError, RecursionError):
        return None
    return data


def _error(item: object) -> str:
    if isinstance(item, dict):
        return str(
            item.get("message") or " ".join(str(item.get(key, "")) for key in ("resource", "field", "code")).strip()
        )
    return str(item)
