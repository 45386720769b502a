"""The templates in the options of a flow's operations, as Directus renders them.

`applyOptionsData` of `@directus/utils` walks through the options and renders every text with micromustache: a text that
is nothing but one `{{ path }}` becomes the value itself, another one becomes text. What is not there is rendered as the
word `undefined`; text with broken braces makes the operation fail (measured against 11.0.11 and 13.5.5 of that package).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, TypeAlias

from msgspec import Struct

from directus_guard.lazy_pattern import lazy_pattern

Path: TypeAlias = tuple[str, ...]

UNDEFINED: Final = "undefined"
_OPEN: Final = "{{"
_CLOSE: Final = "}}"
_LONGEST_NAME: Final = 1000
_DEEPEST: Final = 10
_QUOTES: Final = "'\"`"
_SPACE: Final = " \t\n\r\v\f\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_WHOLE: Final = lazy_pattern(rf"\{{\{{[{_SPACE}]*([^}}{_SPACE}]+)[{_SPACE}]*\}}\}}\Z")
_STRIPPED: Final = "".join(
    chr(code) for code in (9, 10, 11, 12, 13, 32, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F,
                           0x3000, 0xFEFF)
)  # fmt: skip


class TemplateError(ValueError):
    """Directus cannot render the text: the operation fails before it does anything."""


class Template(Struct, frozen=True):
    """A text with places to fill in.

    `parts`: fixed text and paths into the flow's data, in order. `whole`: nothing but one path, whose value replaces the
    text as it is, unless it is not there.
    """

    parts: tuple[str | Path, ...]
    whole: bool = False

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths into the flow's data."""
        return tuple(part for part in self.parts if isinstance(part, tuple))


@lru_cache(maxsize=4096)
def parse(text: str) -> Template:
    """Read a text. Raises `TemplateError` where Directus would."""
    if _OPEN not in text:
        return Template((text,) if text else ())
    whole = _WHOLE.match(text)
    if whole is not None and whole[1] and _OPEN not in whole[1]:
        return Template((to_path(whole[1]),), whole=True)
    parts: list[str | Path] = []
    position = 0
    while (start := text.find(_OPEN, position)) >= 0:
        begin = start + len(_OPEN)
        end = text.find(_CLOSE, begin, begin + _LONGEST_NAME + len(_CLOSE))
        name = text[begin:end].strip(_STRIPPED) if end >= 0 else ""
        if not name or _OPEN in name:
            raise TemplateError("braces do not match")
        if start > position:
            parts.append(text[position:start])
        parts.append(to_path(name))
        position = end + len(_CLOSE)
    if position < len(text):
        parts.append(text[position:])
    return Template(tuple(parts))


@lru_cache(maxsize=4096)
def to_path(name: str) -> Path:
    """`a.b[0]["c"]` as its components. Raises `TemplateError` for what micromustache cannot read."""
    path: list[str] = []
    position = 0
    after_bracket = False
    while (start := name.find("[", position)) >= 0:
        end = name.find("]", start)
        inner = name[start + 1 : end].strip(_STRIPPED) if end >= 0 else ""
        if not inner:
            raise TemplateError("a bracket is not closed or empty")
        path.extend(_dotted(name[position:start], after_bracket=after_bracket))
        path.append(_bracketed(inner))
        position = end + 1
        after_bracket = True
    path.extend(_dotted(name[position:], after_bracket=after_bracket))
    if len(path) > _DEEPEST:
        raise TemplateError(f"a path has more than {_DEEPEST} components")
    return tuple(path)


def _dotted(text: str, *, after_bracket: bool) -> list[str]:
    text = text.strip(_STRIPPED)
    if not text:
        return []
    if text.startswith(".") != after_bracket:
        raise TemplateError("a dot is missing or misplaced")
    text = text[1:].strip(_STRIPPED) if after_bracket else text
    if not text:
        return []
    parts = [part.strip(_STRIPPED) for part in text.split(".")]
    if not all(parts):
        raise TemplateError("a component of a path is empty")
    return parts


def _bracketed(text: str) -> str:
    if text[0] in _QUOTES or text[-1] in _QUOTES:
        if len(text) < 2 or text[0] != text[-1]:
            raise TemplateError("quotation marks do not match")
        return text[1:-1]
    if "[" in text:
        raise TemplateError("a bracket is not closed")
    return text.removeprefix("+")
