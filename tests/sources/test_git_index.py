"""The index is read as git reads it, or left to git; git itself is what it is compared with."""

from __future__ import annotations

import hashlib
import os
import random
from typing import TYPE_CHECKING

import pytest

from directus_guard.sources.files import git as reader
from directus_guard.sources.files.folder import Folder
from directus_guard.sources.files.git_index import Index, index
from tests.support.git import commit, git, new_repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {"compose.yaml": "a: 1\n", "sub/.env": "A=1\n", "sub/deep/x.json": "[]", "Sub/y": "", "sub.d/z": "", "ä ö": ""}


def _more_names(root: Path) -> None:
    long = "/".join(["d" * 200] * 21)
    git(root, "update-index", "--index-info", stdin="".join(
        f"100644 {'1' * 40} 0\t{name}\n" for name in (long, f"{long}x", long[:0xFFF], long[: 0xFFF - 1], '"sub/\\377"', '"a\\nb"')
    ))  # fmt: skip


def _of_conflicts(root: Path) -> None:
    git(root, "update-index", "--index-info", stdin="".join(f"100644 {'1' * 40} {n}\tsub/both\n" for n in (1, 2, 3)))


def _with_a_submodule(root: Path) -> None:
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub/module")


def _of_version_3(root: Path) -> None:
    git(root, "update-index", "--skip-worktree", "compose.yaml")
    (root / "sub" / "new").write_text("")
    git(root, "add", "--intent-to-add", "sub/new")
    assert (root / ".git" / "index").read_bytes()[7] == 3


def _of_version_4(root: Path) -> None:
    _more_names(root)
    git(root, "update-index", "--index-version", "4")
    assert (root / ".git" / "index").read_bytes()[7] == 4


def _without_files(root: Path) -> None:
    git(root, "rm", "-rq", "--cached", ".")


def _with_caches(root: Path) -> None:
    git(root, "update-index", "--untracked-cache")
    git(root, "status")


READ = [_more_names, _of_conflicts, _with_a_submodule, _of_version_3, _of_version_4, _without_files, _with_caches]


@pytest.fixture
def work_tree(tmp_path: Path) -> Path:
    root = new_repository(tmp_path / "r")
    commit(root, FILES)
    return root


@pytest.mark.parametrize("change", READ)
def test_the_index_is_what_git_says(work_tree: Path, change: Callable[[Path], None]) -> None:
    change(work_tree)
    (work_tree / "sub" / "empty").mkdir()
    for folder in (work_tree, work_tree / "sub", work_tree / "sub" / "deep", work_tree / "sub" / "empty"):
        found = index(folder)
        assert found is not None
        assert found == reader.index(folder)


