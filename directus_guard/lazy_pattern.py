"""Regular expressions that are compiled when they are first used: of those of all sources and checks, a run needs few."""

from __future__ import annotations

import re
from typing import Generic, TypeVar, cast

Text = TypeVar("Text", str, bytes)


class LazyPattern(Generic[Text]):
    """In place of a compiled pattern. Its members are looked up once; then they cost no more than those of the pattern."""

    def __init__(self, text: Text, flags: int) -> None:
        self.pattern: Text = text
        self._given = flags

    def __getattr__(self, name: str) -> object:
        """A member of the compiled pattern, kept."""
        member: object = getattr(re.compile(self.pattern, self._given), name)
        setattr(self, name, member)
        return member


def lazy_pattern(text: Text, flags: int = 0) -> re.Pattern[Text]:
    """What `re.compile` gives, made on first use. For patterns of modules; a mistake in it shows where it is used."""
    return cast("re.Pattern[Text]", LazyPattern(text, flags))
