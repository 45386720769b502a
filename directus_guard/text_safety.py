"""Text of a repository, or of an instance, made safe to show: nothing hides in it, and no terminal, log or runner obeys it."""

from __future__ import annotations

from typing import Final

from directus_guard.lazy_pattern import lazy_pattern

_INVISIBLE: Final = lazy_pattern("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def escape_controls(text: str) -> str:
    """`text` with control, bidirectional and zero-width characters written as escapes."""
    if _is_plain(text):
        return text
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _is_plain(text: str) -> bool:
    """Whether it holds letters, digits, punctuation and spaces of ASCII only, as most texts do: a fast test."""
    return text.isascii() and text.isprintable()


_HARMFUL: Final = lazy_pattern("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Text on one line, without what a terminal would obey; code spans keep their backticks."""
    # GitHub's runner takes `##[name]` for a command anywhere in a line.
    text = text.replace("##[", "# #[")
    if _is_plain(text):
        return text
    return _HARMFUL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


_HARMFUL_IN_JSON: Final = lazy_pattern("##\\[|[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def json_text(text: str) -> str:
    """The same JSON, none of whose strings is obeyed by a terminal or by the runner. No string is cut in `text`."""
    if text.isascii() and "##[" not in text and "\x7f" not in text:
        return text  # most reports: the pattern looks at each character
    return _HARMFUL_IN_JSON.sub(lambda match: "#\\u0023[" if match[0] == "##[" else f"\\u{ord(match[0]):04x}", text)


def log_line(text: str) -> str:
    """A whole line of a log. `::name::` at its beginning would be a command too."""
    return no_command(clean(text))


def no_command(line: str) -> str:
    """A line of ours, colours and all, that the runner takes for no command whatever text it begins with."""
    line = line.replace("##[", "# #[")
    return f".{line}" if line.lstrip().startswith("::") else line
