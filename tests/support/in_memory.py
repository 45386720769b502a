"""Repositories that are on no disk, for readers of single files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from directus_guard.sources.files.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


class TextStore:
    """Files as they are given, all tracked by git."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self.root = Path("/nowhere")
        self._files = {path: data if isinstance(data, bytes) else data.encode() for path, data in files.items()}

    def files(
        self, _only: Sequence[Path], excluded: Callable[[str], bool], _problem: Callable[[str, str], None]
    ) -> Iterator[str]:
        """See `Store.files`."""
        return (path for path in self._files if not excluded(path))

    def has(self, path: str) -> bool:
        """See `Store.has`."""
        return path in self._files

    def open(self, path: str) -> BytesIO:
        """See `Store.open`."""
        if path not in self._files:
            raise OSError(0, "the file does not exist")
        return BytesIO(self._files[path])

    def tracked(self, path: str) -> bool:
        """See `Store.tracked`."""
        return path in self._files

    def ignored(self, _path: str) -> bool:
        """See `Store.ignored`."""
        return False

    def real(self, path: str) -> str:
        """See `Store.real`."""
        return path


def in_memory(files: Mapping[str, str | bytes]) -> Repository:
    """A repository of these files."""
    return Repository(TextStore(files), debug=True)
