"""What of a rule or a preset people may see: its structure, and of its literals those that cannot be secret or personal.

Shown are numbers, booleans and null, dynamic variables, the words of a status, and keys of records that are known. The
rest is masked. In a comparison equal literals get equal masks, so that a reader sees that two differ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.filters import EVERYTHING, NOTHING, to_json
from directus_guard.directus.access.rule_words import rule_words
from directus_guard.directus.disclosure import MASK, is_network
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Collection

    from directus_guard.directus.access.filters import Filter, Json
    from directus_guard.directus.access.grants import AccessEntry
    from directus_guard.directus.access.model import AccessModel

_DYNAMIC: Final = lazy_pattern(
    r"\$CURRENT_(?:USER|ROLE|ROLES|POLICIES)(?:\.[a-z_][a-z0-9_]{0,63}){0,6}"
    r"|\$NOW(?:\(\s?[-+]?\s?\d{1,6}\s?[a-z]{1,14}\s?\))?"
)
_NUMBER: Final = lazy_pattern(r"[-+]?\d{1,6}(?:\.\d{1,6})?")
_STATUS: Final = lazy_pattern(r"(?:\A|_)(?:status|state)\Z", re.IGNORECASE)
_WORD: Final = lazy_pattern(r"[a-z][a-z0-9]{0,24}(?:[_-][a-z0-9]{1,24}){0,3}")
_PLAIN: Final = frozenset({"", "true", "false", "null", "*", "other"})
"""Texts that say nothing; `other` is what examples are made with."""
_INSIDE: Final = frozenset({"_and", "_or", "_some", "_none"})
MAX_DEPTH: Final = 40


class Mask:
    """Hides literals. `keys`: keys of records, names of collections and fields, which are shown."""

    def __init__(self, keys: Collection[str] = (), *, numbered: bool = False) -> None:
        self._keys = keys
        self._numbers: dict[str, int] | None = {} if numbered else None

    def filter(self, rule: Filter) -> Json:
        """A filter as Directus would read it, without its literals."""
        return self.rule(to_json(rule))

    def rule(self, rule: Json) -> Json:
        """An item rule or a validation without its literals."""
        return self._rule(rule, "", 0)

    def values(self, values: Json) -> Json:
        """Presets, or an item: names and their values."""
        if not isinstance(values, Mapping):
            return self._operand("", values)
        return {name: self._operand(name, value) for name, value in values.items()}

    def _rule(self, node: Json, name: str, depth: int) -> Json:
        if depth > MAX_DEPTH:
            return MASK
        if isinstance(node, list):
            return [self._rule(item, name, depth + 1) for item in node]
        if not isinstance(node, Mapping):
            return self.literal(name, node)
        return {
            key: self._rule(value, name if key in _INSIDE else key, depth + 1)
            if key in _INSIDE or not key.startswith("_")
            else self._operand(name, value)
            for key, value in node.items()
        }

    def _operand(self, name: str, value: Json) -> Json:
        if isinstance(value, list):
            return [self._operand(name, item) for item in value]
        if isinstance(value, Mapping):
            return self._hidden(repr(value)) if value else {}
        return self.literal(name, value)

    def literal(self, name: str, value: Json) -> Json:
        """One literal that a field is compared with or set to."""
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if not isinstance(value, str):
            return self._hidden(repr(value))
        return value if self._is_open(name, value) else self._hidden(value)

    def _is_open(self, name: str, text: str) -> bool:
        if text in _PLAIN or text in self._keys or _NUMBER.fullmatch(text) or _DYNAMIC.fullmatch(text):
            return True
        return _STATUS.search(name) is not None and all(map(_is_word, text.split(",")))

    def _hidden(self, text: str) -> str:
        if self._numbers is None:
            return MASK
        return f"{MASK} ({self._numbers.setdefault(text, len(self._numbers) + 1)})"


def is_open_text(text: str, *, is_secret: bool) -> bool:
    """Whether a literal outside of rules may be shown: a dynamic variable, a small number, or a word of the language.

    `is_secret`: whether it is in a member for secrets, where a word may be a bad password.
    """
    if text in _PLAIN or _DYNAMIC.fullmatch(text):
        return True
    return not is_secret and (_NUMBER.fullmatch(text) is not None or _is_word(text))


def _is_word(text: str) -> bool:
    """Whether a text is a word of the language, or a few."""
    from directus_guard.directus.environment.secret_words import is_wording  # noqa: PLC0415 - few rules have texts

    return _WORD.fullmatch(text) is not None and is_wording(text)


def keys_of(model: AccessModel) -> frozenset[str]:
    """What an access model names by itself: keys of its records, collections and fields."""
    found = {role.id for role in model.roles} | {policy.id for policy in model.policies}
    found |= {user.id for user in model.users}
    for row in model.permissions:
        found |= {row.collection, row.action, *(row.fields or ())}
    for collection, fields in model.fields.items():
        found |= {collection, *fields}
    return frozenset(found)


def addresses(listed: Collection[str]) -> tuple[str, ...]:
    """The entries of a list of addresses; what is none is masked."""
    return tuple(entry if is_network(entry) else MASK for entry in listed)


def rule_in_words(rule: Filter, mask: Mask) -> str:
    """An item rule for people, without its literals."""
    if rule in (EVERYTHING, NOTHING):
        return "every item" if rule == EVERYTHING else "no item"
    return rule_words(rule, mask.literal)


def entry_json(entry: AccessEntry, mask: Mask, known_fields: frozenset[str] = frozenset()) -> dict[str, Json]:
    """An entry as docs/contract.md#access-v1 writes it. Literals that may be secret or personal are masked.

    Where `*` does not reach some fields, the fields are named if the schema is known, and `excluded_fields` are those.
    """
    fields = entry.fields
    if entry.excluded and known_fields:
        fields = tuple(sorted(known_fields - set(entry.excluded)))
    return {
        "collection": entry.collection,
        "action": entry.action,
        "level": entry.level,
        "fields": list(fields),
        "excluded_fields": list(entry.excluded),
        "rule": mask.filter(entry.rule),
        "rule_in_words": rule_in_words(entry.rule, mask),
        "validation": mask.rule(entry.validation),
        "presets": mask.values(entry.presets),
        "granted_by": list(entry.granted_by),
    }
