"""IMPORT_IP_DENY_LIST as sets of addresses, computed the way each version of Directus computes them
(docs/model/environment.md#import-deny-list).

Up to 10.9.2 the list is compared text by text; up to 11.15 the library `ip-matching` reads it; then Node's `BlockList`
(api/src/request/is-denied-ip.ts, packages/utils/node/ip-blocklist.ts). From 10.9.3 an entry that cannot be read refuses
every import.
"""

from __future__ import annotations

import math
import re
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    summarize_address_range,
)
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.features import CHECKS_SOCKETS, DENIES_UNSPECIFIED, LOOPBACK_IS_A_SUBNET, USES_BLOCK_LIST
from directus_guard.directus.numbers import to_number
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from directus_guard.directus.environment.casting import JsValue
    from directus_guard.directus.versions import Version

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_MAPPED: Final = 0xFFFF << 32


class Span(Struct, frozen=True):
    """All addresses from `first` to `last` of one family (4 or 6), as numbers."""

    family: int
    first: int
    last: int
    mapped: bool = False
    """Read by BlockList as a subnet: an IPv6 one also covers the IPv4 addresses mapped into it, and the other way."""

    def contains(self, family: int, number: int) -> bool:
        """Whether the address is in it."""
        if family == self.family:
            return self.first <= number <= self.last
        if not self.mapped:
            return False
        if family == 4:
            return self.first <= _MAPPED + number <= self.last
        return number >> 32 == 0xFFFF and self.first <= number & 0xFFFFFFFF <= self.last


class NetworkMask(Struct, frozen=True):
    """`address & mask == value`: ip-matching's wildcards and masks."""

    family: int
    value: int
    mask: int

    def contains(self, family: int, number: int) -> bool:
        """Whether the address is in it."""
        return family == self.family and number & self.mask == self.value


class InvalidEntryError(ValueError):
    """Directus cannot read the entry."""


class DenyList(Struct, frozen=True):
    """What one list denies on one version."""

    empty: bool
    """Nothing in it: everything is allowed."""
    invalid: tuple[str, ...]
    """Entries that cannot be read: from 10.9.3 every import is refused, before they never match."""
    refuses_all: bool
    rules: tuple[Span | NetworkMask, ...]
    embedded: bool
    """IPv6 forms that carry an IPv4 address are judged by it, too (from 12.0)."""

    @classmethod
    def of(cls, value: JsValue, version: Version) -> DenyList:
        """The list in the cast value of the variable. A text (`string:…`) is looped over character by character."""
        if isinstance(value, str | tuple):
            return cls.parse(tuple(value), version)
        return cls(False, (str(value),), refuses_all=True, rules=(), embedded=False)

    @classmethod
    def parse(cls, entries: Iterable[JsValue], version: Version) -> DenyList:
        """The list as Directus `version` sees it; `entries` are the cast values (a bare `10` is a number, and invalid)."""
        listed = tuple(entries)
        read = _reader(version)
        rules: list[Span | NetworkMask] = []
        invalid: list[str] = []
        for entry in listed:
            try:
                rules.extend(read(entry, version))
            except InvalidEntryError:
                invalid.append(str(entry))
        refuses_all = bool(invalid) and CHECKS_SOCKETS.of(version)
        return cls(not listed, tuple(invalid), refuses_all, tuple(rules), DENIES_UNSPECIFIED.of(version))

    def denies(self, address: Address | str) -> bool:
        """Whether a connection to the address is refused (loopback being the only local interface)."""
        if self.refuses_all:
            return True
        address = ip_address(address) if isinstance(address, str) else address
        candidates = [(address.version, int(address))]
        if self.embedded and isinstance(address, IPv6Address):
            candidates += [(4, number) for number in _embedded(int(address))]
        return any(rule.contains(family, number) for family, number in candidates for rule in self.rules)

    def open_ranges(self, targets: Iterable[Network]) -> tuple[Network, ...]:
        """The parts of `targets` that are not denied, the largest first. A rule with gaps counts as covering nothing."""
        if self.refuses_all:
            return ()
        found: list[Network] = []
        for target in targets:
            found.extend(self._open(target))
        return tuple(sorted(found, key=lambda network: (network.version == 6, -network.num_addresses, int(network[0]))))

    def _open(self, target: Network) -> Iterable[Network]:
        spans = (_contiguous(rule, target.version) for rule in self.rules)
        make = IPv4Address if target.version == 4 else IPv6Address
        first, last = int(target.network_address), int(target.broadcast_address)
        for low, high in sorted(span for span in spans if span is not None):
            if low > last:
                break
            if first < low:
                yield from summarize_address_range(make(first), make(low - 1))
            first = max(first, high + 1)
        if first <= last:
            yield from summarize_address_range(make(first), make(last))


