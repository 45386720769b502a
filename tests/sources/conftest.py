"""What is read of each project of these tests, all of it: a digest for each is kept in `collected.txt`.

A test asks about one thing. What else changes is noticed here: `UPDATE_SNAPSHOTS=1` takes today's, and COLLECTED=path writes the
texts that the digests are of, to compare them before and after a change.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.sources.collect import collect
from directus_guard.sources.files.repository import Repository
from tests.support.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT: Final = Path(__file__).with_name("collected.txt")
MOST: Final = 30
"""Projects of one test."""
_COSTLY: Final = {"test_locals_that_multiply_each_other_end", "test_places_in_a_large_snapshot"}
"""Tests of one reader, on projects that take long as a whole."""
_LONG: Final = {"thorough", "hypothesis", "real", "lab"}


@cache
def kept() -> dict[str, str]:
    lines = KEPT.read_text(encoding="utf-8").splitlines() if KEPT.exists() else []
    return {name: digest for digest, name in (line.split(" ", 1) for line in lines)}


@pytest.fixture(scope="session")
def digests() -> Iterator[dict[str, str]]:
    """Those of today, for `UPDATE_SNAPSHOTS`: each worker adds its own."""
    found: dict[str, str] = {}
    yield found
    if found:
        with KEPT.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            lines = sorted(f"{digest} {name}\n" for name, digest in {**kept.__wrapped__(), **found}.items())
            file.truncate(0)
            file.writelines(sorted(lines, key=lambda line: line.split(" ", 1)[1]))


@pytest.fixture(autouse=True)
def collected(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, digests: dict[str, str]
) -> Iterator[None]:
    """Collect what the repositories of a test hold, after it."""
    marks = {mark.name for mark in request.node.iter_markers()}
    if "tmp_path" not in request.fixturenames or _LONG & marks or request.node.originalname in _COSTLY:
        yield
        return
    request.getfixturevalue("tmp_path")  # is removed after this
    roots: dict[Path, None] = {}
    made = Repository.__init__

    def noted(self: Repository, root: Any, *more: Any, **others: Any) -> None:
        made(self, root, *more, **others)
        if isinstance(root, Path):
            roots[root] = None

    monkeypatch.setattr(Repository, "__init__", noted)
    yield
    monkeypatch.setattr(Repository, "__init__", made)
    name = request.node.nodeid.removeprefix("tests/sources/")
    found = [text_of(root) for root in [*roots][:MOST] if root.is_dir()]
    if not found:
        return
    digest = hashlib.sha256("\n".join(found).encode("utf-8", "backslashreplace")).hexdigest()[:10]
    if written := os.environ.get("COLLECTED"):
        with Path(written).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(f"{name}: {text}\n" for text in found)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        digests[name] = digest
        return
    assert kept().get(name, digest) == digest, "something else is read of this project: see tests/sources/conftest.py"


def text_of(root: Path) -> str:
    """All that is read of a folder, as text."""
    repository = Repository(root)
    evidence = collect(repository)
    problems = sorted(f"{one.path}:{one.line}: {one.message}" for one in repository.problems)
    return plain((evidence, problems, sorted(repository.left_out))).replace(str(root), "ROOT")
