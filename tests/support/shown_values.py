"""Values of manifests as short texts, and what is written at their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.sources.formats.values import ComputedValue, List, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value


def shown(value: Value | None) -> str:
    """`{a: 'text', n: 1}`; `<why>` is not known, `…<why>` may have more; `<why | 'x'>` is x where nothing else is given."""
    match value:
        case None:
            return "none"
        case Text(kind=TextKind.STRING):
            return repr(value.text)
        case Text():
            return value.text
        case List():
            return f"[{', '.join([*map(shown, value.items), *_open(value.computed)])}]"
        case ObjectValue():
            entries = (f"{entry.key.text}: {shown(entry.value)}" for entry in value.entries)
            return " ".join([*value.labels, f"{{{', '.join([*entries, *_open(value.computed)])}}}"])
        case ComputedValue():
            fallback = "" if value.fallback is None else f" {'||' if value.written else '|'} {value.fallback!r}"
            call = value.call.name.lower() if value.call is not None else ""
            parts = f" {call}({', '.join(map(shown, value.parts))})" if call or value.parts else ""
            return f"<{value.reason}{parts}{fallback}>"


def _open(reason: str) -> list[str]:
    return [f"…<{reason}>"] if reason else []


def written(text: str, place: Location) -> str:
    """What a text has at a place."""
    lines = text.removeprefix("\ufeff").split("\n")[place.line - 1 : place.end_line]
    lines[-1] = lines[-1][: place.end_column - 1]
    lines[0] = lines[0][place.column - 1 :]
    return "\n".join(lines)


def written_values(text: str, value: Value) -> list[str]:
    """What a text has at the places of all keys and values, in their order."""
    return list(_written(text, value))


def _written(text: str, value: Value) -> Iterator[str]:
    yield written(text, value.location)
    if isinstance(value, List):
        for item in value.items:
            yield from _written(text, item)
    elif isinstance(value, ObjectValue):
        for entry in value.entries:
            yield written(text, entry.key.location)
            yield from _written(text, entry.value)
    elif isinstance(value, ComputedValue):
        for part in value.parts:
            yield from _written(text, part)


def noted(repository: Repository) -> list[str]:
    """The problems of a repository, as `path:line: message`, with `broken` and `incomplete` where they are."""
    return [
        f"{one.path}:{one.line}: {one.message}{' (broken)' * one.broken}{' (incomplete)' * one.incomplete}"
        for one in repository.problems
    ]


def nested(shape: str, innermost: str, times: int) -> str:
    """A text in a shape such as `[{}]`, which is in another one, and so on."""
    text = innermost
    for _ in range(times):
        text = shape.format(text)
    return text
