"""The commands of docs/live.md, as they are written there, against real servers; and what the auditor then sees."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.cli import guard
from tests.support.programs import ROOT, missing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.server import Lab

PAGE: Final = (ROOT / "docs" / "live.md").read_text(encoding="utf-8")


def script(heading: str) -> str:
    """The first shell block below a heading; at its end it prints the token."""
    (block,) = re.findall(rf"# {heading}\n.*?```sh\n(.*?)```", PAGE, re.DOTALL)[:1]
    return f'set -eu\n{block}\nprintf %s "$DIRECTUS_TOKEN"\n'


def accepted(address: str) -> str:
    """The config of the page, for an instance at this address."""
    (block,) = re.findall(r"## Accept the auditor\n.*?```yaml\n(.*?)```", PAGE, re.DOTALL)
    return str(block).replace("https://cms.example.com", address)


@pytest.mark.parametrize(("major", "heading"), [(12, "On 11 and 12"), (11, "On 11 and 12"), (10, "On 10")])
def test_the_auditor(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, major: int, heading: str) -> None:
    if shutil.which("jq") is None:
        missing("jq is not installed")
    program = tmp_path / "bin"
    program.mkdir()
    (program / "directus-guard").symlink_to(ROOT / ".venv" / "bin" / "directus-guard")
    monkeypatch.chdir(tmp_path)
    with lab.server(major) as server:
        done = subprocess.run(
            ["sh", "-c", script(heading)], capture_output=True, text=True, check=False,
            env={"PATH": f"{program}:{os.environ['PATH']}", "URL": server.url, "ADMIN": server.token,
                 "VERSION": server.version},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        token = done.stdout
        assert not server.is_admin(token)
        assert server.ask("PATCH", "/settings", token=token, json={"project_name": "x"}).status_code == 403
        monkeypatch.setenv("DIRECTUS_TOKEN", token)
        (tmp_path / "directus-guard.yaml").write_text(accepted(server.url), encoding="utf-8")
        run = guard("scan", "--url", server.url, "--output=json", "--fail-on=none")
    report = json.loads(run.out)
    assert run.code == 0, report["problems"]
    own = {
        (finding["check"], finding["state"]) for finding in report["findings"] if "auditor" in finding["fingerprint"]
    }
    assert {state for _, state in own} == {"suppressed"}
    assert ("users-secrets-read" in dict(own)) == (major == 10)
    severe = {finding["check"] for finding in report["findings"] if finding["severity"] in {"critical", "high"}}
    assert severe - {"users-secrets-read"} <= {
        "admin-static-token", "admin-without-second-factor", "vulnerable-version-critical", "vulnerable-version-high"
    }  # fmt: skip
    judged = {part for part, one in report["judged"].items() if one["judged"]}
    assert judged >= {"permissions", "flows", "settings", "users", "live"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "directus-guard.yaml"]
