"""The assistant sends to an address that does not fit."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from directus_guard.checks.access import _settings
from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, NotEvaluated
from directus_guard.directus.context import is_local_host
from directus_guard.directus.disclosure import mask_urls, shorten
from directus_guard.directus.features import HAS_AI
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.export import Export


_URL: Final = "ai_openai_compatible_base_url"
_HEADERS: Final = "ai_openai_compatible_headers"


@export_check(
    "ai-endpoint",
    severity=Severity.MEDIUM,
    title="The assistant's endpoint or its headers are open",
    summary="The base URL of the AI provider is http or private, or its headers stand in clear in the settings.",
    feature=HAS_AI,
    needs=(ExportPart.SETTINGS,),
)
def ai_endpoint(export: Export) -> Iterator[CheckResult]:
    yield from _settings.absent(export, _URL)
    yield from _settings.absent(export, _HEADERS)
    url = _settings.value(export, _URL)
    reason = _reason(url) if isinstance(url, str) else ""
    if reason:
        yield _settings.failure(
            export,
            _URL,
            f"The server sends every prompt of its users there, with what they put in and the key: {reason}.",
            "an https address of the provider",
            shorten(mask_urls(str(url))),
        )
    headers = _settings.value(export, _HEADERS)
    if export.settings is not None and isinstance(headers, list) and not all(map(_is_header, headers)):
        yield NotEvaluated(f"not every header in `{_HEADERS}` can be read", export.settings.place(_HEADERS))
    if _in_clear(headers):
        yield _settings.failure(
            export,
            _HEADERS,
            "These headers usually carry a key, and Directus neither encrypts nor masks them as it does the key itself: before 12.2 everybody with app access reads them, and they stand in this export.",
            "the key in the field for keys, which is encrypted; the one in this export replaced",
            "headers with values",
        )


def _reason(url: str) -> str:
    """Why an address is no good place for prompts; "" if nothing speaks against it."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:
        return "it is no address that can be read"
    if is_local_host(host) or _is_private(host):
        return "the host is on the private network, which nobody outside of it chose"
    return "it is not https, so anybody on the way reads and answers" if parts.scheme.lower() == "http" else ""


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host and bool(host)


def _is_header(item: Json) -> bool:
    """Whether something is a header as the Studio writes it: a name and a value."""
    return isinstance(item, Mapping) and isinstance(item.get("value"), str)


def _in_clear(headers: Json) -> bool:
    """Whether some header has a value that is not masked."""
    values = [item.get("value") for item in headers if isinstance(item, Mapping)] if isinstance(headers, list) else []
    return any(isinstance(value, str) and value.strip("* ") for value in values)
