"""The real is-denied-ip.js of three generations of Directus against our sets of addresses."""

from __future__ import annotations

from ipaddress import IPv6Address
from random import Random

import pytest

from directus_guard.directus.environment.casting import cast
from directus_guard.directus.environment.ip_deny_list import DenyList
from tests.differential import real
from tests.support.generated import seeds

pytestmark = pytest.mark.real

LISTS = 400
ADDRESSES = 60
ENTRIES = [
    "0.0.0.0", "127.0.0.1", "127.0.0.0/8", "10.0.0.0/8", "10.0.0.0/255.0.0.0", "172.16.0.0/12", "192.168.0.0/16", "169.254.169.254",
    "169.254.0.0/16", "::1", "::", "fc00::/7", "fe80::/10", "fd00:ec2::254", "10.*.*.*", "*.*.*.1", "fe80:*:*:*:*:*:*:1", "::ffff:10.0.0.1",
    "::ffff:0:0/96", "10.0.0.1-10.0.0.9", "10.0.0.9-10.0.0.1", "::1-::9", "::-ffff::", "::ffff:10.0.0.1-::ffff:10.0.0.9", " 10.0.0.5 ",
    " 10.0.0.0/8", "10.0.0.0/8 ", "10.0.0.0/ 8", "10.0.0.0/8x", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/1e1", "010.0.0.1", "10", "10.0",
    "localhost", "[::1]", "a - b", "1.2.3.4 - 1.2.3.5", "2002::/16", "64:ff9b::/96", "::/0", "0.0.0.0/0", "0.0.0.0/8", "::127.0.0.1",
    "fe80::1%eth0", "2001:db8::/129", "2001:db8::/33", "2001:DB8::1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "256.1.1.1", "10.0.0.1/24/8", "true",
    "10.0.0.0-", "-", "/", "::ffff:a00:1", "1::2::3", "string:10.0.0.7", "224.0.0.0/4", "10.1.2.3/16", "::ffff:10.0.0.0/104",
]  # fmt: skip
POINTS = [
    "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.0.0.2", "127.255.255.255", "10.0.0.0", "10.0.0.1", "10.0.0.5", "10.0.0.7", "10.0.0.9", "10.0.0.10",
    "10.1.2.3", "10.1.255.255", "10.255.255.255", "11.0.0.0", "172.15.255.255", "172.16.0.1", "172.31.255.255", "172.32.0.0", "192.168.1.1",
    "192.169.0.0", "169.254.169.254", "169.254.1.1", "169.254.170.2", "100.100.100.200", "8.8.8.8", "224.0.0.1", "255.255.255.255", "1.2.3.4",
    "1.2.3.1", "::", "::1", "::2", "::9", "::a", "fc00::1", "fdff::1", "fe00::1", "fe80::1", "febf::1", "fec0::1", "fd00:ec2::254",
    "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:169.254.169.254", "::a00:1", "::a9fe:a9fe", "64:ff9b::a9fe:a9fe",
    "64:ff9b::7f00:1", "2002:a9fe:a9fe::", "2002:a00:1::1", "2001:db8::1", "2001:db8:8000::1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:0",
    "fe80:1:1:1:1:1:1:1", "ffff::", "2606:4700::1111",
]  # fmt: skip


def case(seed: int) -> tuple[str, list[str]]:
    random = Random(seed)
    entries = random.sample(ENTRIES, random.choice([1, 1, 2, 3, 4, 6]))
    if random.random() < 0.3:
        octets = [random.randrange(256) for _ in range(4)]
        entries.append(".".join(map(str, octets)) + f"/{random.randrange(33)}")
    if random.random() < 0.3:
        entries.append(f"{IPv6Address(random.getrandbits(128))}/{random.randrange(129)}")
    extra = [".".join(str(random.randrange(256)) for _ in range(4)) for _ in range(4)]
    extra += [str(IPv6Address(random.getrandbits(128))) for _ in range(2)]
    return ",".join(entries), [*POINTS, *extra]


def test_three_generations_deny_the_same_addresses() -> None:
    cases = [case(seed) for seed in seeds(LISTS)]
    answers = real.deny_lists(cases)
    compared = denied = 0
    for (version, _, _), answer in zip(real.DENY_LISTS, answers, strict=True):
        for (text, addresses), expected in zip(cases, answer, strict=True):
            ours = DenyList.of(cast("IMPORT_IP_DENY_LIST", text, version), version)
            for address, theirs in zip(addresses, expected, strict=True):
                assert ours.denies(address) is theirs, (str(version), text, address, theirs)
                compared += 1
                denied += theirs
    assert compared >= 3 * 200 * 50
    assert 0.1 < denied / compared < 0.9
