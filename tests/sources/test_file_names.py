"""File names are found by patterns as if each name were matched with each pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, strategies as st

from directus_guard.sources.files.file_names import FileNames
from directus_guard.sources.files.name_patterns import matches
from directus_guard.sources.files.repository import Repository
from tests.support.cost import lines_run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PIECES = ["a", "b", ".", "json", "-", "env", "\n", "É"]


def texts(pieces: list[str], most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), min_size=1, max_size=most).map("".join)


@given(
    names=st.lists(texts(PIECES, 5), unique=True, max_size=10),
    patterns=st.lists(texts([*PIECES, "*", "*"], 4).map(str.lower), min_size=1, max_size=3),
)
def test_each_name_that_matches_is_found(names: list[str], patterns: list[str]) -> None:
    paths = [f"folder/{name}" for name in names]
    expected = sorted(
        path for path, name in zip(paths, names, strict=True) if any(matches(name.lower(), one) for one in patterns)
    )
    assert FileNames(paths).paths(patterns) == tuple(expected)


def test_names_that_do_not_match_cost_nothing() -> None:
    names = FileNames(f"folder/file-{number}.json" for number in range(1000))
    patterns = ("*compose*.json", "*-fly.json", "app*.json")
    names.paths(patterns)  # what is made once
    assert lines_run(lambda: names.paths(patterns)) < 100


def test_a_small_file_is_opened_once_for_all_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").write_bytes(b"{}")
    repository = Repository(tmp_path)
    opened: list[str] = []
    real = repository._store.open

    def count(path: str) -> object:
        opened.append(path)
        return real(path)

    monkeypatch.setattr(repository._store, "open", count)
    assert repository.holds("a.json", lambda data: data == b"{}")
    assert not repository.holds("a.json", lambda data: data == b"")
    assert repository.text("a.json") == "{}"
    assert opened == ["a.json"]
