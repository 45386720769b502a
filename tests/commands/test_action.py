"""The Action as the runner starts it: `entrypoint.py` without arguments, inputs in the environment."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from directus_guard.github import files
from directus_guard.report import github_annotations
from directus_guard.sources.formats import yaml_document
from tests.support.cli import action_in, write
from tests.support.examples import EXAMPLES, HOSTILE
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Run = Callable[[Path, Mapping[str, str]], tuple[int, str, str]]


def as_a_process(workspace: Path, environ: Mapping[str, str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the entry point, as the container starts it."""
    command = [sys.executable, str(ROOT / "entrypoint.py")]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environ, cwd=workspace)
    return run.returncode, run.stdout, run.stderr


def step(workspace: Path, runner: Path, run: Run = action_in, /, **inputs: str) -> tuple[int, str, dict[str, str], str]:
    """Exit code, log, outputs and summary of one step."""
    runner.mkdir(exist_ok=True)
    output, summary = runner / "output", runner / "summary"
    output.write_text("", encoding="utf-8")
    summary.write_text("", encoding="utf-8")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(runner),
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(workspace),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(summary),
        **{f"INPUT_{name.replace('_', '-').upper()}": value for name, value in inputs.items()},
    }
    code, log, trouble = run(workspace, environ)
    assert "Traceback" not in trouble
    parts = re.findall(r"([a-z-]+)<<(\S+)\n(.*?)\n\2\n", output.read_text(encoding="utf-8"), re.DOTALL)
    return code, log, {name: value for name, _, value in parts}, summary.read_text(encoding="utf-8")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name in ("flawed", "hardened"):
        shutil.copytree(EXAMPLES / name, tmp_path / "repository" / "examples" / name)
    return tmp_path / "repository"


def test_the_flawed_example_is_blocked(workspace: Path, tmp_path: Path) -> None:
    code, log, outputs, summary = step(workspace, tmp_path / "runner", as_a_process, path="examples/flawed")
    assert code == 1
    assert outputs["exit-code"] == "1"
    assert int(outputs["critical"]) >= 2
    assert int(outputs["findings"]) == sum(int(outputs[word]) for word in ("critical", "high", "medium", "low"))
    assert summary.startswith("## ❌ directus-guard: blocked")
    # Paths are those of the repository, whatever part of it is scanned.
    assert "::error file=examples/flawed/.env.production,line=4" in log
    sarif: dict[str, Any] = json.loads((workspace / outputs["sarif-file"]).read_text(encoding="utf-8"))
    places = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in sarif["runs"][0]["results"]
    }
    assert places == {"examples/flawed/compose.yaml", "examples/flawed/.env.production"}


def test_links_lead_to_the_repository_of_the_action(workspace: Path, tmp_path: Path) -> None:
    place = {
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_ACTION_REPOSITORY": "octo/directus-guard",
        "GITHUB_ACTION_REF": "v1",
    }

    def run(folder: Path, environ: Mapping[str, str]) -> tuple[int, str, str]:
        return action_in(folder, {**environ, **place})

    *_, summary = step(workspace, tmp_path / "runner", run, path="examples/flawed")
    assert "](https://github.com/octo/directus-guard/blob/v1/directus_guard/checks/" in summary


def test_the_hardened_example_passes(workspace: Path, tmp_path: Path) -> None:
    code, log, outputs, summary = step(workspace, tmp_path / "runner", path="examples/hardened")
    assert (code, outputs["findings"], outputs["exit-code"]) == (0, "0", "0")
    assert "::error" not in log
    assert summary.startswith("## ✅ directus-guard: passed")


def test_inputs_reach_the_scan(workspace: Path, tmp_path: Path) -> None:
    code, log, outputs, summary = step(
        workspace, tmp_path / "runner", path="examples/flawed", fail_on="none", min_severity="high", annotations="false",
        summary="false", sarif_file="out.sarif", category="cms", json_file="results/cms.json",
    )  # fmt: skip
    report = json.loads((workspace / "results" / "cms.json").read_text(encoding="utf-8"))
    assert report["summary"]["critical"] == int(outputs["critical"]) > 0
    assert code == 0
    assert outputs["medium"] == outputs["low"] == "0"
    assert summary == ""
    assert "::error" not in log
    run = json.loads((workspace / "out.sarif").read_text(encoding="utf-8"))["runs"][0]
    assert run["automationDetails"]["id"] == "cms/"


@pytest.mark.parametrize(
    ("inputs", "code", "message"),
    [
        ({"path": "nowhere"}, 2, "Is it checked out?"),
        ({"fail_on": "hihg"}, 2, "fail-on"),
        ({"strict": "yes"}, 2, "expected `true` or `false`"),
        ({"config": "missing.yaml"}, 2, "missing.yaml"),
    ],
)
def test_wrong_inputs_are_one_error(
    workspace: Path, tmp_path: Path, inputs: dict[str, str], code: int, message: str
) -> None:
    got, log, _, _ = step(workspace, tmp_path / "runner", **inputs)
    assert got == code
    (line,) = [line for line in log.splitlines() if line.startswith("::error")]
    assert message in line


