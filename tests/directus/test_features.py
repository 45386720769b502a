"""What versions of Directus have and do differently."""

from __future__ import annotations

from typing import Final

from directus_guard.directus import features
from directus_guard.directus.features import ALWAYS, NEVER, Feature
from directus_guard.directus.versions import NEWEST, OLDEST_GENERATION
from tests.support.each import each_case

FEATURES: Final = {name: value for name, value in vars(features).items() if isinstance(value, Feature)}
OF_SERVERS: Final = {name: one for name, one in FEATURES.items() if one not in (ALWAYS, NEVER)}


@each_case(
    ("feature", "version", "has"),
    [
        (Feature(since=(11,)), (11, 0, 0), True), (Feature(since=(11,)), (10, 13, 4), False), (Feature(since=(11, 2)), (11, 2, 0), True), (Feature(since=(11, 2)), (11, 1, 9), False), (Feature(since=(11, 2, 1)), (11, 2, 0), False),
        (Feature(until=(11,)), (10, 13, 4), True), (Feature(until=(11,)), (11, 0, 0), False), (Feature((10, 2), (11, 3)), (11, 2, 9), True), (Feature((10, 2), (11, 3)), (11, 3, 0), False), (Feature((10, 2), (11, 3)), (10, 1, 9), False),
        (ALWAYS, (9, 0, 0), True), (ALWAYS, NEWEST, True), (NEVER, (9, 0, 0), False), (NEVER, NEWEST, False),
    ],
)  # fmt: skip
def test_from_one_version_up_to_another(feature: Feature, version: tuple[int, ...], has: bool) -> None:
    assert feature.of(version) is has
    if len(version) == 3 and not any(version[1:]):
        assert feature.of_major(version[0]) is has


@each_case("name", OF_SERVERS)
def test_each_difference_is_one_of_versions_that_there_are(name: str) -> None:
    """It lies between two of them: some have it, and some do not."""
    feature = OF_SERVERS[name]
    assert feature.since < feature.until
    for bound in (feature.since, feature.until):
        assert 1 <= len(bound) <= 3
        assert all(part >= 0 for part in bound)
    bounds = [bound for bound in (feature.since, feature.until) if bound not in ((0,), (9999,))]
    assert bounds
    assert all((OLDEST_GENERATION,) <= bound <= (NEWEST.major, NEWEST.minor + 1) for bound in bounds)
