"""Tokens that Python and PHP send: `"Authorization": "Bearer …"`, with the address that gets them, as far as it is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.code import HeldToken, Holds
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources.code import plain_texts
from directus_guard.sources.code.pieces import Hole, WrittenText, address_of, host_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from directus_guard.directus.code import Address
    from directus_guard.sources.code.pieces import CodeEvidence, Lines, Piece

_BEARER: Final = lazy_pattern(
    r"(?:.{0,200}\\n)?(?:Authorization:[ ]*)?Bearer[ ]+([A-Za-z0-9_.~+/=-]{8,400})(?=\\[rn]|\s*\Z)", re.IGNORECASE
)
_BEGINS: Final = lazy_pattern(r"https?://[^/\s]|\{\$?[\w.\[\]\"'()>-]{1,80}\}/|\$\w[\w>-]{0,80}/", re.IGNORECASE)
"""How a text begins that is an address: with a host, or with a variable and a path."""
_JOINED: Final = lazy_pattern(r"[.+,]\s*[A-Za-z]{0,2}[\"']\Z")
"""The text before a path that is added to a host: `url + "/items"`, `urljoin(url, "/items")`."""
_ADDRESS: Final = lazy_pattern(r"[\"'](https?://[^\s{}$\"']{1,200})[\"'][\s;]*(?:\#.*|//.*)?\Z")
_COMPARED: Final = lazy_pattern(r"[!=]=\s*[A-Za-z]{0,2}[\"']{1,3}\Z")
"""The text before a value that a program compares with a request."""
_GIVEN: Final = lazy_pattern(r"(?<![\w$>.])(\$?\w{1,80})[ \t]*=(?!=)[ \t]*([^\n]{1,200})")
_DIRECTUS: Final = lazy_pattern(r"directus", re.IGNORECASE)


def read(text: str, ending: str, lines: Lines, evidence: CodeEvidence) -> None:
    """Add the tokens that stand in a header. Where a file has several addresses, that of the same line gets it."""
    if "bearer " not in text.lower():
        return
    given = declarations(text)
    sent: list[tuple[int, int]] = []
    asked: dict[int, list[Address]] = {}
    for value, first, last in plain_texts.texts(text, ending):
        bearer = _BEARER.match(value)
        if bearer is not None and not _COMPARED.search(text, max(first - 20, 0), first):
            sent.append((first + bearer.start(1), first + bearer.end(1)))
        elif (address := address_at(text, value, (first, last), given)) is not None:
            asked.setdefault(lines.location(first, last).line or 0, []).append(address)
    anywhere = _agreed([address for line in asked.values() for address in line], evidence.hosts)
    for start, end in sent:
        place = lines.location(start, end)
        near = asked.get(place.line or 0)
        address = _agreed(near, evidence.hosts) if near is not None else anywhere
        evidence.tokens.append(
            HeldToken(place, Holds.LITERAL, "Authorization", Secret(text[start:end]), address=address)
        )


def declarations(text: str) -> Mapping[str, tuple[int, int]]:
    """The place of the value of each variable of a file: the rest of the line that first assigns it, by its name."""
    given: dict[str, tuple[int, int]] = {}
    for match in _GIVEN.finditer(text):
        given.setdefault(match[1], match.span(2))
    return given


def address_at(text: str, value: str, place: tuple[int, int], given: Mapping[str, tuple[int, int]]) -> Address | None:
    """The address that a text is, with the text before it on its line. `given`: what each variable is."""
    if re.search(r"\s", value):
        return None
    if _BEGINS.match(value):
        pieces = list(plain_texts.pieces_of(text, *place))
    elif value.startswith("/") and _JOINED.search(text, max(place[0] - 20, 0), place[0]):
        pieces = [*plain_texts.before(text, place[0], 120), WrittenText(value)]
    else:
        return None
    address = address_of([*_declared(text, pieces, given), WrittenText("?access_token=")])
    return None if address is None or address.relative else address


def _declared(text: str, pieces: Iterable[Piece], given: Mapping[str, tuple[int, int]]) -> Iterator[Piece]:
    """The pieces, each variable with what the same file says that it is."""
    for piece in pieces:
        span = given.get(piece.names[0]) if isinstance(piece, Hole) else None
        if not isinstance(piece, Hole) or span is None:
            yield piece
            continue
        written = text[slice(*span)]
        literal = _ADDRESS.match(written)
        yield Hole(piece.names, bases=(literal[1],)) if literal is not None else Hole((*piece.names, written))


def _agreed(addresses: list[Address], hosts: set[str]) -> Address | None:
    """The one that a request goes to: any that is called Directus where all are; the only one where none is."""
    named = [one for one in addresses if _is_named(one, hosts)]
    origins = {one.origin or one.names for one in addresses}
    if len(named) < len(addresses) and (named or len(origins) > 1):
        return None
    return max(addresses, key=lambda one: len(one.path), default=None)


def _is_named(address: Address, hosts: set[str]) -> bool:
    host = host_of(address.origin)
    return host in hosts or any(map(_DIRECTUS.search, (host, *address.names))) or host.endswith(":8055")
