"""A running Directus as it answered: what the checks of the live chapter judge. Counts and names, never items' values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from msgspec import Struct, field

from directus_guard.directus.gaps import InstancePart, reason_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.directus.gaps import Gap
    from directus_guard.directus.versions import Version
    from directus_guard.finding import Context, Location


class Probe(Struct, frozen=True):
    """What an anonymous visitor gets of one collection.

    `count` is how many items they can reach (None: the server does not count for them); `fields` are the names of the
    fields of the first. `refused`: the server says no. `unknown` says why nothing can be said ("" = it can).
    """

    collection: str
    count: int | None = None
    fields: tuple[str, ...] = ()
    refused: bool = False
    unknown: str = ""

    @property
    def readable(self) -> bool:
        """Whether items come out: a count of nothing is no leak."""
        return not self.refused and not self.unknown and (bool(self.fields) or bool(self.count))


class Share(Struct, frozen=True):
    """A row of directus_shares. Its id opens it, so it is never asked for."""

    collection: str
    has_password: bool
    ends: bool
    limited: bool
    """Whether `max_uses` is set."""


class Sandbox(Struct, frozen=True):
    """What an extension's sandbox lets it do (`directus:extension.sandbox`). `urls` and `methods` are those of `request`."""

    enabled: bool
    urls: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()


class Extension(Struct, frozen=True):
    """An extension, as `/extensions` or its package.json tells. `source`: `registry`, `local`, `module`; "" = a repository's."""

    name: str
    type: str
    source: str = ""
    enabled: bool = True
    sandbox: Sandbox | None = None
    """None: it has none, or its type runs in the browser only."""
    location: Location | None = None


class Page(Struct, frozen=True):
    """The headers of one answer, names in lower case."""

    path: str
    headers: Mapping[str, tuple[str, ...]]

    def header(self, name: str) -> str | None:
        """The header's value; of several the one that a browser takes for the first."""
        values = self.headers.get(name)
        return values[0] if values else None


class Instance(Struct, frozen=True):
    """Everything one instance said. `gaps` has what it did not say."""

    origin: str
    """`https://cms.example.com`, with the path it is mounted at."""
    location: Location
    """Where its findings are anchored."""
    environment: Environment
    """What it counts the environment it was started with: its version; everything else is closed."""
    version: Version | None = None
    set_up: bool | None = None
    """Whether it has an owner; None: it does not say (before 11.13.4 there is no set-up over HTTP)."""
    page: Page | None = None
    """The Data Studio's page, else /server/info, as an anonymous visitor gets it."""
    cors: Page | None = None
    """/server/info as asked from a page of `FOREIGN`."""
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the OpenAPI document shows to anonymous visitors: collection → actions."""
    probes: tuple[Probe, ...] = ()
    shares: tuple[Share, ...] = ()
    extensions: tuple[Extension, ...] = ()
    export: Export | None = None
    """The access model, flows and settings, as far as the token sees; None = no token."""
    custom_css: bool = False
    """Whether the Data Studio gets custom CSS: /server/info tells it to everybody."""
    gaps: tuple[Gap, ...] = ()

    @property
    def name(self) -> str:
        """Its name (docs/contract.md#names)."""
        return self.origin

    @property
    def silent(self) -> str:
        """Why it said nothing at all; "" = it did."""
        return reason_of(self.gaps, InstancePart.EVERYTHING)

    def why_unknown(self, part: InstancePart) -> str:
        """Why a part is not known; "" = it is."""
        return self.silent or reason_of(self.gaps, part)

    @property
    def context(self) -> Context:
        """What it is for."""
        return self.environment.context

    @property
    def https(self) -> bool:
        """Whether visitors reach it by https."""
        return self.origin.startswith("https:")


FOREIGN: Final = "https://directus-guard.invalid"
"""The page that the CORS probe pretends to be asked from: a reserved name (RFC 2606)."""


def same_address(url: str, other: str) -> bool:
    """Whether two addresses name one server and path; False for what is no address."""
    ports = {"http": 80, "https": 443}
    try:
        parts = [urlsplit(text) for text in (url, other)]
        one, two = (
            (part.scheme, part.hostname, part.port or ports.get(part.scheme), part.path.rstrip("/")) for part in parts
        )
    except ValueError:
        return False
    return one == two and one[1] is not None
