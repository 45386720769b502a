"""Nothing that a `.git`, a tree or the environment brings along starts a program, or leads git out of the work tree."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.sources.files import git as reader, git_surrounding
from directus_guard.sources.files.git import GitError
from tests.support.cli import guard, write
from tests.support.each import each_case
from tests.support.git import commit, git, new_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

FILES: Final = {"compose.yaml": "a: 1\n", ".gitignore": "*.tmp\n", "sub/.env": "A=1\n"}

PROGRAMS: Final = (
    "alias.cat-file", "alias.ls-files", "browser.x.cmd", "core.alternateRefsCommand", "core.askPass", "core.editor",
    "core.fsmonitor", "core.gitProxy", "core.hooksPath", "core.pager", "core.sshCommand", "credential.helper",
    "credential.https://localhost.helper", "diff.external", "diff.x.command", "diff.x.textconv", "difftool.x.cmd",
    "fetch.recurseSubmodules", "filter.x.clean", "filter.x.process", "filter.x.smudge", "gpg.program", "gpg.ssh.program",
    "gpg.x509.program", "interactive.diffFilter", "man.x.cmd", "merge.x.driver", "mergetool.x.cmd", "pager.cat-file",
    "pager.config", "pager.ls-files", "remote.origin.receivepack", "remote.origin.uploadpack", "sendemail.smtpServer",
    "sequence.editor", "ssh.variant", "submodule.x.update", "tar.x.command", "trace2.eventTarget", "trailer.x.command",
    "uploadpack.packObjectsHook", "web.browser",
)  # fmt: skip
"""Keys whose value is a program, or would be one in other commands."""

REMOTES: Final[Mapping[str, Mapping[str, str]]] = {
    "ext": {"remote.origin.url": "ext::{canary} x", "protocol.ext.allow": "always"},
    "ssh": {"remote.origin.url": "ssh://localhost/x", "core.sshCommand": "{canary}", "protocol.ssh.allow": "always"},
    "git": {"remote.origin.url": "git://localhost/x", "core.gitProxy": "{canary}", "protocol.git.allow": "always"},
    "file": {"remote.origin.uploadpack": "{canary}", "protocol.file.allow": "always"},
    "helper": {"remote.origin.vcs": "ext", "remote.origin.url": "{canary} x", "protocol.ext.allow": "always"},
    "rewritten": {"url.ext::{canary} .insteadOf": "file:", "protocol.ext.allow": "always"},
}
"""Programs that git starts to fetch what a partial clone has left at its remote."""


@cache
def _template() -> Path:
    """A repository and a partial clone of it; both are copied for each test."""
    folder = Path(_KEPT.name)
    root = new_repository(folder / "whole")
    commit(root, FILES)
    git(root, "config", "uploadpack.allowFilter", "true")
    git(folder, "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{root}", "partial")
    return folder


_KEPT: Final = TemporaryDirectory()


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return _canary(tmp_path / "canary")


def _canary(script: Path) -> Path:
    """A program that leaves a file of its name and `.met` behind."""
    script.write_text(f"#!/bin/sh\ntouch {script}.met\n")
    script.chmod(0o755)
    return script


def met(canary: Path) -> bool:
    return canary.with_name(f"{canary.name}.met").exists()


def repository(tmp_path: Path, kind: str = "whole") -> Path:
    return shutil.copytree(_template() / kind, tmp_path / kind)


def configure(root: Path, values: Mapping[str, str], canary: Path) -> None:
    for key, value in values.items():
        git(root, "config", "--replace-all", key.format(canary=canary), value.format(canary=canary))


def ask_everything(root: Path) -> list[object]:
    """All that git is ever asked for. What it refuses is an answer, too."""
    return list(_answers(root))


def _answers(root: Path) -> Iterator[object]:
    asked: tuple[Callable[[], object], ...] = (
        lambda: reader.index(root),
        lambda: reader.ignored(root),
        lambda: reader.ignored(root, [root / "sub"]),
        lambda: reader.top_of(root),
        lambda: reader.default_branch(root),
        lambda: reader.remote_address(root),
        lambda: reader.is_shallow(root),
        lambda: reader.resolve(root, "nowhere"),
        lambda: reader.resolve(root, "HEAD").parents,
        lambda: reader.resolve(root, "HEAD").read("compose.yaml"),
        lambda: reader.resolve(root, "HEAD").has("sub"),
        lambda: reader.merge_base(root, "HEAD", "HEAD"),
        lambda: _contents(root),
    )
    for one in asked:
        try:
            yield one()
        except GitError as error:
            yield str(error)


def _contents(root: Path) -> list[bytes]:
    tree = reader.resolve(root, "HEAD").tree()
    return [tree.open(path).read() for path in tree.files([], lambda _: False, lambda *_: None)]


def test_no_program_of_the_configuration_runs(tmp_path: Path) -> None:
    """Each key has a program of its own, so the one that ran would be known."""
    root = repository(tmp_path)
    plain = ask_everything(root)
    programs = {key: _canary(tmp_path / f"program-{number}") for number, key in enumerate(PROGRAMS)}
    for key, program in programs.items():
        configure(root, {key: "{canary}"}, program)
    write(root, {"new.tmp": "", ".gitattributes": "* filter=x diff=x merge=x\n"})
    os.utime(root / "compose.yaml", (1, 1))
    assert len(ask_everything(root)) == len(plain)
    assert [key for key, program in programs.items() if met(program)] == []


@pytest.mark.parametrize("kind", REMOTES)
def test_no_remote_is_asked(tmp_path: Path, canary: Path, kind: str) -> None:
    root = repository(tmp_path, "partial")
    configure(root, REMOTES[kind], canary)
    assert any("not all of its files are in this clone" in str(answer) for answer in ask_everything(root))
    assert not met(canary)


BARS: Final = {"no lazy fetch": ("GIT_NO_LAZY_FETCH",), "no protocol": ("GIT_ALLOW_PROTOCOL",)}


@pytest.mark.parametrize(
    "kind", [kind if kind == "ext" else pytest.param(kind, marks=pytest.mark.thorough) for kind in REMOTES]
)
@pytest.mark.parametrize("bar", [*BARS, "both"])
def test_either_bar_before_a_remote_holds_alone(
    tmp_path: Path, canary: Path, kind: str, bar: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either variable keeps the program away without the other; without both it runs, so this test sees it."""
    root = repository(tmp_path, "partial")
    configure(root, REMOTES[kind], canary)
    taken = BARS.get(bar, ("GIT_NO_LAZY_FETCH", "GIT_ALLOW_PROTOCOL"))
    whole = git_surrounding.environ
    monkeypatch.setattr(
        git_surrounding, "environ", lambda top: {name: text for name, text in whole(top).items() if name not in taken}
    )
    ask_everything(root)
    assert met(canary) is (bar == "both")


