"""Lines of exported JSON as a patch may show them: names and words of Directus are shown, other texts are masked."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.disclosure import MASK, is_secret_name
from directus_guard.directus.masks import is_open_text, keys_of
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.export import Export

_STRING: Final = lazy_pattern(r'"(?P<text>(?:[^"\\]|\\.)*)"(?P<key>\s*:)?')
_TEMPLATE: Final = lazy_pattern(r"(?:(?:Bearer|Basic|Token) )?\{\{\s*[\w.$\[\]]{1,120}\s*\}\}", re.ASCII)
_WORDS: Final = frozenset(
    {"action", "accountability", "collection", "header", "method", "permissions", "return", "status", "trigger", "type"}
)
"""Members that hold names and words of Directus, wherever they are."""
_OF_FIXES: Final = frozenset({"$full", "$public", "$trigger", "POST", "/^.{12,}$/"})
"""What fixes write, without the member that it is for: rights of an operation, the method of a webhook, a policy for passwords."""
_NAME: Final = lazy_pattern(r"[$A-Za-z_][\w$-]{0,40}", re.ASCII)


class JsonLineMask:
    """Masks lines of exports. What the exports name themselves (collections, fields, keys of rows) is shown."""

    def __init__(self, exports: Iterable[Export]) -> None:
        known: set[str] = set()
        for export in exports:
            known |= keys_of(export.model)
            known |= {role.name for role in export.model.roles} | {policy.name for policy in export.model.policies}
            known |= {text for flow in export.flows for text in (flow.id, flow.name)}
            known |= {text for one in export.operations for text in (one.id, one.key)}
        self._known: Final = frozenset(known)

    def line(self, line: str) -> str:
        """The line as it may be shown, without its line end."""
        parts: list[str] = []
        position, name = 0, ""
        for match in _STRING.finditer(line):
            parts.append(line[position : match.start()])
            position = match.end()
            if match["key"]:
                name = match["text"]
                parts.append(match[0])
            else:
                parts.append(match[0] if self._is_open(name, match["text"]) else f'"{MASK}"')
        return "".join((*parts, line[position:]))

    def _is_open(self, name: str, written: str) -> bool:
        try:
            text = str(json.loads(f'"{written}"'))
        except ValueError:
            return False
        if (
            text in self._known
            or text in _OF_FIXES
            or _TEMPLATE.fullmatch(text)
            or (name in _WORDS and _NAME.fullmatch(text))
        ):
            return True
        return is_open_text(text, is_secret=is_secret_name(name))
