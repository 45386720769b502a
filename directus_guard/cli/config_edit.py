"""An entry added to `ignore` in the config's text. Everything else of the text stays as it is, comments included."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from directus_guard.sources.formats import yaml_document

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN: Final = re.compile(r"[A-Za-z/][\w./#@ ()*-]*[\w/)*-]\Z")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_RESERVED: Final = frozenset({"null", "yes", "no", "true", "false", "on", "off", "y", "n"})


class ConfigEditError(Exception):
    """The text cannot be edited by rule: the entry has to be written by hand."""


def with_ignore(path: str, text: str, entry: Mapping[str, str]) -> str:
    """The config with one more entry in `ignore`. Raises `ConfigEditError`."""
    end = "\r\n" if "\r\n" in text else "\n"
    try:
        documents = yaml_document.parse(path, text)
    except yaml_document.YamlError as error:
        raise ConfigEditError(str(error)) from None
    root = documents[0] if documents else None
    if len(documents) > 1 or (root is not None and not yaml_document.is_null(root) and not _is_block(root, text)):
        raise ConfigEditError("it is not a list of `key: value` lines")
    ignores = root.get("ignore") if isinstance(root, yaml_document.Mapping) else None
    if not isinstance(root, yaml_document.Mapping) or (ignores is None and "ignore" not in _keys(root)):
        return _ended(text, end) + f"ignore:{end}{_block(entry, '  ', end)}"
    if isinstance(ignores, yaml_document.Sequence) and ignores.items:
        return _appended(text, ignores, entry, end)
    if ignores is None or yaml_document.is_null(ignores) or isinstance(ignores, yaml_document.Sequence):
        return _filled(text, root.locate("ignore").line, entry, end)
    raise ConfigEditError("`ignore` is no list")


def as_text(entry: Mapping[str, str]) -> str:
    """The entry as it is written in a config."""
    return _block(entry, "  ", "\n")


def _keys(root: yaml_document.Mapping) -> set[str]:
    return {item.key.text for item in root.entries}


def _is_block(root: yaml_document.Node, text: str) -> bool:
    """Whether it is a mapping that is not written in braces."""
    return isinstance(root, yaml_document.Mapping) and not _at(
        text, root.location.line, root.location.column
    ).startswith("{")


def _at(text: str, line: int, column: int) -> str:
    """The text of a line from a column on."""
    return text.split("\n")[line - 1][column - 1 :]


def _appended(text: str, ignores: yaml_document.Sequence, entry: Mapping[str, str], end: str) -> str:
    """The text with the entry behind the last one, written as that one is."""
    last = ignores.items[-1]
    lines = text.split("\n")
    first = ignores.location
    if _at(text, first.line, first.column).startswith("["):
        place = last.location
        line = lines[place.end_line - 1]
        lines[place.end_line - 1] = f"{line[: place.end_column - 1]}, {_flow(entry)}{line[place.end_column - 1 :]}"
        return "\n".join(lines)
    indent = " " * (first.column - 1)
    if not lines[first.line - 1][first.column - 1 :].startswith("-"):
        raise ConfigEditError("`ignore` is written in a way that cannot be continued")
    after = _last_line(last)
    head = "\n".join(lines[:after])
    return _ended(head, end) + _block(entry, indent, end) + "\n".join(lines[after:])


def _last_line(node: yaml_document.Node) -> int:
    """The last line that something is written on."""
    if isinstance(node, yaml_document.Mapping) and node.entries:
        return max(_last_line(item.value) for item in node.entries)
    if isinstance(node, yaml_document.Sequence) and node.items:
        return max(map(_last_line, node.items))
    place = node.location
    return place.end_line if place.end_column > 1 or place.end_line == place.line else place.end_line - 1


def _filled(text: str, line: int, entry: Mapping[str, str], end: str) -> str:
    """The text with the entry below an `ignore` that has none."""
    lines = text.split("\n")
    match = re.match(r"(\s*[\"']?ignore[\"']?\s*:)\s*(?:\[\s*\]|~|null)?([ \t]*(?:#[^\r]*)?)\r?\Z", lines[line - 1])
    if match is None:
        raise ConfigEditError("`ignore` is written in a way that cannot be continued")
    lines[line - 1] = f"{match[1]}{match[2]}"
    return _ended("\n".join(lines[:line]), end) + _block(entry, "  ", end) + "\n".join(lines[line:])


def _ended(text: str, end: str) -> str:
    """The text with an end of its last line."""
    return text if not text or text.endswith("\n") else text.rstrip("\r") + end


def _block(entry: Mapping[str, str], indent: str, end: str) -> str:
    lines = [f"{key}: {_scalar(value)}" for key, value in entry.items()]
    return "".join(f"{indent}{'- ' if number == 0 else '  '}{line}{end}" for number, line in enumerate(lines))


def _flow(entry: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items()) + "}"


def _scalar(text: str) -> str:
    """The text as a scalar of YAML: as it is where nothing can be misread, else in quotes."""
    plain = _PLAIN.match(text) is not None and " #" not in text and text.lower() not in _RESERVED
    return text if plain or _DATE.match(text) else json.dumps(text, ensure_ascii=False)
