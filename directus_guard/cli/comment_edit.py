"""An ignore comment added to a file, above the line of a finding."""

from __future__ import annotations

import re
from typing import Final

import yaml

_YAML: Final = (".yml", ".yaml")
_HASH: Final = (*_YAML, ".toml", ".tf", ".tfvars", ".hcl", ".nomad", ".conf", ".properties")
_NAMES: Final = re.compile(r"(?:.*\.)?(?:env(?:\..*)?|dockerfile(?:\..*)?|containerfile(?:\..*)?)\Z", re.IGNORECASE)


def takes_comments(path: str) -> bool:
    """Whether a line that begins with `#` is a comment in such a file."""
    name = path.rpartition("/")[2].lower()
    return name.endswith(_HASH) or _NAMES.match(name) is not None


def says_the_same(path: str, before: str, after: str) -> bool:
    """Whether a comment changed nothing else: in YAML it may have become a part of a value."""
    return not path.lower().endswith(_YAML) or _events(before) == _events(after)


def _events(text: str) -> list[tuple[str, object]]:
    """What a file of YAML says, without places."""
    return [(type(event).__name__, getattr(event, "value", None)) for event in yaml.parse(text)]


def with_comment(text: str, line: int, comment: str) -> str:
    """The text with a comment above a line, as far indented as the line, with its line end."""
    lines = text.split("\n")
    below = lines[line - 1]
    mark = "\ufeff" if line == 1 and below.startswith("\ufeff") else ""
    below = below.removeprefix(mark)
    indent = below[: len(below) - len(below.lstrip(" \t"))]
    end = "\r" if below.endswith("\r") else ""
    return "\n".join((*lines[: line - 1], f"{mark}{indent}{comment}{end}", below, *lines[line:]))
