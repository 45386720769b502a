"""Manifests with template lines (Jinja, Go templates, ERB, envsubst): what is plain in them is kept in its place.

Nothing is rendered. A value that a template fills in is unknown; a line or a block that a template may leave out, repeat
or add is left out here, and named, so that whoever reads the rest can say that it is not all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.files.repository import Repository

_MARK: Final = "\ue000"
"""Takes the place of each character of an expression inside a line. It has no meaning in YAML."""
FILLED: Final = "{{ }}"
"""What a run of marks becomes in a value: readers know it as something that is filled in."""
REASON: Final = "it is filled in by a template"

_TAG: Final = lazy_pattern(r"\{\{.{0,2000}?\}\}|\{%.{0,2000}?%\}|<%.{0,2000}?%>|\{#.{0,2000}?#\}", re.DOTALL)
_COMMENT: Final = lazy_pattern(r"\{\{-?\s*(?:/\*|ansible_managed\b)|\{#|<%#")
_WORD: Final = lazy_pattern(r"[{\[<%]{2}[-+~_]?\s*(/\*|[A-Za-z]+)?")
_MARKS: Final = lazy_pattern(f"{_MARK}+")
_BARE: Final = lazy_pattern(
    r"(?:-[ \t]+)?(?:\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|__[A-Za-z0-9_]+__|@@?[A-Za-z0-9_]+@@?|#\{[^{}\s]{1,100}\}#?)"
)
_OPENS: Final = frozenset({
    "if", "range", "with", "block", "define", "for", "macro", "call", "filter", "raw", "autoescape", "unless", "case", "while",
})  # fmt: skip
_DO: Final = lazy_pattern(r"\bdo\b\s*(?:\|[^|]{0,100}\|)?\s*-?%>\Z")
_UNQUOTED: Final = lazy_pattern(
    r"^[^\"'#\n]*(?<![$\"'#])(?:\{\{|<%|\{%|\{#)|^[ \t]*#\{[^{}\s]{1,100}\}#?[ \t]*\r?$", re.MULTILINE
)
_FILLED_IN: Final = lazy_pattern(
    r"\{\{|\{%|<%|\$\$cap_[A-Za-z0-9_]|\A__[A-Z0-9_]{1,100}__\Z|\A#\{[^{}\n]{1,200}\}#?\Z|\A@@[A-Za-z0-9_]{1,100}@@\Z"
)


class Plain(Struct, frozen=True):
    """A text of the same lines and columns, without its template. `lines`: those that were left out, from 1."""

    text: str
    lines: tuple[int, ...]


def fills_in(text: str) -> bool:
    """Whether a template fills in a value, or a part of it."""
    return _FILLED_IN.search(text) is not None


def of_chart(repository: Repository, path: str, text: str) -> bool:
    """Whether a file is a template of a Helm chart: below its `templates` folder and with `{{` in it. It is never read."""
    if "{{" not in text or "/templates/" not in f"/{path}":
        return False
    parts = path.split("/")
    charts = ("/".join(parts[:index]) for index, part in enumerate(parts[:-1]) if part == "templates")
    return any(f"{chart}/{name}".lstrip("/") in repository for chart in charts for name in ("Chart.yaml", "Chart.yml"))


def known_part(text: str) -> str:
    """What is written before the first part that is filled in."""
    found = _FILLED_IN.search(text)
    return text[: found.start()] if found else text


def filled(text: str) -> str:
    """A value with its marks as readers know them."""
    return _MARKS.sub(FILLED, text) if _MARK in text else text


def has_bare_lines(text: str) -> bool:
    """Whether some line is only a variable that a tool puts in (envsubst)."""
    return any(_BARE.fullmatch(line.strip()) for line in text.splitlines())


def is_template(text: str) -> bool:
    """Whether a text has tags of a template where no format knows them."""
    return any(mark in text for mark in ("{{", "<%", "{%", "{#", "#{")) and _UNQUOTED.search(text) is not None


def plain(text: str, *, whole: bool = False, inline: bool = True) -> Plain:
    """The plain part. `whole`: keep what is inside of blocks; `inline`: put marks in place of expressions in lines."""
    reader = _Reader(text, whole=whole, inline=inline)
    return Plain("".join(reader.lines()), tuple(reader.left_out))


class _Reader:
    def __init__(self, text: str, *, whole: bool, inline: bool) -> None:
        self._text, self._whole, self._inline = text, whole, inline
        self._depth = 0
        self.left_out: list[int] = []

    def lines(self) -> Iterator[str]:
        """Every line, with spaces in place of what is left out."""
        tags = list(_TAG.finditer(self._text))
        start, number, index = 0, 0, 0
        over = 0
        while start < len(self._text):
            end = self._text.find("\n", start)
            end = len(self._text) if end < 0 else end + 1
            number += 1
            own: list[re.Match[str]] = []
            while index < len(tags) and tags[index].start() < end:
                own.append(tags[index])
                index += 1
            line = self._text[start:end]
            if over > start:  # a tag over several lines goes on
                kept = None
                over_here = over
            else:
                over_here = 0
                kept = self._line(line, start, own)
            over = max([over_here, *(tag.end() for tag in own)])
            if kept is None:
                if line.strip() and not (own and all(_COMMENT.match(tag[0]) for tag in own)):
                    self.left_out.append(number)
                yield _blank(line)
            else:
                yield kept
            start = end

    def _line(self, line: str, start: int, tags: list[re.Match[str]]) -> str | None:
        """The line without its template, None where nothing of it counts."""
        before = self._depth
        control = False
        for tag in tags:
            word = _WORD.match(tag[0])
            control = self._follow(tag[0], (word[1] or "") if word else "") or control
        inside = before > 0 and self._depth > 0 and not self._whole
        if not tags:
            dropped = inside or (_BARE.fullmatch(line.strip()) is not None)
            return None if dropped else line
        rest = _TAG.sub("", line).strip()
        ends_later = tags[-1].end() > start + len(line)
        if rest.startswith("#"):
            return _blank(line)
        if inside or ends_later or rest in ("", "-", "+") or (control and before != self._depth):
            return None
        if control:  # a condition that begins and ends in the line
            first, last = tags[0].start() - start, tags[-1].end() - start
            return line[:first] + _MARK * (last - first) + line[last:] if self._inline else None
        return _TAG.sub(lambda tag: _MARK * len(tag[0]), line) if self._inline else line

    def _follow(self, tag: str, word: str) -> bool:
        """Note what a tag opens or closes; whether it is one of those."""
        if tag.startswith("<%="):
            return False
        if word in _OPENS or (tag.startswith("<%") and _DO.search(tag)) or (word == "set" and "=" not in tag):
            self._depth += 1
            return True
        if word == "end" or (word.startswith("end") and tag.startswith("{%")):
            self._depth = max(self._depth - 1, 0)
            return True
        return word in ("else", "elif", "elsif", "when")


def _blank(line: str) -> str:
    return "".join(character if character in "\r\n" else " " for character in line)
