"""What a file that is written inside of another is called: by the path that it is written to, or by what it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.deployments.dotenv_files import is_environment_file
from directus_guard.sources.files import signs
from directus_guard.sources.formats import holes

if TYPE_CHECKING:
    from directus_guard.sources.files.repository import Repository

MAX_CHARACTERS: Final = 256 * 1024
"""A longer text is not followed."""
_TEMPLATES: Final = (".tftpl", ".tpl", ".tmpl", ".template")
_KEPT: Final = (
    ".yml", ".yaml", ".json", ".toml", ".sh", ".bash", ".service", ".container", ".hcl", ".nomad", ".tf", ".ps1", ".fish",
)  # fmt: skip
_PART: Final = lazy_pattern(r"[A-Za-z0-9_.@-]+")
_ASSIGNED: Final = lazy_pattern(r"[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*=.*|[ \t]*(?:#.*)?")
_JSON: Final = lazy_pattern(r"\s*[\[{]")


def path(holder: str, written: str, text: str) -> str | None:
    """The path below `holder` of a text that is written to `written` ("" if it is not known); None for what no source reads.

    It ends as its kind of file does, whatever it is called.
    """
    if len(text) > MAX_CHARACTERS or not text.strip() or holes.are_in(text):
        return None
    parts = [part for part in re.split(r"[/\\]", holes.filled(written, "")) if _PART.fullmatch(part)]
    parts = [part for part in parts if part not in (".", "..")]
    name = parts.pop() if parts else ""
    while name.lower().endswith(_TEMPLATES):
        name = name.rpartition(".")[0]
    kept = _named(name, text)
    return None if kept is None else "/".join((holder, *parts[-_DEEPEST:], kept))


_DEEPEST: Final = 12
"""Folders of a path that are kept."""


def _named(name: str, text: str) -> str | None:
    lower = name.lower()
    if _JSON.match(text) and '"image"' in text:
        return "container-definitions.json"
    if is_environment_file(name) or lower.endswith(_KEPT) or lower.startswith("dockerfile"):
        return None if lower.endswith(".json") else name
    ending = kind(text)
    return f"{name or 'text'}{ending}" if ending else None


def kind(text: str) -> str:
    """How the name of a file ends that holds this text, "" for a text that says nothing of it."""
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("#cloud-config"):
        return ".yaml"
    if start.startswith("#!"):
        return ".sh"
    if _YAML.search(text):
        return ".compose.yaml" if _SERVICES.search(text) else ".yaml"
    lines = text.splitlines()
    if any("=" in line for line in lines) and all(map(_ASSIGNED.fullmatch, lines)):
        return ".env"
    return ".sh" if signs.starts_container(text) or signs.starts_compose(text) else ""


_YAML: Final = lazy_pattern(r"(?m)^(?:apiVersion|services|write_files|runcmd)[ \t]*:")
_SERVICES: Final = lazy_pattern(r"(?m)^services[ \t]*:")


def free(path: str, taken: set[str]) -> str:
    """The path, in a folder of its own where another file has it. It is taken from then on."""
    made, number = path, 1
    while made in taken:
        number += 1
        folder, _, name = path.rpartition("/")
        made = f"{folder}/{number}/{name}"
    taken.add(made)
    return made


def too_many(repository: Repository, holder: str) -> None:
    """Say that not every file was read that another holds."""
    repository.problem(holder, "it holds more files than are followed: the others were not read", incomplete=True)
