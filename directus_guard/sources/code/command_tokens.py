"""Tokens and passwords that commands send: `curl -H "Authorization: Bearer …"`, `?access_token=…`, `directus-sdk-typegen --token …`,
`curl -d '{"email": …, "password": …}' …/auth/login`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.code import PASSWORD, HeldToken, Holds
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources import script_texts
from directus_guard.sources.code.pieces import LOGIN, PASSWORD_IN_JSON, WrittenText, address_of
from directus_guard.sources.files import registry, signs
from directus_guard.sources.formats import holes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from directus_guard.directus.code import Address
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.shell_commands import Command
    from directus_guard.sources.formats.traced import Traced

_CLIENTS: Final = ("curl", "wget", "http", "https", "xh", "xhs", "curlie")
_HEADER: Final = lazy_pattern(r"(?:--header=)?Authorization:\s*Bearer\s+", re.IGNORECASE)
_IN_QUERY: Final = lazy_pattern(r"[?&]access_token=([^&#\s]+)|\Aaccess_token==(\S+)")
_PASSWORD: Final = lazy_pattern(r"(?:\A|[\s&?])password:?==?([^&\s]{1,200})")
"""In a form (`-d "email=…&password=…"`), and as HTTPie takes the members of JSON."""
_OPTION: Final = lazy_pattern(r"\A--?[\w-]{1,60}=")
_DIRECTUS: Final = lazy_pattern(r"(?:\S*/)?(?:@[\w.-]+/)?[\w.-]*directus[\w.-]*(?:@\S+)?")


def read(repository: Repository) -> tuple[HeldToken, ...]:
    """The tokens in commands of files that git tracks, in the order of their places, with the address that gets them."""
    found: list[HeldToken] = []
    for path in registry.COMMAND_TOKENS.paths(repository):
        if repository.tracked(path) and not repository.is_second_name(path):
            for script in script_texts.scripts(repository, path, signs.sends_token):
                commands = tuple(script.commands)
                own = _asked(commands)
                for command in commands:
                    found += (_of_directus(token, own) for token in sent(command))
    return tuple(dict.fromkeys(sorted(found, key=lambda token: (token.location, token.name))))


def _asked(commands: Iterable[Command]) -> frozenset[str]:
    """The hosts of which commands ask items: another program has other paths."""
    words = (word for command in commands for word in command.words)
    addresses = (address for word in words if (address := _address(word)) is not None)
    return frozenset(address.origin for address in addresses if "/items/" in address.path and address.origin)


def _of_directus(token: HeldToken, own: frozenset[str]) -> HeldToken:
    """A password goes to a Directus where the same script asks that host for items."""
    asked = token.name == PASSWORD and token.address is not None and token.address.origin in own
    return replace(token, used=True) if asked else token


def sent(command: Command) -> Iterator[HeldToken]:
    """The tokens that a command sends, or gives to a program of Directus."""
    given = command.arguments(*_CLIENTS)
    if given is not None:
        yield from _requested(given)
        return
    # Any other program that is given an address asks it: a generator of types, of a client for GraphQL.
    for word in command.words:
        if "access_token=" in word.text:
            yield from _requested((word,))
    if any(_DIRECTUS.fullmatch(word.text) for word in command.words[:_MAX_WRAPPING]):
        for index, word in enumerate(command.words):
            option, equals, value = word.partition("=")
            if option.text in ("--token", "--access-token", "--static-token"):
                given_to = (value,) if equals else command.words[index + 1 : index + 2]
                yield from (
                    _held(f"directus {option.text}", one, used=True, address=None) for one in given_to if _is_known(one)
                )


_MAX_WRAPPING: Final = 8
"""Words in which the name of the program is looked for: `npx -y x`, `pnpm dlx x`."""


def _requested(given: tuple[Traced, ...]) -> Iterator[HeldToken]:
    """What is sent to the first address among the words."""
    address = next((one for word in given if (one := _address(word)) is not None), None)
    if address is None:
        return
    for name, token in _of_request(given):
        yield _held(name, token, used=False, address=address)
    for token in _passwords(given) if LOGIN.search(address.path) else ():
        yield _held(PASSWORD, token, used=False, address=address)


def _passwords(given: tuple[Traced, ...]) -> Iterator[Traced]:
    """The passwords that a request to sign in sends, as far as they are known."""
    for word in given:
        found = PASSWORD_IN_JSON.search(word.text) or _PASSWORD.search(word.text)
        if found is not None and _is_known(password := word.cut(*found.span(1))):
            yield password


def _is_known(token: Traced) -> bool:
    return bool(token.text) and not holes.are_in(token.text)


def _of_request(given: tuple[Traced, ...]) -> Iterator[tuple[str, Traced]]:
    """The tokens in the headers and in the address of a request, as far as they are known."""
    for word in given:
        header = _HEADER.search(word.text)
        query = _IN_QUERY.search(word.text)
        if header is not None:
            token = word.cut(header.end())
        elif query is not None:
            token = word.cut(*query.span(1 if query[1] else 2))
        else:
            continue
        if _is_known(token):
            yield ("Authorization" if header is not None else "access_token"), token


def _address(word: Traced) -> Address | None:
    """The address that a word is. A host that comes from outside is unknown."""
    text = _OPTION.sub("", word.text)
    if not re.match(r"https?://[^/\s]", holes.before(text)):
        return None
    return address_of([WrittenText(f"{holes.filled(text.partition('?')[0], '…')}?access_token=")])


def _held(name: str, token: Traced, *, used: bool, address: Address | None) -> HeldToken:
    place = token.variable(name, "").location
    return HeldToken(place, Holds.FILE, name, Secret(token.text), used=used, address=address)
