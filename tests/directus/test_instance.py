"""Which server two addresses name."""

from __future__ import annotations

from directus_guard.directus.instance import Probe, same_address
from tests.support.each import each_case


@each_case(
    ("one", "other"),
    [
        ("https://cms.example.com", "https://cms.example.com/"), ("https://cms.example.com", "https://CMS.example.com:443"), ("http://localhost:80/cms/", "http://localhost/cms"),
        ("https://user@cms.example.com", "https://cms.example.com"),
    ],
)  # fmt: skip
def test_one_server(one: str, other: str) -> None:
    assert same_address(one, other)
    assert same_address(other, one)


@each_case(
    ("one", "other"),
    [
        ("https://cms.example.com", "http://cms.example.com"), ("https://cms.example.com", "https://cms.example.com:8055"), ("https://cms.example.com/a", "https://cms.example.com/b"), ("https://cms.example.com/~", "https://cms.example.com"), ("ftp://cms.example.com", "ftp://cms.example.com:21"),
        ("/", "/"), ("", ""), ("cms.example.com", "cms.example.com"), ("https://[broken", "https://[broken"), ("https://cms.example.com:port", "https://cms.example.com:port"),
        ("https://cms.example.com:99999", "https://cms.example.com:99999"),
    ],
)  # fmt: skip
def test_other_servers_and_what_is_no_address(one: str, other: str) -> None:
    assert not same_address(one, other)
    assert not same_address(other, one)


@each_case(
    ("probe", "readable"),
    [
        (Probe("posts"), False), (Probe("posts", 0), False), (Probe("posts", 1), True), (Probe("posts", None, ("id",)), True), (Probe("posts", 0, ("id",)), True), (Probe("posts", 1, ("id",)), True),
        (Probe("posts", 1, ("id",), refused=True), False), (Probe("posts", 1, unknown="status 500"), False), (Probe("posts", 1, ("id",), unknown="status 500"), False), (Probe("posts", refused=True), False),
    ],
)  # fmt: skip
def test_whether_items_come_out(probe: Probe, readable: bool) -> None:
    assert probe.readable is readable
