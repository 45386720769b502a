"""Database files that git tracks: SQLite databases, their write-ahead logs, SQL dumps. Searched as bytes, never opened as a database."""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from directus_guard.directus.project import DatabaseFile
from directus_guard.finding import Location
from directus_guard.sources import registry
from directus_guard.sources.repository import LFS_POINTER

if TYPE_CHECKING:
    from typing import IO

    from directus_guard.sources.repository import Repository

_SQLITE: Final = b"SQLite format 3\0"
_WAL: Final = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
_POSTGRES: Final = b"PGDMP"
_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 1024 * 1024
_OVERLAP: Final = 16 * 1024
"""Longer than any statement head that is looked for, so that none is cut in two."""
MAX_BYTES: Final = 64 * 1024 * 1024
"""Searched of one file, counted after unpacking."""
MAX_TOTAL: Final = 1024 * 1024 * 1024
"""Searched of all files together."""

_TABLE: Final = b"directus_users"
_HASH: Final = re.compile(rb"\$argon2(?:id|i|d)\$v=")
"""What Directus stores in directus_users.password (@directus/api utils/generate-hash: argon2)."""
_INSERT: Final = re.compile(
    rb"\bINSERT\s{1,4}(?:IGNORE\s{1,4})?INTO\s{1,4}[^\s(]{0,80}?directus_(users|sessions)\b", re.IGNORECASE
)
_COPY: Final = re.compile(
    rb"\bCOPY\s{1,4}[^\s(]{0,80}?directus_(users|sessions)\b[^\n]{0,8000}FROM stdin;\r?\n(?!\\\.)", re.IGNORECASE
)
_CONTENTS: Final = re.compile(rb"directus_(users|sessions)[^A-Za-z]{1,12}TABLE DATA")
"""An entry of the table of contents of pg_dump's custom format; the rows themselves are packed."""
_ROWS: Final = {b"users": "user accounts", b"sessions": "sessions"}


def read(repository: Repository) -> tuple[DatabaseFile, ...]:
    """The tracked files with users, password hashes or sessions of a Directus, in the order of paths."""
    found: list[DatabaseFile] = []
    budget = MAX_TOTAL
    for path in registry.DATABASES.paths(repository):
        if not repository.tracked(path):
            continue
        if budget <= 0:
            repository.problem(
                path, f"not searched: the database files are larger than {MAX_TOTAL // 2**20} MiB together"
            )
            continue
        searched = _read(repository, path)
        budget -= searched.size
        made = _judged(path, searched)
        if made is not None:
            found.append(made)
    return tuple(found)


@dataclass(slots=True)
class _Searched:
    """What was met in one file."""

    kind: str = ""
    size: int = 0
    partial: bool = False
    table: bool = False
    hashes: bool = False
    rows: set[str] = field(default_factory=set)
    line: int = 0
    """Of the first statement with rows, 0 in files that have no lines."""


def _judged(path: str, searched: _Searched) -> DatabaseFile | None:
    if not searched.kind or not searched.table:
        return None
    holds = tuple(filter(None, ("password hashes" if searched.hashes else "", *sorted(searched.rows, reverse=True))))
    if not holds and not searched.partial:
        return None
    return DatabaseFile(Location(path, max(searched.line, 1)), searched.kind, holds, searched.partial)


def _read(repository: Repository, path: str) -> _Searched:
    with repository.binary(path) as file:
        if file is None:
            return _Searched()
        try:
            head = file.read(64)
            file.seek(0)
            if head.startswith(LFS_POINTER):
                if "directus" in path.lower():
                    repository.problem(path, "stored with Git LFS; the database itself was not searched")
                return _Searched()
            if head.startswith(_GZIP):
                with gzip.open(file) as unpacked:
                    return _search(unpacked, "SQL dump", lines=False)
            kind = _kind(head, path.lower())
            return _search(file, kind, lines=kind == "SQL dump") if kind else _Searched()
        except (OSError, EOFError, zlib.error):
            repository.problem(path, "not readable to its end; it was not searched")
            return _Searched()


def _kind(head: bytes, path: str) -> str:
    if head.startswith(_SQLITE):
        return "SQLite database"
    if head.startswith(_WAL):
        return "SQLite write-ahead log"
    if head.startswith(_POSTGRES):
        return "PostgreSQL dump"
    return "SQL dump" if path.endswith((".sql", ".dump", ".backup", ".pgdump")) else ""


def _search(file: IO[bytes] | gzip.GzipFile, kind: str, *, lines: bool) -> _Searched:
    """Read in pieces that overlap, at most MAX_BYTES."""
    found = _Searched(kind)
    kept, before = b"", 0
    while found.size < MAX_BYTES:
        chunk = file.read(_CHUNK)
        if not chunk:
            break
        found.size += len(chunk)
        piece = kept + chunk
        if not found.size > len(chunk) and kind == "SQL dump" and piece.startswith(_POSTGRES):
            found.kind = kind = "PostgreSQL dump"
        _look(piece, found, before if lines else -1)
        kept = piece[-_OVERLAP:]
        before += piece.count(b"\n", 0, len(piece) - len(kept)) if lines else 0
    else:
        found.partial = bool(file.read(1))
    if kind == "PostgreSQL dump":
        found.partial = True
    return found


def _look(piece: bytes, found: _Searched, before: int) -> None:
    """Note what stands in a piece; `before` counts the lines above it, -1 where lines mean nothing."""
    found.hashes = found.hashes or _HASH.search(piece) is not None
    if b"directus_" not in piece:
        return
    found.table = found.table or _TABLE in piece or found.kind == "SQLite write-ahead log"
    if found.kind.startswith("SQLite"):
        return
    patterns = (_CONTENTS,) if found.kind == "PostgreSQL dump" else (_INSERT, _COPY)
    starts: list[int] = []
    for pattern in patterns:
        for match in pattern.finditer(piece):
            found.table = True
            found.rows.add(_ROWS[match[1].lower()])
            starts.append(match.start())
    if starts and not found.line and before >= 0:
        found.line = before + piece.count(b"\n", 0, min(starts)) + 1
