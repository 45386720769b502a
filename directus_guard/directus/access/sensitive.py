"""Fields that look secret or personal, by Directus' own marks and by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.access.schema import Schema

_SECRET: Final = lazy_pattern(
    r"(?i)(?:\A|_)(?:password|passwd|secret|token|api_?key|private_?key)(?:_(?:hash|value))?\Z"
)
_PERSONAL: Final = lazy_pattern(
    r"(?i)(?:\A|_)(?:e_?mail(?:_address)?|(?:tele)?phone(?:_?(?:number|no))?|mobile|iban|ssn|passport(?:_(?:no|number))?"
    r"|birth_?(?:day|date)|date_of_birth|salary|credit_?card(?:_(?:no|number))?|tax_?id)\Z"
)
_MARKS: Final = frozenset({"hash", "conceal", "encrypt"})
_NO_VALUE: Final = frozenset({"boolean", "alias"})
"""Types of fields that hold no such value, whatever they are called (`show_email`)."""


def sensitive_fields(schema: Schema | None, collection: str, names: Iterable[str]) -> tuple[str, ...]:
    """Which of the fields that a row names look secret or personal; `*` means all that the schema knows.

    A singleton holds texts of the project itself: its e-mail address is no person's.
    """
    known = schema.by_collection.get(collection, {}) if schema else {}
    about = schema.collection.get(collection) if schema else None
    listed = set(names)
    found = []
    for name in sorted(known if "*" in listed else listed):
        field = known.get(name)
        if field is not None and _MARKS.intersection(field.special):
            found.append(name)
        elif field is not None and field.type in _NO_VALUE:
            continue
        elif _SECRET.search(name) or (_PERSONAL.search(name) and not (about and about.singleton)):
            found.append(name)
    return tuple(found)
