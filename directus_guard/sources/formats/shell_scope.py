"""What the variables of a shell text hold, command by command."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.secret import Unprinted
from directus_guard.sources.formats import holes
from directus_guard.sources.formats.shell_words import RawCommand, RawWord, ShellAssignment, ShellLiteral, VariableUse
from directus_guard.sources.formats.traced import Piece, Traced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from directus_guard.sources.formats.shell_lexer import ShellLexer


_MAX_VALUE: Final = 16_384
"""A longer value of a variable is not followed."""
_MAX_ASSIGNMENTS: Final = 100
"""Of one variable; with more of them its value is not followed."""
_MAX_EXPANDED: Final = 4 * 1024 * 1024
"""Characters put in for variables in one script."""
_MAX_ANCESTORS: Final = 64
"""Blocks around a command that are looked at."""


class ShellVariable(Unprinted, frozen=True, eq=False):
    """What a shell variable holds at some command."""

    value: Traced | None
    """None where the text does not tell it."""
    exported: bool


class ShellScope:
    """What variables hold, command by command."""

    def __init__(self, lexer: ShellLexer, given: Mapping[str, Traced]) -> None:
        self._lexer = lexer
        self._given = given
        self._script = lexer.script
        self._by_name: dict[str, list[ShellAssignment]] = {}
        self._forgets = sorted(lexer.forgets)
        for assignment in sorted(lexer.assignments, key=lambda one: one.order):
            self._by_name.setdefault(assignment.name, []).append(assignment)
        self._left = _MAX_EXPANDED
        self._work_out_all()

    def _work_out_all(self) -> None:
        """Work out every assignment. What functions use may be assigned after them, so they come last."""
        functions = self._lexer.blocks.functions
        for inside in (False, True):
            for assignment in self._lexer.assignments:
                if bool(functions[assignment.block]) is inside and assignment.value:
                    self._work_out(assignment)

    def names(self) -> Iterable[str]:
        """The variables that the text assigns."""
        return self._by_name

    def given(self, name: str, raw: RawCommand, *, after: bool = False) -> ShellVariable | None:
        """What a variable holds at a command, or after it."""
        for one in reversed(raw.before):
            if one.name == name and one.value:
                return ShellVariable(self.single(one.value[0], one), exported=True)
        known = self._by_name.get(name)
        if not known:
            value = self._given.get(name)
            return ShellVariable(value, exported=True) if value is not None and not value.unknown else None
        values = self._lookup(name, raw.block, raw.order + after)
        exported = name in self._lexer.exports or any(one.exported for one in known)
        return ShellVariable(values[0] if values and len(values) == 1 else None, exported)

    def single(self, word: RawWord, at: ShellAssignment) -> Traced:
        """The word that is assigned, as one text."""
        return self.text(word, at.block, at.order)

    def _work_out(self, assignment: ShellAssignment) -> None:
        if assignment.is_list:
            assignment.kept = tuple(
                word for held in assignment.value for word in self.expand(held, assignment.block, assignment.order)
            )
        else:
            assignment.kept = (self.text(assignment.value[0], assignment.block, assignment.order),)
        if assignment.adds:
            before = self._lookup(assignment.name, assignment.block, assignment.order)
            if before is None:
                assignment.kept = None
            elif assignment.is_list:
                assignment.kept = (*before, *assignment.kept)
            else:
                assignment.kept = (before[0].joined(assignment.kept) if before else assignment.kept[0],)
        if assignment.kept is not None and sum(map(len, assignment.kept)) + len(assignment.kept) > _MAX_VALUE:
            assignment.kept = None

    def _lookup(self, name: str, block: int, order: int) -> tuple[Traced, ...] | None:
        """The value at a place, None where the text does not tell it."""
        last = self._by_name.get(name, ())
        if not last and name in self._given and not self._lexer.forgets:
            return (self._given[name],)
        if not last or len(last) > _MAX_ASSIGNMENTS:
            return None
        function = self._lexer.blocks.functions[block]
        own = [one for one in last if self._lexer.blocks.functions[one.block] == function and one.order < order]
        if function and not own:
            # Any function may have run before, and only what is outside of all surely runs.
            outside = any(not self._lexer.blocks.functions[one.block] for one in last)
            return self._agreed(last) if outside else None
        if any(self._lexer.blocks.functions[one.block] not in (0, function) for one in last):
            return None
        value: tuple[Traced, ...] | None = None
        since = 0
        for one in own:
            if self._contains(one.block, block):
                value, since = one.kept, one.order
            elif one.kept is None or value is None or _texts(one.kept) != _texts(value):
                value = None
        if value is not None:
            forgotten = bisect_right(self._forgets, order - 1)
            if forgotten and self._forgets[forgotten - 1] > since:
                return None
        return value

    def _agreed(self, assignments: Sequence[ShellAssignment]) -> tuple[Traced, ...] | None:
        values = [one.kept for one in assignments]
        first = values[0]
        if first is None or self._forgets:
            return None
        return first if all(value is not None and _texts(value) == _texts(first) for value in values) else None

    def _contains(self, outer: int, inner: int) -> bool:
        parents = self._lexer.blocks.parents
        for _ in range(_MAX_ANCESTORS):
            if inner == outer:
                return True
            inner = parents[inner]
            if inner < 0:
                break
        return False

    def text(self, word: RawWord, block: int, order: int) -> Traced:
        """A word as one text: nothing is split."""
        pieces: list[Piece] = []
        for part in word:
            if isinstance(part, ShellLiteral):
                pieces += part.text.pieces
            else:
                pieces += self._pieces(part, block, order)
        return self._script.made(pieces)

    def _pieces(self, use: VariableUse, block: int, order: int) -> Iterator[Piece]:
        values = self._use(use, block, order)
        if values is None:
            yield self._unknown(use, spread=False)
            return
        for index, value in enumerate(values):
            if index:
                yield Piece(" ", *self._offsets(use))
            yield from self._taken(value, use)

    def expand(self, word: RawWord, block: int, order: int) -> Iterator[Traced]:
        """The words that a word becomes."""
        pieces: list[Piece] = []
        quoted = False
        for part in word:
            if isinstance(part, ShellLiteral):
                pieces += part.text.pieces
                quoted = quoted or part.quoted
                continue
            values = self._use(part, block, order)
            if values is None:
                pieces.append(self._unknown(part, spread=not part.quoted or part.every))
                continue
            items = values if part.every else (values[0] if values else self._script.made(()),)
            parts = list(items) if part.quoted else [piece for item in items for piece in _split(item)]
            quoted = quoted or (part.quoted and not part.every)
            for index, item in enumerate(parts):
                if index:
                    yield self._script.made(pieces)
                    pieces = []
                pieces += self._taken(item, part)
        if any(piece.text for piece in pieces) or quoted:
            yield self._script.made(pieces)

    def _use(self, use: VariableUse, block: int, order: int) -> tuple[Traced, ...] | None:
        if not use.name or self._left <= 0:
            return None
        values = self._lookup(use.name, block, order)
        if values is None:
            return None
        self._left -= sum(map(len, values)) + 1
        empty = ("", holes.only()) if use.even_empty else (holes.only(),)
        if use.fallback is not None and len(values) == 1 and values[0].text in empty:
            return (self._script.made([self._with_fallback(values[0], use)]),)
        return values

    def _with_fallback(self, value: Traced, use: VariableUse) -> Piece:
        """`${X:-text}` where X is empty, or comes from outside itself."""
        place = self._offsets(use)
        if not value.unknown:
            return Piece(use.fallback or "", *place)
        spread, variable = not use.quoted, value.outside
        return Piece.hole(*place, value.unknown, fallback=use.fallback, spread=spread, variable=variable)

    def _unknown(self, use: VariableUse, *, spread: bool) -> Piece:
        place = self._offsets(use)
        if use.reason:
            return Piece.hole(*place, use.reason, fallback=use.fallback, spread=spread)
        return Piece.hole(*place, _outside(use.name), fallback=use.fallback, spread=spread, variable=use.name)

    def _offsets(self, use: VariableUse) -> tuple[int, int]:
        pieces = self._script.cut(*use.span).pieces
        return (pieces[0].start, max(pieces[0].start, pieces[-1].end)) if pieces else (0, 0)

    def _taken(self, value: Traced, use: VariableUse) -> Iterator[Piece]:
        place = self._offsets(use)
        for piece in value.pieces:
            yield replace(piece, used=place, spread=piece.spread and not use.quoted)


def _texts(values: Sequence[Traced]) -> list[str]:
    return [value.text for value in values]


def _split(value: Traced) -> Iterator[Traced]:
    """The words of a value that is taken in without quotes."""
    for match in re.finditer(r"[^ \t\n]+", value.text):
        yield value.cut(*match.span())


def _outside(name: str) -> str:
    return f"`${name[:60]}` comes from outside the script"
