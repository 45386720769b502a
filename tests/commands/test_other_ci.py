"""The examples for other CI: their script lines are run, in a clone as the CI makes it, with directus-guard from a checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from tests.support.cli import write
from tests.support.git import commit, git, new_repository, part_of_our_own
from tests.support.programs import ROOT, python_tool

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES: Final = ROOT / "examples" / "ci"
COMPOSE: Final = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      SECRET: ${SECRET:?}
      MARKETPLACE_TRUST: all
"""
FAULT: Final = "      CORS_ENABLED: 'true'\n      CORS_ORIGIN: 'true'\n"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with a change on a branch; main has a finding of its own."""
    origin = new_repository(tmp_path / "origin")
    commit(origin, {"compose.yaml": COMPOSE})
    folder = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(origin), str(folder))
    git(folder, "switch", "-q", "-c", "change")
    commit(folder, {"README.md": "x"})
    return folder


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the CI clones: of our own repository what a run and an installation need."""
    return part_of_our_own(
        tmp_path_factory.mktemp("ours") / "directus-guard", "directus_guard", "entrypoint.py", "requirements.lock",
        "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml",
    )  # fmt: skip


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`python` and `pip` of the test's own environment, in which nothing is installed."""
    folder = tmp_path_factory.mktemp("bin")
    for name, text in {
        "python": f'if [ "$1 $2" = "-m venv" ]; then mkdir -p "$3/bin"; cp "{folder}/python" "{folder}/pip" "$3/bin"; else exec "{sys.executable}" "$@"; fi',
        "pip": 'for last; do :; done; case "$*" in *--require-hashes*) test -s "$last";; *) false;; esac',
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def run(lines: list[str], folder: Path, programs: Path, ours: Path, work: Path, **variables: str) -> int:
    """The exit code of a script, as the CI's shell runs it."""
    script = (
        "\n".join(lines).replace("/tmp/directus-guard", str(work / "program")).replace("/opt/directus-guard", str(ROOT))
    )
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(work), "DIRECTUS_GUARD": str(ours),
        "DIRECTUS_GUARD_COMMIT": git(ours, "rev-parse", "HEAD"), **variables,
    }  # fmt: skip
    done = subprocess.run(
        ["sh", "-e", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done.returncode


def bitbucket(name: str) -> list[str]:
    data = yaml.safe_load((EXAMPLES / "bitbucket-pipelines.yml").read_text(encoding="utf-8"))["pipelines"]
    (step,) = data["pull-requests"]["**"] if name == "change" else data["branches"]["main"]
    lines: list[str] = step["step"]["script"]
    return lines


def gitlab() -> dict[str, Any]:
    job: dict[str, Any] = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text(encoding="utf-8"))["directus-guard"]
    return job


def jenkins() -> list[str]:
    match = re.search(r"sh '''\n(.*?)\n\s*'''", (EXAMPLES / "Jenkinsfile").read_text(encoding="utf-8"), re.DOTALL)
    assert match
    return match[1].splitlines()


@pytest.mark.thorough
def test_bitbucket(clone: Path, programs: Path, ours: Path, tmp_path: Path) -> None:
    variables = {"BITBUCKET_PR_DESTINATION_BRANCH": "main"}
    assert run(bitbucket("change"), clone, programs, ours, tmp_path / "a", **variables) == 0
    assert run(bitbucket("all"), clone, programs, ours, tmp_path / "b") == 1
    commit(clone, {"compose.yaml": COMPOSE + FAULT})
    assert run(bitbucket("change"), clone, programs, ours, tmp_path / "c", **variables) == 1


@pytest.mark.thorough
def test_jenkins(clone: Path, programs: Path, ours: Path, tmp_path: Path) -> None:
    for target, fault, code in (("main", "", 0), ("", "", 1), ("main", FAULT, 1)):
        write(clone, {"compose.yaml": COMPOSE + fault})
        assert run(jenkins(), clone, programs, ours, tmp_path, CHANGE_TARGET=target) == code
        text = (EXAMPLES / "Jenkinsfile").read_text(encoding="utf-8")
        for path in re.findall(r"'(\.directus-guard/report\.\w+)'", text):
            assert (clone / path).stat().st_size
            (clone / path).unlink()


@pytest.mark.thorough
def test_azure(clone: Path, programs: Path, ours: Path, tmp_path: Path) -> None:
    _, step, tests, sarif = yaml.safe_load((EXAMPLES / "azure-pipelines.yml").read_text(encoding="utf-8"))["steps"]
    for target, fault, code in (("main", "", 0), ("", "", 1), ("main", FAULT, 1)):
        write(clone, {"compose.yaml": COMPOSE + fault})
        lines, work = step["script"].splitlines(), tmp_path / f"{target}{code}"
        assert run(lines, clone, programs, ours, work, SYSTEM_PULLREQUEST_TARGETBRANCH=target) == code
        assert (clone / tests["inputs"]["testResultsFiles"]).stat().st_size
        assert [path.suffix for path in (clone / sarif["publish"]).iterdir()] == [".sarif"]


@pytest.mark.thorough
def test_gitlab(clone: Path, programs: Path, ours: Path, tmp_path: Path) -> None:
    job = gitlab()
    base = git(clone, "rev-parse", "origin/main")
    for commit_, fault, code in ((base, "", 0), ("", "", 1), (base, FAULT, 1)):
        write(clone, {"compose.yaml": COMPOSE + fault})
        assert run(job["script"], clone, programs, ours, tmp_path, CI_MERGE_REQUEST_DIFF_BASE_SHA=commit_) == code
        artifacts = job["artifacts"]
        assert all((clone / path).stat().st_size for path in (*artifacts["paths"], *artifacts["reports"].values()))


def test_no_example_needs_a_release() -> None:
    for path in EXAMPLES.iterdir():
        assert not re.search(r"ghcr\.io|@v\d|directus-guard==", path.read_text(encoding="utf-8"))


@pytest.mark.real
def test_pre_commit(clone: Path, ours: Path, tmp_path: Path) -> None:
    """pre-commit itself installs the hook from a clone and runs it: what a commit brings along fails, and nothing else."""
    tool = python_tool("pre-commit==4.7.0") / "pre-commit"
    config = {
        "repos": [{"repo": str(ours), "rev": git(ours, "rev-parse", "HEAD"), "hooks": [{"id": "directus-guard"}]}]
    }
    commit(clone, {".pre-commit-config.yaml": yaml.safe_dump(config)})
    environment = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")} | {
        "PRE_COMMIT_HOME": str(tmp_path / "home")
    }

    def hook(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(tool), "run", *arguments], cwd=clone, env=environment, capture_output=True, text=True, check=False
        )

    done = hook("--all-files")
    assert done.returncode == 0, done.stdout + done.stderr
    write(clone, {"compose.yaml": COMPOSE + FAULT})
    # Of what is not staged nothing is seen.
    assert hook().returncode == 0
    git(clone, "add", "compose.yaml")
    done = hook()
    assert done.returncode == 1
    assert "cors-any-origin" in done.stdout
    assert "[marketplace-trust]" not in done.stdout
