"""The template language of Terraform: `${name}`, `%{ for … }`, `%{ if … }`, as far as it can be followed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.sources.files.inner_file import Stretch, stretches
from directus_guard.sources.formats import traced
from directus_guard.sources.formats.values import ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from directus_guard.sources.formats.traced import Traced
    from directus_guard.sources.formats.values import Value

_TAG: Final = re.compile(
    r"\$\$\{|%%\{|\$\{~?[ \t]*(?P<name>[^{}\n]{1,400}?)[ \t]*~?\}|(?P<line>(?m:^)[ \t]*)?%\{~?[ \t]*(?P<word>\w+)(?P<rest>[^{}\n]{0,400}?)~?\}(?P<end>[ \t]*\r?\n)?"
)
_LOOP: Final = re.compile(r"[ \t]*(\w+)(?:[ \t]*,[ \t]*(\w+))?[ \t]+in[ \t]+([\w.]+)[ \t]*")
_PATH: Final = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\"[^\"\]]{1,200}\"\])*")
_KEY: Final = re.compile(r"[A-Za-z_][\w-]*|\"([^\"]+)\"")
_WRAPPED: Final = re.compile(r"(?:jsonencode|tostring|trimspace|nonsensitive|sensitive|chomp)\((.*)\)\Z")
_MAX_RUNS: Final = 20_000
"""Runs that one template may become."""

Runs = "Callable[[Value], tuple[Stretch, ...]]"


def render(
    path: str, text: str, given: ObjectValue | None, runs: Callable[[Value], tuple[Stretch, ...]]
) -> Iterator[Stretch]:
    """The text of the template at `path` with the entries of `given` put in; `runs` gives the text of one of them."""
    reader = _Renderer(path, text, runs)
    scope = {entry.key.text: entry.value for entry in given.entries} if given is not None else {}
    yield from reader.render(0, len(text), scope)


def reference(source: str) -> str:
    """A name for an expression whose value is not known."""
    return re.sub(r"\W+", "_", source).strip("_")[:100] or "value"


class _Renderer:
    def __init__(self, path: str, text: str, runs: Callable[[Value], tuple[Stretch, ...]]) -> None:
        self._text, self._runs = text, runs
        self._whole = traced.whole(path, text)
        self._left = _MAX_RUNS

    def render(self, start: int, end: int, scope: Mapping[str, Value]) -> Iterator[Stretch]:
        """A part of the text. A condition is taken to hold; a loop over what is not known comes once."""
        index = start
        while (tag := _TAG.search(self._text, index, end)) is not None and self._left > 0:
            self._left -= 1
            yield from self._plain(index, tag.start())
            index = tag.end()
            if tag["name"] is not None:
                yield from self._put_in(tag, scope)
            elif tag["word"] is None:
                yield from self._plain(tag.start() + 1, tag.end())  # `$${` writes `${`
            elif tag["word"] == "for":
                stop, index = self._end_of_loop(tag.end(), end)
                for inner in self._rounds(tag["rest"], scope):
                    yield from self.render(tag.end(), stop, inner)
            elif tag["word"] == "else":
                index = self._behind_condition(tag.end(), end)
        yield from self._plain(index, end)

    def _plain(self, start: int, end: int) -> Iterator[Stretch]:
        if start < end:
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
            yield Stretch(run.text, place=run.place or run.region(0, len(run.text)), taken=place.location)
        yield Stretch(quote, place=place.location)

    def _rounds(self, rest: str, scope: Mapping[str, Value]) -> Iterator[Mapping[str, Value]]:
        """The names that the rounds of a loop see."""
        loop = _LOOP.fullmatch(rest)
        over = _found(loop[3], scope) if loop is not None else None
        if loop is None or not isinstance(over, ObjectValue):
            yield scope
            return
        for entry in over.entries:
            yield {**scope, loop[1]: entry.key, loop[2] or loop[1]: entry.value}

    def _end_of_loop(self, start: int, end: int) -> tuple[int, int]:
        """Where the body of a loop ends, and where the text goes on."""
        return self._end_of("for", start, end)

    def _behind_condition(self, start: int, end: int) -> int:
        return self._end_of("if", start, end)[1]

    def _end_of(self, word: str, start: int, end: int) -> tuple[int, int]:
        depth = 1
        for tag in _TAG.finditer(self._text, start, end):
            depth += (tag["word"] == word) - (tag["word"] == f"end{word}")
            if not depth:
                return tag.start(), tag.end()
        return end, end


def _found(source: str, scope: Mapping[str, Value]) -> Value | None:
    """What `name` or `name.key` is, None where that is not known."""
    if _PATH.fullmatch(source) is None:
        return None
    names = [match[1] or match[0] for match in _KEY.finditer(source)]
    held = scope.get(names[0])
    for name in names[1:]:
        held = held.get(name) if isinstance(held, ObjectValue) else None
    return held
