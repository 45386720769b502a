"""Which instance is asked, and how: checked before anything is sent. Light: no HTTP library is loaded here."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from msgspec import Struct, field

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from directus_guard.secret import Secret

TIMEOUT: Final = 30.0
"""Seconds one request may take in all."""

_TOKEN: Final = lazy_pattern(r"[\x21-\x7e]+\Z")
_HEADER: Final = lazy_pattern(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
_OURS: Final = frozenset({"authorization", "host", "content-length", "transfer-encoding", "connection", "origin"})


class TargetError(ValueError):
    """The instance cannot be asked like that. The message says why and what to do."""


class Target(Struct, frozen=True):
    """One instance and the way to it. Made by `target`, which refuses what would be unsafe."""

    origin: str
    """Scheme, host, port if it is not the scheme's own, and the path it is mounted at; no slash at the end."""
    token: Secret | None = None
    headers: Mapping[str, Secret] = field(default_factory=dict)
    proxy: Secret | None = None
    ca_file: Path | None = None
    timeout: float = TIMEOUT
    probe_all: bool = False
    """Whether every collection that is known is asked for anonymously, not only those that something calls public."""


def origin(url: str) -> str:
    """The instance an address names. Raises `TargetError`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise TargetError(
            f"--url: {escape_controls(url)!r} is no address. Write it like https://cms.example.com"
        ) from None
    if parts.scheme not in ("http", "https") or not host:
        raise TargetError("--url: an address with https:// is needed, like https://cms.example.com")
    if "@" in parts.netloc:
        raise TargetError("--url: no user or password in the address; the token belongs into DIRECTUS_TOKEN")
    if parts.query or parts.fragment:
        raise TargetError("--url: no query or fragment; the token belongs into DIRECTUS_TOKEN")
    path = parts.path.rstrip("/")
    if not re.fullmatch(r"(?:/[A-Za-z0-9._~-]+)*", path) or ".." in path.split("/"):
        raise TargetError("--url: the path may contain letters, digits, `.`, `_`, `~` and `-` only")
    if not re.fullmatch(r"[a-z0-9.:_-]+", host):
        raise TargetError("--url: the host is not written in plain letters (use the xn-- form)")
    if ":" not in host and not all(0 < len(label) < 64 for label in host.removesuffix(".").split(".")):
        raise TargetError("--url: the host is not a valid name")
    path = path.removesuffix("/admin")  # what people copy out of the browser
    shown = f"[{host}]" if ":" in host else host
    own = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{shown}{f':{port}' if port not in (None, own) else ''}{path}"


def target(
    url: str,
    *,
    token: Secret | None = None,
    headers: Mapping[str, Secret] | None = None,
    proxy: Secret | None = None,
    ca_file: Path | None = None,
    timeout: float = TIMEOUT,
    allow_http: bool = False,
    probe_all: bool = False,
) -> Target:
    """The instance to ask. Raises `TargetError` for an address, a token or a header that cannot or must not be used."""
    place = origin(url)
    headers = headers or {}
    if place.startswith("http:") and (token or headers) and not allow_http and not is_loopback(place):
        raise TargetError(
            "--url: the token would be sent unencrypted. Use https://, or --allow-http if the network is safe"
        )
    if token is not None and not _TOKEN.match(token.reveal()):
        raise TargetError("the token is empty, or contains spaces or characters that a header cannot have")
    for name, value in headers.items():
        if not _HEADER.match(name) or name.lower() in _OURS:
            raise TargetError(f"--header-env: `{escape_controls(name)}` cannot be set")
        if not re.fullmatch(r"[\x20-\x7e\t]+", value.reveal()):
            raise TargetError(f"--header-env: the value for `{name}` is empty or not allowed in a header")
    if not 0 < timeout <= 600:
        raise TargetError("--timeout: seconds, more than 0 and at most 600")
    if proxy is not None and not _is_proxy(proxy.reveal()):
        raise TargetError("--proxy: an address with http:// or https:// is needed, like http://proxy.example.com:3128")
    return Target(place, token, dict(headers), proxy, ca_file, timeout, probe_all)


def _is_proxy(url: str) -> bool:
    """Whether it is an address that the HTTP library takes."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and re.fullmatch(r"[A-Za-z0-9.:_-]+", host or "") is not None
        and url.isprintable()
    )


def is_loopback(place: str) -> bool:
    """Whether nothing sent to this origin leaves the machine."""
    host = urlsplit(place).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
