"""One shape for the values of JSON, TOML, YAML, JavaScript and HCL: texts, lists and objects that know where they stand.

What a file computes is `ComputedValue`: never guessed, and never dropped.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Known, Unknown, Variable
from directus_guard.directus.gaps import Gap, filled_in_later, unseen
from directus_guard.secret import Secret, Unprinted
from directus_guard.sources.formats import yaml_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from directus_guard.directus.environment.deployment import Value as EnvironmentValue
    from directus_guard.finding import Location


class TextKind(Enum):
    """What a format says that a text is."""

    STRING = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    NULL = auto()


class Call(Enum):
    """What an expression makes of other values, where that can be followed."""

    MERGE = auto()
    """One object with the entries of all, of which the later win."""
    PAIRS = auto()
    """The entries of an object as a list of names and values."""
    ENCODE = auto()
    """Its base64, which a machine decodes again (`user_data`)."""
    FILE = auto()
    """The text of the file at a path."""
    JOIN = auto()
    """The items of a list as one text, with another between them."""
    REPLACE = auto()
    """A text with one text in it replaced by another."""
    FORMAT = auto()
    """A text with others in the place of its verbs (`%s`)."""
    TEMPLATE = auto()
    """The text of the file at a path, with the entries of an object put in."""


class Text(Unprinted, frozen=True, eq=False):
    """A string, number, boolean or null. `text` is a string's decoded text and what is written of the others."""

    text: str
    kind: TextKind
    location: Location


class ComputedValue(Unprinted, frozen=True, eq=False):
    """An expression. `reason` is a phrase without values; `fallback` the text used when nothing comes from outside.

    `source` is the expression as it is written, for those who know how to follow it. `parts` are the pieces of a text
    that takes in other values. `written`: `fallback` is written down as a default (`default = "x"`), piece by piece where it
    is put together. `call`: what is done with `parts` in place of putting them together. `variable`: whose value it is.
    """

    reason: str
    location: Location
    fallback: str | None = None
    source: str = ""
    parts: tuple[Value, ...] = ()
    written: bool = False
    call: Call | None = None
    variable: str = ""


class List(Unprinted, frozen=True, eq=False):
    """A list. `computed` tells why there may be further items, "" if there are none."""

    items: tuple[Value, ...]
    location: Location
    computed: str = ""


class ObjectEntry(Unprinted, frozen=True, eq=False):
    """A key and its value."""

    key: Text
    value: Value


class ObjectValue(Unprinted, frozen=True, eq=False):
    """An object; of one key written twice the last counts. `computed` tells why there may be further entries.

    `labels` are the names of a block: `task "web" { … }`.
    """

    entries: tuple[ObjectEntry, ...]
    location: Location
    computed: str = ""
    labels: tuple[str, ...] = ()

    def get(self, key: str) -> Value | None:
        """The value of `key`, or None."""
        for entry in reversed(self.entries):
            if entry.key.text == key:
                return entry.value
        return None

    def object(self, key: str) -> ObjectValue | None:
        """The value of `key` if it is an object."""
        value = self.get(key)
        return value if isinstance(value, ObjectValue) else None

    def items(self, key: str) -> tuple[Value, ...]:
        """The items of `key` if it is a list, else ()."""
        value = self.get(key)
        return value.items if isinstance(value, List) else ()

    def objects(self, key: str) -> tuple[ObjectValue, ...]:
        """The objects in the list `key`; the object `key` alone counts as a list of one (`[env]` beside `[[env]]`)."""
        value = self.get(key)
        if isinstance(value, ObjectValue):
            return (value,)
        return tuple(item for item in self.items(key) if isinstance(item, ObjectValue))

    def scalar(self, key: str) -> Text | None:
        """The value of `key` if it is a text other than null."""
        value = self.get(key)
        return value if isinstance(value, Text) and value.kind is not TextKind.NULL else None

    def text(self, key: str) -> str | None:
        """The text of `key` if it is a string, number or boolean."""
        scalar = self.scalar(key)
        return scalar.text if scalar else None

    def locate(self, key: str) -> Location:
        """The place of the key, or the object if it has no such key."""
        for entry in reversed(self.entries):
            if entry.key.text == key:
                return entry.key.location
        return self.location


Value = Text | ComputedValue | List | ObjectValue


def walk(value: Value) -> Iterator[Value]:
    """The value and everything below it, in document order; what an alias repeats comes once."""
    stack, seen = [value], set[Value]()  # values are equal to themselves only
    while stack:
        current = stack.pop()
        if current in seen:
            continue
        seen.add(current)
        yield current
        if isinstance(current, ObjectValue):
            stack.extend(entry.value for entry in reversed(current.entries))
        elif isinstance(current, List):
            stack.extend(reversed(current.items))


def joined(value: Value, resolve: Callable[[Value], Value]) -> Value:
    """The text of a value that is put together from pieces, where `resolve` knows every piece; else the value itself, with
    the text that it has when nothing comes from outside.
    """
    if not isinstance(value, ComputedValue) or not value.parts or value.call is not None:
        return value
    pieces = [resolve(part) for part in value.parts]
    texts = [piece.text if isinstance(piece, Text) else _fallback(piece) for piece in pieces]
    held = [text for text in texts if text is not None]
    if len(held) < len(texts) or sum(map(len, held)) > MAX_TEXT:
        return value
    outside = [piece for piece in pieces if isinstance(piece, ComputedValue)]
    if not outside:
        return Text("".join(held), TextKind.STRING, value.location)
    written = all(piece.written for piece in outside)
    first = outside[0]
    return replace(value, reason=first.reason, fallback="".join(held), written=written, variable=first.variable)


