"""Edits of Dockerfiles: values of `ENV` and `ARG`, and the image of `FROM`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.sources.formats.dockerfile_syntax import read

if TYPE_CHECKING:
    from directus_guard.edits.text import EditableText
    from directus_guard.finding import Edit, Location
    from directus_guard.sources.formats.dockerfile_syntax import Instruction

_KEYWORDS: Final = ("ENV", "ARG", "FROM")
_PLAIN: Final = re.compile(r"[\w./:,@+%-]+")
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_QUOTABLE: Final = re.compile(r"[^\"\\$`\n]*")
_LITERAL: Final = re.compile(r"[^\"'\\$`\n]*")


class DockerfileEditor:
    """See `Editor`."""

    def __init__(self, text: EditableText) -> None:
        self._text: Final = text
        self._instructions: Final = () if text.has_other_line_ends else read(text.text)[0]

    def written(self, place: Location) -> str | None:
        """See `Editor.written`."""
        found = self._at(place)
        return self._text.text[found[1] : found[2]] if found else None

    def set(self, place: Location, value: str) -> Edit | None:
        """See `Editor.set`."""
        found = self._at(place)
        if found is None:
            return None
        instruction, start, end = found
        before, after = self._text.text[start - 1 : start], self._text.text[end : end + 1]
        if before in ('"', "'") and before == after:
            fits = _LITERAL.fullmatch(value)
        elif before == "=" and instruction.keyword != "FROM" and not _PLAIN.fullmatch(value):
            fits, value = _QUOTABLE.fullmatch(value), f'"{value}"'
        else:
            fits = _PLAIN.fullmatch(value)
        return self._tested(self._text.edit(start, end, value)) if fits else None

    def remove(self, place: Location, name: str) -> Edit | None:
        """See `Editor.remove`. One of several variables of an instruction stays, unless it has a line of its own."""
        found = self._at(place)
        if found is None or found[0].keyword != "ENV":
            return None
        instruction, start, end = found
        first, last = instruction.offset(0), self._end(instruction)
        named = re.match(rf"{re.escape(name)}[= \t]", self._text.text[first:])
        if named and not re.search(r"\s\S+=", instruction.text[len(name) :]):
            return self._tested(self._text.without_lines(first, last), gone=True)
        line = self._text.text[self._text.line_start(start) : self._text.line_stop(end)]
        if re.fullmatch(rf"[ \t]*{re.escape(name)}=\S*[ \t]*\\", _QUOTED.sub("x", line)):
            return self._tested(self._text.without_lines(start, end))
        return None

    def rename(self, place: Location, name: str, to: str) -> Edit | None:
        """See `Editor.rename`."""
        found = self._at(place)
        first = self._text.text.rfind(name, 0, found[1]) if found and found[0].keyword == "ENV" else -1
        if found is None or first < found[0].offset(0) or self._text.text[first + len(name)] not in "= ":
            return None
        return self._tested(self._text.edit(first, first + len(name), to))

    def add(self, beside: Location, name: str, value: str) -> Edit | None:
        """See `Editor.add`."""
        found = self._at(beside)
        if found is None or found[0].keyword != "ENV" or re.search(rf"\b{re.escape(name)}[= ]", self._text.text):
            return None
        written = value if _PLAIN.fullmatch(value) else f'"{value}"'
        if not _QUOTABLE.fullmatch(value):
            return None
        return self._tested(self._text.line_after(self._end(found[0]) - 1, f"ENV {name}={written}"), more=True)

    def _at(self, place: Location) -> tuple[Instruction, int, int] | None:
        """The instruction with a value at the place, and where the value begins and ends. Only a literal text is one."""
        for start, end in self._text.spans(place):
            for instruction in self._instructions:
                inside = instruction.text and instruction.offset(0) <= start <= end <= self._end(instruction)
                if inside and instruction.keyword in _KEYWORDS and _LITERAL.fullmatch(self._text.text[start:end]):
                    return instruction, start, end
        return None

    @staticmethod
    def _end(instruction: Instruction) -> int:
        return instruction.offset(len(instruction.text) - 1) + 1

    def _tested(self, edit: Edit, *, gone: bool = False, more: bool = False) -> Edit | None:
        """The edit, if all instructions but one are as before: one that changes, one less or one more."""
        before = [(one.keyword, one.text) for one in self._instructions]
        after = [(one.keyword, one.text) for one in read(self._text.after([edit]).removeprefix("\ufeff"))[0]]
        lost, new = [one for one in before if one not in after], [one for one in after if one not in before]
        expected = (1, 0) if gone else (0, 1) if more else (1, 1)
        same = len(after) == len(before) + expected[1] - expected[0]
        return edit if same and len(lost) <= expected[0] and len(new) <= expected[1] else None
