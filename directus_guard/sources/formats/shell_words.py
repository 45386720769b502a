"""Words, assignments and commands of a shell text as they are written, before their values are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct, field

from directus_guard.secret import Unprinted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.sources.formats.traced import Traced


MAX_NESTED: Final = 4
"""`$(…)` and `sh -c '…'` inside each other whose commands are read."""
SPACES: Final = " \t\r\n"


class ShellLiteral(Unprinted, frozen=True, eq=False):
    """A part of a word that is written down."""

    text: Traced
    quoted: bool


class VariableUse(Unprinted, frozen=True, eq=False):
    """`$name`, `${name}`, `${name:-text}`; without a name something whose value the text does not tell."""

    name: str
    span: tuple[int, int]
    quoted: bool
    reason: str = ""
    fallback: str | None = None
    even_empty: bool = True
    """Whether the fallback counts where the variable is empty, too: `:-` and `:=`, not `-` and `=`."""
    every: bool = False
    """`${name[@]}`: all items of a list, one word each where quoted."""


RawWord: TypeAlias = list["ShellLiteral | VariableUse"]


class RawCommand(Struct, eq=False):
    """A command before its words are known."""

    block: int
    words: list[RawWord] = field(default_factory=list)
    before: list[ShellAssignment] = field(default_factory=list)
    documents: list[RawWord] = field(default_factory=list)
    order: int = 0
    outputs: list[RawWord] = field(default_factory=list)
    """The files that its output goes to."""
    source: RawCommand | None = None
    """The command whose output it reads (`source | command`)."""

    __repr__ = object.__repr__


class ShellAssignment(Struct, eq=False):
    """`name=value`, or a command that changes a variable, such as `read` and `unset`; that has no value."""

    name: str
    value: Sequence[RawWord]
    """One word, or the items of a list."""
    is_list: bool
    adds: bool
    block: int
    order: int
    exported: bool = False
    kept: tuple[Traced, ...] | None = None
    """The value, once it is worked out; None = not known."""

    __repr__ = object.__repr__


def unquoted(word: RawWord) -> str:
    """The text of a word that is written without quotes and variables, else ""."""
    if any(not isinstance(part, ShellLiteral) or part.quoted for part in word):
        return ""
    return "".join(part.text.text for part in word if isinstance(part, ShellLiteral))
