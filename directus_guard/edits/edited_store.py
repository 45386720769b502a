"""A folder as it would be after some edits: what is judged to know whether they help, before anything is written."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from directus_guard.sources.files.store import Store


class EditedStore:
    """A store with other texts for some of its files."""

    def __init__(self, store: Store, texts: Mapping[str, str]) -> None:
        self._store: Final = store
        self._texts: Final = texts

    @property
    def root(self) -> Path:
        """See `Store.root`."""
        return self._store.root

    def files(
        self, only: Sequence[Path], excluded: Callable[[str], bool], problem: Callable[[str, str], None]
    ) -> Iterator[str]:
        """See `Store.files`."""
        return self._store.files(only, excluded, problem)

    def has(self, path: str) -> bool:
        """See `Store.has`."""
        return self._store.has(path)

    def open(self, path: str) -> BinaryIO:
        """See `Store.open`. A link to an edited file leads to the edited text."""
        text = self._texts.get(path, self._texts.get(self._store.real(path)))
        return self._store.open(path) if text is None else BytesIO(text.encode())

    def tracked(self, path: str) -> bool:
        """See `Store.tracked`."""
        return self._store.tracked(path)

    def ignored(self, path: str) -> bool:
        """See `Store.ignored`."""
        return self._store.ignored(path)

    def real(self, path: str) -> str:
        """See `Store.real`."""
        return self._store.real(path)