def test_a_file_of_the_project_that_cannot_be_read(workspace: Path, tmp_path: Path) -> None:
    write(workspace / "examples" / "hardened", {"stage/compose.yaml": "services:\n  directus: [\n"})
    root = tmp_path / "project"
    shutil.copytree(workspace / "examples" / "hardened", root)
    code, log, outputs, summary = step(root, tmp_path / "runner")
    assert (code, outputs["exit-code"]) == (4, "4")
    assert summary.startswith("## ⚠️ directus-guard: incomplete")
    assert "**Incomplete:** 1 part of the Directus project could not be read" in summary
    assert "::error file=stage/compose.yaml,line=3,title=directus-guard%3A incomplete::" in log
    code, log, outputs, summary = step(root, tmp_path / "runner", incomplete="warn")
    assert (code, outputs["exit-code"]) == (0, "0")
    assert "**Incomplete:**" in summary
    assert "::warning file=stage/compose.yaml" in log
    assert "::error" not in log
    assert step(root, tmp_path / "runner", incomplete="no")[0] == 2


def test_an_empty_repository(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, log, outputs, _ = step(tmp_path / "empty", tmp_path / "runner")
    assert code == 3
    assert outputs["exit-code"] == "3"
    assert "Looked for" in log


def test_repository_text_never_becomes_a_command(tmp_path: Path) -> None:
    root = write(tmp_path / "repository", HOSTILE | {"::error::x/compose.yaml": "services:\n  directus: [\n"})
    _, log, _, _ = step(root, tmp_path / "runner")
    lines = log.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("::stop-commands::"))
    token = lines[start].removeprefix("::stop-commands::")
    end = lines.index(f"::{token}::")
    ours = re.compile(r"::(error|warning|notice) [^:]*::")
    for line in lines[:start] + lines[end + 1 :]:
        assert not line or ours.match(line)
    # Also for somebody who runs the command line in a step of their own.
    for line in lines[start + 1 : end]:
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


def test_escaping_is_the_runners() -> None:
    assert github_annotations.escape_message("50%\r\n") == "50%25%0D%0A"
    assert github_annotations.escape_property("a:b,c%3A") == "a%3Ab%2Cc%253A"


def test_an_output_cannot_set_another(tmp_path: Path) -> None:
    with files.Files.opened({"GITHUB_OUTPUT": str(tmp_path / "o")}) as opened:
        opened.write_outputs({"sarif-file": "x\nEOF\nexit-code=0\n"})
    (name, delimiter), *_ = re.findall(r"^(\S+)<<(\S+)$", (tmp_path / "o").read_text(encoding="utf-8"), re.MULTILINE)
    assert name == "sarif-file"
    assert len(delimiter) > 32


def test_action_yml_and_the_code_agree(workspace: Path, tmp_path: Path) -> None:
    (root,) = yaml_document.parse("action.yml", (ROOT / "action.yml").read_text(encoding="utf-8"))
    assert isinstance(root, yaml_document.Mapping)
    declared = root.mapping("outputs")
    assert declared is not None
    _, _, outputs, _ = step(workspace, tmp_path / "runner")
    assert sorted(outputs) == sorted(entry.key.text for entry in declared.entries)
    inputs = root.mapping("inputs")
    assert inputs is not None
    source = (ROOT / "directus_guard" / "github" / "inputs.py").read_text(encoding="utf-8")
    for entry in inputs.entries:
        assert f'"{entry.key.text}"' in source


def test_the_reports_go_to_a_folder_of_their_own(workspace: Path, tmp_path: Path) -> None:
    """The sandboxed Action mounts the workspace read-only."""
    reports = tmp_path / "reports"
    reports.mkdir()

    def run(folder: Path, environ: Mapping[str, str]) -> tuple[int, str, str]:
        return action_in(folder, {**environ, "DIRECTUS_GUARD_REPORTS": str(reports)})

    before = sorted(path for path in workspace.rglob("*"))
    step(workspace, tmp_path / "runner", run, path="examples/flawed", sarif_file="a.sarif", json_file="b.json")
    assert sorted(path.name for path in reports.iterdir()) == ["a.sarif", "b.json"]
    assert sorted(path for path in workspace.rglob("*")) == before
    code, log, _, _ = step(workspace, tmp_path / "runner", run, path="examples/flawed", sarif_file="../a.sarif")
    assert (code, "lies outside" in log) == (2, True)


def test_the_sandboxed_action_has_the_same_inputs_and_outputs() -> None:
    """Without those that need the network, a token or a workspace that can be written."""
    whole, sandboxed = (
        yaml.safe_load((ROOT / path).read_text(encoding="utf-8")) for path in ("action.yml", "sandboxed/action.yml")
    )
    left_out = {
        "url", "token", "prove", "prove-token", "prove-destroy", "upload-sarif", "comment", "suggestions", "github-token",
        "sarif-file", "json-file",
    }  # fmt: skip
    assert sandboxed["inputs"] == {name: text for name, text in whole["inputs"].items() if name not in left_out}
    assert set(sandboxed["outputs"]) == set(whole["outputs"]) - {"sarif-id", "comment-url"} | {"json-file"}
    script = (ROOT / "sandboxed" / "scan.sh").read_text(encoding="utf-8")
    (step,) = sandboxed["runs"]["steps"]
    for name in sandboxed["inputs"]:
        variable = name.upper().replace("-", "_")
        assert step["env"][f"IN_{variable}"] == f"${{{{ inputs.{name} }}}}"
        assert re.search(rf"\b{variable}\b", script), name
    for name, output in sandboxed["outputs"].items():
        assert output["value"] == f"${{{{ steps.scan.outputs.{name} }}}}"
        if name in whole["outputs"] and name != "sarif-file":
            assert output["description"] == whole["outputs"][name]["description"]


def test_with_arguments_it_is_the_command_line() -> None:
    command = [sys.executable, str(ROOT / "entrypoint.py"), "--version"]
    environ = {"PATH": os.environ["PATH"], "GITHUB_ACTIONS": "true"}
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
    assert run.stdout.startswith("directus-guard ")