def _contiguous(rule: Span | NetworkMask, family: int) -> tuple[int, int] | None:
    """The addresses of a family that the rule covers, if they stand side by side."""
    if isinstance(rule, NetworkMask):
        host = ((1 << (32 if rule.family == 4 else 128)) - 1) & ~rule.mask
        whole = host & (host + 1) == 0
        return (rule.value, rule.value | host) if rule.family == family and whole else None
    if rule.family == family:
        return rule.first, rule.last
    if rule.mapped and family == 4 and rule.last >= _MAPPED and rule.first <= _MAPPED + 0xFFFFFFFF:
        return max(rule.first - _MAPPED, 0), min(rule.last - _MAPPED, 0xFFFFFFFF)
    return None


def _embedded(number: int) -> Iterable[int]:
    """IPv4 addresses that IPv4-compatible, NAT64 and 6to4 addresses carry (ip-blocklist.ts embeddedIpv4)."""
    low = number & 0xFFFFFFFF
    if number >> 32 == 0 and low >> 24:
        yield low
    if number >> 32 == 0x0064FF9B << 64:
        yield low
    if number >> 112 == 0x2002:
        yield number >> 80 & 0xFFFFFFFF


_LOOPBACK_ADDRESSES: Final = (Span(4, 0x7F000001, 0x7F000001), Span(6, 1, 1))


def _loopback_subnets(version: Version) -> tuple[Span, ...]:
    mapped = USES_BLOCK_LIST.of(version)
    return (Span(4, 0x7F000000, 0x7FFFFFFF, mapped), Span(6, 1, 1, mapped))


def _interfaces(version: Version) -> tuple[Span, ...]:
    """What an entry `0.0.0.0` adds: the machine's own interfaces, of which only loopback is known here."""
    subnets = any(feature.of(version) for feature in LOOPBACK_IS_A_SUBNET)
    return _loopback_subnets(version) if subnets else _LOOPBACK_ADDRESSES


def _reader(version: Version) -> Callable[[JsValue, Version], Iterable[Span | NetworkMask]]:
    """What reads one entry."""
    if USES_BLOCK_LIST.of(version):
        return _block_list
    return _matching if CHECKS_SOCKETS.of(version) else _exact


# --- up to 10.9.2 ----------------------------------------------------------------------------------------------------


def _exact(entry: JsValue, version: Version) -> Iterable[Span]:
    if not isinstance(entry, str):
        raise InvalidEntryError
    if entry == "0.0.0.0":
        return (Span(4, 0, 0), *_interfaces(version))
    try:
        address = ip_address(entry)
    except ValueError:
        raise InvalidEntryError from None
    return (Span(address.version, int(address), int(address)),)


# --- 10.9.3 to 11.15: ip-matching 2.1.2 ------------------------------------------------------------------------------

_IP4: Final = lazy_pattern(r"(?:\d{1,3}\.|\*\.){3}(?:\d{1,3}|\*)", re.ASCII)
_IP6: Final = lazy_pattern(
    r"(?:(?:[a-f\d]{1,4}|\*)::?)+(?:[a-f\d]{1,4}|\*)|:(?::[a-f\d]{1,4}|:\*)+|(?:[a-f\d]{1,4}:|\*:)+:|::",
    re.ASCII | re.IGNORECASE,
)
_MIXED: Final = lazy_pattern(r"(.*):((?:\d{1,3}\.|\*\.){3}(?:\d{1,3}|\*))", re.ASCII)
_LONGEST: Final = 100
_ANY: Final = -1


class _Ip(Struct, frozen=True):
    """An address as ip-matching holds it. An IPv6 one without `::` has as many parts as were written."""

    family: int
    parts: tuple[int, ...]

    @property
    def width(self) -> int:
        return 8 if self.family == 4 else 16

    @property
    def exact(self) -> bool:
        return _ANY not in self.parts

    @property
    def whole(self) -> bool:
        """Whether it has as many parts as an address."""
        return self.family == 4 or len(self.parts) == 8

    @property
    def missing(self) -> int:
        """How many parts of a whole address were not written."""
        return max(8 - len(self.parts), 0) if self.family == 6 else 0

    def filled(self, part: int) -> _Ip:
        """A whole address: `part` for each that is missing, and those beyond the eighth are never looked at."""
        return _Ip(self.family, (*self.parts[:8], *[part] * self.missing))

    def number(self) -> int:
        total = 0
        for part in self.parts:
            total = total << self.width | (0 if part == _ANY else part)
        return total

    def mask(self) -> int:
        total = 0
        for part in self.parts:
            total = total << self.width | (0 if part == _ANY else (1 << self.width) - 1)
        return total


def _matching(entry: JsValue, version: Version) -> Iterable[Span | NetworkMask]:
    if not isinstance(entry, str) or len(entry) > _LONGEST:
        raise InvalidEntryError
    ip = _ip(entry)
    if ip is not None:
        if ip.missing:
            return ()  # an address has parts where this one has none: they are never equal
        ip = ip.filled(0)
        rules: tuple[Span | NetworkMask, ...] = (NetworkMask(ip.family, ip.number(), ip.mask()),)
        return (*rules, *_interfaces(version)) if entry == "0.0.0.0" else rules
    if "-" in entry:
        return (_matching_range(entry.split("-")),)
    if "/" in entry:
        return _matching_subnet(*entry.split("/")[:2])
    raise InvalidEntryError


