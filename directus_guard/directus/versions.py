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
