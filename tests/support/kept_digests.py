"""Digests of long texts, one a line in a file: a test asks about one thing, and what else changes is noticed by its digest.

A text whose name is not in the file yet is not compared. `UPDATE_SNAPSHOTS=1` takes today's. TEXTS=path writes the texts that they are of, to compare them before and after a change.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class KeptDigests:
    """A file of digests and names."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def known(self) -> dict[str, str]:
        """The digest of each name."""
        return self._read()

    def assert_as_kept(self, name: str, text: str) -> None:
        """The text has the digest that is kept; with `UPDATE_SNAPSHOTS` it is kept now."""
        digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:10]
        if written := os.environ.get("TEXTS"):
            with Path(written).open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"{name}: {text}\n")
        if os.environ.get("UPDATE_SNAPSHOTS"):
            self._keep(name, digest)
        else:
            assert self.known.get(name, digest) == digest, f"{name} is another: see tests/support/kept_digests.py"

    def _keep(self, name: str, digest: str) -> None:
        with self.path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            held = {**self._read(), name: digest}
            file.truncate(0)
            file.writelines(f"{held[one]} {one}\n" for one in sorted(held))

    def _read(self) -> dict[str, str]:
        return dict(self._lines())

    def _lines(self) -> Iterator[tuple[str, str]]:
        for line in self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else ():
            digest, name = line.split(" ", 1)
            yield name, digest
