"""Names of hosts that mean the machine itself."""

from __future__ import annotations

from directus_guard.directus.context import is_local_host
from tests.support.each import each_case


@each_case(
    "host",
    [
        "cms.127.0.0.1.nip.io",
        "directus-127-0-0-1.sslip.io",
        "127.0.0.1.sslip.io",
        "app.7f000001.nip.io",
        "app-7f000001.nip.io",
        "127-1-2-3.xip.io",
        "--1.sslip.io",
        "CMS.127.0.0.1.NIP.IO",
        "cms.localtest.me",
        "lvh.me",
        "a.b.lvh.me",
        "cms.vcap.me",
        "cms.localhost.direct",
    ],
)
def test_names_that_are_loopback_addresses(host: str) -> None:
    assert is_local_host(host)


@each_case(
    "host",
    [
        "cms.203.0.113.9.nip.io",
        "cms-10-0-0-1.sslip.io",
        "c0a80101.nip.io",
        "nip.io",
        "cms.nip.io",
        "999.0.0.1.nip.io",
        "127.0.0.1.nip.io.example.com",
        "127.0.0.1.example.com",
        "notlvh.me",
        "cms.2a01-4f8-c17-b8f--2.sslip.io",
        "-" * 300 + ".nip.io",
    ],
)
def test_names_that_are_other_machines(host: str) -> None:
    assert not is_local_host(host)
