"""Programs that ask a Directus: the addresses they build with a token in them, and the tokens they hold."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from directus_guard.finding import Context

if TYPE_CHECKING:
    from directus_guard.finding import Location
    from directus_guard.secret import Secret


class Address(Struct, frozen=True):
    """An address as far as its parts are written down.

    `origin` is a literal `https://host:port`; `names` are the expressions that stand in the place of the host, with
    what they were declared as. Both: another file says what the name is. Neither: the address is relative. `path` has `…` for what is computed.
    """

    origin: str = ""
    names: tuple[str, ...] = ()
    path: str = ""

    @property
    def relative(self) -> bool:
        """Whether it begins with a path of the same host."""
        return not self.origin and not self.names and self.path.startswith("/")


class Place(Enum):
    """Where an address with a token is used."""

    CALL = auto()
    """Somewhere in a program, where a header can be sent (or nothing tells otherwise)."""
    MARKUP = auto()
    """An attribute of an element, CSS, or a navigation: the browser sends no header there."""


class TokenInAddress(Struct, frozen=True):
    """`access_token=` in the query of an address. `address` None: which address it belongs to is not known."""

    location: Location
    address: Address | None
    place: Place
    context: Context = Context.UNKNOWN
    """What its file is for, as far as its path tells."""


class Holds(Enum):
    """How a program comes to a token."""

    VARIABLE = auto()
    """A variable that the build puts into what browsers load."""
    LITERAL = auto()
    """A text in the code."""
    FILE = auto()
    """A variable that stays on the server, in a file that git tracks."""
    SERVER = auto()
    """A variable that stays on the server, where code hands it on."""
    ELSEWHERE = auto()
    """Something of another file that could not be followed."""


PASSWORD: Final = "password"
"""The name of the password in a request to sign in."""


class HeldToken(Struct, frozen=True):
    """A token or password that everybody has who loads the program, or who has the repository.

    `name` is the variable, or what the literal is given to (`staticToken`, `Authorization`, `PASSWORD`). `value` is None where only
    the variable is named. `used` tells whether it is handed to Directus' own SDK; else `address` is where it is sent, if
    that is known.
    """

    location: Location
    holds: Holds
    name: str
    value: Secret | None = None
    used: bool = False
    address: Address | None = None
    context: Context = Context.UNKNOWN
    """What its file is for, as far as its path tells."""


class Package(Struct, frozen=True):
    """The code of one package that depends on Directus, or names its address."""

    name: str
    """Its folder; `.` for the root."""
    location: Location
    """What says so."""
    files: int = 0
    """How many files of code it has."""
    addresses: tuple[TokenInAddress, ...] = ()
    tokens: tuple[HeldToken, ...] = ()
    hosts: frozenset[str] = field(default_factory=frozenset)
    """Hosts (`cms.example.com`) that it hands to Directus' SDK, or that its variables name as Directus'."""
    unread: tuple[Location, ...] = ()
    """Places that look as if they held a token and could not be understood, and files that could not be read."""
    depends: bool = False
    """Whether its manifest depends on Directus' SDK, or another client of Directus."""
    context: Context = Context.UNKNOWN
