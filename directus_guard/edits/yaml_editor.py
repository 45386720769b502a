"""Edits of YAML: Compose, Kubernetes, Helm values and whatever else sets variables in a mapping or a list.

After each edit the file is parsed again: its events must be those of before, but for the ones that were meant.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import yaml
from msgspec import Struct

from directus_guard.edits.yaml_tree import YamlNode, YamlTree
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats.values import TextKind, plain_scalar_kind

if TYPE_CHECKING:
    from directus_guard.edits.text import EditableText
    from directus_guard.edits.yaml_tree import Shape
    from directus_guard.finding import Edit, Location


class _Unit(Struct, frozen=True, eq=False):
    """What sets one variable: an entry of a mapping, or an item of a list."""

    holder: YamlNode
    """The mapping or list."""
    nodes: tuple[YamlNode, ...]
    """Key and value, or the item."""
    value: YamlNode
    prefix: str = ""
    """`NAME=`, where the item is one text."""

    @property
    def start(self) -> int:
        return self.nodes[0].start

    @property
    def end(self) -> int:
        return max(node.leaf_end for node in self.nodes)

    @property
    def pair(self) -> bool:
        """Whether the item is a mapping of a name and a value."""
        return self.nodes[-1].kind == "map" and self.holder.kind == "seq"


class YamlEditor:
    """See `Editor`."""

    def __init__(self, text: EditableText) -> None:
        self._text: Final = text
        self._tree: Final = None if text.has_other_line_ends else _parsed(text.text)

    def written(self, place: Location) -> str | None:
        """See `Editor.written`."""
        found = self._scalar(place)
        if found is None:
            return None
        node, prefix = found
        return None if node.is_key else node.text[len(prefix) :]

    def set(self, place: Location, value: str) -> Edit | None:
        """See `Editor.set`."""
        found = self._scalar(place)
        if found is None or self._tree is None or not value.isprintable():
            return None
        node, prefix = found
        if node.is_key or node.marked or node.style in ("|", ">"):
            return None
        wanted = self._shape(node.first, node.first, [_scalar_shape(prefix + value)])
        for style in dict.fromkeys((node.style, '"', "'")):
            if not style and plain_kind(prefix + value) not in (TextKind.STRING, plain_kind(node.text)):
                continue
            whole = _quoted(prefix + value, style)
            if style != node.style:
                edit = self._text.edit(node.start, node.end, whole)
            else:
                start, end = node.content
                kept = len(_quoted(prefix, style)) - (2 if style else 0)
                inner = whole[1:-1] if style else whole
                edit = self._text.edit(start + kept, end, inner[kept:])
            if self._becomes(edit, wanted):
                return edit
        return None

    def remove(self, place: Location, name: str) -> Edit | None:
        """See `Editor.remove`."""
        unit = self._unit(place, name)
        if unit is None or self._tree is None or unit.holder.style == "{":
            return None
        wanted = self._shape(unit.nodes[0].first, unit.nodes[-1].last, [])
        siblings = len(unit.holder.pairs) if unit.holder.kind == "map" else len(unit.holder.children)
        edit = self._emptied(unit) if siblings == 1 else self._without(unit)
        return edit if edit is not None and self._becomes(edit, wanted) else None

    def _without(self, unit: _Unit) -> Edit | None:
        """The lines of the unit go, if nothing else is on them."""
        text = self._text.text
        before = text[self._text.line_start(unit.start) : unit.start]
        after = text[unit.end : self._text.line_stop(unit.end)]
        alone = before.strip() == ("-" if unit.holder.kind == "seq" else "")
        if not alone or (after.strip() and not after.lstrip().startswith("#")):
            return None
        return self._text.without_lines(unit.start, unit.end)

    def _emptied(self, unit: _Unit) -> Edit | None:
        """The last one of a collection goes: the collection stays, and is empty."""
        holder = unit.holder
        key = next((key for key, value in holder.parent.pairs if value is holder), None) if holder.parent else None
        if key is None or holder.marked:
            return None
        colon = self._text.text.find(":", key.end)
        between = self._text.text[colon + 1 : unit.start].strip()
        after = self._text.text[unit.end : self._text.line_stop(unit.end)].strip()
        if between.strip("-").strip() or (after and not after.startswith("#")):
            return None
        return self._text.edit(colon + 1, unit.end, " []" if holder.kind == "seq" else " {}")

    def rename(self, place: Location, name: str, to: str) -> Edit | None:
        """See `Editor.rename`."""
        unit = self._unit(place, name)
        if unit is None or self._tree is None:
            return None
        node = self._name(unit, name)
        if node is None or node.marked or node.style in ("|", ">"):
            return None
        start, _ = node.content
        edit = self._text.edit(start, start + len(name), to)
        new = _scalar_shape(to + node.text[len(name) :])
        return edit if self._becomes(edit, self._shape(node.first, node.first, [new])) else None

    def add(self, beside: Location, name: str, value: str) -> Edit | None:
        """See `Editor.add`."""
        unit = self._unit(beside, "")
        if unit is None or self._tree is None or unit.holder.style == "{" or not value.isprintable():
            return None
        if self._has(unit.holder, name) or any(node.style in ("|", ">") for one in unit.nodes for node in one.walk()):
            return None
        text = self._text.text
        after = text[unit.end : self._text.line_stop(unit.end)]
        if after.strip() and not after.lstrip().startswith("#"):
            return None
        lead = text[self._text.line_start(unit.start) : unit.start]
        for style in dict.fromkeys((_usual_style(unit), unit.value.style, "", '"', "'")):
            added = self._line(unit, lead, style, name, value)
            if added is None:
                continue
            edit = self._text.line_after(unit.end, added)
            last = unit.nodes[-1].last
            if self._becomes(edit, self._shape(last + 1, last, _added_shape(unit, name, value))):
                return edit
        return None

    def _line(self, unit: _Unit, lead: str, style: str, name: str, value: str) -> str | None:
        """The new lines of one style; None where that style would not be a text."""
        if style in ("|", ">") or (
            not style and not unit.prefix and plain_kind(value) is not TextKind.STRING and not self._has_plain(unit)
        ):
            return None
        if unit.holder.kind == "map":
            key = unit.nodes[0]
            return f"{lead}{_quoted(name, key.style)}: {_quoted(value, style)}" if not lead.strip() else None
        if lead.strip() != "-":
            return None
        if not unit.pair:
            return f"{lead}{_quoted(f'{name}={value}', style)}"
        names, values = _keys(unit)
        return f"{lead}{names}: {name}\n{' ' * len(lead)}{values}: {_quoted(value, style)}"

    def _has_plain(self, unit: _Unit) -> bool:
        """Whether the collection has plain numbers or booleans already."""
        values = (one for node in unit.holder.children for one in (node, *node.children) if one.kind == "scalar")
        return any(not one.style and one.text and plain_kind(one.text) is not TextKind.STRING for one in values)

    def _has(self, holder: YamlNode, name: str) -> bool:
        named = (one.text for child in holder.children for one in (child, *child.children) if one.kind == "scalar")
        return any(text == name or text.startswith(f"{name}=") for text in named)

    def _scalar(self, place: Location) -> tuple[YamlNode, str] | None:
        """The scalar at a place, and what of its text is written before the place."""
        found = self._tree.scalar(self._text.spans(place)) if self._tree is not None else None
        if found is None:
            return None
        node, start = found
        prefix = self._text.text[node.content[0] : start]
        return (node, prefix) if node.text.startswith(prefix) and node.style not in ("|", ">") else None

    def _unit(self, place: Location, name: str) -> _Unit | None:
        """What sets the variable whose value, or name, is at a place. `name`: "" = any."""
        found = self._scalar(place)
        holder = found[0].parent if found else None
        if found is None or holder is None:
            return None
        node, prefix = found
        if holder.kind == "seq":
            own = prefix.removesuffix("=") or node.text
            return _Unit(holder, (node,), node, prefix) if not name or own == name else None
        key, value = next(pair for pair in holder.pairs if node in pair)
        if holder.parent is not None and holder.parent.kind == "seq" and _is_pair(holder, key):
            named = any(not name or one.text == name for one in holder.children[1::2])
            return _Unit(holder.parent, (holder,), value) if named else None
        return _Unit(holder, (key, value), value) if not name or key.text == name else None

    @staticmethod
    def _name(unit: _Unit, name: str) -> YamlNode | None:
        if unit.pair:
            return next((value for _, value in unit.nodes[0].pairs if value.text == name), None)
        return unit.nodes[0]

    def _shape(self, first: int, last: int, instead: list[tuple[str, str, str]]) -> Shape:
        """The events with others in the place of some."""
        shape = self._tree.shape if self._tree is not None else ()
        return (*shape[:first], *instead, *shape[last + 1 :])

    def _becomes(self, edit: Edit, wanted: Shape) -> bool:
        tree = _parsed(self._text.after([edit]).removeprefix("\ufeff"))
        return tree is not None and tree.shape == wanted


_NAMES: Final = frozenset({"name", "key", "Name", "Key", "variable"})
_VALUES: Final = frozenset({"value", "Value", "content", "valueFrom"})


def _is_pair(holder: YamlNode, key: YamlNode) -> bool:
    """Whether an item of a list names a variable and gives its value: `{name: X, value: Y}`."""
    keys = {one.text for one, _ in holder.pairs}
    return bool(keys & _NAMES) and (key.text in _VALUES or key.text in _NAMES)


def _keys(unit: _Unit) -> tuple[str, str]:
    """How an item calls the name and the value."""
    keys = [key.text for key, _ in unit.nodes[0].pairs]
    return (
        next((key for key in keys if key in _NAMES), "name"),
        next((key for key in keys if key in _VALUES and key != "valueFrom"), "value"),
    )


def _usual_style(unit: _Unit) -> str:
    """How most values of the collection are written."""
    values = unit.holder.children[1::2] if unit.holder.kind == "map" else unit.holder.children
    inner = (value for node in values for value in (node, *(value for _, value in node.pairs)))
    counted = Counter(node.style for node in inner if node.kind == "scalar" and node.text)
    return counted.most_common(1)[0][0] if counted else ""


def _added_shape(unit: _Unit, name: str, value: str) -> list[tuple[str, str, str]]:
    if unit.holder.kind == "map":
        return [_scalar_shape(name), _scalar_shape(value)]
    if not unit.pair:
        return [_scalar_shape(f"{name}={value}")]
    inner = [_scalar_shape(text) for pair in zip(_keys(unit), (name, value), strict=True) for text in pair]
    return [("MappingStartEvent", "", " "), *inner, ("MappingEndEvent", "", " ")]


def _scalar_shape(text: str) -> tuple[str, str, str]:
    return "ScalarEvent", text, " "


def _quoted(text: str, style: str) -> str:
    if style == "'":
        return "'" + text.replace("'", "''") + "'"
    if style == '"':
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return text


def plain_kind(text: str) -> TextKind:
    """What a scalar without quotes is to any reader: YAML 1.1 knows more words for booleans, and dates."""
    if text.lower() in _SWITCHES or _DATE.match(text) or _SIXTIES.fullmatch(text):
        return TextKind.BOOLEAN
    return plain_scalar_kind(text)


_SWITCHES: Final = frozenset({"yes", "no", "on", "off", "y", "n"})
_DATE: Final = lazy_pattern(r"\d{4}-\d\d?-\d\d?")
_SIXTIES: Final = lazy_pattern(r"[-+]?\d+(?::\d+)+")


def _parsed(text: str) -> YamlTree | None:
    try:
        return YamlTree(text)
    except (yaml.YAMLError, RecursionError):
        return None
