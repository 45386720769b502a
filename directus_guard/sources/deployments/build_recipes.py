"""The shell texts of Makefiles and Justfiles: their own variables are replaced where the file gives their value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources.formats import traced
from directus_guard.sources.formats.traced import Piece, Traced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_ASSIGNED: Final = lazy_pattern(
    r"[ ]{0,20}(?P<export>export[ \t]+)?(?P<override>override[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]{0,100})[ \t]*(?P<sign>:{0,3}=|\?=|\+=|!=)[ \t]*"
)
_TARGETED: Final = lazy_pattern(
    r"[^\s:=#][^:=#\n]{0,300}?:{1,2}[ \t]+(?P<words>(?:(?:export|override|private|unexport)[ \t]+){0,3})"
    r"(?P<name>[A-Za-z_][A-Za-z0-9_.-]{0,100})[ \t]*(?P<sign>:{0,3}=|\?=|\+=|!=)[ \t]*"
)
"""`up: export NAME = text`, for the recipe of that target only."""
_RULE: Final = lazy_pattern(r"(?P<targets>[^\s:=#][^:=#\n]{0,300}?)[ \t]*:{1,2}(?!=)")
_EXPORTED: Final = lazy_pattern(r"export(?:[ \t]+([A-Za-z0-9_ \t]{1,400}))?[ \t]*\r?$")
_REFERENCE: Final = lazy_pattern(r"\$(?:\$|\(([^()\n]{1,200})\)|\{([^{}\n]{1,200})\}|([^\s$({]))")
_CALL: Final = lazy_pattern(r"\$[({]")
_NAME: Final = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_.-]*")
_JUST: Final = lazy_pattern(
    r"(?P<export>export[ ]+)?(?P<name>[A-Za-z_][A-Za-z0-9_-]{0,100})[ \t]*:=[ \t]*(?P<value>\"[^\"\\\n]*\"|'[^'\n]*')[ \t]*(?:#.*)?\r?$"
)
_BRACES: Final = lazy_pattern(r"\{\{[ \t]*([A-Za-z_][A-Za-z0-9_-]{0,100})?[^{}\n]{0,200}\}\}")
_MAX_DEPTH: Final = 5
_MAX_VALUE: Final = 16_384
_MAX_VALUES: Final = 1024 * 1024
"""Characters that one file's variables may grow to."""


class Recipes(Unprinted, frozen=True):
    """The shell texts of a file, each run by a shell of its own, and the variables that all of them are given."""

    scripts: tuple[Traced, ...]
    exported: Mapping[str, Traced]


def of(path: str, text: str) -> Recipes | None:
    """The recipes of a Makefile or Justfile by its name; None for any other file."""
    name = path.rpartition("/")[2].lower()
    if "makefile" in name or name.endswith(".mk"):
        return make(path, text)
    return just(path, text) if "justfile" in name or name.endswith(".just") else None


def scripts(path: str, text: str) -> tuple[Traced, ...]:
    """The shell texts of a file: its recipes, or all of it."""
    recipes = of(path, text)
    return (traced.whole(path, text),) if recipes is None else recipes.scripts


def make(path: str, text: str) -> Recipes:
    """The recipes of a Makefile."""
    return _Make(path, text).read()


def just(path: str, text: str) -> Recipes:
    """The recipes of a Justfile. Lines of a recipe are read as one script."""
    whole = traced.whole(path, text)
    values: dict[str, Traced] = {}
    exported: set[str] = set()
    blocks: list[tuple[int, int]] = []
    for start, end in _lines(text):
        line = text[start:end]
        match = _JUST.match(line)
        if match is not None:
            values[match["name"]] = whole.cut(start + match.start("value") + 1, start + match.end("value") - 1)
            exported |= {match["name"]} if match["export"] else set()
        elif line[:1] in " \t" and line.strip():
            if blocks and blocks[-1][1] == start:
                blocks[-1] = (blocks[-1][0], end)
            else:
                blocks.append((start, end))
    scripts = []
    for start, end in blocks:
        lines = tuple(_lines(text, start, end))
        goes_on = [False, *(text[first:last].rstrip("\r\n").endswith("\\") for first, last in lines)]
        parts = [
            whole.cut(*(line if more else _behind_marks(text, *line)))
            for line, more in zip(lines, goes_on, strict=False)
        ]
        joined = whole.cut(start, start).joined(parts)
        scripts.append(_replaced(joined, _BRACES, lambda found: values.get(found[1] or "")))
    return Recipes(tuple(scripts), {name: values[name] for name in exported})


