"""The files that edits are made in: each is read once, and only what can be written back as it was."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from directus_guard import limits
from directus_guard.edits.dockerfile_editor import DockerfileEditor
from directus_guard.edits.dotenv_editor import DotenvEditor
from directus_guard.edits.literal_editor import of_json, of_toml
from directus_guard.edits.row_editor import RowEditor
from directus_guard.edits.text import EditableText
from directus_guard.edits.tried_editor import TriedEditor
from directus_guard.edits.yaml_editor import YamlEditor
from directus_guard.limits import Budget

if TYPE_CHECKING:
    from directus_guard.edits.editor import Editor
    from directus_guard.sources.files.store import Store

MOST: Final = 1024 * 1024
"""Bytes of a file that is edited: what sets variables is small."""
MOST_OF_EXPORTS: Final = 32 * 1024 * 1024


class FileTexts:
    """The texts of the files below a folder. A link to one of them is that file, and edited there."""

    def __init__(self, store: Store) -> None:
        self._store: Final = store
        self._room: Final = Budget(limits.EDITED)
        self._texts: Final[dict[str, str | None]] = {}
        self._real: Final[dict[str, str]] = {}
        self._editors: Final[dict[str, Editor | None]] = {}
        self._rows: Final[dict[str, RowEditor | None]] = {}

    def text(self, path: str) -> str | None:
        """The text, None where it cannot be edited: too large, no UTF-8, outside of the folder, or no file at all."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def editor(self, path: str) -> Editor | None:
        """What edits the variables that the file sets; None where its format has no editor."""
        own = self._own(path)
        if own not in self._editors:
            self._editors[own] = self._editor_of(own)
        return self._editors[own]

    def _editor_of(self, path: str) -> Editor | None:
        text = self.text(path)
        editor = None if text is None else _editor(path, EditableText(path, text))
        return None if text is None or editor is None else TriedEditor(editor, len(text), self._room)

    def rows(self, path: str) -> RowEditor | None:
        """What edits the rows of an exported file; None where it cannot be edited."""
        if path not in self._rows:
            text = self.text(path) if path.lower().endswith(".json") else None
            self._rows[path] = None if text is None else RowEditor(path, text)
        return self._rows[path]

    def _own(self, path: str) -> str:
        """The path of the file itself, whatever link leads to it; that of a link that leads out."""
        if path not in self._real:
            real = Path(os.path.realpath(self._store.root / path))
            inside = real.is_relative_to(self._store.root)
            self._real[path] = real.relative_to(self._store.root).as_posix() if inside else path
        return self._real[path]

    def _read(self, path: str) -> str | None:
        most = MOST_OF_EXPORTS if path.lower().endswith(".json") else MOST
        try:
            if not self._store.has(path) or self._own(path) != path:
                return None
            with self._store.open(path) as file:
                data = file.read(most + 1)
            return data.decode("utf-8") if len(data) <= most else None
        except (OSError, UnicodeDecodeError):
            return None


def _editor(path: str, text: EditableText) -> Editor | None:
    name = path.rpartition("/")[2].lower()
    if name.endswith((".yml", ".yaml")):
        return YamlEditor(text)
    if "dockerfile" in name or "containerfile" in name:
        return DockerfileEditor(text)
    if name.endswith(".json"):
        return of_json(text)
    if name.endswith(".toml"):
        return of_toml(text)
    if name.endswith(_OTHER):
        return None
    return DotenvEditor(text)


_OTHER: Final = (".tf", ".tfvars", ".hcl", ".js", ".cjs", ".mjs", ".ts", ".sh", ".nomad", ".service")
"""Names of files that set variables in a format without an editor. Any other file may be an `env_file`."""
