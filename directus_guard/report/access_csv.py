"""`directus-guard access --output csv`: docs/contract.md#access-as-csv, a row for each entry of `access-v1` (RFC 4180).

A spreadsheet takes a cell for a formula by its first character, quoted or not. So an apostrophe goes before it.
"""

from __future__ import annotations

import csv
import json
from typing import IO, TYPE_CHECKING, Any, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import clean, escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

COLUMNS: Final = (
    "source", "directus", "edition", "kind", "principal", "id", "admin", "access_known", "escalates", "collection", "action",
    "level", "fields", "excluded_fields", "rule_in_words", "rule", "validation", "presets", "granted_by",
)  # fmt: skip
_FORMULA: Final = lazy_pattern(r"\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20\ufe62\ufe63]|[\t\r\n]")
"""What begins a formula in Excel, LibreOffice or Google Sheets, full-width signs included."""


def write(access: Mapping[str, Any], stream: IO[str]) -> None:
    """Write the table. `access`: as docs/contract.md#access-v1 has it."""
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for model in access["models"]:
        for principal in model["principals"]:
            about = (*(model[name] for name in COLUMNS[:3]), *_principal(principal))
            writer.writerows([*map(_cell, (*about, *entry))] for entry in _entries(principal))


def _principal(principal: Mapping[str, Any]) -> Iterator[object]:
    escalates = principal["escalates"] if principal["escalates_known"] or not principal["escalates"] else "perhaps"
    yield from (principal["kind"], principal["name"], principal["id"], principal["admin"], principal["access_known"])
    yield escalates


def _entries(principal: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    """What a principal may do: at least a row, so that nothing is silent about it."""
    if principal["admin"]:
        yield ("*", "*", "full", ["*"], [], "every item", {}, None, None, [])
    elif not principal["access"]:
        yield ("", "", "none" if principal["access_known"] else "unknown", [], [], "", None, None, None, [])
    else:
        for entry in principal["access"]:
            yield tuple(entry[name] for name in COLUMNS[9:])


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return _text(", ".join(map(str, _items(value))))
        case str():
            return _text(value)
    return _text(json.dumps(value, ensure_ascii=False))


def _items(value: list[Any]) -> Iterable[str]:
    return (item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in value)


def _text(text: str) -> str:
    text = escape_controls(clean(text))
    return f"'{text}" if _FORMULA.match(text) else text
