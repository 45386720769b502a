"""What a secret is worth: placeholders, values that documentation and templates publish, and values one can guess.

A value is judged by its structure, not by a list of phrases: words and what separates them on one side, the randomness
of a generator on the other (`secret_words`). In a variable for a password people write phrases, too: there a phrase is a
secret unless its words speak of the variable. Values that were published are listed
(docs/model/environment.md#published-example-values).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from typing import Final

from directus_guard.directus.environment import secret_words
from directus_guard.directus.environment.kept_elsewhere import kept_elsewhere
from directus_guard.directus.environment.secret_words import (
    is_description,
    is_run,
    is_wording,
    only_common,
    speaks_of_itself,
)
from directus_guard.lazy_pattern import lazy_pattern

MIN_BYTES: Final = 32
"""Directus warns at start when SECRET is shorter (api/src/app.ts)."""
MIN_ADMIN_PASSWORD: Final = 8
_MIN_BITS: Final = 80
_MIN_DISTINCT: Final = 10
_FEWEST: Final = 7
"""Different characters of a random text: 32 hexadecimal digits have fewer once in a thousand million times."""
_LONGEST: Final = 200
_SHORTEST: Final = 3

_PUBLISHED: Final = frozenset(
    {
        # The pair of the documentation's Compose file, copied into most templates.
        "255d861b-5ea1-5996-9aa3-922530ec40b1",
        "6116487b-cda1-52c2-b5b5-c8022c45e263",
        # The UUID of textbooks.
        "123e4567-e89b-12d3-a456-426614174000",
    }
)
_PUBLISHED_PARTS: Final = ("eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9l",)
"""Parts of examples in standards: the payload of the web token that many projects copy."""

_MARKED: Final = lazy_pattern(
    r"<[^<>]*>|\[[^\[\]{}\"]*\]|\{[^{}\"':]*\}|%[A-Za-z_]+%|__[A-Za-z_]+__|\$\([^()]*\)|`[^`]*`|[\s*.…•·_xX?#~=-]+",
    re.DOTALL,
)
_FILLED: Final = lazy_pattern(r"(.)\1{3,}|…|\.{3}|(?:x{3,}|X{3,})")
"""The part of a text that only fills a place: `sk-xxxxxxxx`, `eyJhbGci...`."""
_MOST_AROUND: Final = 16
"""Characters that may be around it."""
_TO_REPLACE: Final = lazy_pattern(
    r"(?<![a-z])(?:change[-_ ]?(?:me|this|it|in|before)|replace|placeholder|example|generate[-_ ]|insert[-_ ]|redacted)"
    r"|EXAMPLE(?:KEY)?\Z",
    re.IGNORECASE,
)
_RANDOM_PART: Final = lazy_pattern(r"(?=[A-Za-z_-]*\d)[A-Za-z0-9+/]{20,}|[0-9a-f]{16,}", re.IGNORECASE)
_PASSWORD: Final = lazy_pattern(r"(?:\A|_)(?:PASS|PASSWORD|PASSWD|PASSPHRASE|PWD|PW)(?:_|\Z)", re.IGNORECASE)
_KEYBOARD: Final = ("qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb")  # fmt: skip
_SHORTEST_RUN: Final = 8


@lru_cache(maxsize=4096)
def is_placeholder(text: str) -> bool:
    """Whether a text only marks the place of a value: empty, `<secret>`, `REPLACE_WITH_…`, `xxx`, `vault:…`, `{{ x }}`."""
    text = text.strip()
    if not text or kept_elsewhere(text) or _MARKED.fullmatch(text) or _is_filled(text):
        return True
    if len(text) > _LONGEST:
        return False
    if _TO_REPLACE.search(text) and not _has_random_part(text):
        return True
    return is_wording(text) and _asks(text)


def _asks(text: str) -> bool:
    """Whether the words ask for something to be done."""
    words = secret_words.split(text).words
    return not secret_words.ASKING.isdisjoint(words) or words[:2] == ("to", "be")


def _has_random_part(text: str) -> bool:
    """Whether the words are beside a text of a generator: `changeme-9f8a7b6c5d4e3f2a1b0c`."""
    without = re.sub(r"EXAMPLE(?:KEY)?\Z", "", text)
    return without == text and any(
        not is_run(part) and len(set(part.lower())) >= _MIN_DISTINCT for part in _RANDOM_PART.findall(text)
    )


def _is_filled(text: str) -> bool:
    """Whether most of it only fills the place, or its end is left out."""
    if len(text) > _LONGEST:
        return False
    around = _FILLED.sub("", text)
    if len(around) > _MOST_AROUND or around == text:
        return False
    return text.endswith(("...", "…")) or (len(text) - len(around)) * 5 >= len(text) * 2


@lru_cache(maxsize=4096)
def is_example(text: str, name: str = "") -> bool:
    """Whether a text is a placeholder, a published example, or nothing but words such values are made of.

    `name` is the variable's. Where it holds no password, no generator makes words and so all words are examples.
    """
    text = text.strip()
    if is_placeholder(text) or text.lower() in _PUBLISHED or any(part in text for part in _PUBLISHED_PARTS):
        return True
    if len(text) > _LONGEST:
        return False
    if only_common(text) or _is_regular(text.lower()) or sum(map(str.isalnum, text)) < _SHORTEST:
        return True
    if not is_wording(text):
        return False
    if speaks_of_itself(text, name) or is_description(text):
        return True
    return bool(name) and not _PASSWORD.search(name) and not _is_human_password(text)


def _is_human_password(text: str) -> bool:
    """`Sommer2024!`: a word, a number, a sign; people choose tokens like that, too."""
    return re.search(r"[^\W\d_]\d{1,6}[^\w\s]{0,3}\Z", text) is not None and len(secret_words.split(text).words) <= 2


def is_password_in_use(text: str) -> bool:
    """Whether a text that a program signs in with may be a password in use: people also choose `SecureDirectus2024!`."""
    text = text.strip()
    if not is_example(text, "PASSWORD"):
        return True
    number = re.search(r"([0-9]+)[^\w\s]+\Z", text)
    chosen = number is not None and not "1234567890".startswith(number[1]) and len(text) >= _CHOSEN
    return chosen and _is_human_password(text) and not is_placeholder(text)


def _is_regular(text: str) -> bool:
    """`123456`, `aaaa`, `a1b2c3`, `asdfasdf`, a row of the keyboard, also in groups."""
    bare = re.sub(r"[\s_.:-]+", "", text)
    if is_run(bare) or any(bare in row for row in _KEYBOARD):
        return True
    groups = [group for group in re.split(r"[\s_.:-]+", text) if group]
    if all(is_run(group) for group in groups):
        return True
    if len(groups) == 2 and len(groups[0]) <= _SHORTEST_RUN <= len(groups[1]) and is_run(groups[1]):  # `sk-1234567890`
        return True
    if all(is_run(half) and len(half) > 2 for half in (bare[::2], bare[1::2])):
        return True
    return any(len(bare) >= 2 * size and _repeats(bare, size) for size in range(2, 9))


def _repeats(text: str, size: int) -> bool:
    return text[size:] == text[:-size]


_CHOSEN: Final = 12
"""Characters of a password that must please a policy."""
_GENERATED: Final = 16
_GENERATED_BITS: Final = 50
"""A text of 16 characters has so many, if nearly all of them differ."""


@lru_cache(maxsize=4096)
def weakness(text: str, name: str = "SECRET") -> str:
    """Why a text is too weak to sign sessions with, a clause; "" if it is not known to be."""
    if kept_elsewhere(text):
        return ""
    if is_placeholder(text):
        return "it is an example value, as documentation and example files publish it"
    if is_example(text, name):
        return "it is a published example, or made of words that can be guessed"
    size = len(text.encode("utf-8", "surrogatepass"))
    if size < MIN_BYTES:
        return f"it has fewer than {MIN_BYTES} bytes (Directus warns about that at start)"
    if len(set(text)) < _FEWEST or _bits(text) < _MIN_BITS:
        return "its characters repeat, so that it can be guessed"
    return ""


def is_generated(text: str) -> bool:
    """Whether a text looks as if a program had chosen it: letters and digits without words, too many to be guessed."""
    mixed = re.search(r"[0-9]", text) is not None and re.search(r"[A-Za-z]", text) is not None
    return (
        _GENERATED <= len(text) <= _LONGEST
        and mixed
        and not re.search(r"\s", text)
        and not is_example(text)
        and not is_wording(text)
        and _bits(text) >= _GENERATED_BITS
    )


def _bits(text: str) -> float:
    """Shannon's entropy of the characters times their number; of a text that repeats, that of what is repeated."""
    for size in range(_FEWEST, len(text) // 2 + 1):
        if _repeats(text, size):
            text = text[:size]
            break
    counts = Counter(text)
    return -sum(count * math.log2(count / len(text)) for count in counts.values())
