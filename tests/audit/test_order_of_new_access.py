"""New access is listed in the order of all that it says, of which little is looked at."""

from __future__ import annotations

from random import Random

import pytest

from directus_guard.audit.diff.compare import _by_content
from directus_guard.directus.content import content_key
from directus_guard.finding import Confidence, Location, Severity
from directus_guard.new_access import AccessKind, NewAccess


@pytest.mark.parametrize("seed", range(40))
def test_entries_are_ordered_by_all_of_their_content(seed: int) -> None:
    random = Random(seed)
    entries = [
        NewAccess(
            random.choice((AccessKind.FINDING, AccessKind.ITEMS)),
            random.choice(("a", "a'", 'a"', "a, b")),
            random.choice(((), ("a",), ("a", "b"), ("a, b",))),
            random.choice((Severity.HIGH, Severity.LOW)),
            random.choice(("", "x", "x'", 'x", ', "x, location")),
            Location("f", random.choice((1, 10, 12, 2)), random.choice((1, 10))),
            random.choice(("", "c", "d")),
            random.choice((Confidence.HIGH, Confidence.LOW)),
            rule=random.choice((None, 1, True)),
        )
        for _ in range(random.randrange(1, 60))
    ]
    assert list(map(content_key, _by_content(entries))) == sorted(map(content_key, entries))
