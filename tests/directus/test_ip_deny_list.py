"""IMPORT_IP_DENY_LIST as three generations of Directus apply it."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any, Final

from directus_guard.directus.environment.casting import cast
from directus_guard.directus.environment.ip_deny_list import DenyList
from directus_guard.directus.versions import NEWEST, Version
from tests.differential.cases import ADDRESSES
from tests.support.each import each_case
from tests.support.recorded import load

ANSWERS: Final[list[dict[str, Any]]] = load("deny_list")


@each_case("version", [Version(10, 13, 4), Version(11, 17, 4), Version(12, 4, 1)], ids=str)
def test_the_denied_addresses_are_the_recorded_ones(version: Version) -> None:
    cases = [case for case in ANSWERS if case["version"] == str(version)]
    assert len(cases) > 20
    for case in cases:
        ours = DenyList.of(cast("IMPORT_IP_DENY_LIST", case["list"], version), version)
        assert [address for address in ADDRESSES if ours.denies(address)] == case["denied"], case["list"]


def test_up_to_10_8_an_entry_denies_what_is_written_the_same() -> None:
    version = Version(10, 8, 0)
    ours = DenyList.of(cast("IMPORT_IP_DENY_LIST", "10.0.0.5,192.168.0.0/16,0.0.0.0", version), version)
    assert [address for address in ADDRESSES if ours.denies(address)] == ["0.0.0.0", "127.0.0.1", "10.0.0.5", "::1"]
    assert ours.invalid == ("192.168.0.0/16",)


def test_up_to_10_8_an_entry_that_is_no_text_denies_nothing() -> None:
    version = Version(10, 8, 0)
    ours = DenyList.of(cast("IMPORT_IP_DENY_LIST", "json:[10]", version), version)
    assert (ours.invalid, ours.denies("10.0.0.1")) == (("10",), False)


@each_case("entry", ["1:2/64", "fd00:1/ffff::", "fd00::/ffff:0", "1:2:3:4:5:6:7:8:9/64"])
def test_before_11_16_a_subnet_of_too_few_or_too_many_parts_protects_nothing_for_sure(entry: str) -> None:
    """`ip-matching` denies some or all addresses by accident."""
    ours = DenyList.parse((entry, "10.0.0.0/8"), Version(10, 13, 4))
    assert (ours.denies("10.0.0.1"), ours.denies("fd00::1"), ours.invalid) == (True, False, ())


@each_case(
    ("entry", "denied", "free"),
    [
        # A range of a single address, and what lies beside it.
        ("10.0.0.1-10.0.0.1", ("10.0.0.1",), ("10.0.0.0", "10.0.0.2")),
        ("10.0.0.1-10.0.0.3", ("10.0.0.1", "10.0.0.2", "10.0.0.3"), ("10.0.0.0", "10.0.0.4")),
        ("fd00::1-fd00::1", ("fd00::1",), ("fd00::", "fd00::2")),
        ("10.0.0.0/30", ("10.0.0.0", "10.0.0.3"), ("10.0.0.4", "9.255.255.255")),
        ("255.255.255.255", ("255.255.255.255",), ("255.255.255.254",)),
        ("fd00::/127", ("fd00::", "fd00::1"), ("fd00::2",)),
        ("::ffff:10.0.0.255", (), ("10.0.0.254",)),
        ("fd00::10.1.2.3", ("fd00::10.1.2.3", "fd00::a01:203"), ("fd00::10.1.2.4", "fd00::a00:203")),
        ("fd00::255.255.255.255", ("fd00::ffff:ffff",), ("fd00::ffff:fffe",)),
    ],
)
def test_where_an_entry_begins_and_ends(entry: str, denied: tuple[str, ...], free: tuple[str, ...]) -> None:
    for version in (Version(10, 13, 4), Version(11, 16, 0), Version(12, 4, 1)):
        ours = DenyList.parse((entry,), version)
        assert ours.invalid == (), version
        assert [address for address in (*denied, *free) if ours.denies(address)] == list(denied), version


@each_case(
    "entry", ["10.0.0.3-10.0.0.1", "10.0.0.1-fd00::1", "10.0.0.1-", "10.0.0.0/33", "fd00::/129", "10.0.0.256", "x"]
)
def test_an_entry_that_no_version_takes(entry: str) -> None:
    for version in (Version(10, 13, 4), Version(11, 16, 0), Version(12, 4, 1)):
        assert DenyList.parse((entry,), version).invalid == (entry,), version


@each_case(
    ("address", "carried"),
    [
        ("2002:a00:1::", "10.0.0.1"), ("2002:a00:1::5", "10.0.0.1"), ("2002:aff:ffff::", "10.255.255.255"), ("64:ff9b::10.0.0.1", "10.0.0.1"),
        ("::10.0.0.1", "10.0.0.1"), ("::ffff:10.0.0.1", "10.0.0.1"), ("2003:a00:1::", ""), ("64:ff9c::10.0.0.1", ""), ("1::10.0.0.1", ""),
    ],
)  # fmt: skip
def test_an_address_that_carries_another(address: str, carried: str) -> None:
    """Since 12.4 an address that a gateway takes to another one is denied with that one."""
    assert DenyList.parse((carried or "10.0.0.1",), NEWEST).denies(address) is bool(carried)
    assert not DenyList.parse(("10.0.0.2", "11.0.0.0/8", "10.255.255.254"), NEWEST).denies(address)


@each_case(
    ("entry", "covered"),
    [
        ("::ffff:0:0-::ffff:a00:ffff", "0.0.0.0/5,8.0.0.0/7,10.0.0.0/16"),
        ("::ffff:a00:1-::ffff:ffff:ffff", ""),
        ("::fffe:a00:1-::ffff:a00:ffff", ""),
        ("::ffff:a00:0-::1:0:0:0", ""),
    ],
)
def test_a_range_of_mapped_addresses(entry: str, covered: str) -> None:
    """It covers addresses of IPv4 where both of its ends are such."""
    ours = DenyList.parse((entry,), NEWEST)
    whole = ip_network("0.0.0.0/0")
    if covered:
        assert not any(
            open_.overlaps(ip_network(one)) for one in covered.split(",") for open_ in ours.open_ranges([whole])
        )
        return
    assert ours.denies("10.0.0.255") is (entry == "::ffff:a00:1-::ffff:ffff:ffff")
    assert ours.denies("255.255.255.255") is (entry == "::ffff:a00:1-::ffff:ffff:ffff")


def test_a_range_of_mapped_addresses_covers_the_addresses_themselves() -> None:
    ours = DenyList.parse(("::ffff:10.0.0.0/105",), Version(12, 4, 1))
    assert ours.open_ranges([ip_network("10.0.0.0/8")]) == (ip_network("10.128.0.0/9"),)


def test_a_rule_above_a_range_leaves_it_open() -> None:
    loopback = ip_network("127.0.0.0/8")
    for text, left in (
        ("169.254.169.254", [loopback]),
        ("10.0.0.1", [loopback]),
        ("127.0.0.0/8", []),
        ("0.0.0.0/1,169.254.169.254", []),
    ):
        assert list(DenyList.of(cast("IMPORT_IP_DENY_LIST", text, NEWEST), NEWEST).open_ranges([loopback])) == left, (
            text
        )


def test_a_subnet_with_a_mask_before_11_16() -> None:
    """Bits outside of the mask do not count, also where the mask has holes."""
    for entry, denied, free in (
        ("10.1.2.3/255.255.0.0", ("10.1.0.0", "10.1.255.255"), ("10.2.2.3",)),
        ("10.1.2.3/255.0.255.0", ("10.9.2.9",), ("10.1.3.3",)),
        ("fd00::5/ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0", ("fd00::f",), ("fd00::10",)),
    ):
        ours = DenyList.parse((entry,), Version(10, 13, 4))
        assert ours.invalid == (), entry
        assert [one for one in (*denied, *free) if ours.denies(one)] == list(denied), entry


@each_case(
    ("entry", "denied", "free"),
    [
        ("10.*.*.5", ("10.1.2.5", "10.0.0.5"), ("10.1.2.6", "11.1.2.5")),
        ("10.0.0.*", ("10.0.0.0", "10.0.0.255"), ("10.0.1.0",)),
        ("fd00:*::1", ("fd00::1", "fd00:5::1"), ("fd01::1",)),
    ],
)
def test_wildcards_before_11_16(entry: str, denied: tuple[str, ...], free: tuple[str, ...]) -> None:
    ours = DenyList.parse((entry,), Version(10, 13, 4))
    assert [one for one in (*denied, *free) if ours.denies(one)] == list(denied)
    assert DenyList.parse((entry,), NEWEST).invalid == (entry,)
