"""Directus versions: parsing them out of tags and ranges, and what is known about each."""

from __future__ import annotations

from typing import Final, NamedTuple

from directus_guard.lazy_pattern import lazy_pattern

_VERSION: Final = lazy_pattern(r"v?(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?(?P<pre>-[0-9A-Za-z.-]{1,40})?\Z")


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
"""The oldest version whose behaviour is modelled. Older ones of `OLDEST_GENERATION` are judged as this one, and it is said."""

NEWEST_OF: Final = {10: Version(10, 13, 4), 11: Version(11, 17, 4), 12: NEWEST}
"""The last measured version of each major that is modelled (the registry's `directus` package, looked up 2026-11)."""

OLDEST_GENERATION: Final = 9
"""The first major of today's product. 8 and older are another one, of which only `end-of-life-version` speaks."""

_LAST_PATCH: Final = {
    (9, 0): 1, (9, 2): 0, (9, 4): 3, (9, 6): 0, (9, 7): 1, (9, 8): 0, (9, 9): 1, (9, 12): 2, (9, 14): 1, (9, 16): 1, (9, 19): 2, (9, 21): 0, (9, 22): 4, (9, 23): 3, (9, 24): 0, (9, 26): 0,
    (10, 0): 0, (10, 1): 1, (10, 2): 1, (10, 3): 0, (10, 4): 3, (10, 5): 2, (10, 6): 3, (10, 7): 2, (10, 8): 3, (10, 9): 3, (10, 10): 7, (10, 11): 2, (10, 12): 1, (10, 13): 4,
    (11, 0): 1, (11, 1): 2, (11, 2): 2, (11, 3): 5, (11, 4): 1, (11, 5): 1, (11, 6): 1, (11, 7): 2, (11, 8): 0, (11, 9): 3, (11, 10): 2, (11, 11): 0, (11, 12): 0, (11, 13): 4, (11, 14): 1, (11, 15): 4, (11, 16): 1, (11, 17): 4,
    (12, 0): 2, (12, 1): 1, (12, 2): 0, (12, 3): 1, (12, 4): 1,
}  # fmt: skip
"""The last patch of each minor: from the registry's list of the `directus` package and, where that list has gaps, the
official image's tags in public use and the fixed versions of advisories (looked up 2026-11). A minor or major that is missing here counts as its first version.
"""

_FLOATING: Final = lazy_pattern(
    r"(?P<range>[\^~]?)v?(?P<major>\d{1,3})(?:\.(?P<minor>\d{1,4}|[x*])(?:\.(?:\d{1,4}|[x*]))?)?(?:-[A-Za-z][\w.-]*)?\Z"
)


def floating(text: str) -> int | None:
    """The major that a tag or range without an exact version stays on (`11`, `10-slim`, `^11.2.0`), None for `latest`."""
    match = _FLOATING.match(text.strip())
    return int(match["major"]) if match else None


def newest_matching(text: str) -> Version | None:
    """The newest known version that a tag or a range without an exact version can mean, None for `latest` and the like.

    `11.8` and `~11.8.0` are the last 11.8.x (the official image has such tags), `11`, `11.x` and `^11.8.0` the last of 11.
    """
    match = _FLOATING.match(text.strip())
    if match is None:
        return None
    major, minor = int(match["major"]), match["minor"]
    if match["range"] != "^" and minor is not None and minor.isdigit():
        return Version(major, int(minor), _LAST_PATCH.get((major, int(minor)), 0))
    return max(
        (Version(*known, patch) for known, patch in _LAST_PATCH.items() if known[0] == major),
        default=Version(major, 0, 0),
    )