def _lines(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Lines with their ends."""
    end = len(text) if end is None else end
    while start < end:
        found = text.find("\n", start, end)
        stop = end if found < 0 else found + 1
        yield start, stop
        start = stop


def _behind_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """A recipe's line without its indentation and without `@`, `-` and `+` in front."""
    while start < end and text[start] in " \t@+-":
        start += 1
    return start, end


def _replaced(script: Traced, pattern: re.Pattern[str], find: Callable[[re.Match[str]], Traced | None]) -> Traced:
    """The text with every match replaced by a value, or by a hole."""
    pieces: list[Piece] = []
    begin = 0
    for match in pattern.finditer(script.text):
        pieces += script.cut(begin, match.start()).pieces
        place = script.cut(*match.span()).pieces
        span = (place[0].start, place[-1].end)
        value = find(match)
        if value is None:
            pieces.append(Piece.hole(*span, "it is put in when the recipe runs"))
        else:
            pieces += [replace(one, used=span, spread=False) for one in value.pieces]
        begin = match.end()
    return script.made([*pieces, *script.cut(begin).pieces]) if begin else script


class _Make:
    def __init__(self, path: str, text: str) -> None:
        self._text = text
        self._whole = traced.whole(path, text)
        self._values: dict[str, list[tuple[str, Traced]]] = {}
        self._own: dict[str, dict[str, Traced]] = {}
        """What the recipe of a target is given besides, by the target."""
        self._exported_to: dict[str, dict[str, None]] = {}
        self._exported: set[str] = set()
        self._exports_all = False
        self._left = _MAX_VALUES

    def read(self) -> Recipes:
        recipes: list[tuple[tuple[int, int], tuple[str, ...]]] = []
        targets: tuple[str, ...] = ()
        for start, end in self._logical_lines():
            if self._text[start] == "\t":
                recipes.append((_behind_marks(self._text, start, end), targets))
            elif not self._assign_to_target(start, end):
                rule = _RULE.match(self._text, start, end)
                targets = tuple(rule["targets"].split()) if rule is not None else targets
                self._assign(start, end)
        scripts = tuple(self._recipe(span, targets) for span, targets in recipes)
        names = self._values if self._exports_all else self._exported & set(self._values)
        exported = {name: value for name in sorted(names) if (value := self._value(name, 0)) is not None}
        return Recipes(scripts, exported)

    def _logical_lines(self) -> Iterator[tuple[int, int]]:
        """Lines joined where a backslash ends one."""
        begin: int | None = None
        for start, end in _lines(self._text):
            begin = start if begin is None else begin
            if not self._text[start:end].rstrip("\r\n").endswith("\\"):
                yield begin, end
                begin = None
        if begin is not None:
            yield begin, len(self._text)

    def _recipe(self, span: tuple[int, int], targets: tuple[str, ...]) -> Traced:
        """One line of a recipe, behind what is exported to it alone."""
        own = {name: value for target in targets for name, value in self._own.get(target, {}).items()}
        script = self._expand(self._whole.cut(*span), 0, own)
        for target in targets:
            for name in self._exported_to.get(target, ()):
                value = self._expand(own[name], 1)
                if not value.unknown and "'" not in value.text:
                    place = value.pieces[0].start
                    before = value.made([Piece(f"export {name}='", place, place)])
                    script = before.joined((value, value.made([Piece("'\n", place, place)]), script))
        return script

    def _assign_to_target(self, start: int, end: int) -> bool:
        """Whether a line gives a variable to the recipe of a target."""
        match = _TARGETED.match(self._text, start, end)
        if match is None:
            return False
        value = self._written(match.end(), end)
        for target in self._text[start : match.start("words")].partition(":")[0].split():
            if match["sign"] in ("+=", "!="):
                self._own.get(target, {}).pop(match["name"], None)
            else:
                self._own.setdefault(target, {})[match["name"]] = value
                if "export" in match["words"].split():
                    self._exported_to.setdefault(target, {})[match["name"]] = None
        return True

    def _written(self, start: int, end: int) -> Traced:
        """What is written behind a sign, without a comment."""
        value = self._text[start:end]
        comment = re.search(r"(?:^|[ \t])#", value)
        stop = start + (comment.start() if comment else len(value))
        return self._whole.cut(start, start + len(self._text[start:stop].rstrip()))

    def _assign(self, start: int, end: int) -> None:
        match = _ASSIGNED.match(self._text, start, end)
        if match is None:
            exported = _EXPORTED.match(self._text, start, end)
            if exported is not None:
                self._exported.update((exported[1] or "").split())
                self._exports_all = self._exports_all or exported[1] is None
            return
        self._values.setdefault(match["name"], []).append((match["sign"], self._written(match.end(), end)))
        if match["export"]:
            self._exported.add(match["name"])

    def _value(self, name: str, depth: int) -> Traced | None:
        """The value of a variable that is assigned once; `?=` is only used when nothing comes from outside."""
        given = self._values.get(name, ())
        if len(given) != 1 or depth > _MAX_DEPTH:
            return None
        sign, written = given[0]
        if sign in ("+=", "!="):
            return None
        value = self._expand(written, depth + 1)
        self._left -= len(value)
        if len(value) > _MAX_VALUE or self._left < 0:
            return None
        if sign == "?=":
            first, last = written.pieces[0], written.pieces[-1]
            reason = f"`{name[:60]}` may come from outside the Makefile"
            return written.made([Piece.hole(first.start, last.end, reason, fallback=value.fallback)])
        return value

    def _expand(self, script: Traced, depth: int, own: Mapping[str, Traced] | None = None) -> Traced:
        if "$" not in script.text:
            return script
        return _replaced(script, _REFERENCE, lambda match: self._referred(match, script, depth, own or {}))

    def _referred(self, match: re.Match[str], script: Traced, depth: int, own: Mapping[str, Traced]) -> Traced | None:
        if match[0] == "$$":
            return script.cut(match.start() + 1, match.end())
        name = match[1] or match[2] or match[3]
        if name in own and depth <= _MAX_DEPTH:
            return self._expand(own[name], depth + 1)
        return self._value(name, depth) if _NAME.fullmatch(name) else None
