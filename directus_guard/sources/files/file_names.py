"""Paths by their file names, found by patterns: a scan asks for hundreds of patterns, and a folder may hold 100,000 files."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from directus_guard.sources.files.name_patterns import name_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.sources.files.name_patterns import NamePattern


class FileNames:
    """The file names of some paths, in lower case."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths: Final[dict[str, list[str]]] = {}
        for path in paths:
            self._paths.setdefault(path.rpartition("/")[2].lower(), []).append(path)

    def paths(self, patterns: Iterable[str]) -> tuple[str, ...]:
        """The paths whose names match one of the patterns, in order."""
        names = {name for pattern in map(name_pattern, patterns) for name in self._matching(pattern)}
        return tuple(sorted(path for name in names for path in self._paths[name]))

    def _matching(self, pattern: NamePattern) -> Iterable[str]:
        if pattern.end is None:
            return (pattern.beginning,) if pattern.beginning in self._paths else ()
        names = self._by_ending.get(pattern.ending) if pattern.ending else self._all
        if names is None:
            return ()
        return filter(pattern.matches, self._candidates(names, pattern, pattern.end))

    @staticmethod
    def _candidates(names: _SortedNames, pattern: NamePattern, end: str) -> Iterable[str]:
        """The names that can match a pattern, by one fixed part of it: most files of a monorepo cannot."""
        if pattern.beginning:
            return names.beginning(pattern.beginning)
        if pattern.middle:
            return names.holding(pattern.middle[0])
        return names.names if end in ("", f".{pattern.ending}") else names.holding(f"{end}\n")

    @cached_property
    def _all(self) -> _SortedNames:
        return _SortedNames(self._paths)

    @cached_property
    def _by_ending(self) -> dict[str, _SortedNames]:
        """The names by what follows their last dot."""
        found: dict[str, list[str]] = {}
        for name in self._paths:
            found.setdefault(name.rpartition(".")[2], []).append(name)
        return {ending: _SortedNames(names) for ending, names in found.items()}


class _SortedNames:
    """Names that are searched for a part of them all at once: one search of a long text is quicker than many of short ones."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names: Final[Sequence[str]] = sorted(names)

    def beginning(self, part: str) -> Sequence[str]:
        """The names that begin with a part."""
        first = bisect_left(self.names, part)
        return self.names[first : bisect_left(self.names, part + chr(0x10FFFF), first)]

    def holding(self, part: str) -> Iterator[str]:
        """The names, each with a line end after it, that hold a part."""
        position = self._text.find(part)
        while position >= 0:
            at = bisect_right(self._ends, position)
            if at == len(self.names):
                return
            yield self.names[at]
            position = self._text.find(part, self._ends[at])

    @cached_property
    def _text(self) -> str:
        return "".join(f"{name}\n" for name in self.names)

    @cached_property
    def _ends(self) -> Sequence[int]:
        """Where each name with its line end ends in the text."""
        return list(accumulate(len(name) + 1 for name in self.names))
