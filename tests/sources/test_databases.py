"""Databases and dumps that git tracks: what each holds, by its bytes, and how much of it was searched."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from directus_guard.sources.files import databases
from tests.support.each import each_case
from tests.support.in_memory import in_memory

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

ROW = "INSERT INTO `directus_users` (`id`,`email`,`password`) VALUES ('1','a','b');\n"
HASH = "$argon2id$v=19$m=65536,t=3,p=4$abc$def"
SQLITE = b"SQLite format 3\0"
WAL = b"\x37\x7f\x06\x82"


def described(files: Mapping[str, str | bytes]) -> list[str]:
    return [
        f"{one.location.line} {one.kind}: {', '.join(one.holds)}{' (partial)' * one.partial} {one.unread}".strip()
        for one in databases.read(in_memory(files))
    ]


@each_case(
    ("name", "data", "expected"),
    [
        ("a.sql", ROW, ["1 SQL dump: user accounts"]),
        ("a.sql", f"-- x\n\n{ROW}", ["3 SQL dump: user accounts"]),
        ("A.SQL", ROW, ["1 SQL dump: user accounts"]),
        ("a.pgdump", ROW, ["1 SQL dump: user accounts"]),
        ("a.backup", ROW, ["1 SQL dump: user accounts"]),
        ("a.dump", ROW, ["1 SQL dump: user accounts"]),
        ("a.sql", "INSERT INTO directus_users (id, role) VALUES (1, 2);\n", []),
        ("a.sql", f"INSERT INTO \"directus_users\" VALUES ('{HASH}');\n", ["1 SQL dump: password hashes, user accounts"]),
        ("a.sql", "INSERT INTO [directus_users] (email) VALUES", ["1 SQL dump: user accounts"]),
        ("a.sql", "\ninsert into directus_sessions (ip) values (1);\nREPLACE INTO directus_users VALUES (1);", ["2 SQL dump: user accounts, sessions"]),
        ("a.sql", "COPY public.directus_sessions (token, ip) FROM stdin;\nx\ty\n\\.\n", ["1 SQL dump: sessions"]),
        ("a.sql", "COPY public.directus_sessions (token, ip) FROM stdin;\n\\.\n", []),
        ("a.sql", "CREATE TABLE directus_users (id int);", []),
        ("a.sql", f"CREATE TABLE directus_users (id int); {HASH}", ["1 SQL dump: password hashes"]),
        ("a.sql", HASH, []),
        ("a.sql", "", []),
        ("a.sql", ROW.encode("utf-16"), ["1 database:  (partial) is written in UTF-16, which is not searched"]),
        ("a.sql", ROW.encode("utf-16-le"), ["1 database:  (partial) is written in UTF-16, which is not searched"]),
        ("a.sql", ROW.encode("utf-16-be"), ["1 database:  (partial) is written in UTF-16, which is not searched"]),
        ("a.db", ROW.encode("utf-16"), []),
        ("a.db", ROW, []),
        ("a.sql", b"version https://git-lfs.github.com/spec/v1\n", ["1 database:  (partial) is stored with Git LFS, so that the database itself is not here"]),
        ("a.dump.gz", gzip.compress(ROW.encode()), ["1 SQL dump: user accounts"]),
        ("a.sql.gz", gzip.compress(f"\n{ROW}".encode()), ["1 SQL dump: user accounts"]),
        ("a.sql.gz", gzip.compress(ROW.encode())[:-12], ["1 database:  (partial) could not be read to its end"]),
        ("a.dump.gz", gzip.compress(b"PGDMP directus_users\0TABLE DATA"), ["1 PostgreSQL dump: user accounts (partial)"]),
        ("a.dump", b"PGDMP\0directus_users\0\0TABLE DATA\0directus_sessions\0\0TABLE DATA", ["1 PostgreSQL dump: user accounts, sessions (partial)"]),
        ("a.dump", b"PGDMP\0 CREATE TABLE directus_users", ["1 PostgreSQL dump:  (partial)"]),
        ("a.dump", b"PGDMP\0", []),
        *((name, SQLITE + b"directus_users " + HASH.encode(), ["1 SQLite database: password hashes"]) for name in ("a.db", "a.db3", "a.sqlite", "a.sqlite3")),
        *((name, WAL + b"directus_roles " + HASH.encode(), ["1 SQLite write-ahead log: password hashes"]) for name in ("a.db-wal", "a.db3-wal", "a.sqlite-wal", "a.sqlite3-wal")),
        ("a.sqlite", SQLITE + b"directus_users", []),
        ("a.sqlite", SQLITE + HASH.encode(), []),
        ("a.db-wal", WAL + b" directus_users ", []),
        ("a.db-wal", WAL + HASH.encode(), []),
    ],
)  # fmt: skip
def test_what_a_file_holds(name: str, data: str | bytes, expected: list[str]) -> None:
    assert described({name: data}) == expected


def test_a_large_file_is_searched_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "_CHUNK", 100)
    monkeypatch.setattr(databases, "_OVERLAP", 200)
    for before in range(0, 700, 7):
        text = "x\n" * before + ROW + "y\n" * 300
        assert described({"a.sql": text}) == [f"{before + 1} SQL dump: user accounts"]
    postgres = b"PGDMP" + b"\0" * 333 + b"directus_users\0TABLE DATA" + b"\0" * 333
    assert described({"a.dump": postgres}) == ["1 PostgreSQL dump: user accounts (partial)"]
    assert described({"a.sql": "x\n" * 200 + "PGDMP"}) == []


def test_what_is_too_large_is_searched_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "MAX_BYTES", 200)
    monkeypatch.setattr(databases, "_CHUNK", 100)
    filled = ROW.ljust(200)
    assert described({"a.sql": filled}) == ["1 SQL dump: user accounts"]
    assert described({"a.sql": f"{filled}x"}) == ["1 SQL dump: user accounts (partial)"]
    assert described({"a.sql": f"{' ' * 200}{ROW}"}) == []
    monkeypatch.setattr(databases, "MAX_TOTAL", 2**20)
    monkeypatch.setattr(databases, "MAX_BYTES", 2**20)
    large = {"a.sql": ROW.ljust(2**20 - 1), "b.sql": ROW, "c.sql": ROW}
    unread = "1 database:  (partial) was not searched: all databases are larger than 1 MiB"
    assert described(large) == ["1 SQL dump: user accounts"] * 2 + [unread]
