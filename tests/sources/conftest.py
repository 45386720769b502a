"""What is read of each project of these tests, all of it: a digest for each is kept in `collected.txt`.

A test asks about one thing. What else changes is noticed here. `varied.txt` has what is read of the same projects with small
mistakes in them (`tests/support/variants.py`). `EVERY_CASE=1 UPDATE_SNAPSHOTS=1` takes today's.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.sources.collect import collect
from directus_guard.sources.files.repository import Repository
from tests.support.kept_digests import KeptDigests
from tests.support.plain import plain
from tests.support.sampling import EVERY_CASE
from tests.support.variants import variants

if TYPE_CHECKING:
    from collections.abc import Iterator

COLLECTED: Final = KeptDigests(Path(__file__).with_name("collected.txt"))
VARIED: Final = KeptDigests(Path(__file__).with_name("varied.txt"))
MOST: Final = 30
"""Projects of one test."""
VARIANTS: Final = 1
"""Of each of its first projects."""
MOST_VARIED: Final = 4
SHARE: Final = 3
"""One test in so many has variants, the same in every run; with `EVERY_CASE=1` all have."""
_COSTLY: Final = {"test_locals_that_multiply_each_other_end", "test_places_in_a_large_snapshot"}
"""Tests of one reader, on projects that take long as a whole."""
_LONG: Final = {"thorough", "hypothesis", "real", "lab"}


@pytest.fixture(autouse=True)
def collected(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Collect what the repositories of a test hold, after it."""
    marks = {mark.name for mark in request.node.iter_markers()}
    if "tmp_path" not in request.fixturenames or _LONG & marks or request.node.originalname in _COSTLY:
        yield
        return
    folder = request.getfixturevalue("tmp_path")  # is removed after this
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
    found = [root for root in [*roots][:MOST] if root.is_dir()]
    if not found:
        return
    COLLECTED.assert_as_kept(name, "\n".join(map(text_of, found)))
    if not EVERY_CASE and Random(name).randrange(SHARE):
        return
    varied = [
        f"{change} {text_of(root)}"
        for number, root in enumerate(found[:MOST_VARIED])
        if root.is_relative_to(folder)
        for change in variants(root, f"{name} {number}", VARIANTS)
    ]
    if varied:
        VARIED.assert_as_kept(name, "\n".join(varied))


def text_of(root: Path) -> str:
    """All that is read of a folder, as text."""
    repository = Repository(root)
    evidence = collect(repository)
    problems = sorted(f"{one.path}:{one.line}: {one.message}" for one in repository.problems)
    return plain((evidence, problems, sorted(repository.left_out))).replace(str(root), "ROOT")
