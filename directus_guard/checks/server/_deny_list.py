"""What the four checks on IMPORT_IP_DENY_LIST share. One of them speaks per deployment: weakened > invalid > plain > extended."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.casting import cast
from directus_guard.directus.environment.ip_deny_list import DenyList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.versions import Version

Network = IPv4Network | IPv6Network

DEFAULT_BLOCKS: Final = tuple(ip_network(text) for text in ("127.0.0.1/32", "169.254.169.254/32", "::1/128"))
"""What the default `0.0.0.0,169.254.169.254` blocks on every version (docs/model/environment.md#the-default-list)."""

BASELINE: Final = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
"""The checklist's baseline as sets."""

EXTENDED: Final = tuple(
    ip_network(text)
    for text in ("100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "0.0.0.0/8", "::/128", "168.63.129.16/32")
)
"""Carrier-grade NAT (Alibaba's metadata address 100.100.100.200 is in it), protocol and benchmark ranges, "this network", Azure's wire server."""


class Kind(Enum):
    """What is wrong with a list, the worst first; GOOD: nothing."""

    WEAKENED = "weakened"
    INVALID = "invalid"
    PLAIN = "plain"
    EXTENDED = "extended"
    GOOD = "good"


class Judgement(Struct, frozen=True):
    """What is wrong with one list and which ranges it leaves open, the largest first."""

    kind: Kind
    open: tuple[Network, ...]
    invalid: tuple[str, ...] = ()


def judged(setting: Setting) -> Judgement:
    """Judge the list as Directus of the setting's version computes it."""
    return _judge(setting.text, setting.version)


@lru_cache(maxsize=1024)
def _judge(text: str, version: Version) -> Judgement:
    deny = DenyList.of(cast("IMPORT_IP_DENY_LIST", text, version), version)
    weakened = deny.open_ranges(DEFAULT_BLOCKS)
    if weakened:
        return Judgement(Kind.WEAKENED, tuple(dict.fromkeys((*weakened, *deny.open_ranges(BASELINE)))))
    if deny.invalid:
        return Judgement(Kind.INVALID, (), tuple(deny.invalid))
    for kind, targets in ((Kind.PLAIN, BASELINE), (Kind.EXTENDED, EXTENDED)):
        left = deny.open_ranges(targets)
        if left:
            return Judgement(kind, tuple(dict.fromkeys(left)))
    return Judgement(Kind.GOOD, ())


def names(networks: Iterable[Network], most: int = 6) -> str:
    """The networks for a sentence, the first `most` of them."""
    listed = [f"`{network}`" for network in networks]
    rest = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {rest} more" if rest > 0 else "")
