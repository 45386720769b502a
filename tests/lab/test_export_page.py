"""The commands of docs/export.md, as they are written there, against real servers; and what a scan then has judged."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from tests.lab.install import MAJORS
from tests.lab.server import row
from tests.support.cli import guard
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.server import Lab

PAGE: Final = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")


def script(heading: str) -> str:
    """The shell block below a heading that begins with the folder, without what shows and commits the files."""
    (block,) = re.findall(rf"## {heading}\n.*?```sh\n(mkdir .*?)```", PAGE, re.DOTALL)[:1]
    return "set -eu\n" + "".join(line for line in block.splitlines(keepends=True) if not line.startswith("git "))


@pytest.mark.parametrize("major", MAJORS)
def test_curl(lab: Lab, tmp_path: Path, major: int) -> None:
    commands = script("curl")
    if major == 10:
        commands = commands.replace("roles policies access permissions", "roles permissions")
    with lab.server(major) as server:
        server.grant_public([row("directus_activity", "read")])
        done = subprocess.run(
            ["sh", "-c", commands], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={"PATH": "/usr/bin:/bin", "URL": server.url, "TOKEN": server.token},
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = guard("scan", tmp_path, "--output=json", "--fail-on=none")
    report = json.loads(run.out)
    assert run.code == 0, report["problems"]
    assert report["problems"] == []
    judged = {part for part, one in report["judged"].items() if one["judged"]}
    assert judged >= {"permissions", "settings", "users"}
    assert "activity-read" in {finding["check"] for finding in report["findings"]}
    text = (tmp_path / "directus-export" / "users.json").read_text(encoding="utf-8")
    assert "@" not in text
