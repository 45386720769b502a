"""Any value of the package as text, with what is secret in it: to compare, never to print."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN = (str, bytes, int, float, bool, type(None))


def plain(value: object) -> str:
    """The same text for equal values, whatever the order of a set was."""
    return "".join(_parts(value, ()))


def _parts(value: object, above: tuple[int, ...]) -> Iterator[str]:
    if isinstance(value, Secret):
        yield f"<{value.reveal()!r}>"
    elif isinstance(value, Enum):
        yield f"{type(value).__name__}.{value.name}"
    elif isinstance(value, _PLAIN):
        yield repr(value)
    elif id(value) in above:
        yield "…"
    elif isinstance(value, Struct):
        yield from _members(
            type(value).__name__,
            [(name, getattr(value, name)) for name in value.__struct_fields__],
            (*above, id(value)),
        )
    elif isinstance(value, Mapping):
        yield from _members("", sorted((plain(key), one) for key, one in value.items()), (*above, id(value)))
    elif isinstance(value, (frozenset, set)):
        yield f"{{{' '.join(sorted(map(plain, value)))}}}"
    elif isinstance(value, (tuple, list)):
        yield "("
        for one in value:
            yield from _parts(one, (*above, id(value)))
            yield " "
        yield ")"
    else:
        yield type(value).__name__


def _members(name: str, members: list[tuple[str, object]], above: tuple[int, ...]) -> Iterator[str]:
    yield f"{name}("
    for key, one in members:
        yield f"{key}="
        yield from _parts(one, above)
        yield " "
    yield ")"
