"""@directus/env's cast, npm `bytes` and `ms` against ours."""

from __future__ import annotations

from random import Random

import pytest

from directus_guard.directus.environment import byte_size, duration
from directus_guard.directus.environment.casting import cast
from directus_guard.directus.environment.variables import known_variables
from tests.differential import real
from tests.support.generated import seeds
from tests.support.values import encode, order, same

pytestmark = pytest.mark.real

PIECES = [
    "true", "false", "True", "FALSE", "yes", "0", "1", "-1", "12", "012", "0x10", "1e3", "1e400", "-0", ".5", "5.", "+5", "1_000", "NaN",
    "Infinity", "9007199254740991", "9007199254740993", "-9007199254740993", "", " ", "  7 ", "null", "undefined", "a", "a b", ",", ",,", "{}", "[]",
    '{"a":1}', '{"a":{"b":[1,"2",null]}}', "[1,2]", '"x"', "'x'", "{a:1}", "[1,", '{"__proto__":1}', "string:", "number:", "boolean:", "array:",
    "json:", "regex:", "regex:^a", "string", ":", "::", "https://x.example", "15m", "1.1.1.1", "10.0.0.0/8", "::1", "ä", "\n", "\t1\t", "\u00a0", "\ufeff",
    "0b11", "0o7", "--1", "1 2", "1,2", "true,false", "tru", '{"a":1,"a":2}', "1.0", "1.50", "0.1", "00", "0", "-",
]  # fmt: skip
NAMES = [
    "MY_VAR",
    "SECRET",
    "DB_PORT",
    "IMPORT_IP_DENY_LIST",
    "REDIS_ENABLED",
    "ADMIN_PASSWORD",
    "AUTH_X_BIND_DN",
    "STORAGE_A_SECRET",
    "PORT",
]


def pair(random: Random) -> tuple[str, str]:
    name = random.choice(NAMES) if random.random() < 0.7 else random.choice(sorted(known_variables()))
    return name, "".join(random.choice(PIECES) for _ in range(random.choice([1, 1, 1, 2, 3, 4])))


def sizes(random: Random) -> str:
    number = random.choice(["1", "50", "1.5", "0", "-3", "+2", ".5", "1e3", "", "10 000", "9999999999999999999", "007"])
    return (
        number
        + random.choice(["", " ", "  "])
        + random.choice(["", "b", "kb", "MB", "gb", "Tb", "pb", "m", "k", "mib", "x", " mb", "mb "])
    )


def durations(random: Random) -> str:
    number = random.choice(["1", "15", "1.5", "0", "-3", ".5", "5.", "", "1e3", "+1", "100000000000000000000"])
    unit = random.choice(
        [
            "",
            "ms",
            "s",
            "sec",
            "m",
            "min",
            "Minutes",
            "h",
            "hrs",
            "d",
            "days",
            "w",
            "y",
            "years",
            "msec",
            "x",
            "mo",
            '"',
            " d ",
        ]
    )
    return number + random.choice(["", " ", "   "]) + unit


def test_values_are_cast_as_directus_casts_them() -> None:
    pairs = [pair(Random(seed)) for seed in seeds(3000)]
    byte_texts = [sizes(Random(seed)) for seed in seeds(1000)]
    times = [durations(Random(seed)) for seed in seeds(1000)]
    theirs = real.values(pairs, byte_texts, times)
    for alias, (_, version) in real.ENVIRONMENTS.items():
        for (name, text), expected in zip(pairs, theirs["cast"][alias], strict=True):
            if expected == {"$": "error"}:
                continue  # an expression that JavaScript refuses stops the server
            assert same(encode(cast(name, text, version)), order(expected)), (alias, name, text, expected)
    for text, expected in zip(byte_texts, theirs["bytes"], strict=True):
        assert same(byte_size.parse(text), expected), (text, expected)
    for text, expected in zip(times, theirs["ms"], strict=True):
        assert same(duration.parse(text), None if expected == {"$": "undefined"} else expected), (text, expected)
