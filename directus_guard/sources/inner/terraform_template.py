"""The template language of Terraform: `${name}`, `%{ for … }`, `%{ if … }`, as far as it can be followed."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.files.inner_file import Stretch, stretches
from directus_guard.sources.formats import traced
from directus_guard.sources.formats.values import List, ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from directus_guard.sources.formats.traced import Traced
    from directus_guard.sources.formats.values import Value

_TAG: Final = lazy_pattern(
    r"\$\$\{|%%\{|\$\{~?[ \t]*(?P<name>[^{}\n]{1,400}?)[ \t]*~?\}|(?P<line>(?m:^)[ \t]*)?%\{~?[ \t]*(?P<word>\w+)(?P<rest>[^{}\n]{0,400}?)~?\}(?P<end>[ \t]*\r?\n)?"
)
_LOOP: Final = lazy_pattern(r"[ \t]*(\w+)(?:[ \t]*,[ \t]*(\w+))?[ \t]+in[ \t]+([\w.]+)[ \t]*")
_PATH: Final = lazy_pattern(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\"[^\"\]]{1,200}\"\])*")
_KEY: Final = lazy_pattern(r"[A-Za-z_][\w-]*|\"([^\"]+)\"")
_WRAPPED: Final = lazy_pattern(r"(?:jsonencode|tostring|trimspace|nonsensitive|sensitive|chomp)\((.*)\)\Z")
_MAX_TAGS: Final = 5_000
"""Tags of one template; of one with more only the text is read."""
_MAX_RUNS: Final = 20_000
"""Runs that one template may become."""
_MAX_LENGTH: Final = 1024 * 1024
"""Characters that one template may become."""
_MAX_DEPTH: Final = 8
"""Blocks inside of each other that are followed."""


def render(
    path: str,
    text: str,
    given: ObjectValue | None,
    runs: Callable[[Value], tuple[Stretch, ...]],
    *,
    otherwise: bool = False,
) -> Iterator[Stretch]:
    """The text of the template at `path` with the entries of `given` put in; `runs` gives the text of one of them.

    Conditions hold; with `otherwise` those that say what comes if they do not hold do not.
    """
    reader = _Renderer(path, text, runs, otherwise=otherwise)
    scope = {entry.key.text: entry.value for entry in given.entries} if given is not None else {}
    yield from reader.render(0, len(text), scope)


def has_choices(text: str) -> bool:
    """Whether a template says what comes where a condition does not hold."""
    return _ELSE.search(text) is not None


_ELSE: Final = lazy_pattern(r"%\{~?[ \t]*else\b")


def reference(source: str) -> str:
    """A name for an expression whose value is not known."""
    return re.sub(r"\W+", "_", source).strip("_")[:100] or "value"


class _Block(Struct):
    """Where a loop or a condition goes on: the numbers of its `else` and of its end among the tags."""

    word: str
    otherwise: int | None = None
    end: int | None = None


class _Renderer:
    def __init__(self, path: str, text: str, runs: Callable[[Value], tuple[Stretch, ...]], *, otherwise: bool) -> None:
        self._text, self._runs, self._otherwise = text, runs, otherwise
        self._whole = traced.whole(path, text)
        self._left, self._room = _MAX_RUNS, _MAX_LENGTH
        tags = list(islice(_TAG.finditer(text), _MAX_TAGS + 1))
        self._tags = tags if len(tags) <= _MAX_TAGS else []
        self._starts = [tag.start() for tag in self._tags]
        self._blocks: dict[int, _Block] = {}
        self._pair()

    def _pair(self) -> None:
        """Find the end of each block."""
        open_: list[_Block] = []
        for number, tag in enumerate(self._tags):
            word = tag["word"]
            if word in ("for", "if"):
                open_.append(_Block(word))
                self._blocks[number] = open_[-1]
            elif word == "else" and open_:
                open_[-1].otherwise = number
            elif word in ("endfor", "endif") and open_:
                open_.pop().end = number

    def render(self, start: int, end: int, scope: Mapping[str, Value], depth: int = 0) -> Iterator[Stretch]:
        """A part of the text. A loop over what is not known comes once."""
        index = start
        number = bisect_left(self._starts, start)
        while number < len(self._tags) and self._starts[number] < end and self._left > 0:
            tag = self._tags[number]
            self._left -= 1
            yield from self._plain(index, tag.start())
            index = tag.end()
            block = self._blocks.get(number)
            number += 1
            if tag["name"] is not None:
                yield from self._put_in(tag, scope)
            elif tag["word"] is None:
                yield from self._plain(tag.start() + 1, tag.end())  # `$${` writes `${`
            elif block is not None and block.end is not None and depth < _MAX_DEPTH:
                for first, last, inner in self._bodies(tag, block, scope):
                    yield from self.render(first, last, inner, depth + 1)
                index, number = self._tags[block.end].end(), block.end + 1
        yield from self._plain(index, end)

    def _bodies(
        self, tag: re.Match[str], block: _Block, scope: Mapping[str, Value]
    ) -> Iterator[tuple[int, int, Mapping[str, Value]]]:
        """The parts of a block that come, and the names that each sees."""
        stop = self._starts[block.end or 0]
        if block.word == "for":
            yield from ((tag.end(), stop, inner) for inner in self._rounds(tag["rest"], scope))
        elif block.otherwise is None:
            yield tag.end(), stop, scope
        elif self._otherwise:
            yield self._tags[block.otherwise].end(), stop, scope
        else:
            yield tag.end(), self._starts[block.otherwise], scope

    def _plain(self, start: int, end: int) -> Iterator[Stretch]:
        if start < end and self._left > 0 and self._room > 0:
            self._left -= 1
            self._room -= end - start
            yield from stretches(self._whole.cut(start, end), self._text)

    def _put_in(self, tag: re.Match[str], scope: Mapping[str, Value]) -> Iterator[Stretch]:
        place: Traced = self._whole.cut(*tag.span())
        source, wrapped = tag["name"], False
        while (match := _WRAPPED.match(source)) is not None:
            wrapped = wrapped or source.startswith("jsonencode")
            source = match[1].strip()
        held = _found(source, scope)
        made = self._runs(held) if held is not None else ()
        if not made:
            yield Stretch(f"${{{reference(source)}}}", place=place.location)
            return
        quote = '"' if wrapped and isinstance(held, Text) else ""
        yield Stretch(quote, place=place.location)
        for run in made:
            yield run.taken_in(place.location)
        yield Stretch(quote, place=place.location)

    def _rounds(self, rest: str, scope: Mapping[str, Value]) -> Iterator[Mapping[str, Value]]:
        """The names that the rounds of a loop see."""
        loop = _LOOP.fullmatch(rest)
        over = _found(loop[3], scope) if loop is not None else None
        if loop is not None and isinstance(over, List) and loop[2] is None:
            yield from ({**scope, loop[1]: item} for item in over.items)
        elif loop is not None and isinstance(over, ObjectValue):
            for entry in over.entries:
                yield {**scope, loop[1]: entry.key, loop[2] or loop[1]: entry.value}
        else:
            yield scope


def _found(source: str, scope: Mapping[str, Value]) -> Value | None:
    """What `name` or `name.key` is, None where that is not known."""
    if _PATH.fullmatch(source) is None:
        return None
    names = [match[1] or match[0] for match in _KEY.finditer(source)]
    held = scope.get(names[0])
    for name in names[1:]:
        held = held.get(name) if isinstance(held, ObjectValue) else None
    return held
