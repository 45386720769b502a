"""The sandboxed Action, run by act on the machine itself: what it shows, and what its container can do."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.container import act
from tests.container.engine import IMAGE
from tests.container.program import locally
from tests.github.runner import Command, payload
from tests.support.git import commit, git
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from tests.container.engine import Engine

pytestmark = pytest.mark.real

WORKFLOW: Final = """\
on: [push]
permissions: {}
jobs:
  guard:
    runs-on: ubuntu-latest
    env:
      SECRET_OF_THE_JOB: secret-of-the-job
      GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }}
    steps:
      - uses: actions/checkout@v4
      - id: guard
        uses: ./sandboxed
        with:
          path: project
      - if: always()
        env:
          OUTPUTS: ${{ toJSON(steps.guard.outputs) }}
          SARIF: ${{ steps.guard.outputs.sarif-file }}
          JSON: ${{ steps.guard.outputs.json-file }}
        run: |
          echo "--- outputs"; echo "$OUTPUTS"; echo "--- end"
          test -z "$SARIF" || cp "$SARIF" "$JSON" "$KEEP"
"""
PROBE: Final = """\
FROM {image}
ENTRYPOINT ["sh", "-c", "echo '--- probe'; tr '\\\\0' '\\\\n' </proc/1/environ | cut -d= -f1 | tr '\\\\n' ' '; echo; \\
  grep -E '^(CapEff|CapBnd|NoNewPrivs):' /proc/self/status | tr -s '[:space:]' ' '; echo; ls /sys/class/net; \\
  for f in /x /tmp/x /github/workspace/x /github/event.json /github/reports/x; do touch $f 2>/dev/null && echo wrote $f; done; \\
  ln -s /etc/passwd /github/reports/directus-guard.sarif; echo '--- probed'; exit 1"]
"""
PASSED: Final = {
    "GITHUB_ACTIONS", "GITHUB_WORKSPACE", "GITHUB_EVENT_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY",
    "GITHUB_ACTION_REPOSITORY", "GITHUB_ACTION_REF", "GITHUB_EVENT_NAME", "GITHUB_REPOSITORY", "GITHUB_SHA", "GITHUB_REF",
    "GITHUB_ACTOR", "GITHUB_SERVER_URL", "GITHUB_RUN_ID", "RUNNER_DEBUG", "DIRECTUS_GUARD_REPORTS",
    "INPUT_SARIF-FILE", "INPUT_JSON-FILE", "INPUT_UPLOAD-SARIF", "INPUT_PATH", "INPUT_FAIL-ON", "INPUT_NEW-ACCESS",
    "INPUT_MIN-SEVERITY", "INPUT_MIN-CONFIDENCE", "INPUT_NEW-ONLY", "INPUT_INCOMPLETE", "INPUT_CATEGORY",
    "INPUT_ANNOTATIONS", "INPUT_SUMMARY", "INPUT_CONFIG", "INPUT_BASELINE", "INPUT_STRICT", "INPUT_MAX-TIME",
    "INPUT_DIRECTUS-VERSION", "INPUT_EDITION",
}  # fmt: skip
"""Every variable that the container gets; its image adds those below."""
OWN: Final = {"PATH", "HOME", "HOSTNAME", "LANG", "GPG_KEY", "PYTHON_VERSION", "PYTHON_SHA256"}


def run(docker: Engine, folder: Path, example: str, image: str) -> act.Ran:
    """Run the Action on an example, with the image that a release would name."""
    act.action_repository(folder)
    shutil.copytree(ROOT / "examples" / example, folder / "project")
    action = folder / "sandboxed" / "action.yml"
    text = action.read_text(encoding="utf-8")
    assert text.count('IMAGE: ""') == 1
    action.write_text(text.replace('IMAGE: ""', f"IMAGE: {image}"), encoding="utf-8")
    commit(folder, {".github/workflows/guard.yml": WORKFLOW})
    event: dict[str, Any] = {**payload("push"), "ref": "refs/heads/main", "after": git(folder, "rev-parse", "HEAD")}
    programs = str(Path(docker.command).parent)
    return act.run(
        docker, folder, "push", event, platform="-self-hosted",
        environment={**docker.environment, "KEEP": str(folder.parent), "PATH": f"{programs}:{os.environ['PATH']}"},
    )  # fmt: skip


def outputs(ran: act.Ran) -> dict[str, str]:
    found: dict[str, str] = json.loads(ran.section("--- outputs", "--- end"))
    return found


@pytest.mark.parametrize("example", ["flawed", "hardened"])
def test_it_shows_what_the_action_shows(docker: Engine, tmp_path: Path, example: str) -> None:
    folder = tmp_path / "site"
    ran = run(docker, folder, example, IMAGE)
    print(ran.output)
    code, report = locally(folder / "project")
    found = outputs(ran)
    assert ran.succeeded is (example == "hardened")
    assert found["exit-code"] == str(code)
    assert found["high"] == str(report["summary"]["high"])
    errors: list[Command] = ran.annotations("error")
    assert bool(errors) is (example == "flawed")
    assert all(command.properties["file"].startswith("project/") for command in errors)
    assert "directus-guard: " in ran.output  # the summary, which act prints
    results = json.loads((tmp_path / "directus-guard.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert len(results) == int(found["findings"]) > (0 if example == "flawed" else -1)
    assert json.loads((tmp_path / "directus-guard.json").read_text(encoding="utf-8"))["summary"] == report["summary"]
    assert git(folder, "status", "--porcelain", "--ignored") == ""


def test_what_its_container_can_do(docker: Engine, tmp_path: Path) -> None:
    context = tmp_path / "probe"
    context.mkdir()
    (context / "Dockerfile").write_text(PROBE.format(image=IMAGE), encoding="utf-8")
    docker.build(f"{IMAGE}-probe", context)
    ran = run(docker, tmp_path / "site", "hardened", f"{IMAGE}-probe")
    print(ran.output)
    variables, status, *rest = ran.section("--- probe", "--- probed").splitlines()
    assert set(variables.split()) - OWN == PASSED
    assert status.split() == ["CapBnd:", "0" * 16, "CapEff:", "0" * 16, "NoNewPrivs:", "1"] or status.split() == [
        "CapEff:", "0" * 16, "CapBnd:", "0" * 16, "NoNewPrivs:", "1",
    ]  # fmt: skip
    assert [line for line in rest if line] == ["lo", "wrote /github/reports/x"]
    # The report is a link to a file of the runner: the next step must not follow it.
    assert outputs(ran)["sarif-file"] == ""
    assert not ran.succeeded
    assert "secret-of-the-job" not in ran.output
