"""Literal credentials in the options of an operation: where they stand. Their text never leaves this module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from directus_guard.directus.environment.known_secrets import is_example, is_placeholder
from directus_guard.directus.flows.data import MAX_DEPTH, MIN_SECRET, is_secretive, texts_in
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.flows.records import Operation

_TEMPLATE: Final = lazy_pattern(r"\{\{[^{}]{0,1000}\}\}")
_SCHEME: Final = lazy_pattern(r"(?:bearer|basic|token|apikey|key|hmac|digest)[ =:]+", re.IGNORECASE)
_WORDS: Final = lazy_pattern(r"[A-Za-z]+(?:[ ._:/-]+[A-Za-z]+)*\Z")
_VARIABLE: Final = lazy_pattern(r"\$\{?[A-Za-z_][\w.]*\}?\Z|process\.env\b|data[.\[]")
_KNOWN_FORM: Final = lazy_pattern(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|glpat-[A-Za-z0-9_-]{18,}|sk_live_[A-Za-z0-9]{16,}"
    r"|rk_live_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9]{16,}|xox[abprs]-[A-Za-z0-9-]{20,}|sk-ant-[A-Za-z0-9_-]{20,}"
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|AKIA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|re_[A-Za-z0-9]{8,}_[A-Za-z0-9]{16,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,})"
    r"|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"
)
_PAIR: Final = lazy_pattern(
    r"""(?<![\w-])["'`]?(?P<name>(?<![\w-])[A-Za-z_][\w-]{0,60})["'`]?\s{0,5}(?:=>|[:=])\s{0,5}(?P<quote>["'`])(?P<value>[^"'`\n]{1,500})(?P=quote)"""
)
_SECRET_HEADERS: Final = frozenset({"authorization", "proxy-authorization", "cookie"})
_NAMES_ONLY: Final = frozenset({"key", "token_type", "resolve", "reject"})
"""Keys of options that hold names: the `key` of an item, not a key to something."""


def credentials(operation: Operation) -> Iterator[str]:
    """Where literal credentials stand in an operation, as a reader finds the place. Each place once, in order."""
    found: dict[str, None] = {}
    for name, option in operation.options.items():
        if operation.type == "json-web-token" and name in ("secret", "token"):
            if isinstance(option, str) and (_is_signing_key(option) if name == "secret" else _is_known_form(option)):
                found[name] = None
        elif operation.type == "request" and name == "headers":
            found |= dict.fromkeys(_headers(option))
        elif operation.type == "request" and name == "url" and isinstance(option, str):
            found |= dict.fromkeys(_address(option))
        else:
            found |= dict.fromkeys(_anywhere(name, option))
    yield from found


def _headers(option: Json) -> Iterator[str]:
    pairs: list[tuple[Json, Json]] = []
    if isinstance(option, Mapping):
        pairs = list(option.items())
    elif isinstance(option, (list, tuple)):
        pairs = [(one.get("header"), one.get("value")) for one in option if isinstance(one, Mapping)]
    for header, value in pairs:
        if isinstance(header, str) and isinstance(value, str):
            secretive = header.lower() in _SECRET_HEADERS or is_secretive(header)
            if (secretive and is_credential(value)) or _is_known_form(value):
                yield f"headers.{header}"


def _address(text: str) -> Iterator[str]:
    plain = _TEMPLATE.sub("", text)
    try:
        url = urlsplit(plain)
        password = url.password
    except ValueError:
        return
    if password and is_credential(unquote(password)):
        yield "url (password)"
    for name, value in parse_qsl(url.query, max_num_fields=None):
        if (is_secretive(name) and is_credential(value)) or _is_known_form(value):
            yield f"url ({name})"
    if _is_known_form(url.path) or _is_webhook_address(url.hostname or "", url.path):
        yield "url"


def _is_webhook_address(host: str, path: str) -> bool:
    """Services whose addresses are the credential."""
    return (
        (host == "hooks.slack.com" and path.startswith("/services/T"))
        or (host in ("discord.com", "discordapp.com") and path.startswith("/api/webhooks/") and path.count("/") >= 4)
        or (host == "api.telegram.org" and re.match(r"/bot\d{6,}:[A-Za-z0-9_-]{20,}", path) is not None)
    ) and not is_placeholder(path.rpartition("/")[2])


def _anywhere(place: str, option: Json, name: str = "", depth: int = 0) -> Iterator[str]:
    """In objects by the names of their members (`name`: the one that holds `option`, operators of filters apart); in
    texts by pairs of name and quoted value, and by known forms."""
    if isinstance(option, Mapping) and depth < MAX_DEPTH:
        for key, value in option.items():
            operator = key.startswith("_")
            yield from _anywhere(place if operator else f"{place}.{key}", value, name if operator else key, depth + 1)
    elif isinstance(option, (list, tuple)) and depth < MAX_DEPTH:
        for element in option:
            yield from _anywhere(place, element, name, depth + 1)
    elif isinstance(option, str):
        if _names_secret(name) and is_credential(option):
            yield place
            return
        if _is_known_form(option):
            yield place
        for pair in _PAIR.finditer(option):
            if _names_secret(pair["name"]) and is_credential(pair["value"]):
                yield f"{place} ({pair['name']})"
    else:
        for text in texts_in(option):
            if _is_known_form(text):
                yield place


def _names_secret(name: str) -> bool:
    return name.lower() not in _NAMES_ONLY and is_secretive(name)


def is_credential(text: str) -> bool:
    """Whether a text in a place for credentials is one: not what a template fills in, no placeholder, no plain words."""
    literal = _SCHEME.sub("", _TEMPLATE.sub("", text).strip(), count=1).strip()
    return (
        len(literal) >= MIN_SECRET
        and not is_example(literal)
        and _WORDS.match(literal) is None
        and _VARIABLE.match(literal) is None
        and "://" not in literal
    )


def _is_signing_key(text: str) -> bool:
    """Whatever is written there signs tokens, guessable or not."""
    literal = _TEMPLATE.sub("", text).strip()
    return bool(literal) and not is_placeholder(literal)


def _is_known_form(text: str) -> bool:
    found = _KNOWN_FORM.search(text)
    return found is not None and re.search(r"(?:x{6}|0{8}|\*{4}|\.{3})", found[0], re.IGNORECASE) is None
