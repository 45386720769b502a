"""The value of IMPORT_IP_DENY_LIST that the checks recommend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.features import DENIES_UNSPECIFIED

if TYPE_CHECKING:
    from directus_guard.directus.versions import Version

_RECOMMENDED: Final = (
    "0.0.0.0",
    "127.0.0.0/8",
    "::1",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "fc00::/7",
    "fe80::/10",
    "100.64.0.0/10",
    "168.63.129.16",
    "192.0.0.0/24",
    "198.18.0.0/15",
)


def recommended(version: Version) -> tuple[str, ...]:
    """The list that leaves nothing of the baseline and of the special ranges open on a version."""
    return _RECOMMENDED if DENIES_UNSPECIFIED.of(version) else (*_RECOMMENDED, "0.0.0.0/8", "::")
