"""`-` among the paths: a list of them on the standard input, as xargs and git users expect it."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import guard, write
from tests.support.examples import EXPORT
from tests.support.git import commit, new_repository

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment: {CORS_ENABLED: 'true', CORS_ORIGIN: 'true'}\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with three projects; the tests run in it."""
    write(tmp_path, {f"{name}/compose.yaml": COMPOSE for name in ("a", "b c", "ü\nx")})
    commit(new_repository(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def deployments(*arguments: str) -> list[str]:
    return list(json.loads(guard("scan", "--output=json", *arguments).out)["scanned"]["deployments"])


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a/compose.yaml\n", ["a"]),
        (b"a/compose.yaml", ["a"]),
        (b"a/compose.yaml\r\nb c/compose.yaml\r\n\r\n", ["a", "b c"]),
        (b"b c\n\na\nb c\n", ["a", "b c"]),
        (b"a\0b c/compose.yaml\0", ["a", "b c"]),
        ("ü\nx/compose.yaml\0".encode(), ["ü\nx"]),
    ],
)
def test_a_list_of_paths(monkeypatch: pytest.MonkeyPatch, data: bytes, expected: list[str]) -> None:
    feed(monkeypatch, data)
    assert deployments("-") == [f"{name}/compose.yaml#directus" for name in expected]


@pytest.mark.usefixtures("root")
def test_a_list_beside_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    feed(monkeypatch, b"b c\n")
    assert deployments("a", "-") == ["a/compose.yaml#directus", "b c/compose.yaml#directus"]


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"", 3, "the list of paths on the standard input is empty, so nothing was read"),
        (b"\n\n", 3, "is empty"),
        (b"gone.yaml\n", 2, "standard input: gone.yaml: no such file or folder. Git leaves deleted files out with --diff-filter=d."),
        (b'"\\303\\274\\nx/compose.yaml"\n', 2, "is a quoted name: end the names with NUL (git diff -z"),
        (b"a/compose.yaml\n::error::x\n", 2, "no such file"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["scan", "fix", "access", "projects"])
def test_a_list_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, command: str, data: bytes, code: int, says: str
) -> None:
    feed(monkeypatch, data)
    done = guard(command, "-")
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert not any(line.startswith("::") for line in done.err.splitlines())


def test_every_command_with_paths_takes_a_list(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"a/compose.yaml\n"
    feed(monkeypatch, data)
    assert "a/compose.yaml" in guard("fix", "--unsafe-fixes", "-").err
    feed(monkeypatch, data)
    assert guard("baseline", "write", "accepted", "-").code == 0
    assert "a/compose.yaml" in (accepted := (root / "accepted").read_text(encoding="utf-8"))
    assert "b c" not in accepted
    feed(monkeypatch, data)
    assert [row["path"] for row in json.loads(guard("projects", "-").out)["projects"]] == ["a/compose.yaml"]
    feed(monkeypatch, data)
    assert guard("ignore", "cors-any-origin|a/compose.yaml#directus CORS_ORIGIN", "-", "--reason=x").code == 0
    feed(monkeypatch, f"{EXPORT}\n".encode())
    assert "posts" in guard("access", "-").out