def _matching_range(sides: list[str]) -> Span:
    if len(sides) != 2:
        raise InvalidEntryError
    left, right = _ip(sides[0]), _ip(sides[1])
    if left is None or right is None or not left.exact or not right.exact or left.family != right.family:
        raise InvalidEntryError
    # Sides are compared part by part: what is missing on one is equal to everything.
    first, last = left.filled(0).number(), right.filled(0xFFFF).number()
    if first > last:
        raise InvalidEntryError
    return Span(left.family, first, last)


def _matching_subnet(base: str, size: str) -> tuple[Span | NetworkMask, ...]:
    ip = _ip(base)
    if ip is None or not ip.exact:
        raise InvalidEntryError
    if not ip.whole:
        return ()  # ip-matching calculates with parts of 64 or 14.2 bits: it throws or denies a few, what is not certain
    bits = to_number(size)
    width = 32 if ip.family == 4 else 128
    if isinstance(bits, int) or (not math.isnan(bits) and not math.isinf(bits) and bits.is_integer()):
        if not 0 <= bits <= width:
            raise InvalidEntryError
        host = (1 << (width - int(bits))) - 1
        return (Span(ip.family, ip.number() & ~host, ip.number() | host),)
    mask = _ip(size)
    if mask is None or not mask.exact or mask.family != ip.family:
        raise InvalidEntryError
    return (NetworkMask(ip.family, ip.number() & mask.number(), mask.number()),) if mask.whole else ()


def _ip(text: str) -> _Ip | None:
    text = text.strip()
    if _IP4.fullmatch(text):
        return _Ip(4, tuple(_part(part, 10, 255) for part in text.split(".")))
    if _IP6.fullmatch(text):
        return _ip6(text)
    mixed = _MIXED.fullmatch(text)
    if mixed is None:
        return None
    if "*" in mixed[2]:
        raise InvalidEntryError
    octets = [_part(part, 10, 255) for part in mixed[2].split(".")]
    above = _ip(f"{mixed[1]}:0:0")
    if above is None or above.family != 6:
        raise InvalidEntryError
    return _Ip(6, (*above.parts[:6], octets[0] << 8 | octets[1], octets[2] << 8 | octets[3]))


def _ip6(text: str) -> _Ip:
    sides = text.split("::")
    if len(sides) > 2:
        raise InvalidEntryError
    parts = [[part for part in side.split(":") if part] for side in sides]
    written = sum(map(len, parts))
    if len(sides) == 2:
        if written > 7:
            raise InvalidEntryError
        parts.insert(1, ["0"] * (8 - written))
    return _Ip(6, tuple(_part(part, 16, 0xFFFF) for side in parts for part in side))


def _part(text: str, base: int, most: int) -> int:
    if text == "*":
        return _ANY
    number = int(text, base)
    if number > most:
        raise InvalidEntryError
    return number


# --- from 11.16: BlockList -------------------------------------------------------------------------------------------


def _block_list(entry: JsValue, version: Version) -> Iterable[Span]:
    if not isinstance(entry, str) or len(entry) > _LONGEST:
        raise InvalidEntryError
    text = entry.strip()
    if text == "0.0.0.0":
        own = _interfaces(version)
        if not DENIES_UNSPECIFIED.of(version):
            return own
        return (*own, Span(4, 0, 0xFFFFFF, mapped=True), Span(6, 0, 0, mapped=True))
    if "-" in text:
        return (_block_range(text.split("-")),)
    if "/" in text:
        return (_block_subnet(text.split("/")),)
    address = _address(text)
    return (Span(address.version, int(address), int(address), mapped=True),)


def _block_range(sides: list[str]) -> Span:
    if len(sides) != 2 or not all(sides):
        raise InvalidEntryError
    first = _address(sides[0])
    last = _address(sides[1])
    if first.version != last.version or int(first) > int(last):
        raise InvalidEntryError
    number, end = int(first), int(last)
    both_mapped = first.version == 4 or (number >> 32 == 0xFFFF and end >> 32 == 0xFFFF)
    return Span(first.version, number, end, mapped=both_mapped)


def _block_subnet(parts: list[str]) -> Span:
    if len(parts) != 2 or not all(parts):
        raise InvalidEntryError
    address = _address(parts[0])
    digits = re.match(r"\s*([+-]?[0-9]+)", parts[1])  # parseInt: what follows the digits is ignored
    width = 32 if address.version == 4 else 128
    bits = int(digits[1]) if digits else -1
    if not 0 <= bits <= width:
        raise InvalidEntryError
    host = (1 << (width - bits)) - 1
    return Span(address.version, int(address) & ~host, int(address) | host, mapped=True)


def _address(text: str) -> Address:
    try:
        return IPv6Address(text) if ":" in text else IPv4Address(text)
    except AddressValueError:
        raise InvalidEntryError from None
