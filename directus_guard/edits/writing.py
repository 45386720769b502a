"""Write an edited file: whole or not at all, and only the file that was read."""

from __future__ import annotations

import os
import stat
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class NotWrittenError(Exception):
    """A file was not written, and why."""


def write(root: Path, path: str, before: str, after: str) -> None:
    """Put the text in the place of that which was read. Raises `NotWrittenError`; the file is then as it was."""
    whole = root / path
    if os.path.realpath(whole) != os.path.join(os.path.realpath(root), path):  # noqa: PTH118 - as `realpath` gives it
        raise NotWrittenError(f"{path}: a link; it was not written")
    try:
        status = os.lstat(whole)
        if not stat.S_ISREG(status.st_mode) or whole.read_bytes() != before.encode():
            raise NotWrittenError(f"{path}: it has changed since it was read; it was not written")
        _replace(whole, after.encode(), stat.S_IMODE(status.st_mode))
    except OSError as error:
        raise NotWrittenError(f"{path}: not written: {error.strerror}") from None


def _replace(whole: Path, data: bytes, mode: int) -> None:
    number, name = tempfile.mkstemp(dir=whole.parent, prefix=f".{whole.name[:100]}.")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)  # noqa: PTH101 - a name, as mkstemp gives it
        os.replace(name, whole)  # noqa: PTH105 - as above
    except OSError:
        os.unlink(name)  # noqa: PTH108 - as above
        raise
