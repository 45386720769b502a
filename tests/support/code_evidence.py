"""What one text of code tells, a line for each address, token and host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.sources.code import files
from directus_guard.sources.code.pieces import CodeEvidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.code import Address, HeldToken
    from directus_guard.finding import Location
    from directus_guard.sources.code.traces import ModuleReader


def said(text: str, path: str = "a.ts", modules: ModuleReader | None = None) -> list[str]:
    """What a file of code tells, in the order of its places; hosts last."""
    evidence = CodeEvidence.nothing()
    files.search(path, text, evidence, modules)
    lines = [(one.location, f"{one.place.name.lower()} {shown(one.address)}") for one in evidence.addresses]
    lines += [(one.location, _of_token(one)) for one in evidence.tokens]
    lines += [(place, "not understood") for place in evidence.unread]
    ordered = sorted(lines, key=lambda line: line[0])
    return [
        *(f"{line}: {marked(text, place)}" for place, line in ordered),
        *map("host {}".format, sorted(evidence.hosts)),
    ]


def shown(address: Address | None) -> str:
    """An address: what is written of it, and the names in the place of the host."""
    if address is None:
        return "an unknown address"
    names = f"{{{' '.join(address.names)}}}" if address.names else ""
    return f"{address.origin}{names}{address.path}"


def _of_token(token: HeldToken) -> str:
    return " ".join(_words(token))


def _words(token: HeldToken) -> Iterator[str]:
    yield f"{token.holds.name.lower()} {token.name}"
    if token.value is not None:
        yield f"= {token.value.reveal()}"
    if token.used:
        yield "of Directus"
    if token.address is not None:
        yield f"to {shown(token.address)}"


def marked(text: str, place: Location) -> str:
    """The text at a place, which is on one line."""
    assert place.line is not None
    assert place.line == place.end_line
    line = text.split("\n")[place.line - 1]
    return line[(place.column or 1) - 1 : (place.end_column or 1) - 1]
