"""Item rules that are alike but for the texts that they compare with.

An export may have a rule of its own in every row, and they are of few shapes: `{"team": {"_eq": "…"}}`. Of a shape one rule is
read, by `item_rules`. The others are the same filter with other texts. That holds only where no text decides what the filter
looks like. Every other rule is read by itself.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from directus_guard.directus.access.filters import And, Condition, Filter, Or
from directus_guard.directus.access.item_rules import COERCED
from directus_guard.directus.content import content_key
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from directus_guard.directus.access.filters import Json

_TEXT: Final = lazy_pattern(rb'"_eq":"([^"\\$#{<]+)"')
"""`_eq` with a text that nothing fills in. Of a rule as it is written without white space."""
_OTHER: Final = frozenset(text.encode() for text in COERCED)
"""Texts that are read as another value."""

_Make: TypeAlias = "Callable[[Sequence[str]], Filter]"


def parts_of(written: bytes) -> list[bytes]:
    """A rule taken apart: what all of its shape have, and between that, at odd places, its texts."""
    if b"\\" in written:  # an escaped quote may make the end of a name look like an operator
        return [written]
    parts = _TEXT.split(written)
    return parts if _OTHER.isdisjoint(parts[1::2]) else [written]


class RuleShape:
    """What rules of one shape are."""

    __slots__ = ("_major", "_make", "_same", "alike")

    def __init__(self, parts: Sequence[bytes]) -> None:
        """`parts`: of any rule of the shape, with a text at least."""
        self._same: Final = parts[::2]
        self._major: int | None = None
        self._make: _Make | None = None
        self.alike: Filter | None = None
        """A rule of the shape with texts that may be any; None where the texts of a rule decide more than what is compared."""

    def filter_of(self, written: bytes, major: int, parse: Callable[[Json], Filter | None]) -> Filter | None:
        """What `parse` gives for a rule of the shape."""
        if major != self._major:
            self._major = major
            self.alike, self._make = self._read(parse)
        if self._make is None:
            return parse(msgspec.json.decode(written))
        return self._make([text.decode() for text in parts_of(written)[1::2]])

    def _read(self, parse: Callable[[Json], Filter | None]) -> tuple[Filter, _Make] | tuple[None, None]:
        texts = {f"{_ANY}{number}": number for number in range(len(self._same) - 1)}
        written = self._same[0] + b"".join(
            b'"_eq":%b%b' % (msgspec.json.encode(text), after)
            for text, after in zip(texts, self._same[1:], strict=True)
        )
        numbers: list[int] = []
        alike = parse(msgspec.json.decode(written))
        make = None if alike is None else _maker(alike, texts, numbers)
        if alike is None or make is None or sorted(numbers) != [*texts.values()]:
            return None, None  # a text became something else
        return alike, make


_ANY: Final = "\0"
"""How the texts of `alike` begin. No other text of a rule has it: it would be written as an escape."""
_MARK: Final = content_key(_ANY)[:-1]
"""The same in `content_key`."""


def _maker(node: Filter, texts: Mapping[str, int], numbers: list[int]) -> _Make | None:
    """What makes a filter like `node` of other texts; None where they decide the order of branches. `numbers`: takes those
    of the texts that `node` compares with."""
    if isinstance(node, Condition) and isinstance(node.operand, str) and node.operand in texts:
        path, operator, number = node.path, node.operator, texts[node.operand]
        numbers.append(number)
        return lambda given: Condition(path, operator, given[number])
    if not isinstance(node, (And, Or)):
        return lambda _: node
    if not _is_ordered(node.branches):
        return None
    makers = [_maker(branch, texts, numbers) for branch in node.branches]
    if None in makers:
        return None
    kind: type[And | Or] = And if isinstance(node, And) else Or
    return lambda given: kind(tuple([make(given) for make in makers if make is not None]))


def _is_ordered(branches: Sequence[Filter]) -> bool:
    """Whether branches, which are sorted by `content_key`, come in this order and are different whatever the texts are: each
    differs from the next one before the first text of either."""
    keys = [content_key(branch).partition(_MARK)[0] for branch in branches]
    return not any(key.startswith(after) or after.startswith(key) for key, after in pairwise(keys))
