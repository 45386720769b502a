"""Values of the environment as @directus/env casts them, sizes as `bytes` and durations as `ms` parse them."""

from __future__ import annotations

from typing import Any, Final

import pytest

from directus_guard.directus.environment import byte_size, duration
from directus_guard.directus.environment.casting import cast
from directus_guard.directus.versions import Version
from tests.support.recorded import load
from tests.support.values import encode, order, same

ANSWERS: Final[dict[str, Any]] = load("values")
VERSIONS: Final = (Version(10, 13, 4), Version(11, 8, 0), Version(11, 17, 4), Version(12, 4, 1))


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_a_value_is_cast_as_directus_casts_it(version: Version) -> None:
    for case in ANSWERS["cast"]:
        expected = case[str(version)]
        found = encode(cast(case["name"], case["text"], version))
        assert same(found, order(expected)), (case["name"], case["text"], expected, found)


def test_sizes_are_read_as_bytes_reads_them() -> None:
    for text, expected in ANSWERS["bytes"].items():
        assert same(byte_size.parse(text), expected), (text, expected)


def test_durations_are_read_as_ms_reads_them() -> None:
    for text, expected in ANSWERS["ms"].items():
        assert same(duration.parse(text), None if expected == {"$": "undefined"} else expected), (text, expected)
