"""A regular expression without one of the alternatives that `|` separates."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?:P?[<=!:>]|<[=!]|P?<\w+>|[aiLmsux]+[:)]))?|[)|]", re.DOTALL
)


def without_one_alternative(pattern: str) -> Iterator[str]:
    """The pattern without each of its alternatives in turn, if what is left can be compiled."""
    for start, end in _alternatives(pattern):
        rest = pattern[:start] + pattern[end:]
        try:
            re.compile(rest)
        except re.error:
            continue
        yield rest


def _alternatives(text: str) -> Iterator[tuple[int, int]]:
    """Where each alternative of a choice lies, with the `|` that goes with it."""
    groups: list[list[int]] = [[0]]
    for token in _TOKEN.finditer(text):
        if token[0].startswith("(") and not token[0].endswith(")"):
            groups.append([token.end()])
        elif token[0] == "|":
            groups[-1].append(token.end())
        elif token[0] == ")" and len(groups) > 1:
            yield from _of_group(groups.pop(), token.start())
    yield from _of_group(groups[0], len(text))


def _of_group(starts: list[int], end: int) -> Iterator[tuple[int, int]]:
    if len(starts) > 1:
        yield from pairwise(starts)
        yield starts[-1] - 1, end
