"""Database files that git tracks: SQLite databases, their write-ahead logs, SQL dumps. Searched as bytes, never opened as a database."""

from __future__ import annotations

import gzip
import re
import zlib
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from directus_guard.directus.project import DatabaseFile
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.files import registry
from directus_guard.sources.files.repository import LFS_POINTER

if TYPE_CHECKING:
    from typing import IO

    from directus_guard.sources.files.repository import Repository

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
_HASH: Final = lazy_pattern(rb"\$argon2(?:id|i|d)\$v=")
"""What Directus stores in directus_users.password (@directus/api utils/generate-hash: argon2)."""
_INSERT: Final = lazy_pattern(
    rb"\b(?:INSERT|REPLACE)\s{1,4}(?:(?:OR\s{1,4})?(?:IGNORE|REPLACE)\s{1,4})?INTO\s{1,4}[^\s(]{0,80}?directus_(users|sessions)\b"
    rb"[\"'`\]]?\s{0,8}(?:\(([^()]{0,6000})\))?",
    re.IGNORECASE,
)
_COPY: Final = lazy_pattern(
    rb"\bCOPY\s{1,4}[^\s(]{0,80}?directus_(users|sessions)\b[\"]?\s{0,4}(?:\(([^()\n]{0,6000})\))?[^\n]{0,2000}FROM stdin;\r?\n(?!\\\.)",
    re.IGNORECASE,
)
_TELLING: Final = lazy_pattern(
    rb"(?<![A-Za-z_])(?:email|password|token|tfa_secret|auth_data|external_identifier|ip|user_agent)(?![A-Za-z_])",
    re.IGNORECASE,
)
"""Columns that make a row worth something: a row of keys and names alone holds no account."""
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_CONTENTS: Final = lazy_pattern(rb"directus_(users|sessions)[^A-Za-z]{1,12}TABLE DATA")
"""An entry of the table of contents of pg_dump's custom format; the rows themselves are packed."""
_ROWS: Final = {b"users": "user accounts", b"sessions": "sessions"}


def read(repository: Repository) -> tuple[DatabaseFile, ...]:
    """The tracked files with users, password hashes or sessions of a Directus, in the order of paths."""
    found: list[DatabaseFile] = []
    budget = MAX_TOTAL
    for path in registry.DATABASES.paths(repository):
        if not repository.tracked(path) or repository.is_second_name(path):
            continue
        if budget <= 0:
            found.append(_unread(path, f"was not searched: all databases are larger than {MAX_TOTAL // 2**20} MiB"))
            continue
        searched = _read(repository, path)
        budget -= searched.size
        made = _judged(path, searched)
        if made is not None:
            found.append(made)
    return tuple(found)


class _Searched(Struct):
    """What was met in one file."""

    kind: str = ""
    size: int = 0
    partial: bool = False
    table: bool = False
    hashes: bool = False
    rows: set[str] = field(default_factory=set)
    line: int = 0
    """Of the first statement with rows, 0 in files that have no lines."""
    unread: str = ""
    """Why it was not searched, a clause without its subject."""


def _judged(path: str, searched: _Searched) -> DatabaseFile | None:
    if searched.unread:
        return _unread(path, searched.unread)
    if not searched.kind or not searched.table:
        return None
    holds = tuple(filter(None, ("password hashes" if searched.hashes else "", *sorted(searched.rows, reverse=True))))
    if not holds and not searched.partial:
        return None
    return DatabaseFile(Location(path, max(searched.line, 1)), searched.kind, holds, searched.partial)


def _unread(path: str, why: str) -> DatabaseFile:
    return DatabaseFile(Location(path), "database", (), partial=True, unread=why)


def _read(repository: Repository, path: str) -> _Searched:
    with repository.binary(path) as file:
        if file is None:
            return _Searched()
        try:
            head = file.read(64)
            file.seek(0)
            if head.startswith(LFS_POINTER):
                return _Searched(unread="is stored with Git LFS, so that the database itself is not here")
            if head.startswith(_UTF16) or _is_utf16(head):
                return (
                    _Searched(unread="is written in UTF-16, which is not searched") if _is_text(path) else _Searched()
                )
            if head.startswith(_GZIP):
                with gzip.open(file) as unpacked:
                    return _search(unpacked, "SQL dump", lines=False)
            kind = _kind(head, path.lower())
            return _search(file, kind, lines=kind == "SQL dump") if kind else _Searched()
        except _BROKEN:
            return _Searched(unread=_CUT)


_BROKEN: Final = (OSError, EOFError, zlib.error)
_CUT: Final = "could not be read to its end"


def _kind(head: bytes, path: str) -> str:
    if head.startswith(_SQLITE):
        return "SQLite database"
    if head.startswith(_WAL):
        return "SQLite write-ahead log"
    if head.startswith(_POSTGRES):
        return "PostgreSQL dump"
    return "SQL dump" if _is_text(path) else ""


def _is_text(path: str) -> bool:
    """Whether a file is a dump of SQL statements by its name."""
    return path.lower().endswith((".sql", ".dump", ".backup", ".pgdump"))


def _is_utf16(head: bytes) -> bool:
    """Whether text without a mark at its beginning has every other byte empty."""
    even, odd = head[:64:2], head[1:64:2]
    return len(head) >= 8 and (not any(even) or not any(odd)) and (any(even) or any(odd))


def _search(file: IO[bytes] | gzip.GzipFile, kind: str, *, lines: bool) -> _Searched:
    """Read in pieces that overlap, at most MAX_BYTES."""
    found = _Searched(kind)
    kept, before, broken = b"", 0, False
    while found.size < MAX_BYTES:
        try:
            chunk = file.read(_CHUNK)
        except _BROKEN:
            broken = True
            break
        if not chunk:
            break
        found.size += len(chunk)
        piece = kept + chunk
        if not found.size > len(chunk) and kind == "SQL dump" and piece.startswith(_POSTGRES):
            found.kind = kind = "PostgreSQL dump"
        # A statement near the end may be cut: it comes again with the next piece.
        _look(piece, found, before if lines else -1, len(piece) - _OVERLAP // 2)
        kept = piece[-_OVERLAP:]
        before += piece.count(b"\n", 0, len(piece) - len(kept)) if lines else 0
    else:
        found.partial = bool(file.read(1))
    _look(kept, found, before if lines else -1, len(kept))
    if kind == "PostgreSQL dump":
        found.partial = True
    if broken and not (found.hashes or found.rows):
        found.unread = _CUT
    return found


def _look(piece: bytes, searched: _Searched, before: int, end: int) -> None:
    """Note what a piece holds, of statements those that begin before `end`.

    `before` counts the lines above it, -1 where lines mean nothing.
    """
    searched.hashes = searched.hashes or _HASH.search(piece) is not None
    if b"directus_" not in piece:
        return
    searched.table = searched.table or _TABLE in piece or searched.kind == "SQLite write-ahead log"
    if searched.kind.startswith("SQLite"):
        return
    patterns = (_CONTENTS,) if searched.kind == "PostgreSQL dump" else (_INSERT, _COPY)
    starts: list[int] = []
    for pattern in patterns:
        for match in pattern.finditer(piece):
            columns = match[2] if pattern is not _CONTENTS else None
            if match.start() >= end or (columns is not None and not _TELLING.search(columns)):
                continue
            searched.table = True
            searched.rows.add(_ROWS[match[1].lower()])
            starts.append(match.start())
    if starts and not searched.line and before >= 0:
        searched.line = before + piece.count(b"\n", 0, min(starts)) + 1
