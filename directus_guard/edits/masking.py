"""Lines of files as a patch may show them. A line is shown only where nothing secret can be in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.disclosure import MASK, is_open, is_secret_name, mask_urls, shown_name
from directus_guard.directus.environment.deployment import Known
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.environment.settings import Environment

_ASSIGNED: Final = lazy_pattern(
    r"""(?P<lead>\s*(?:\#\s*)?(?:-\s+)?(?:export\s+|ENV\s+|ARG\s+)?["']?)(?P<name>[A-Za-z_][\w.-]*)(?P<sign>["']?\s*[=:]\s*)(?P<value>.*)""",
    re.VERBOSE | re.DOTALL,
)
_VARIABLE: Final = lazy_pattern(r"[A-Z][A-Z0-9_]*")
_REFERENCE: Final = lazy_pattern(r"\$\{[A-Za-z_]\w*(?::?\?)?\}|\$[A-Za-z_]\w*")
_PLAIN: Final = lazy_pattern(r"-?\d{1,6}|true|false|null|[~|>]-?|\{\}|\[\]", re.IGNORECASE)
_COMMENT: Final = lazy_pattern(r"\s+#.*", re.DOTALL)
_IGNORE: Final = lazy_pattern(r"#\s*directus-guard:\s*ignore\[[a-z0-9, -]+\]")
"""The beginning of an ignore comment: with its colon it looks like a variable that is commented out."""
_SPEAKING: Final = lazy_pattern(r"pass|secret|token|key|credential|auth|salt|private", re.IGNORECASE)
_WORD: Final = lazy_pattern(r"[a-z]{1,12}")
"""A password like `directus` is a part of other words; alone it is hidden by the name of its variable."""
_SHORTEST: Final = 4
"""Characters of a value that is looked for in other lines."""


class LineMask:
    """Masks lines. What the deployments say is known: the values that are secret, and those that are not."""

    def __init__(self, environments: Iterable[Environment]) -> None:
        secret: set[str] = set()
        self._open: Final[set[str]] = set()
        for env in environments:
            places = [variable for service in env.deployment.services for variable in service.variables]
            for name, text in (
                *((setting.name, setting.written) for setting in env.settings.values()),
                *((one.name, one.value.text.reveal()) for one in places if isinstance(one.value, Known)),
            ):
                (self._open if is_open(name, text) else secret).add(text)
        pieces = {line.strip() for text in secret for line in text.splitlines()} - self._open
        self._secret: Final = tuple(
            piece
            for piece in pieces
            if len(piece) >= _SHORTEST and not _PLAIN.fullmatch(piece) and not _WORD.fullmatch(piece)
        )

    def line(self, line: str) -> str:
        """The line as it may be shown, without its line end."""
        if not line.strip():
            return line
        found = _ASSIGNED.fullmatch(line)
        if found is None:
            return line if self._is_harmless(line) else f"{_lead(line)}{MASK}"
        value, name = found["value"].rstrip("\r"), found["name"]
        if shown_name(name) != name:
            return f"{_lead(line)}{MASK}"
        if not value.strip():
            return line
        if self._may_be_shown(name, value):
            return line
        return f"{found['lead']}{name}{found['sign']}{MASK}"

    def hides(self, line: str) -> bool:
        """Whether a part of the line may not be shown."""
        return self.line(line) != line

    def _may_be_shown(self, name: str, value: str) -> bool:
        comment = _COMMENT.search(value)
        if comment is not None and not self._is_harmless(comment[0]):
            return False
        text = _unquoted(value[: comment.start()] if comment else value)
        if _REFERENCE.fullmatch(text):
            return True
        if _PLAIN.fullmatch(text):
            return not is_secret_name(name)
        if _VARIABLE.fullmatch(name):
            return is_open(name, text)
        if name.lower() in ("value", "content"):
            return text in self._open
        return not is_secret_name(name) and self._is_harmless(text)

    def _is_harmless(self, text: str) -> bool:
        """Whether a text that is no variable's holds nothing secret."""
        text = _IGNORE.sub("#", text)
        if _SPEAKING.search(text) and re.search(r"[=:\s][^\s]{3,}", text.strip()) and "#" not in text[:1]:
            return not re.search(r"[=:]|--", text) and mask_urls(text) == text and not self._has_secret(text)
        return (
            mask_urls(text) == text and not self._has_secret(text) and not re.search(r"#.*[A-Za-z]\s*[=:]\s*\S", text)
        )

    def _has_secret(self, text: str) -> bool:
        return any(secret in text for secret in self._secret)


def _lead(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _unquoted(text: str) -> str:
    text = text.strip().rstrip(",").strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`" else text
