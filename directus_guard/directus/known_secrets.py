"""What a secret is worth: placeholders, values that documentation and templates publish, and values one can guess.

Values that were published are no secrets; they are listed here so that they are recognised (facts §8, "Known example
values").
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from functools import lru_cache
from typing import Final

MIN_BYTES: Final = 32
"""Directus warns at start when SECRET is shorter (api/src/app.ts)."""
MIN_ADMIN_PASSWORD: Final = 8
_MIN_BITS: Final = 80
_MIN_DISTINCT: Final = 10
_SHORTEST_PART: Final = 3

_PUBLISHED: Final = frozenset(
    {
        # The pair of the documentation's Compose file, copied into most templates.
        "255d861b-5ea1-5996-9aa3-922530ec40b1",
        "6116487b-cda1-52c2-b5b5-c8022c45e263",
    }
)

_COMMON: Final = frozenset(["a", "abc", "abcd", "abcdef", "abcdefg", "account", "admin", "administrator", "an", "and", "any", "api", "app", "apps", "at", "auth", "authentication", "aws", "be", "bucket", "change", "changed", "changeit", "changeme", "changethis", "client", "cms", "code", "credentials", "data", "database", "db", "default", "dev", "development", "directus", "docker", "dummy", "enter", "env", "example", "examples", "fake", "fill", "for", "from", "generate", "generated", "goes", "guest", "hash", "here", "hex", "id", "in", "insecure", "insert", "is", "it", "jwt", "key", "keys", "letmein", "local", "localhost", "login", "long", "mail", "mariadb", "me", "minio", "minioadmin", "my", "mysql", "name", "needs", "new", "none", "not", "null", "of", "on", "only", "or", "our", "owner", "pass", "passphrase", "passwd", "password", "please", "pg", "pgsql", "postgres", "postgresql", "private", "prod", "production", "project", "provide", "put", "pwd", "quickstart", "qwerty", "rand", "random", "randomly", "real", "redis", "replace", "replaced", "replaceme", "root", "s3", "safe", "salt", "same", "sample", "secret", "secrets", "secure", "securely", "server", "set", "signing", "site", "smtp", "some", "something", "source", "staging", "storage", "string", "strong", "super", "supersecret", "supersecretkey", "target", "temp", "temporary", "test", "testing", "the", "this", "to", "todo", "token", "toor", "tmp", "ultra", "unique", "unsafe", "use", "user", "username", "uuid", "value", "very", "want", "web", "website", "welcome", "with", "word", "x", "xx", "xxx", "xxxx", "you", "your", "yours", "system", "service", "public", "master", "main", "simple", "default12", "adminpassword", "securepassword", "strongpassword", "min", "minimum", "least", "character", "characters", "chars", "bytes", "length", "char", "byte", "must", "should", "more", "than", "openssl", "base64", "used"])  # fmt: skip
"""Words of which people make values that stand for a secret. A value made of nothing else is no secret."""

_MARKED: Final = re.compile(
    r"<[^<>]*>|\[[^\[\]]*\]|\{\{.*\}\}|\{[^{}]*\}|%[A-Za-z_]+%|__[A-Za-z_]+__|\$\([^()]*\)|\*+|\.{3,}|…|[xX_-]{3,}|-|\?+", re.DOTALL
)  # fmt: skip
_TO_REPLACE: Final = re.compile(
    r"(?<![a-z])(?:change[-_ ]?(?:me|this|it|in|before)|replace|placeholder|example|generate[-_ ]|insert[-_ ]|redacted)",
    re.IGNORECASE,
)
_TO_REPLACE_SHORT: Final = re.compile(
    r"(?<![a-z])(?:your[-_ ]|todo|fixme|to[-_ ]be[-_ ]|dummy|fill[-_ ]?(?:me|in)|put[-_ ]|enter[-_ ]|set[-_ ](?:me|this|a|your))",
    re.IGNORECASE,
)
"""Words so short that random texts hold them by chance (`…9PuT-…` in base64url): they count in texts that are words."""
_LETTER_BESIDE_DIGIT: Final = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_MOST_IN_WORDS: Final = 4
"""Changes between letters and digits in a text that people wrote; random ones of 32 characters have about ten."""
_LEET: Final = str.maketrans("013457@$!", "oieastasi")
_WORD: Final = re.compile(r"[a-z]+|[0-9]+|[^a-z0-9]+")


@lru_cache(maxsize=4096)
def is_placeholder(text: str) -> bool:
    """Whether a text only marks the place of a value: empty, `<secret>`, `REPLACE_WITH_…`, `your-secret-here`, `xxx`."""
    text = text.strip()
    if not text or _MARKED.fullmatch(text) or _TO_REPLACE.search(text):
        return True
    return _TO_REPLACE_SHORT.search(text) is not None and len(_LETTER_BESIDE_DIGIT.findall(text)) <= _MOST_IN_WORDS


@lru_cache(maxsize=4096)
def is_example(text: str) -> bool:
    """Whether a text is a placeholder, a published example, or made of nothing but the words examples are made of."""
    text = text.strip()
    if is_placeholder(text) or text.lower() in _PUBLISHED:
        return True
    if len(text) > 200:
        return False
    return _is_words(text) or _is_run(text.lower())


def _is_words(text: str) -> bool:
    """`d1r3ctu5`, `my-super-secret-key-123`, `Admin123!`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()
    for variant in (spaced, spaced.translate(_LEET), re.sub(r"[\d\W_]+\Z", "", spaced).translate(_LEET)):
        parts = _WORD.findall(variant)
        words = [part for part in parts if part.isalpha()]
        digits = [part for part in parts if part.isdigit()]
        if (
            words
            and all(_is_common(word) for word in words)
            and all(len(part) <= 6 or _is_run(part) for part in digits)
        ):
            return True
    return False


def _is_common(word: str) -> bool:
    """A common word, or several longer ones without anything between them (`secretpassword`)."""
    if word in _COMMON:
        return True
    reached = [True] + [False] * len(word)
    for end in range(_SHORTEST_PART, len(word) + 1):
        reached[end] = any(reached[start] and word[start:end] in _COMMON for start in range(end - _SHORTEST_PART + 1))
    return reached[-1]


def _is_run(text: str) -> bool:
    """`123456`, `abcdef0123`, `aaaa`: each character follows the one before."""
    if len(text) < 2:
        return False
    steps = [ord(after) - ord(before) for before, after in itertools.pairwise(text)]
    regular = sum(step in (0, 1, -1) for step in steps)
    return regular >= len(steps) * 0.8


@lru_cache(maxsize=4096)
def weakness(text: str) -> str:
    """Why a text is too weak to sign sessions with, a clause; "" if it is not known to be."""
    if is_placeholder(text):
        return "it is a placeholder that anyone can read in the repository's history or in the documentation"
    if is_example(text):
        return "it is a published example, or made of the words that everybody uses"
    size = len(text.encode())
    if size < MIN_BYTES:
        return f"it has fewer than {MIN_BYTES} bytes (Directus warns about that at start)"
    if len(set(text)) < _MIN_DISTINCT or _bits(text) < _MIN_BITS:
        return "its characters repeat, so that it can be guessed"
    return ""


def _bits(text: str) -> float:
    """Shannon's entropy of the characters times their number; of a text that repeats, that of what is repeated."""
    for size in range(1, len(text) // 2 + 1):
        if text == (text[:size] * (len(text) // size + 1))[: len(text)]:
            text = text[:size]
            break
    counts = Counter(text)
    return -sum(count * math.log2(count / len(text)) for count in counts.values())
