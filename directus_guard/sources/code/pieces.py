"""Addresses as pieces: texts that are written down, and holes for what is computed."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.code import Address
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats import holes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from directus_guard.directus.code import HeldToken, TokenInAddress

PUBLIC_PREFIX: Final = (
    r"(?:NEXT_PUBLIC|NUXT_PUBLIC|VITE|PUBLIC|REACT_APP|GATSBY|EXPO_PUBLIC|VUE_APP|NUXT_ENV|STORYBOOK|NG_APP|PREACT_APP|SNOWPACK_PUBLIC"
    r"|BUN_PUBLIC|RAZZLE)_"
)
"""Beginnings of variables that the tools put into what browsers load: Next, Nuxt, Vite, SvelteKit and Astro, Create React
App, Gatsby, Expo, Vue CLI, Nuxt 2, Storybook, Angular with @ngx-env, Preact CLI, Snowpack, Bun, Razzle."""
PUBLIC_NAME: Final = lazy_pattern(rf"\b{PUBLIC_PREFIX}\w{{1,150}}\b")
LOGIN: Final = lazy_pattern(r"/auth/login(?:/[\w…-]{1,80})?/?\Z")
"""The path at which Directus takes a password. The part behind it names a provider, such as LDAP."""
PASSWORD_IN_JSON: Final = lazy_pattern(r"\"password\"\s*:\s*\"((?:[^\"\\]|\\.){1,200})\"")
_WORDS: Final = (
    "directus",
    "bearer ",
    "statictoken",
    "settoken",
    "auth.static",
    "untimeconfig",
    "_token",
    "auth/login",
    "auth_login",
)
SECRET_NAME: Final = lazy_pattern(r"TOKEN|API_?KEY|ACCESS_?KEY|SECRET|PASSWORD", re.IGNORECASE)
"""What a variable with a secret is called, if only in part."""


def may_tell(text: str) -> bool:
    """Whether a text has one of the words that tell something (most files of a project have none)."""
    lower = text.lower()
    return any(word in lower for word in _WORDS)


class WrittenText(Struct, frozen=True):
    """A piece that is written down."""

    text: str


class Hole(Struct, frozen=True):
    """A piece that is computed: the names that stand there, and the texts it falls back to."""

    names: tuple[str, ...]
    literals: tuple[tuple[str, int, int], ...] = ()
    """Text, start and end of each fallback."""
    bases: tuple[str, ...] = ()
    """The addresses that it is in other files."""


Piece = WrittenText | Hole


class CodeEvidence(Struct):
    """What is known so far about the code of a package."""

    addresses: list[TokenInAddress]
    tokens: list[HeldToken]
    hosts: set[str]
    unread: list[Location]

    @classmethod
    def nothing(cls) -> CodeEvidence:
        """An empty one."""
        return cls([], [], set(), [])


class Lines:
    """Regions from offsets in a text."""

    def __init__(self, path: str, text: str) -> None:
        self._path, self._text = path, text
        self._starts: list[int] | None = None

    def location(self, start: int, end: int) -> Location:
        """The region; one that leaves its line ends with the line."""
        if self._starts is None:
            self._starts = [0, *(match.end() for match in re.finditer(r"\n", self._text))]
        start, end = max(0, min(start, len(self._text))), max(0, min(end, len(self._text)))
        row = bisect_right(self._starts, start) - 1
        line_end = self._starts[row + 1] - 1 if row + 1 < len(self._starts) else len(self._text)
        if self._text[line_end - 1 : line_end] == "\r":
            line_end -= 1
        first = self._starts[row]
        return Location(self._path, row + 1, start - first + 1, row + 1, max(min(end, line_end), start) - first + 1)


_BASE: Final = lazy_pattern(r"((?:https?:|wss?:)?//[^/?#]+)([^?#]*)")
_QUERY: Final = lazy_pattern(r"(?:[?&]|\A)access_token=")


def addressed(pieces: Iterable[Piece]) -> bool:
    """Whether there is text before the query."""
    return address_of(list(pieces)) is not None


def address_of(pieces: Sequence[Piece]) -> Address | None:
    """The address before `?…access_token=`; None where nothing is."""
    computed = [piece for piece in pieces if isinstance(piece, Hole)]
    written = text_of(pieces)
    token = _QUERY.search(written.replace("&amp;", "&"))
    if token is None:
        # `?` may stand in a hole of its own: `${base}${separator}access_token=`
        at = written.find("access_token=")
        if at < 0:
            return None
        before = written[:at]
    else:
        before = written.replace("&amp;", "&")[: token.start()]
    css = before.rfind("url(")
    if css >= 0:
        computed = computed[holes.count(before[: css + 4]) :]
        before = before[css + 4 :].lstrip("\"'`")
    before = re.split(r"[?#]", before, maxsplit=1)[0]
    absolute = re.match(r"((?:https?:|wss?:)?//)([^/]*)", before)
    if absolute is not None:
        known = holes.before(absolute[2])
        if known and not known.endswith((".", "-", "@", ":")):
            origin = absolute[1] + known
            return Address(origin, path=_path(before[len(origin) :]))
        names = tuple(name for hole in computed[: holes.count(absolute[0])] for name in hole.names)
        return Address(names=names or ("",), path=_path(before[absolute.end() :]))
    if holes.begin(before):
        end = before.find("/")
        head = before[: end if end >= 0 else len(before)]
        names = tuple(name for hole in computed[: holes.count(head)] for name in hole.names)
        base = _BASE.match(computed[0].bases[0]) if head == holes.only() and computed[0].bases else None
        origin, above = (base[1], base[2]) if base is not None else ("", "")
        return Address(origin, names or ("",), _path(above + before[len(head) :]))
    if not before.strip():
        return None
    return Address(path=_path(before if before.startswith("/") else f"/{before}"))


def text_of(pieces: Iterable[Piece]) -> str:
    """The pieces as one text, with a hole for each that is computed."""
    return holes.joined(holes.as_read(piece.text) if isinstance(piece, WrittenText) else None for piece in pieces)


def _path(text: str) -> str:
    return re.sub(r"/{2,}", "/", holes.filled(text, "…"))[:300]


def host_of(text: str) -> str:
    """`host` or `host:port` of an absolute address, "" of anything else."""
    match = re.match(r"(?:https?:|wss?:)?//(?:[^/@\s]*@)?([A-Za-z0-9.\-\[\]:]+)", text.strip())
    return match[1].lower() if match else ""