def _fallback(value: Value) -> str | None:
    return value.fallback if isinstance(value, ComputedValue) else None


MAX_TEXT: Final = 128 * 1024
"""Characters of a text that is put together: Linux takes no longer one in an environment."""


def from_yaml(node: yaml_document.Node) -> Value:
    """A YAML node as a value. A tag of its own (`!Sub`, `!Ref`) makes a scalar or list computed."""
    return _YamlReader().value(node)


class _YamlReader:
    """Shared nodes stay shared."""

    def __init__(self) -> None:
        self._made: dict[yaml_document.Node, Value] = {}
        """A node is equal to itself only."""

    def value(self, node: yaml_document.Node, depth: int = 0) -> Value:
        made = self._made.get(node)
        if made is None:
            made = self._made[node] = self._make(node, depth + 1)
        return made

    def _make(self, node: yaml_document.Node, depth: int) -> Value:
        if depth > _MAX_DEPTH:
            return ComputedValue("it is nested too deeply to be read", node.location)
        if node.tag.startswith("!") and len(node.tag) > 1:
            held = node.text if isinstance(node, yaml_document.Scalar) else ""
            return ComputedValue("it is worked out when it is deployed", node.location, source=f"{node.tag} {held}")
        if isinstance(node, yaml_document.Scalar):
            kind = plain_scalar_kind(node.text) if node.plain else TextKind.STRING
            return Text(node.text, kind, node.location)
        if isinstance(node, yaml_document.Sequence):
            return List(tuple(self.value(item, depth) for item in node.items), node.location)
        entries = tuple(
            ObjectEntry(Text(entry.key.text, TextKind.STRING, entry.key.location), self.value(entry.value, depth))
            for entry in node.entries
        )
        return ObjectValue(entries, node.location)


_MAX_DEPTH: Final = 100
"""Collections inside collections that are followed."""


def variable(
    name: str, value: Value, origin: str, render: Callable[[Text], str | None] | None = None
) -> Variable | None:
    """The environment variable that a platform makes of a value; None when it sets none.

    `render` gives the text the platform hands on, None for "leaves it out"; without it texts go as they are written.
    A list or object in the place of a text is no value of any platform: it becomes unknown.
    """
    if isinstance(value, Text):
        text = value.text if render is None else render(value)
        return None if text is None else Variable(name, Known(Secret(text)), value.location, origin)
    return Variable(name, unknown(value), value.location, origin)


def unknown(value: ComputedValue | List | ObjectValue) -> EnvironmentValue:
    """Why a value is not known."""
    if isinstance(value, ComputedValue):
        fallback = None if value.fallback is None else Secret(value.fallback)
        return Unknown(value.reason, fallback, written=fallback if value.written else None)
    return Unknown("it is not written as one text")


def variables(
    environment: ObjectValue | None, origin: str, render: Callable[[Text], str | None] | None = None
) -> tuple[Variable, ...]:
    """The variables of an object that maps names to values, in its order."""
    made = (
        (variable(entry.key.text, entry.value, origin, render) for entry in environment.entries) if environment else ()
    )
    return tuple(one for one in made if one is not None)


def pairs(
    items: tuple[Value, ...], origin: str, name: str = "name", value: str = "value",
    render: Callable[[Text], str | None] | None = None,
) -> tuple[Variable, ...]:  # fmt: skip
    """The variables of a list of `{name: …, value: …}` objects, in its order; items without a readable name are skipped."""
    found: list[Variable] = []
    for item in items:
        key = item.text(name) if isinstance(item, ObjectValue) else None
        held = item.get(value) if isinstance(item, ObjectValue) else None
        made = variable(key, held, origin, render) if key and held is not None else None
        if made is not None:
            found.append(made)
    return tuple(found)


def misread(value: Value | None, key: str, *kinds: type[Value]) -> tuple[Gap, ...]:
    """Why it is not known what a member sets: it is of another type than the platform takes. () if it is not, or null."""
    if (
        value is None
        or isinstance(value, (*kinds, ComputedValue))
        or (isinstance(value, Text) and value.kind is TextKind.NULL)
    ):
        return ()
    return (unseen(f"`{key}` is of another type than the platform takes: what it sets is not known"),)


def misread_items(items: Iterable[Value], key: str, name: str = "name") -> tuple[Gap, ...]:
    """The same for a list of `{name: …}` objects."""
    for item in items:
        if not isinstance(item, ObjectValue | ComputedValue) or (
            isinstance(item, ObjectValue) and isinstance(item.get(name), List | ObjectValue)
        ):
            return (unseen(f"`{key}` holds something that names no variable: what it sets is not known"),)
        written = item.text(name) if isinstance(item, ObjectValue) else None
        if written is not None and "${" in written:
            return (filled_in_later(f"`{key}` holds a variable whose name"),)
    return ()


def count(text: str | None) -> int | None:
    """A small number of replicas, None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else None


def plain_scalar_kind(text: str) -> TextKind:
    """What a YAML scalar without quotes is in the core schema of YAML 1.2 (JSON's literals and their spellings)."""
    if text in _NULLS:
        return TextKind.NULL
    if text in _BOOLEANS:
        return TextKind.BOOLEAN
    if text[:1] in "+-.0123456789" and _is_number(text):
        return TextKind.NUMBER
    return TextKind.STRING


_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS: Final = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})


def _is_number(text: str) -> bool:
    if "_" in text or len(text) > 400:
        return False
    try:
        float(text)
    except ValueError:
        return text[:2] in ("0x", "0o") and text[2:].isalnum()
    return True