def test_the_index_of_a_linked_worktree_is_its_own(work_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    second = _work_tree(work_tree)
    commit(second, {"sub/own": "", "own": ""})
    for folder in (second, second / "sub", work_tree):
        found = index(folder)
        assert found is not None
        assert found == reader.index(folder)
        assert ("own" in found.files) is (folder != work_tree)
    monkeypatch.setattr(reader, "index", lambda _: pytest.fail("git was asked"))
    assert Folder(second).tracked("own")


def _another_folder(second: Path, own: Path) -> None:
    second.rename(second.with_name("moved"))
    second.mkdir()
    (second / ".git").write_bytes((second.with_name("moved") / ".git").read_bytes())
    (own / "gitdir").write_text(f"{second.with_name('moved')}/.git\n")


def _another_common_folder(_second: Path, own: Path) -> None:
    (own / "commondir").write_text("../../..\n")


def _a_relative_path(second: Path, own: Path) -> None:
    (second / ".git").write_text(f"gitdir: {os.path.relpath(own, second)}\n")


def _elsewhere(second: Path, own: Path) -> None:
    other = own.parent.with_name("others") / "second"
    other.parent.mkdir()
    own.rename(other)
    (second / ".git").write_text(f"gitdir: {other}\n")


def _a_link(_second: Path, own: Path) -> None:
    (own / "index").rename(own / "other")
    (own / "index").symlink_to("other")


def _a_pipe(_second: Path, own: Path) -> None:
    (own / "commondir").unlink()
    os.mkfifo(own / "commondir")


def _too_large(_second: Path, own: Path) -> None:
    with (own.parent.parent / "config").open("r+b") as file:
        file.truncate(2**31)


@pytest.mark.parametrize(
    "change", [_another_folder, _another_common_folder, _a_relative_path, _elsewhere, _a_link, _a_pipe, _too_large]
)
def test_a_worktree_that_git_does_not_write_so_is_left_to_git(
    work_tree: Path, change: Callable[[Path, Path], None]
) -> None:
    second = _work_tree(work_tree)
    assert index(second) is not None
    change(second, work_tree / ".git" / "worktrees" / "second")
    assert index(second) is None


def test_no_program_is_needed(work_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "index", lambda _: pytest.fail("git was asked"))
    folder = Folder(work_tree)
    assert folder.tracked("sub/.env")
    assert not folder.tracked("sub/untracked")


def _split(root: Path) -> Path:
    git(root, "update-index", "--split-index")
    return root


def _sparse(root: Path) -> Path:
    git(root, "sparse-checkout", "init", "--cone", "--sparse-index")
    git(root, "sparse-checkout", "set", "Sub")
    return root


def _work_tree(root: Path) -> Path:
    git(root, "worktree", "add", "-q", "../second", "-b", "second")
    return root.with_name("second")


def _submodule(root: Path) -> Path:
    outer = new_repository(root.with_name("outer"))
    git(outer, "submodule", "add", "-q", str(root), "inner")
    return outer / "inner"


def _sha256(root: Path) -> Path:
    other = root.with_name("sha256")
    git(root.parent, "init", "-q", "--object-format=sha256", str(other))
    commit(other, FILES)
    return other


def _unsigned(root: Path) -> Path:
    path = root / ".git" / "index"
    path.write_bytes(path.read_bytes()[:-20] + bytes(20))
    return root


def _extension(root: Path) -> Path:
    git(root, "config", "extensions.worktreeConfig", "true")
    return root


@pytest.mark.parametrize("made", [_split, _sparse, _submodule, _sha256, _unsigned, _extension])
def test_what_is_left_to_git(work_tree: Path, made: Callable[[Path], Path]) -> None:
    root = made(work_tree)
    assert index(root) is None
    asked = reader.index(root)
    assert asked is not None
    assert set(FILES) <= asked.files
    assert Folder(root).tracked("compose.yaml")
    assert not Folder(root).tracked("untracked")


@pytest.mark.parametrize("missing", ["objects", "refs", "config", "index"])
def test_what_is_no_whole_repository_is_left_to_git(work_tree: Path, missing: str) -> None:
    place = work_tree / ".git" / missing
    place.rename(place.with_name("elsewhere"))
    assert index(work_tree) is None


def test_any_damage_ends_in_an_answer(work_tree: Path) -> None:
    """With the checksum of the damage: an index is not believed because it adds up."""
    _of_version_4(work_tree)
    path = work_tree / ".git" / "index"
    whole = path.read_bytes()[:-20]
    numbers = random.Random(1)
    answers = set()
    for _ in range(400):
        data = bytearray(whole)
        if numbers.random() < 0.3:
            del data[numbers.randrange(12, len(data)) :]
        for _ in range(numbers.randrange(4)):
            data[numbers.randrange(len(data))] = numbers.choice((0, 1, 0x40, 0x7F, 0x80, 0xFF))
        path.write_bytes(bytes(data) + hashlib.sha1(data).digest())
        answers.add(type(index(work_tree)))
        path.write_bytes(bytes(data) + bytes(20))
        assert index(work_tree) is None
    assert answers == {Index, type(None)}


def test_paths_that_grow_without_bound_are_left_to_git(work_tree: Path) -> None:
    """Version 4 writes a path as what is new in it: 100,000 entries of one letter each are 5 GB of paths."""
    count = 100_000
    entries = b"".join(
        bytes(24) + (0o100644).to_bytes(4, "big") + bytes(32) + min(length, 0xFFF).to_bytes(2, "big") + b"\0a\0"
        for length in range(1, count + 1)
    )
    data = b"DIRC" + (4).to_bytes(4, "big") + count.to_bytes(4, "big") + entries
    (work_tree / ".git" / "index").write_bytes(data + hashlib.sha1(data).digest())
    assert index(work_tree) is None


def test_a_name_is_the_one_of_the_file_system(work_tree: Path) -> None:
    name = os.fsdecode(b"sub/\xff.env")
    (work_tree / name).write_text("")
    git(work_tree, "add", "-A")
    found = index(work_tree)
    assert found is not None
    assert name in found.files
