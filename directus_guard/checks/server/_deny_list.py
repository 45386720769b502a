"""What the checks on IMPORT_IP_DENY_LIST share. At most one of the four fails for a deployment: weakened > invalid > plain > extended."""

from __future__ import annotations

from enum import Enum, auto
from functools import cached_property, lru_cache
from ipaddress import IPv4Address, ip_network
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.checks.server._recommended_deny_list import recommended
from directus_guard.checks.shared.upgrades import INSTEAD, upgrade
from directus_guard.directus.environment.casting import cast
from directus_guard.directus.environment.ip_deny_list import DenyList, Network
from directus_guard.directus.features import CHECKS_SOCKETS
from directus_guard.directus.versions import NEWEST
from directus_guard.finding import Fix
from directus_guard.setting_changes import SetVariable, SetVersion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.versions import Version

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

    WEAKENED = auto()
    INVALID = auto()
    PLAIN = auto()
    EXTENDED = auto()
    GOOD = auto()


class Judgement(Struct, frozen=True, dict=True):
    """What is wrong with one list and which ranges it leaves open, the largest first."""

    kind: Kind
    open: tuple[Network, ...]
    invalid: tuple[str, ...] = ()
    lost: tuple[Network, ...] = ()
    """What of `open` the default of Directus blocks."""

    @cached_property
    def reaches(self) -> str:
        """What is reachable although the default blocks it, for a sentence."""
        return reachable(self.lost)

    @cached_property
    def reaches_too(self) -> str:
        """What is reachable as with the default, for a sentence; "" for nothing."""
        return reachable(self.open, but=self.lost)


def judged(setting: Setting) -> Judgement:
    """Judge the list as Directus of the setting's version computes it."""
    return _judge(setting.text, setting.version)


@lru_cache(maxsize=1024)
def _judge(text: str, version: Version) -> Judgement:
    deny = DenyList.of(cast("IMPORT_IP_DENY_LIST", text, version), version)
    weakened = deny.open_ranges(DEFAULT_BLOCKS)
    if weakened:
        return Judgement(
            Kind.WEAKENED, tuple(dict.fromkeys((*weakened, *deny.open_ranges(BASELINE)))), lost=tuple(weakened)
        )
    if deny.invalid:
        return Judgement(Kind.INVALID, (), tuple(deny.invalid))
    for kind, targets in ((Kind.PLAIN, BASELINE), (Kind.EXTENDED, EXTENDED)):
        left = deny.open_ranges(targets)
        if left:
            return Judgement(kind, tuple(dict.fromkeys(left)))
    return Judgement(Kind.GOOD, ())


_FAMILIES: Final = (
    ("the server itself", ("127.0.0.0/8", "::1/128")),
    ("link-local addresses", ("169.254.0.0/16",)),
    ("private networks", ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10")),
    ("special ranges", ("0.0.0.0/8", "100.64.0.0/10", "168.63.129.16/32", "192.0.0.0/24", "198.18.0.0/15", "::/128")),
)
"""The ranges of `BASELINE` and `EXTENDED`, as people know them."""
_METADATA: Final = IPv4Address("169.254.169.254")


def reachable(networks: Iterable[Network], but: Iterable[Network] = ()) -> str:
    """Which families the networks belong to, for a sentence, each with its ranges; "" for none.

    `but`: networks whose ranges are left out.
    """
    given = tuple(networks)
    found = _ranges(given) - _ranges(but)
    metadata = any(_METADATA in network for network in given)
    families = [
        f"{'cloud metadata' if metadata and '169.254.0.0/16' in ranges else family} ({', '.join(f'`{_entry(text)}`' for text in ranges if text in found)})"
        for family, ranges in _FAMILIES
        if not found.isdisjoint(ranges)
    ]
    return " and ".join(filter(None, [", ".join(families[:-1]), *families[-1:]]))


def fix(setting: Setting, *, too_old: bool = False) -> Fix:
    """What the list lacks of the recommended list; a list of a version that is too old cannot help."""
    return _fix(setting.name, setting.text if setting.known else None, setting.version, too_old)


@lru_cache(maxsize=1024)
def _fix(name: str, text: str | None, set_for: Version, too_old: bool) -> Fix:
    """The fix for a list with this text; None: it is not known."""
    old = too_old or not CHECKS_SOCKETS.of(set_for)
    version = INSTEAD if old else set_for  # its list serves the newest version, too
    value = None if text is None else cast(name, text, set_for)
    listed = value if isinstance(value, tuple) else ()
    deny = DenyList.of(listed, version)
    found = _ranges(deny.open_ranges((*BASELINE, *EXTENDED)))
    wanted = [entry for entry in recommended(version) if str(ip_network(entry)) in found]
    if not found.isdisjoint(_FAMILIES[0][1]) and "0.0.0.0" not in listed:
        wanted.insert(0, "0.0.0.0")
    if not listed:
        wanted = list(recommended(version))
    entries = f"`{','.join(wanted)}`"
    change = f"add {entries} to `{name}`" if listed else f"set `{name}` to {entries}"
    variable = SetVariable(name, ",".join((*map(str, listed), *wanted)))
    if old:
        also = f", and {change}" if wanted else ""
        return Fix(
            upgrade(set_for, also=also, instead=", with the same list") + _internal(wanted),
            settings=(SetVersion(str(NEWEST)), variable),
        )
    return Fix(
        f"{change[:1].upper()}{change[1:]}.{_internal(wanted)}",
        safe=bool(listed) and _PRIVATE.isdisjoint(wanted),
        settings=(variable,),
    )


def _internal(entries: Iterable[str]) -> str:
    """What stops working with these entries, sentences with a space before them."""
    return PRICE if not _PRIVATE.isdisjoint(entries) else ""


_PRIVATE: Final = frozenset(_FAMILIES[2][1])
PRICE: Final = (
    " Flows and imports then reach no service on your own network. If you need such a service, leave out the range that it is in, "
    "and accept the finding that follows."
)


def _ranges(networks: Iterable[Network]) -> set[str]:
    """The ranges of the families that some of the networks belong to."""
    given = [(network.version, *_ends(network)) for network in networks]
    return {
        text
        for text, (version, first, last) in _TARGETS.items()
        if any(version == other and first <= high and low <= last for other, low, high in given)
    }


def _ends(network: Network) -> tuple[int, int]:
    """The first and the last address, as numbers."""
    return int(network.network_address), int(network.broadcast_address)


_TARGETS: Final = {str(target): (target.version, *_ends(target)) for target in (*BASELINE, *EXTENDED)}
"""The ranges by their texts: of each the family, and the first and last address."""


def _entry(text: str) -> str:
    """A range as an entry of the list: a single address without its size."""
    return text.removesuffix("/32").removesuffix("/128")
