"""A revision is read as the folder was when it was committed, from git's objects alone."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from directus_guard.sources.files import git as reader
from directus_guard.sources.files.git import GitError, resolve
from directus_guard.sources.files.repository import Repository
from tests.support.git import commit, git, new_repository

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def work_tree(tmp_path: Path) -> Path:
    root = new_repository(tmp_path / "r")
    commit(root, {"compose.yaml": "a: 1\n", "sub/.env": "A=1\n", "sub/deep/x.json": "[]", "node_modules/p.json": "{}"})
    return root


def texts(repository: Repository) -> dict[str, str | None]:
    return {path: repository.text(path) for path in repository.files}


def test_a_revision_reads_as_the_folder_did(work_tree: Path) -> None:
    before = texts(Repository(work_tree))
    commit(work_tree, {"compose.yaml": "a: 2\n", "new": "x"}, remove=("sub/.env",))
    (work_tree / "untracked").write_text("x")
    then = Repository(resolve(work_tree, "HEAD~1").tree())
    assert texts(then) == before
    assert set(before) == {"compose.yaml", "sub/.env", "sub/deep/x.json"}
    assert then.tracked("compose.yaml")
    assert then.problems == []


def test_nothing_is_written(work_tree: Path) -> None:
    def state() -> dict[str, tuple[int, int]]:
        return {str(p): (p.stat().st_mtime_ns, p.stat().st_size) for p in work_tree.rglob("*") if p.is_file()}

    before = state()
    texts(Repository(resolve(work_tree, "main").tree()))
    assert state() == before


def test_a_folder_of_a_revision(work_tree: Path) -> None:
    revision = resolve(work_tree / "sub", "main")
    assert texts(Repository(revision.tree("sub"))) == {".env": "A=1\n", "deep/x.json": "[]"}
    assert Repository(revision.tree("nowhere")).files == ()
    assert revision.has("sub/deep")
    assert not revision.has("sub/.env")
    assert revision.read("sub/.env") == b"A=1\n"
    assert revision.read("sub") is None


def test_only_some_paths_and_excludes(work_tree: Path) -> None:
    tree = resolve(work_tree, "main").tree()
    assert Repository(tree, only=(work_tree / "sub",)).files == ("sub/.env", "sub/deep/x.json")
    assert Repository(tree, only=(work_tree / "compose.yaml",)).files == ("compose.yaml",)
    for glob in ("sub/**", "sub", "sub/*"):
        assert Repository(tree, exclude=(glob,)).files == Repository(work_tree, exclude=(glob,)).files


def test_links_are_followed_inside_only(work_tree: Path) -> None:
    (work_tree / "link.env").symlink_to("sub/.env")
    (work_tree / "folder").symlink_to("sub")
    (work_tree / "through.env").symlink_to("folder/.env")
    (work_tree / "out.env").symlink_to("../outside")
    (work_tree / "absolute.env").symlink_to("/etc/passwd")
    (work_tree / "loop.env").symlink_to("loop.env")
    (work_tree.parent / "outside").write_text("SECRET=1")
    commit(work_tree)
    repository = Repository(resolve(work_tree, "main").tree())
    assert texts(repository) == texts(Repository(work_tree))
    assert repository.text("through.env") == "A=1\n"
    # The disk cannot tell a circle from what leads nowhere; git's tree can.
    assert {problem.path for problem in repository.problems} == {"out.env", "absolute.env", "loop.env"}


def test_a_submodule_is_named(work_tree: Path, tmp_path: Path) -> None:
    commit(new_repository(tmp_path / "other"), {"compose.yaml": "b: 1"})
    git(work_tree, "submodule", "--quiet", "add", str(tmp_path / "other"), "module")
    commit(work_tree)
    repository = Repository(resolve(work_tree, "main").tree())
    assert not any(path.startswith("module") for path in repository.files)
    (problem,) = repository.problems
    assert problem.path == "module"
    assert "submodule" in problem.message


def test_large_files_are_cut_and_the_next_one_is_read(work_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(work_tree, {"a.db": b"x" * 500_000, "b": "after"})
    monkeypatch.setattr(reader, "MAX_BYTES", 1000)
    repository = Repository(resolve(work_tree, "main").tree())
    with repository.binary("a.db") as file:
        assert file is not None
        assert len(file.read()) == 1000
    assert repository.text("b") == "after"


def test_a_pointer_of_git_lfs_is_not_the_file(tmp_path: Path) -> None:
    root = new_repository(tmp_path)
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"
    commit(root, {"compose.yaml": pointer})
    for repository in (Repository(root), Repository(resolve(root, "main").tree())):
        assert repository.text("compose.yaml") is None
        assert "Git LFS" in repository.problems[0].message


@pytest.mark.parametrize("name", ["--upload-pack=x", "-h", "", "a\nb", "nowhere", "main:sub", "main..HEAD"])
def test_what_is_no_revision(work_tree: Path, name: str) -> None:
    with pytest.raises(GitError, match=r"no git revision|not in this clone"):
        resolve(work_tree, name)


def test_a_branch_of_the_remote_is_suggested(work_tree: Path, tmp_path: Path) -> None:
    git(work_tree, "checkout", "-q", "-b", "topic")
    git(tmp_path, "clone", "-q", str(work_tree), "clone")
    with pytest.raises(GitError, match="Did you mean `origin/main`"):
        resolve(tmp_path / "clone", "main")
    assert str(resolve(tmp_path / "clone", "origin/main")).startswith("origin/main (")


def test_a_shallow_clone_says_what_to_set(work_tree: Path, tmp_path: Path) -> None:
    commit(work_tree, {"a": "2"})
    commit(work_tree, {"a": "3"})
    for depth in ("1", "2"):
        git(tmp_path, "clone", "-q", "--depth", depth, f"file://{work_tree}", depth)
    with pytest.raises(GitError, match="fetch-depth: 2"):
        resolve(tmp_path / "1", "HEAD~1")
    assert Repository(resolve(tmp_path / "2", "HEAD~1").tree()).text("a") == "2"
    # The commit still names its parent where the history is cut.
    assert resolve(tmp_path / "1", "HEAD").parents == (git(work_tree, "rev-parse", "HEAD~1"),)


def test_what_a_partial_clone_left_behind_is_not_fetched(work_tree: Path, tmp_path: Path) -> None:
    git(work_tree, "config", "uploadpack.allowFilter", "true")
    url = f"file://{work_tree}"
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", url, "partial")
    with pytest.raises(GitError, match="--filter"):
        Repository(resolve(tmp_path / "partial", "HEAD").tree()).text("compose.yaml")


def test_outside_of_git(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="in no git work tree"):
        resolve(tmp_path, "main")


def test_without_git(work_tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GitError, match="not installed"):
        resolve(work_tree, "main")
    assert Repository(work_tree).tracked("compose.yaml")


def test_a_hook_has_set_gits_environment(work_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "no-index"))
    assert resolve(work_tree, "main").commit
    assert not Repository(work_tree).tracked("untracked")


def test_the_repositorys_own_configuration_runs_nothing(work_tree: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    script = tmp_path / "run.sh"
    script.write_text(f"#!/bin/sh\ntouch {mark}\n")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "credential.helper", "diff.external"):
        git(work_tree, "config", key, str(script))
    (work_tree / ".git" / "hooks" / "post-index-change").write_text(f"#!/bin/sh\ntouch {mark}\n")
    (work_tree / ".git" / "hooks" / "post-index-change").chmod(0o755)
    os.utime(work_tree / "compose.yaml", (1, 1))
    Repository(work_tree).tracked("compose.yaml")
    texts(Repository(resolve(work_tree, "main").tree()))
    assert reader.merge_base(work_tree, "main", "main")
    assert not mark.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_work_tree_of_another_user(work_tree: Path) -> None:
    for path in [work_tree, *work_tree.rglob("*")]:
        os.lchown(path, 12345, 12345)
    assert Repository(resolve(work_tree, "main").tree()).text("compose.yaml") == "a: 1\n"


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0\n"), min_size=1, max_size=8)


@pytest.mark.thorough
@settings(max_examples=15, deadline=None)
@given(files=st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(max_size=40), max_size=6))
def test_any_names_and_contents(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    root = new_repository(tmp_path_factory.mktemp("r"))
    for name, data in files.items():
        path = root / name
        if {".", "..", ".git"} & set(name.lower().split("/")):
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError:
            continue  # a file stands where a folder is wanted
    try:
        commit(root)
    except subprocess.CalledProcessError:
        return  # names that git refuses
    before = Repository(root)
    after = Repository(resolve(root, "main").tree())
    ignored = {path for path in before.files if not before.tracked(path)}
    assert set(after.files) == set(before.files) - ignored
    assert {path: after.text(path) for path in after.files} == {path: before.text(path) for path in after.files}
