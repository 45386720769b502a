"""The file that CONFIG_PATH names, as Directus reads it by its ending (docs/model/environment.md#loading:
@directus/env, read-configuration-from-file).

JSON and YAML give values that are no texts. What Directus' casting makes of them is the same as of the texts given here:
a list is its items with commas, with `array:` where nothing else says that it is a list.
"""

from __future__ import annotations

import math
import posixpath
from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.casting import FLAGS
from directus_guard.directus.environment.deployment import Known, Unknown, Variable
from directus_guard.directus.environment.variables import cast_type
from directus_guard.directus.numbers import to_number
from directus_guard.directus.versions import NEWEST
from directus_guard.finding import Location
from directus_guard.secret import Secret
from directus_guard.sources.formats import dotenv, json_document, values, yaml_document
from directus_guard.sources.formats.dotenv import Dialect
from directus_guard.sources.formats.values import ComputedValue, List, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.directus.environment.deployment import Value as EnvironmentValue
    from directus_guard.sources.formats.values import Value

_JAVASCRIPT: Final = frozenset({".js", ".mjs", ".cjs"})
_MAX_SAFE: Final = 2**53 - 1
_YAML: Final = frozenset({".yaml", ".yml"})


def parse(
    path: str,
    text: str,
    target: str,
    origin: str,
    via: tuple[Location, ...] = (),
    problem: Callable[[str, int], None] | None = None,
) -> tuple[Variable, ...] | Unknown:
    """The variables of a config file whose text is written in `path` and that the server has at `target`.

    `problem` is called with a message and a line when Directus would refuse the file.
    """
    ending = posixpath.splitext(target)[1].lower()
    if ending in _JAVASCRIPT:
        return Unknown(
            "the file that CONFIG_PATH names is JavaScript: what it exports is worked out when Directus starts"
        )
    if ending != ".json" and ending not in _YAML:
        return dotenv.too_large(text) or _assignments(path, text, origin, via)
    refused: tuple[str, int]
    try:
        root = _json(path, text) if ending == ".json" else _yaml(path, text)
    except json_document.JsonError as error:
        refused = f"not valid JSON: {error}", error.line
    except yaml_document.YamlError as error:
        refused = f"not valid YAML: {error}", error.line
    else:
        if isinstance(root, ObjectValue):
            return tuple(_variable(entry.key.text, entry.value, origin, via) for entry in root.entries)
        refused = "Directus wants one object in it", 1
    if problem is not None:
        problem(*refused)
    return Unknown("the file that CONFIG_PATH names is not one that Directus can read")


def _json(path: str, text: str) -> Value:
    return json_document.parse(path, text)


def _yaml(path: str, text: str) -> Value | None:
    documents = yaml_document.parse(path, text)
    return values.from_yaml(documents[0]) if len(documents) == 1 else None


def _assignments(path: str, text: str, origin: str, via: tuple[Location, ...]) -> tuple[Variable, ...]:
    """Node's rules for an environment file: nothing is replaced in it."""
    return tuple(
        Variable(
            item.name,
            Known(item.text),
            Location(path, item.line, item.column, item.end_line, item.end_column),
            origin,
            via,
        )
        for item in dotenv.parse(text, Dialect.NODE)
    )


def _variable(name: str, value: Value, origin: str, via: tuple[Location, ...]) -> Variable:
    return Variable(name, _value(name, value), value.location, origin, via)


def _value(name: str, value: Value) -> EnvironmentValue:
    kind = cast_type(name, NEWEST)
    if isinstance(value, Text):
        return Known(Secret(_text(value, kind)))
    if isinstance(value, List) and not value.computed and kind in (None, "array"):
        items = list(_items(value))
        if len(items) == len(value.items):
            joined = ",".join(items)
            listed = (kind or "," in joined or _is_number(joined)) and joined.partition(":")[0] not in FLAGS
            return Known(Secret(joined if listed else f"array:{joined}"))
    return Unknown(value.reason if isinstance(value, ComputedValue) else "it is not written as one text")


def _text(value: Text, kind: str | None) -> str:
    """The text that is cast to the same as the value."""
    if value.kind is TextKind.NULL:
        return {"string": "", "boolean": "false"}.get(kind or "", "0")
    if value.kind is TextKind.BOOLEAN:
        text = value.text.lower()
        return {"true": "1", "false": "0"}[text] if kind == "number" else text
    if value.kind is TextKind.NUMBER and value.text[:2].lower() in ("0x", "0o"):
        return str(int(value.text, 0))
    return value.text


def _is_number(text: str) -> bool:
    """Whether a list with this one item is guessed to be a number, as JavaScript's `Number([1])` is 1."""
    number = to_number(text)
    return text != "" and not text.startswith("0") and not math.isnan(number) and abs(number) <= _MAX_SAFE


def _items(value: List) -> Iterator[str]:
    """The items of a list as texts; one with a comma would become two."""
    for item in value.items:
        if isinstance(item, Text) and "," not in item.text:
            yield _text(item, None)
