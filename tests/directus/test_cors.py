"""Which patterns of CORS_ORIGIN let in foreign hosts."""

from __future__ import annotations

import re

from directus_guard.directus.environment.casting import cast
from directus_guard.directus.environment.cors import Origins, origins, origins_of
from directus_guard.directus.environment.deployment import Unknown
from directus_guard.directus.versions import NEWEST
from tests.support.each import each_case
from tests.support.environments import environment, variable

OWN = ("https://a.example.com", "https://b.example.com", "http://example.com")
FOREIGN = (
    "https://example.com.evil.test",
    "https://evilexample.com",
    "https://example.comevil.test",
    "https://evil.test",
)


@each_case(
    ("pattern", "expected"),
    [
        (r"^https:\/\/example\.com$", Origins.LISTED),
        (r"^https:\/\/(a|b)\.example\.com$", Origins.LISTED),
        (r"\.example\.com$", Origins.LISTED),
        (r"^https:\/\/[a|b]\.example\.com$", Origins.LISTED),
        (r"^https:\/\/a\.example\.com$|^https:\/\/b\.example\.com$", Origins.LISTED),
        (r"^https:\/\/a\.example\.com|b\.example\.com$", Origins.PATTERN),
        (r"^https:\/\/a\.example\.com$|b\.example\.com$", Origins.PATTERN),
        (r"example\.com$", Origins.PATTERN),
        (r".example\.com$", Origins.PATTERN),
        (r"\.example\.com", Origins.PATTERN),
        (r"^https:\/\/example\.com", Origins.PATTERN),
        (r"^https:\/\/example\.com\$", Origins.PATTERN),
    ],
)
def test_a_pattern(pattern: str, expected: Origins) -> None:
    assert origins(cast("CORS_ORIGIN", f"regex:{pattern}", NEWEST)) is expected
    if expected is Origins.LISTED:
        assert not any(re.search(pattern.replace(r"\/", "/"), host) for host in FOREIGN)


def test_without_an_origin_that_is_known_nobody_is_let_in() -> None:
    assert origins_of(environment(variable("CORS_ORIGIN", Unknown("a reference")))) is Origins.NONE
    assert origins_of(environment(variable("CORS_ORIGIN", "https://a.example.com"))) is Origins.LISTED
