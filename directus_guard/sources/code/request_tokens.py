"""Tokens and passwords in requests that settings describe: servers of a client for MCP, files of HTTP clients, commands
in JSON, schemas of a client for GraphQL.

An `Authorization` header counts with the address beside it, or below a key that is an address or is called Directus.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from directus_guard.directus.code import PASSWORD, HeldToken, Holds
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources.code import command_tokens
from directus_guard.sources.code.pieces import LOGIN, PASSWORD_IN_JSON, WrittenText, address_of
from directus_guard.sources.files import signs
from directus_guard.sources.formats import shell_commands, traced
from directus_guard.sources.formats.values import List, ObjectValue, Text, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.code import Address
    from directus_guard.sources.formats.dockerfile_syntax import Positions
    from directus_guard.sources.formats.traced import Traced

_BEARER: Final = lazy_pattern(r"\s*Bearer[ \t]+([^\s\"'${}<>]{8,400})\s*", re.IGNORECASE)
_PLAIN: Final = lazy_pattern(r"\s*([^\s\"'${}<>]{8,400})\s*")
_HEADER: Final = lazy_pattern(
    r"(?:--header[= ])?[\"']?Authorization[ \t]*[:=][ \t]*Bearer[ \t]+([^\s\"'${}<>]{8,400})[\"']?\s*", re.IGNORECASE
)
_IN_QUERY: Final = lazy_pattern(r"https?://[^\s\"'<>]{1,300}?[?&]access_token=([^&#\s\"'${}<>]{8,400})", re.IGNORECASE)
_URL: Final = lazy_pattern(r"https?://[^\s\"'<>{}$]{3,300}", re.IGNORECASE)
_TOOL: Final = lazy_pattern(r"\A\w{1,20}\((.*)\)\Z", re.DOTALL)
"""A command that a tool may run: `Bash(curl …)`."""
_DEEPEST: Final = 64


class _Placed(NamedTuple):
    """A value, with what is around it."""

    value: Value
    depth: int = 0
    about: bool = False
    """Whether it is below a key that is called Directus."""
    key: str = ""
    """Its key; "" in a list."""


def _below(placed: _Placed) -> Iterator[_Placed]:
    depth = placed.depth + 1
    if isinstance(placed.value, ObjectValue):
        for one in placed.value.entries:
            yield _Placed(one.value, depth, placed.about or "directus" in one.key.text.lower(), one.key.text)
    elif isinstance(placed.value, List):
        yield from (_Placed(one, depth, placed.about) for one in placed.value.items)


class _Reader:
    """The tokens of one file."""

    def __init__(self, path: str, text: str, positions: Positions) -> None:
        self._file: Final = (path, text)
        self._positions: Final = positions

    def read(self, root: Value) -> Iterator[HeldToken]:
        """The tokens in the order of the file; what an alias repeats comes once."""
        stack, seen = [_Placed(root)], set[Value]()
        while stack:
            value, depth, about, key = placed = stack.pop()
            if value in seen or depth > _DEEPEST:
                continue
            seen.add(value)
            if isinstance(value, ObjectValue):
                yield from self._of_object(value, about=about, key=key)
            elif isinstance(value, Text):
                yield from self._of_command(value)
            stack.extend(reversed(list(_below(placed))))

    def _of_object(self, value: ObjectValue, *, about: bool, key: str) -> Iterator[HeldToken]:
        own = list(_texts(value))
        address = next(
            (found for one in (key, *(one.text for one in own)) if (found := _address(one)) is not None), None
        )
        if address is None and not about:
            return
        if address is not None and LOGIN.search(address.path):
            for text in _bodies(value):
                password = PASSWORD_IN_JSON.search(text.text)
                if password is not None and not _FILLED_IN.search(password[1]):
                    yield self._held(PASSWORD, text, password, about, address)
        for one in own:
            for pattern, name in ((_IN_QUERY, "access_token"), (_HEADER, "Authorization")):
                match = pattern.match(one.text)
                if match is not None:
                    yield self._held(name, one, match, about, address)
        for text, pattern in (
            *((one, _BEARER) for one in _authorizations(value)),
            *((one, _PLAIN) for one in _bearers(value)),
        ):
            bearer = pattern.fullmatch(text.text)
            if bearer is not None:
                yield self._held("Authorization", text, bearer, about, address)

    def _of_command(self, text: Text) -> Iterator[HeldToken]:
        if not signs.sends_token(text.text):
            return
        script = self._traced(text)
        inner = _TOOL.match(script.text)
        for command in shell_commands.commands(script.cut(*inner.span(1)) if inner is not None else script):
            yield from command_tokens.sent(command)

    def _held(self, name: str, text: Text, match: re.Match[str], about: bool, address: Address | None) -> HeldToken:
        place = self._traced(text).cut(*match.span(1)).location
        return HeldToken(place, Holds.FILE, name, Secret(match[1]), used=about, address=address)

    def _traced(self, text: Text) -> Traced:
        return traced.scalar(*self._file, text.text, text.location, self._positions)


def of_value(path: str, text: str, positions: Positions, root: Value) -> Iterator[HeldToken]:
    """The tokens in a file of JSON, YAML or TOML, in its order."""
    if signs.is_request(text):
        yield from _Reader(path, text, positions).read(root)


def _texts(value: ObjectValue) -> Iterator[Text]:
    """The texts of an object, those of its lists (`args`), and what Postman says of a `url`."""
    for entry in value.entries:
        if isinstance(entry.value, Text):
            yield entry.value
        elif isinstance(entry.value, List):
            yield from (item for item in entry.value.items if isinstance(item, Text))
        elif isinstance(entry.value, ObjectValue) and entry.key.text == "url":
            raw = entry.value.scalar("raw")
            yield from (raw,) if raw is not None else ()


def _authorizations(value: ObjectValue) -> Iterator[Text]:
    """The texts of `Authorization` in an object, in the objects below it, and in its lists of `name` and `value`."""
    for entry in value.entries:
        if isinstance(entry.value, Text) and entry.key.text.lower() == "authorization":
            yield entry.value
        elif isinstance(entry.value, ObjectValue):
            held = (one for one in entry.value.entries if one.key.text.lower() == "authorization")
            yield from (one.value for one in held if isinstance(one.value, Text))
        elif isinstance(entry.value, List):
            yield from _of_pairs(entry.value, "authorization")


def _bearers(value: ObjectValue) -> Iterator[Text]:
    """The tokens of Postman: `"auth": {"type": "bearer", "bearer": [{"key": "token", "value": …}]}`."""
    for auth in (entry.value for entry in value.entries if entry.key.text == "auth"):
        for entry in auth.entries if isinstance(auth, ObjectValue) else ():
            if entry.key.text == "bearer" and isinstance(entry.value, List):
                yield from _of_pairs(entry.value, "token")


def _bodies(value: ObjectValue) -> Iterator[Text]:
    """What a request sends: a text, or the `raw` of Postman."""
    for entry in value.entries:
        if entry.key.text == "body":
            held = entry.value.scalar("raw") if isinstance(entry.value, ObjectValue) else entry.value
            if isinstance(held, Text):
                yield held


def _of_pairs(pairs: List, name: str) -> Iterator[Text]:
    """The values of a name in a list of `name` (or `key`) and `value`."""
    for item in pairs.items:
        if isinstance(item, ObjectValue):
            named, text = item.scalar("name") or item.scalar("key"), item.scalar("value")
            if named is not None and text is not None and named.text.lower() == name:
                yield text


def _address(text: str) -> Address | None:
    """The address that a text is, or that it begins with."""
    match = _URL.match(text.strip())
    return None if match is None else address_of([WrittenText(f"{match[0].partition('?')[0]}?access_token=")])


# --- files of HTTP clients ---------------------------------------------------------------------------------------------

_FILLED_IN: Final = lazy_pattern(r"\{\{|\$\{?")
"""A variable of the client, in the place of a value."""
_SEPARATOR: Final = lazy_pattern(r"(?m)^###.*$")
_VARIABLE: Final = lazy_pattern(r"(?m)^[ \t]*@([\w-]{1,80})[ \t]*=[ \t]*(\S{1,400})[ \t\r]*$")
_REQUEST: Final = lazy_pattern(r"(?m)^[ \t]*(?:[A-Z]{3,8}[ \t]+)?((?:https?://|\{\{)\S{3,400})")
_SENT: Final = lazy_pattern(
    r"(?mi)^[ \t]*Authorization[ \t]*:[ \t]*Bearer[ \t]+(\{\{[^}\n]{1,90}\}\}|\S{8,400})[ \t\r]*$"
)
_ASKED: Final = lazy_pattern(r"(?i)[?&]access_token=(\{\{[^}\n]{1,90}\}\}|[^&#\s]{8,400})")
_REFERENCE: Final = lazy_pattern(r"\{\{[ \t]*\$?([\w-]{1,80})[ \t]*\}\}")


def of_http(whole: Traced) -> Iterator[HeldToken]:
    """The tokens in a file of requests (`.http`), each with the address that gets it, as far as the file says it."""
    text = whole.text
    given = {match[1]: match.span(2) for match in _VARIABLE.finditer(text)}
    ends = [match.span() for match in _SEPARATOR.finditer(text)]
    starts = [0, *(end for _, end in ends)]
    for start, end in zip(starts, [*(begin for begin, _ in ends), len(text)], strict=True):
        request = _REQUEST.search(text, start, end)
        if request is None:
            continue
        address = _address(_REFERENCE.sub(lambda one: _said(text, given, one[1]), request[1]))
        for pattern, name in ((_SENT, "Authorization"), (_ASKED, "access_token")):
            for match in pattern.finditer(text, start, end):
                reference = _REFERENCE.fullmatch(match[1])
                span = match.span(1) if reference is None else given.get(reference[1])
                if address is not None and span is not None and "{{" not in text[slice(*span)]:
                    yield _sent(whole.cut(*span), name, address)
        signs_in = address is not None and LOGIN.search(address.path) is not None
        for match in PASSWORD_IN_JSON.finditer(text, start, end) if signs_in else ():
            if not _FILLED_IN.search(match[1]):
                yield _sent(whole.cut(*match.span(1)), PASSWORD, address)


def _sent(part: Traced, name: str, address: Address | None) -> HeldToken:
    return HeldToken(part.location, Holds.FILE, name, Secret(part.text), address=address)


def _said(text: str, given: Mapping[str, tuple[int, int]], name: str) -> str:
    """What a variable of the file is, as written; "" where the file does not say it."""
    return text[slice(*given[name])] if name in given else ""
