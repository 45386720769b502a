"""The shell texts of a Jenkinsfile: its strings, with what `environment { … }` and `withEnv([…])` around them give."""

from __future__ import annotations

import re
from collections import ChainMap
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources.formats import traced
from directus_guard.sources.formats.dockerfile_syntax import Positions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.sources.formats.traced import Traced

_TOKEN: Final = lazy_pattern(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|'''(?P<plain3>.*?)'''|\"\"\"(?P<filled3>.*?)\"\"\"|'(?P<plain>(?:[^'\\\n]|\\.)*)'|\"(?P<filled>(?:[^\"\\\n]|\\.)*)\""
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>[{}=])",
    re.DOTALL,
)
_LEFT_OUT: Final = lazy_pattern(r"\\(?=[$\"'\\])|(?<=\$\{)env\.")
_MAX_BLOCKS: Final = 200
"""Blocks inside each other that are followed."""


class JenkinsText(Unprinted, frozen=True):
    """A string, the variables around it, and the names of the stages that it is in."""

    text: Traced
    environment: Mapping[str, Traced]
    stages: tuple[str, ...]


class _Block(Struct, eq=False):
    """A block in braces: what it gives to the strings in it, the name of its stage, and whether it is `environment`."""

    given: dict[str, Traced]
    stage: str = ""
    declares: bool = False

    __repr__ = object.__repr__


def is_jenkins(path: str) -> bool:
    """Whether a file is a Jenkinsfile by its name."""
    name = path.rpartition("/")[2].lower()
    return "jenkinsfile" in name or name.endswith(".groovy")


def strings(path: str, text: str) -> Iterator[JenkinsText]:
    """Every string that is not a variable's value, in their order."""
    yield from _Jenkins(path, text).strings()


class _Jenkins:
    def __init__(self, path: str, text: str) -> None:
        self._text = text
        self._positions = Positions(path, text)
        self._blocks = [_Block({})]
        self._words: list[str] = []
        """The names and signs since the last string or brace."""
        self._next = _Block({})
        """What is said of the block that comes."""

    def strings(self) -> Iterator[JenkinsText]:
        for match in _TOKEN.finditer(self._text):
            kind = match.lastgroup
            if kind == "name" or match["sign"] == "=":
                self._words = [*self._words[-1:], match[0]]
            elif kind == "sign":
                self._brace(match[0])
            elif kind is not None:
                yield from self._string(self._cut(match, kind))

    def _brace(self, sign: str) -> None:
        if sign == "{":
            self._next.declares = self._words[-1:] == ["environment"]
            self._blocks = [*self._blocks, self._next] if len(self._blocks) < _MAX_BLOCKS else self._blocks
        elif len(self._blocks) > 1:
            self._blocks.pop()
        self._next, self._words = _Block({}), []

    def _string(self, traced: Traced) -> Iterator[JenkinsText]:
        words = self._words
        block = self._blocks[-1]
        if block.declares and words[-1:] == ["="]:
            self._blocks[-2].given[words[0]] = traced
            self._words = []
        elif words[-1:] == ["stage"]:
            self._next.stage = traced.text
        elif words[-1:] == ["withEnv"]:
            name, equals, value = traced.partition("=")
            if equals:
                self._next.given[name.text] = value
        else:
            given = ChainMap(*(one.given for one in reversed(self._blocks)))
            yield JenkinsText(traced, given, tuple(one.stage for one in self._blocks if one.stage))

    def _cut(self, match: re.Match[str], kind: str) -> Traced:
        """The text of a string. In double quotes Groovy takes in variables (`${env.X}`) and leaves an escaped `$` to the shell."""
        held = traced.part(self._positions, self._text, *match.span(kind))
        if not kind.startswith("filled"):
            return held
        begin, parts = 0, []
        for left_out in _LEFT_OUT.finditer(held.text):
            parts.append(held.cut(begin, left_out.start()))
            begin = left_out.end()
        return parts[0].joined([*parts[1:], held.cut(begin)]) if parts else held
