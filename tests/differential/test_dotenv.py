"""Node's own dotenv against ours, on generated texts that are mean to both."""

from __future__ import annotations

from random import Random

import pytest

from directus_guard.sources.formats.dotenv import Dialect, parse
from tests.differential import real
from tests.support.generated import found_by_fuzzing, seeds

pytestmark = pytest.mark.real

NAMES = ["A", "B", "SECRET", "a.b", "x-y", "_", "export", "1", "KEY_2", "ä"]
PIECES = [
    "value", "a b", "1", "'", '"', "`", "\\'", '\\"', "\\`", "\\n", "\\r", "\\\\", "\\", "#", " #", " # comment", "=", ":", "$X", "${X:-y}",
    " ", "  ", "\t", "'self'", '"x"', "`x`", "'a # b'", '"a\nb"', "'a\nb'", "`a\nb`", ",", ";", "\u00a0", "\ufeff", "\u2028", "\x85", "\x1c",
    "ü", "😀", "{", "}", "https://example.com/?a=b#c", "'\"'", "\"it's\"", "'it\\'s'",
]  # fmt: skip
ENDS = ["\n", "\n", "\n", "\r\n", "\r", "\n\n", "\n \n", ""]
BETWEEN = ["=", "=", "=", "=", " = ", "= ", " =", ": ", ":", " : ", ":\n", "=\n", "\n=", "==", " "]


def text(random: Random) -> str:
    """A dotenv text of up to eight statements, comments and rubbish."""
    parts = ["\ufeff"] if random.random() < 0.05 else []
    for _ in range(random.randrange(8)):
        parts.append(random.choice(["", "", "", " ", "\t", "export ", "export  ", "# ", "#", "  export\t", "export"]))
        parts.append(random.choice(NAMES))
        parts.append(random.choice(BETWEEN))
        parts.append("".join(random.choice(PIECES) for _ in range(random.randrange(5))))
        parts.append(random.choice(ENDS))
    return "".join(parts)


TEXTS = 4000


def test_texts_are_read_as_node_reads_them() -> None:
    texts = [text(Random(seed)) for seed in seeds(TEXTS)]
    found = [data.decode("utf-8", "replace") for data in found_by_fuzzing("dotenv")]
    theirs = real.dotenv([*texts, *found])
    differences = []
    for given, expected in zip([*texts, *found], theirs, strict=True):
        ours = {item.name: item.text.reveal() for item in parse(given, Dialect.NODE)}
        if ours != dict(expected):
            differences.append((given, ours, dict(expected)))
    assert differences[:3] == []
    assert sum(bool(expected) for expected in theirs) > len(texts) * 3 / 4