@pytest.mark.parametrize("without", ["options", "environment", "both"])
def test_either_bar_before_the_file_monitor_holds_alone(
    tmp_path: Path, canary: Path, without: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(tmp_path)
    configure(root, {"core.fsmonitor": "{canary}"}, canary)
    if without != "environment":
        monkeypatch.setattr(git_surrounding, "OPTIONS", ())
    if without != "options":
        whole = git_surrounding.environ
        monkeypatch.setattr(git_surrounding, "environ", lambda top: whole(top) | {"GIT_CONFIG_COUNT": "0"})
    ask_everything(root)
    assert met(canary) is (without == "both")


HOOKS: Final = (
    "applypatch-msg", "commit-msg", "fsmonitor-watchman", "post-applypatch", "post-checkout", "post-commit",
    "post-index-change", "post-merge", "post-rewrite", "pre-auto-gc", "pre-commit", "pre-push", "pre-rebase",
    "prepare-commit-msg", "proc-receive", "reference-transaction", "sendemail-validate", "update",
)  # fmt: skip


def test_no_hook_runs(tmp_path: Path, canary: Path) -> None:
    root = repository(tmp_path)
    for name in HOOKS:
        place = root / ".git" / "hooks" / name
        place.parent.mkdir(exist_ok=True)
        place.symlink_to(canary)
    os.utime(root / "compose.yaml", (1, 1))
    ask_everything(root)
    assert not met(canary)


def _worktree(root: Path, outside: Path) -> None:
    git(root, "config", "core.worktree", str(outside))


def _worktree_of_its_own(root: Path, outside: Path) -> None:
    git(root, "config", "core.repositoryFormatVersion", "1")
    git(root, "config", "extensions.worktreeConfig", "true")
    (root / ".git" / "config.worktree").write_text(f"[core]\n\tworktree = {outside}\n")


def _bare(root: Path, outside: Path) -> None:
    del outside
    git(root, "config", "core.bare", "true")


def _included(root: Path, outside: Path) -> None:
    (outside / "config").write_text(f'[core]\n\tworktree = {outside}\n[remote "origin"]\n\turl = OUTSIDE\n')
    git(root, "config", "include.path", str(outside / "config"))


def _included_if(root: Path, outside: Path) -> None:
    _included(root, outside)
    git(root, "config", "--unset", "include.path")
    git(root, "config", f"includeIf.gitdir:{root}/.path", str(outside / "config"))


def _excludes(root: Path, outside: Path) -> None:
    (outside / "excludes").write_text("compose.yaml\nuntracked\n")
    git(root, "config", "core.excludesFile", str(outside / "excludes"))


def _replaced(root: Path, outside: Path) -> None:
    del outside
    other = git(root, "hash-object", "-w", "--", __file__)
    git(root, "replace", git(root, "rev-parse", "HEAD:compose.yaml"), other)


LEADING_ELSEWHERE: Final = (_worktree, _worktree_of_its_own, _bare, _included, _included_if, _excludes, _replaced)


@each_case("lead", LEADING_ELSEWHERE, ids=lambda lead: lead.__name__.lstrip("_"))
def test_git_is_led_nowhere_else(tmp_path: Path, lead: Callable[[Path, Path], None]) -> None:
    """Every answer is the same as before: the configuration decides neither what the work tree is nor what is in it."""
    root, outside = repository(tmp_path), tmp_path / "outside"
    write(outside, {"secret.tmp": "OUTSIDE", "compose.yaml": "OUTSIDE"})
    write(root, {"untracked": "", "new.tmp": ""})
    before = repr(ask_everything(root))
    lead(root, outside)
    assert repr(ask_everything(root)) == before


def test_a_bare_repository_in_a_folder_is_none(tmp_path: Path, canary: Path) -> None:
    """It can be committed, as files of the tree. In it git would follow the configuration that lies there."""
    folder = tmp_path / "project"
    bare = shutil.copytree(_template() / "whole" / ".git", folder / "vendored")
    configure(bare, {"core.bare": "false", "core.worktree": str(bare), "core.fsmonitor": "{canary}"}, canary)
    write(bare, {"compose.yaml": "services: {directus: {image: directus/directus:12.4.1}}"})
    for place in (bare, folder):
        assert {str(answer) for answer in ask_everything(place)} & {
            f"{place} is in no git work tree, so no revision of it can be read"
        }
        guard("scan", place)
    new_repository(folder)
    ask_everything(bare)
    guard("scan", bare)
    assert not met(canary)


OUTSIDE: Final = {
    "GIT_DIR": "{elsewhere}/.git", "GIT_WORK_TREE": "{elsewhere}", "GIT_INDEX_FILE": "{elsewhere}/.git/index",
    "GIT_OBJECT_DIRECTORY": "{elsewhere}/.git/objects", "GIT_COMMON_DIR": "{elsewhere}/.git", "GIT_NAMESPACE": "x",
    "GIT_CEILING_DIRECTORIES": "/", "GIT_CONFIG_GLOBAL": "{elsewhere}/.git/config", "GIT_CONFIG_SYSTEM": "{elsewhere}/.git/config",
    "GIT_CONFIG_PARAMETERS": "'core.fsmonitor'='{canary}'", "GIT_EXEC_PATH": "{elsewhere}", "GIT_TRACE": "{canary}.met",
    "GIT_TRACE2_EVENT": "{canary}.met", "GIT_TRACE_SETUP": "{canary}.met", "GIT_SSH_COMMAND": "{canary}", "GIT_PAGER": "{canary}",
    "GIT_EXTERNAL_DIFF": "{canary}", "GIT_ASKPASS": "{canary}", "GIT_PROXY_COMMAND": "{canary}", "GIT_EDITOR": "{canary}",
    "GIT_LITERAL_PATHSPECS": "0", "GIT_ICASE_PATHSPECS": "1", "GIT_REPLACE_REF_BASE": "refs/heads/", "GIT_SHALLOW_FILE": "{elsewhere}/x",
    "GIT_GRAFT_FILE": "{elsewhere}/x", "GIT_ALLOW_PROTOCOL": "ext", "GIT_NO_LAZY_FETCH": "0", "PAGER": "{canary}", "PREFIX": "{elsewhere}",
}  # fmt: skip


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(tuple(OUTSIDE), id="all"),
        *(pytest.param((name,), id=name, marks=pytest.mark.thorough) for name in OUTSIDE),
    ],
)
def test_the_environment_leads_nowhere_else(
    tmp_path: Path, canary: Path, names: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(tmp_path)
    elsewhere = new_repository(tmp_path / "elsewhere")
    commit(elsewhere, {"other.yaml": "b: 1"})
    _plain_answers()
    for name in names:
        monkeypatch.setenv(name, OUTSIDE[name].format(elsewhere=elsewhere, canary=canary))
    assert repr(ask_everything(root)).replace(str(root), "ROOT") == _plain_answers()
    assert not met(canary)


@cache
def _plain_answers() -> str:
    root = _template() / "whole"
    return repr(ask_everything(root)).replace(str(root), "ROOT")


@pytest.mark.parametrize("folder", ["", ".", "bin", "./bin"])
def test_git_is_not_taken_from_the_scanned_folder(
    tmp_path: Path, canary: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of PATH that is no absolute path means the current folder, which is the scanned one."""
    root = repository(tmp_path)
    for place in (root, root / "bin"):
        place.mkdir(exist_ok=True)
        shutil.copy(canary, place / "git")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.chdir(root)
    assert reader.resolve(Path(), "HEAD").commit
    ask_everything(Path())
    assert not met(canary)
