"""The base of a pull request, in clones as actions/checkout makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from directus_guard.github import base
from directus_guard.sources.files.git import GitError
from tests.support.git import commit, git, new_repository

if TYPE_CHECKING:
    from pathlib import Path


class Pull(NamedTuple):
    """A repository with a pull request: where it started, the base branch now, the head, GitHub's merge of both."""

    origin: Path
    start: str
    main: str
    head: str
    merge: str


@pytest.fixture
def pull(tmp_path: Path) -> Pull:
    origin = new_repository(tmp_path / "origin")
    commit(origin, {"old": "1"})
    start = commit(origin, {"a": "1"})
    git(origin, "checkout", "-q", "-b", "topic")
    commit(origin, {"b": "1"})
    head = commit(origin, {"b": "2"})
    git(origin, "checkout", "-q", "main")
    main = commit(origin, {"c": "1"})
    git(origin, "checkout", "-q", "--detach", "main")
    git(origin, "merge", "-q", "--no-ff", "-m", "Merge", head)
    merge = git(origin, "rev-parse", "HEAD")
    git(origin, "update-ref", "refs/pull/1/merge", merge)
    git(origin, "update-ref", "refs/pull/1/head", head)
    git(origin, "checkout", "-q", "main")
    return Pull(origin, start, main, head, merge)


def checkout(pull: Pull, folder: Path, ref: str, depth: int = 0) -> Path:
    """What actions/checkout does: fetch one ref to a depth, check it out."""
    new_repository(folder)
    git(folder, "remote", "add", "origin", f"file://{pull.origin}")
    limit = [f"--depth={depth}"] if depth else []
    refs = ["+refs/heads/*:refs/remotes/origin/*"] if not depth else []
    git(folder, "fetch", "-q", "--no-tags", *limit, "origin", *refs, f"+{ref}:refs/remotes/{ref.removeprefix('refs/')}")
    git(folder, "checkout", "-q", "--force", f"refs/remotes/{ref.removeprefix('refs/')}")
    return folder


MERGE, HEAD = "refs/pull/1/merge", "refs/pull/1/head"


@pytest.mark.parametrize("depth", [2, 3, 0])
def test_the_merge_commits_first_parent(pull: Pull, tmp_path: Path, depth: int) -> None:
    folder = checkout(pull, tmp_path / "work", MERGE, depth)
    # The event's base may be older than the merge: what was merged into counts.
    for base_sha in (pull.main, pull.start, ""):
        assert base.of_pull_request(folder, pull.head, base_sha).commit == pull.main
    # Somebody pushed while the run waited: the event's head is another one, the run's commit is still the merge.
    assert base.of_pull_request(folder, "0" * 40, pull.start, merge=pull.merge).commit == pull.main
    (folder / "sub").mkdir()
    found = base.of_pull_request(folder / "sub", pull.head, pull.main)
    assert found.tree().root == folder
    assert found.read("c") == b"1"
    assert found.read("b") is None


def test_depth_one_says_what_to_set(pull: Pull, tmp_path: Path) -> None:
    folder = checkout(pull, tmp_path / "work", MERGE, 1)
    with pytest.raises(GitError, match="`fetch-depth: 2`"):
        base.of_pull_request(folder, pull.head, pull.main)


def test_a_checkout_of_the_head(pull: Pull, tmp_path: Path) -> None:
    folder = checkout(pull, tmp_path / "whole", HEAD)
    assert base.of_pull_request(folder, pull.head, pull.main).commit == pull.start
    for depth in (1, 2):
        folder = checkout(pull, tmp_path / f"depth-{depth}", HEAD, depth)
        with pytest.raises(GitError, match="`fetch-depth: 0`"):
            base.of_pull_request(folder, pull.head, pull.main)


def test_a_head_that_is_itself_a_merge(pull: Pull, tmp_path: Path) -> None:
    """Somebody merged main into the topic: its first parent is not the base."""
    git(pull.origin, "checkout", "-q", "topic")
    git(pull.origin, "merge", "-q", "-m", "Merge main", "main")
    head = git(pull.origin, "rev-parse", "HEAD")
    git(pull.origin, "update-ref", HEAD, head)
    folder = checkout(pull, tmp_path / "work", HEAD)
    assert base.of_pull_request(folder, head, pull.main).commit == pull.main


def test_a_merge_of_something_else_is_not_taken_for_githubs(pull: Pull, tmp_path: Path) -> None:
    folder = checkout(pull, tmp_path / "work", MERGE)
    other = commit(folder, {"d": "1"})
    assert base.of_pull_request(folder, other, pull.main).commit == pull.main
    with pytest.raises(GitError, match="no base commit"):
        base.of_pull_request(folder, other, "")


def test_a_branch_without_a_common_commit(pull: Pull, tmp_path: Path) -> None:
    folder = checkout(pull, tmp_path / "work", HEAD)
    git(folder, "checkout", "-q", "--orphan", "alone")
    alone = commit(folder)
    with pytest.raises(GitError, match="left its base"):
        base.of_pull_request(folder, alone, pull.main)


def test_a_merge_queue(pull: Pull, tmp_path: Path) -> None:
    folder = checkout(pull, tmp_path / "work", MERGE, 2)
    assert base.of_merge_group(folder, pull.main).commit == pull.main
    with pytest.raises(GitError, match="fetch-depth"):
        base.of_merge_group(folder, pull.start)
