"""Edits of texts in JSON and TOML: a string in quotes gets another text. Nothing is added to these files or taken out."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.edits.text import EditableText
    from directus_guard.finding import Edit, Location


class LiteralEditor:
    """See `Editor`. `parse` reads the whole file, to test an edit."""

    def __init__(self, text: EditableText, parse: Callable[[str], object]) -> None:
        self._text: Final = text
        self._parse: Final = parse

    def written(self, place: Location) -> str | None:
        """See `Editor.written`."""
        span = self._span(place)
        return None if span is None else self._text.text[slice(*span)]

    def set(self, place: Location, value: str) -> Edit | None:
        """See `Editor.set`."""
        span = self._span(place)
        if span is None or not value.isprintable() or not _NEVER.isdisjoint(value):
            return None
        edit = self._text.edit(*span, value)
        before, after = self._leaves(self._text.text), self._leaves(self._text.after([edit]).removeprefix("\ufeff"))
        if before is None or after is None or len(before) != len(after):
            return None
        changed = [there for here, there in zip(before, after, strict=True) if here != there]
        return edit if [text for _, text in changed] in ([value], []) else None

    def remove(self, place: Location, name: str) -> Edit | None:
        """See `Editor.remove`."""

    def rename(self, place: Location, name: str, to: str) -> Edit | None:
        """See `Editor.rename`."""

    def add(self, beside: Location, name: str, value: str) -> Edit | None:
        """See `Editor.add`."""

    def _span(self, place: Location) -> tuple[int, int] | None:
        """Where a text in quotes begins and ends. The place may include the quotes."""
        text = self._text.text
        for start, end in self._text.spans(place):
            inset = 1 if end - start > 1 and text[start] == text[end - 1] and text[start] in "\"'" else 0
            first, last = start + inset, end - inset
            quotes = text[first - 1 : first], text[last : last + 1]
            if quotes[0] == quotes[1] and quotes[0] in ('"', "'") and _NEVER.isdisjoint(text[first:last]):
                return first, last
        return None

    def _leaves(self, text: str) -> list[tuple[str, object]] | None:
        try:
            return list(_walk(self._parse(text), ""))
        except (ValueError, RecursionError):
            return None


_NEVER: Final = frozenset("\"'\\\n")
"""Letters that one of the formats does not take as they are."""


def of_json(text: EditableText) -> LiteralEditor:
    """The editor of a JSON file."""
    return LiteralEditor(text, json.loads)


def of_toml(text: EditableText) -> LiteralEditor:
    """The editor of a TOML file."""
    return LiteralEditor(text, tomllib.loads)


def _walk(node: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _walk(value, f"{path}/{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _walk(value, f"{path}/{number}")
    else:
        yield path, node
