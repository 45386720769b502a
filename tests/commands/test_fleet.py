"""The reusable workflow for fleets: its script lines are run for three projects, in the order of its jobs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from tests.github.runner import step
from tests.support.cli import write
from tests.support.examples import EXAMPLES
from tests.support.git import commit, new_repository
from tests.support.programs import ROOT, missing

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOW: Final[dict[str, Any]] = yaml.safe_load(
    (ROOT / ".github" / "workflows" / "fleet.yml").read_text(encoding="utf-8")
)
JOBS: Final[dict[str, Any]] = WORKFLOW["jobs"]
DOCKER: Final = """#!/bin/sh
# What `docker run … IMAGE ARGUMENTS` does in the workflow, without a container.
while [ "$1" != "$IMAGE" ]; do shift; done
shift
exec "{python}" "{program}" "$@"
"""


def script(job: str) -> str:
    (found,) = (one["run"] for one in JOBS[job]["steps"] if "run" in one)
    return str(found)


def artifact(job: str) -> dict[str, str]:
    (found,) = (one["with"] for one in JOBS[job]["steps"] if "upload-artifact" in one.get("uses", ""))
    return dict(found)


def bash(text: str, folder: Path, **variables: str) -> int:
    """The exit code of a step, as the runner's shell runs it."""
    programs = folder.parent / "bin"
    if not programs.exists():
        write(programs, {"docker": DOCKER.format(python=sys.executable, program=ROOT / "entrypoint.py")})
        (programs / "docker").chmod(0o755)
    named = next(one["env"] for job in ("find", "table") for one in JOBS[job]["steps"] if one.get("run") == text)
    environment = {name: value for name, value in named.items() if "${{" not in value} | variables
    environment |= {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", text]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode


def projects(root: Path) -> Path:
    repository = new_repository(root / "repository")
    shutil.copytree(EXAMPLES / "flawed", repository / "shop")
    shutil.copytree(EXAMPLES / "hardened", repository / "blog")
    shutil.copytree(EXAMPLES / "hardened", repository / "news")
    commit(repository)
    return repository


def download(folder: Path, results: Path, uploads: dict[str, Path]) -> None:
    """As the step of the workflow does: what artifacts hold, in one folder."""
    (options,) = (one["with"] for one in JOBS["table"]["steps"] if "download-artifact" in one.get("uses", ""))
    assert options["merge-multiple"] is True
    assert results == folder / options["path"]
    for name, path in uploads.items():
        assert name.startswith(options["pattern"].removesuffix("*"))
        # An artifact has what is in a folder, or the file by its name.
        shutil.copytree(path, results, dirs_exist_ok=True) if path.is_dir() else shutil.copy(path, results)


@pytest.mark.thorough
def test_three_projects(tmp_path: Path) -> None:
    if shutil.which("jq") is None:
        missing("jq is not here")
    repository, table = projects(tmp_path), tmp_path / "table"
    output = tmp_path / "output"
    assert bash(script("find"), repository, ROOT=".", GITHUB_OUTPUT=str(output)) == 0
    matrix = json.loads(output.read_text(encoding="utf-8").removeprefix("matrix="))["include"]
    assert matrix == [{"name": name, "path": name} for name in ("blog", "news", "shop")]
    results = table / "results"
    results.mkdir(parents=True)
    uploads = {artifact("find")["name"]: repository / artifact("find")["path"]}
    (action,) = (one["with"] for one in JOBS["project"]["steps"] if "json-file" in one.get("with", {}))
    for row in matrix:
        runner = tmp_path / row["name"]
        shutil.copytree(repository, runner / "work")
        ran = step(runner / "work", runner / "runner", event="push", data={}, sha="", ref="", upload_sarif="false", path=row["path"],
                   json_file=action["json-file"].replace("${{ matrix.name }}", row["name"]))  # fmt: skip
        assert ran.code == int(row["name"] == "shop")
        name = artifact("project")["name"].replace("${{ matrix.name }}", row["name"])
        uploads[name] = runner / "work" / artifact("project")["path"]
    summary = tmp_path / "summary"
    download(table, results, uploads)
    assert bash(script("table"), table, GITHUB_STEP_SUMMARY=str(summary)) == 1
    page = summary.read_text(encoding="utf-8")
    assert page.startswith("## ❌ directus-guard: 3 results: 1 blocked, 2 passed\n")
    # A job that ended before it wrote its result is not passed over.
    (results / "projects" / "news.json").unlink()
    summary.unlink()
    bash(script("table"), table, GITHUB_STEP_SUMMARY=str(summary))
    assert summary.read_text(encoding="utf-8").startswith(
        "## ❌ directus-guard: 3 results: 1 missing, 1 blocked, 1 passed\n"
    )
    assert "<code>news</code> | missing" in summary.read_text(encoding="utf-8")


def test_results_have_the_names_that_the_list_has() -> None:
    for kind in ("project", "instance"):
        (file,) = (one["with"]["json-file"] for one in JOBS[kind]["steps"] if "json-file" in one.get("with", {}))
        name = "${{ matrix.name }}" if kind == "project" else "${{ matrix.instance.name }}"
        assert file == f"{artifact(kind)['path']}/{kind}s/{name}.json"
        upload = next(one for one in JOBS[kind]["steps"] if "upload-artifact" in one.get("uses", ""))
        assert upload["if"] == "${{ !cancelled() }}"
    assert set(JOBS["table"]["needs"]) == {"find", "project", "instance"}
