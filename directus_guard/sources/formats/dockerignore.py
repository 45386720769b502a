"""Which files of a build context Docker leaves out: `.dockerignore`, or `<Dockerfile>.dockerignore` beside the file.

After moby's `patternmatcher`: patterns are relative to the context, `**` is any number of folders, a pattern that
matches a folder takes everything below it, `!` brings back, the last match decides.
"""

from __future__ import annotations

import fnmatch
import posixpath
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from directus_guard.sources.files.repository import Repository

_MAX_PATTERNS: Final = 2_000


class DockerIgnore(Struct, frozen=True):
    """The patterns of one context; `file` is where they stand, "" without any."""

    file: str = ""
    patterns: tuple[tuple[bool, tuple[str, ...]], ...] = ()

    def excludes(self, relative: str) -> bool:
        """Whether the path `relative` to the context is left out."""
        parts = tuple(relative.split("/"))
        excluded = False
        for keeps, pattern in self.patterns:
            if excluded == keeps and any(_matches(pattern, parts[:length]) for length in range(1, len(parts) + 1)):
                excluded = not keeps
        return excluded


def of(repository: Repository, dockerfile: str, context: str) -> DockerIgnore:
    """The patterns that apply to a build of `dockerfile` in the folder `context`."""
    for path in (f"{dockerfile}.dockerignore", f"{context}/.dockerignore" if context else ".dockerignore"):
        text = repository.text(path) if path in repository else None
        if text is not None:
            lines = [line.strip() for line in text.removeprefix("\ufeff").splitlines() if not line.startswith("#")]
            return DockerIgnore(path, tuple(_pattern(line) for line in lines if line.strip("!/ "))[:_MAX_PATTERNS])
    return DockerIgnore()


def _pattern(line: str) -> tuple[bool, tuple[str, ...]]:
    keeps = line.startswith("!")
    cleaned = posixpath.normpath(line.removeprefix("!").strip()).lstrip("/")
    return keeps, tuple(cleaned.split("/"))


def _matches(pattern: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Whether the pattern covers exactly `parts`. Keeps the set of places in the pattern that a prefix can have reached."""
    reached = _skip(pattern, {0})
    for part in parts:
        following: set[int] = set()
        for place in reached:
            if place < len(pattern) and pattern[place] == "**":
                following.add(place)
            elif place < len(pattern) and fnmatch.fnmatchcase(part, pattern[place]):
                following.add(place + 1)
        reached = _skip(pattern, following)
    return len(pattern) in reached


def _skip(pattern: tuple[str, ...], places: set[int]) -> set[int]:
    """`**` may stand for no folder at all."""
    found = set(places)
    for place in sorted(places):
        step = place
        while step < len(pattern) and pattern[step] == "**":
            step += 1
            found.add(step)
    return found
