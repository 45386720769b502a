"""What of a value people may see. Everything that reaches a message, a report or a log passes through here."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import escape_controls

MASK: Final = "********"
MAX_SHOWN: Final = 120

_SECRET_NAME: Final = lazy_pattern(
    r"(?:SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|TOKENS?|CREDENTIALS?|CONNECTION_STRING|DSN|PRIVATE|CERT|SALT|SID|AUTH"
    r"|LICENSE_\w+|WEBHOOK\w*|COOKIE|HMAC|SIGNATURE|ACCESS_?KEY\w*|API_?KEY\w*)\Z|(?:\A|_)(?:KEY|ACCESS_KEY_ID)\Z"
    r"|(?:\A|_)(?:SECRET|PASSWORD|TOKEN|CREDENTIALS|APIKEY)(?:_|\Z)",
    re.IGNORECASE,
)
_NOT_SECRET: Final = lazy_pattern(
    r"\A(?:CORS_CREDENTIALS|WEBSOCKETS_\w+_AUTH)\Z|_(?:TTL|ENABLED|LENGTH|SECURE|SAME_SITE|DOMAIN|NAME|LIMIT|URL_ALLOW_LIST|IDENTIFIER_KEY|EMAIL_KEY)\Z"
)

_OPEN_NAME: Final = lazy_pattern(
    r"(?:ACCESS_TOKEN_TTL|REFRESH_TOKEN_\w+|SESSION_COOKIE_\w+|CORS_\w+|CONTENT_SECURITY_POLICY\w*|ASSETS_\w+|HSTS_\w+"
    r"|RATE_LIMITER_(?!REDIS)\w+|PRESSURE_LIMITER_\w+|IMPORT_\w+|MARKETPLACE_(?:TRUST|REGISTRY)|EXTENSIONS_\w+|FLOWS_\w+"
    r"|WEBSOCKETS_\w+|GRAPHQL_\w+|OPENAPI_ENABLED|QUERY\w*_LIMIT\w*|QUERY_\w+|FILES_\w+|TUS_\w+|FILE_METADATA_ALLOW_LIST"
    r"|IP_\w+|PUBLIC_URL|HOST|PORT|NODE_ENV|NODE_OPTIONS|LOG_\w+|TELEMETRY|CACHE_(?!REDIS)\w+|METRICS_(?!TOKENS)\w+|MCP_\w+"
    r"|AI_(?:ENABLED|TELEMETRY\w*|DEVTOOLS\w*)|HASH_(?!SECRET|SALT)\w+|DB_(?:CLIENT|HOST|PORT|DATABASE|SSL\w*|FILENAME)|STORAGE_\w+_(?:ACL|DRIVER|ENDPOINT"
    r"|ACCESS_MODE)|EMAIL_(?:TRANSPORT|SMTP_(?:HOST|PORT|SECURE|IGNORE_TLS|POOL)|VERIFY_SETUP|SMTP_TLS_\w+|FROM)"
    r"|AUTH_\w+_(?:DRIVER|ALLOW_PUBLIC_REGISTRATION|REQUIRE_VERIFIED_EMAIL|REDIRECT_ALLOW_LIST|ISSUER_URL|CLIENT_URL|MODE"
    r"|IDENTIFIER_KEY|EMAIL_KEY|COOKIE_\w+|CLIENT_HTTP_\w+|REJECT_UNAUTHORIZED|TLS_\w+)"
    r"|AUTH_PROVIDERS|AUTH_DISABLE_DEFAULT|\w+_URL_ALLOW_LIST|\w+_REDIRECT_ALLOW_LIST|NODE_TLS_REJECT_UNAUTHORIZED|\w*REJECT_UNAUTHORIZED"
    r"|USER_INVITE_TOKEN_TTL|EMAIL_VERIFICATION_TOKEN_TTL|ROOT_REDIRECT|SERVE_APP|CONFIG_PATH|CROSS_ORIGIN_\w+|MAX_\w+"
    r"|USERS_\w+_LIMIT|LOGIN_STALL_TIME|REGISTER_STALL_TIME|HTTPS?_PROXY|NO_PROXY|PERMISSIONS_\w+|RETENTION_\w+|SYNCHRONIZATION_STORE|MESSENGER_STORE)\Z"
)
"""Names whose values may be shown: an allow list, because an unknown name may hold anything."""

_TOKEN_LIKE: Final = lazy_pattern(r"[A-Za-z0-9+/_=-]{24,}")
_LONG_NUMBER: Final = lazy_pattern(r"[0-9]{24,}")
_DIGIT: Final = lazy_pattern(r"[0-9]")
_LETTER: Final = lazy_pattern(r"[A-Za-z]")
_SHORTEST_TOKEN: Final = 24
"""Characters."""
_VARIABLE: Final = lazy_pattern(r"[A-Za-z_][\w.-]*", re.ASCII)


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name holds a secret by its name alone (`SECRET`, `DB_PASSWORD`, `AUTH_X_CLIENT_SECRET`)."""
    return bool(_SECRET_NAME.search(name)) and not _NOT_SECRET.search(name)


