"""The assistant sends to an address that does not fit."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from directus_guard.checks.access import _settings
from directus_guard.checks.declaration import ExportMember, export_check
from directus_guard.checks.result import CheckResult, NotEvaluated
from directus_guard.directus.context import is_local_host
from directus_guard.directus.disclosure import mask_urls, shorten
from directus_guard.directus.features import HAS_AI
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.export import Export


_URL: Final = "ai_openai_compatible_base_url"
_HEADERS: Final = "ai_openai_compatible_headers"
_PLAIN: Final = "Without https everybody on the way can read them, and answer in the provider's place."
_PRIVATE: Final = (
    "The host is on the private network: whoever can change the settings can make the server call services there."
)
_UNREADABLE: Final = "The AI assistant does not work: the value is not a valid URL."
_TITLES: Final = {_PLAIN: "is not https", _PRIVATE: "is on the private network", _UNREADABLE: "is not a valid URL"}


@export_check(
    "ai-endpoint",
    severity=Severity.MEDIUM,
    title="The assistant's endpoint or its headers are open",
    summary="The base URL of the AI provider is http or private, or its headers are in plain text in the settings.",
    cwe=(Cwe.SERVER_SIDE_REQUEST_FORGERY, Cwe.CLEARTEXT_TRANSMISSION, Cwe.CLEARTEXT_STORAGE),
    owasp=(OwaspRisk.API10, OwaspRisk.API7),
    feature=HAS_AI,
    needs=(ExportPart.SETTINGS,),
    evidence=(ExportMember.SETTINGS,),
    without=_settings.NO_SETTINGS,
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
            title=f"The address of the AI provider {_TITLES[reason]}",
            message=reason if reason == _UNREADABLE else f"The server sends every prompt and the key there. {reason}",
            expected="an https address of the provider",
            actual=shorten(mask_urls(str(url))),
            fix=_fix(str(url), reason),
            value=_secure(str(url), reason),
        )
    headers = _settings.value(export, _HEADERS)
    if export.settings is not None and isinstance(headers, list) and not all(map(_is_header, headers)):
        yield NotEvaluated(f"not every header in `{_HEADERS}` can be read", export.settings.place(_HEADERS))
    if _in_clear(headers):
        yield _settings.failure(
            export,
            _HEADERS,
            title="The headers to the AI provider are in plain text",
            message=(
                "Such headers usually carry a key, and Directus neither encrypts nor masks them."
                " Before 12.2 everybody with app access can read them; exports hold them as they are."
            ),
            expected="the key in the field for keys, which is encrypted; the key in this export replaced",
            actual="headers with values",
            fix=f"Create a new key at the provider, and write it into `ai_openai_compatible_api_key`. Remove the old key from `{_HEADERS}`, and revoke it. If no header is secret, accept this finding.",
        )


def _reason(url: str) -> str:
    """Why an address is no good place for prompts, a sentence; "" if nothing speaks against it."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:
        return _UNREADABLE
    if is_local_host(host) or _is_private(host):
        return _PRIVATE
    return _PLAIN if parts.scheme.lower() == "http" else ""


def _fix(url: str, reason: str) -> str:
    """What to write in place of the address."""
    secure = _secure(url, reason)
    if secure is not None:
        return f"Set `{_URL}` to `{secure}`."
    if reason == _PRIVATE:
        return f"Remove `{_URL}` if the model on this host is not yours. If it is yours, accept this finding."
    return f"Set `{_URL}` to the public `https://` address of your provider."


def _secure(url: str, reason: str) -> str | None:
    """The same address with https, where only that is missing and nothing of it is a secret."""
    secure = f"https{url.strip()[len('http') :]}"
    return secure if reason == _PLAIN and shorten(mask_urls(secure)) == secure else None


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
