"""What Directus' code sees of a variable's text: `@directus/env`'s casting (lib/cast.ts), version by version
(docs/model/environment.md#casting).

Values are JavaScript's: `JsValue` maps string, number, boolean, null, undefined, array, object and RegExp.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from directus_guard.directus.environment.variables import cast_type
from directus_guard.directus.features import HAS_ENV_PACKAGE
from directus_guard.directus.numbers import MAX_SAFE_INTEGER, exact, to_number

if TYPE_CHECKING:
    from directus_guard.directus.versions import Version


_LINE_ENDS: Final = {"\n": "\\n", "\r": "\\r", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class Regex(Struct, frozen=True):
    """A RegExp object. Always truthy, never equal to a text."""

    text: str

    @property
    def source(self) -> str:
        """RegExp.prototype.source: slashes outside of classes and line ends are escaped (ECMA-262, EscapeRegExpPattern)."""
        shown: list[str] = []
        escaped = in_class = False
        for character in self.text:
            if character in _LINE_ENDS:
                if escaped:
                    shown.pop()
                shown.append(_LINE_ENDS[character])
            else:
                shown.append("\\/" if character == "/" and not (escaped or in_class) else character)
            if escaped:
                escaped = False
            else:
                escaped = character == "\\"
                in_class = character == "[" or (in_class and character != "]")
        return "".join(shown) or "(?:)"


class Undefined(Struct, frozen=True):
    """JavaScript's `undefined`."""


UNDEFINED: Final = Undefined()

JsValue: TypeAlias = "None | bool | int | float | str | tuple[JsValue, ...] | dict[str, JsValue] | Regex | Undefined"

FLAGS: Final = frozenset({"string", "number", "regex", "array", "json", "boolean"})
"""What a text may begin with, before a colon, to be cast to it."""


def cast(name: str, text: str, version: Version) -> JsValue:
    """The value of variable `name` written as `text`, as Directus `version` sees it."""
    if not HAS_ENV_PACKAGE.of(version):
        return _cast_by_the_api(name, text, version)
    return _cast(text, cast_type(name, version))


def _cast(text: str, mapped: str | None) -> JsValue:
    flag = text.partition(":")[0] if ":" in text else ""
    if flag in FLAGS:
        return _as_type(flag, text[len(flag) + 1 :])
    return _as_type(mapped or _guess(text), text)


def _as_type(kind: str, text: str) -> JsValue:
    match kind:
        case "string":
            return text
        case "number":
            return to_number(text)
        case "boolean":
            return text in ("true", "1")
        case "regex":
            return Regex(text)
        case "array":
            items = (_cast(item, None) for item in text.split(","))
            return tuple(item for item in items if item != "")
        case _:
            return _try_json(text)


def _guess(text: str) -> str:
    if text in ("true", "false"):
        return "boolean"
    number = to_number(text)
    if not text.startswith("0") and text and not math.isnan(number) and abs(number) <= MAX_SAFE_INTEGER:
        return "number"
    return "array" if "," in text else "json"


def _cast_by_the_api(name: str, text: str, version: Version) -> JsValue:
    """The API's own env.js up to 10.8: a flag anywhere in the text counts, there is no `boolean:`, items stay texts."""
    flags = FLAGS - {"boolean"}
    if any(f"{flag}:" in text for flag in flags):
        return _flagged_by_the_api(text)
    mapped = cast_type(name, version)
    if mapped == "array":
        return tuple(text.split(","))
    if mapped is not None:
        return _as_type(mapped, text)
    if text == "null":
        return None
    guessed = _guess(text)
    return tuple(text.split(",")) if guessed == "array" else _as_type(guessed, text)


def _flagged_by_the_api(text: str) -> JsValue:
    flag = text.partition(":")[0]
    value = text.split(f"{flag}:")[1]
    if flag == "array":
        found = value.split(",")
        marked = FLAGS - {"boolean"}
        return tuple(
            _flagged_by_the_api(item) if any(f"{word}:" in item for word in marked) else item for item in found
        )
    if flag in ("number", "regex", "string", "json"):
        return _as_type(flag, value)
    return UNDEFINED


_MAX_NESTING: Final = 200
_Json: TypeAlias = "None | bool | int | float | str | list[_Json] | dict[str, _Json]"


def _try_json(text: str) -> JsValue:
    """`JSON.parse` with `__proto__` refused (@directus/utils parseJSON), or the text itself."""
    if text[:1].isalpha() and text.rstrip(" \t\n\r") not in ("null", "true", "false"):
        return text
    try:
        value: _Json = json.loads(
            text.strip(" \t\n\r"), parse_constant=_no_constant, parse_float=_json_float, parse_int=_json_float
        )
        return _from_json(value)
    except (ValueError, RecursionError):
        return text


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _json_float(text: str) -> int | float:
    return exact(float(text))


def _from_json(value: _Json, depth: int = 0) -> JsValue:
    """The value without `__proto__`. Raises `RecursionError` where it nests deeper than a walk through it can go."""
    if depth > _MAX_NESTING:
        raise RecursionError
    if isinstance(value, list):
        return tuple(_from_json(item, depth + 1) for item in value)
    if isinstance(value, dict):
        return {key: _from_json(item, depth + 1) for key, item in value.items() if key != "__proto__"}
    return value


LOOKS_ON: Final = frozenset({"true", "yes", "on", "1", "y", "t", "enabled"})
"""What people write for "on", in lower case: most of it is another value to Directus."""


def is_true_strict(value: JsValue) -> bool:
    """`value === true`: the gates that `True`, `yes` and `1` leave closed (docs/model/environment.md#booleans)."""
    return value is True


def is_truthy(value: JsValue) -> bool:
    """JavaScript's truth: empty text, 0, NaN, null, undefined and false are false; an empty list is true."""
    if value is None or isinstance(value, Undefined):
        return False
    if isinstance(value, float) and math.isnan(value):
        return False
    if isinstance(value, bool | int | float | str):
        return bool(value)
    return True


def to_boolean(value: JsValue) -> bool:
    """@directus/utils toBoolean: true, `"true"`, 1 and `"1"`."""
    return value is True or value in ("true", "1") or (value == 1 and isinstance(value, int | float))


def to_array(value: JsValue) -> tuple[JsValue, ...]:
    """@directus/utils toArray: a text is split at commas, anything else becomes a list of one."""
    if isinstance(value, str):
        return tuple(value.split(","))
    if isinstance(value, tuple):
        return value
    return (value,)
