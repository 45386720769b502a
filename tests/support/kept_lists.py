"""Lists of texts, one a file, that are kept beside a test. `UPDATE_SNAPSHOTS=1` takes today's: read the diff."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def assert_as_kept(file: Path, texts: Iterable[str]) -> None:
    """The texts are those of the file, in any order."""
    today = sorted({text.replace("\n", "\\n") for text in texts})
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.unlink(missing_ok=True)
        if today:
            file.write_text("".join(f"{text}\n" for text in today), encoding="utf-8")
    kept = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    assert today == kept, f"{file} differs: see `make snapshots`"