def shown(name: str, text: str) -> str:
    """The form of a variable's value that may be printed: whole only for names known to hold no secret."""
    if not text:
        return ""
    if not _is_open_name(name):
        return MASK
    return shorten(mask_urls(text))


def shown_name(name: str) -> str:
    """The name of a variable, as it may be printed. A line of a key that spans lines is read as a name where quotes are missing."""
    if not _VARIABLE.fullmatch(name):
        return MASK
    is_key = (
        len(name) >= 20 and any(map(str.isdigit, name)) and ("_" not in name or not (name.isupper() or name.islower()))
    )
    return MASK if is_key else name


def is_open(name: str, text: str) -> bool:
    """Whether a variable's value may be shown whole, however long it is."""
    return not text or (_is_open_name(name) and mask_urls(text) == text)


@lru_cache(maxsize=4096)
def _is_open_name(name: str) -> bool:
    """Whether the values of a variable of this name may be shown."""
    return bool(_OPEN_NAME.match(name)) and not is_secret_name(name)


def mask_urls(text: str) -> str:
    """`text` with user information and query strings of URLs, and token-like runs, masked."""
    if len(text) < _SHORTEST_TOKEN and "://" not in text:
        return text
    scheme, *addresses = text.split("://")
    parts = re.split(r"([\s,;'\"]+)", "://".join((scheme, *map(_without_password, addresses))))
    return "".join(_mask_tokens(_mask_url(part)) for part in parts)


def shorten(text: str) -> str:
    """`text` on one line, without invisible characters, cut to `MAX_SHOWN`."""
    clean = escape_controls(text)
    return clean if len(clean) <= MAX_SHOWN else f"{clean[: MAX_SHOWN - 1]}…"


def is_network(text: str) -> bool:
    """Whether a text is an address, a network or a range of addresses, and so nothing secret."""
    ends = text.split("-") if text.count("-") == 1 else [text]
    try:
        return bool([ipaddress.ip_network(end.strip(), strict=False) for end in ends])
    except ValueError:
        return False


def _without_password(address: str) -> str:
    """What follows `://`, without what is before its last `@`, if a password is there. In it people also write `/`, `,` and
    quotes as they are.
    """
    word = address.split(maxsplit=1)[0] if address[:1].strip() else ""
    before = word.rpartition("@")[0]
    return f"{MASK}{address[len(before) :]}" if ":" in before else address


def _mask_tokens(word: str) -> str:
    """A word without its long numbers, and without the long runs after whose begin it has a letter and a digit.

    What a run needs is looked up once for the whole word: a search from each character takes minutes for a long one.
    """
    if len(word) < _SHORTEST_TOKEN:
        return word
    backwards = word[::-1]
    found = [pattern.search(backwards) for pattern in (_DIGIT, _LETTER)]
    last = min(len(word) - one.end() if one else -1 for one in found)

    def masked(run: re.Match[str]) -> str:
        return MASK if run.start() <= last else _LONG_NUMBER.sub(MASK, run[0])

    return _TOKEN_LIKE.sub(masked, word)


def _mask_url(text: str) -> str:
    if "://" not in text:
        return text
    try:
        url = urlsplit(text)
    except ValueError:
        return MASK
    host = url.netloc.rpartition("@")[2]
    netloc = f"{MASK}@{host}" if "@" in url.netloc else host
    query = f"?{MASK}" if url.query else ""
    fragment = f"#{MASK}" if url.fragment else ""
    return f"{url.scheme}://{netloc}{url.path}{query}{fragment}"
