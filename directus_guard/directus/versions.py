"""Directus versions: parsing them out of tags and ranges, and what is known about each."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_VERSION: Final = re.compile(r"v?(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?(?P<pre>-[0-9A-Za-z.-]{1,40})?\Z")


class Version(NamedTuple):
    """A Directus version. Compares with plain tuples: `version >= (11, 16)`."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """The exact version in `text` (`11.17.4`, `v10.13.0`, `11.0.0-rc.1`), or None if it does not name one."""
        match = _VERSION.match(text.strip())
        if match is None or match[3] is None:
            return None
        return cls(int(match[1]), int(match[2]), int(match[3]))


NEWEST: Final = Version(12, 4, 1)
"""The newest version whose behaviour was measured. A newer one is judged as this one, and that is said."""

OLDEST: Final = Version(10, 0, 0)
"""Older majors are other products (PHP before 9) or out of every support: only `end-of-life-version` speaks of them."""

NEWEST_OF: Final = {10: Version(10, 13, 4), 11: Version(11, 17, 4), 12: NEWEST}
"""The last measured version of each major that is modelled (the registry's `directus` package, looked up 2026-11)."""

_FLOATING: Final = re.compile(r"[\^~]?v?(\d{1,3})(?:\.(?:\d{1,4}|[x*]))?(?:\.(?:\d{1,4}|[x*]))?(?:-[A-Za-z][\w.-]*)?\Z")


def floating(text: str) -> int | None:
    """The major that a tag or range without an exact version stays on (`11`, `10-slim`, `^11.2.0`), None for `latest`."""
    match = _FLOATING.match(text.strip())
    return int(match[1]) if match else None
