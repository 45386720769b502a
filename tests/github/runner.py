"""GitHub's runner, as far as a step sees it: its environment, its event file, and how it reads what a step prints.

The reading follows `ActionCommand.cs`, `ActionCommandManager.cs` and `OutputManager.cs` of actions/runner.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.support.cli import action_in
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EVENTS: Final = Path(__file__).parent / "data" / "events"
REPOSITORY: Final = "Codertocat/Hello-World"
"""The repository of the example events."""
KNOWN: Final = frozenset({
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice", "remove-matcher",
    "save-state", "set-env", "set-output", "set-repo-path", "stop-commands", "warning", "command", "section",
})  # fmt: skip
Json = dict[str, Any]


@dataclass(frozen=True)
class Command:
    """A workflow command, as the runner understands it."""

    name: str
    properties: Mapping[str, str]
    message: str


def commands(lines: Iterable[str]) -> list[Command]:
    """Every command in what a step printed, on stdout or stderr: those that begin a line, and the legacy form anywhere."""
    found: list[Command] = []
    stopped = ""
    for line in lines:
        if stopped:
            if line.strip() == f"::{stopped}::":
                stopped = ""
            continue
        command = _second_form(line) or _first_form(line)
        if command is None:
            continue
        if command.name == "stop-commands":
            stopped = command.message
        found.append(command)
    return found


def _second_form(line: str) -> Command | None:
    """`::name key=value,key=value::message`, after blanks."""
    text = line.lstrip()
    if not text.startswith("::") or (end := text.find("::", 2)) < 0:
        return None
    name, _, listed = text[2:end].partition(" ")
    if name.lower() not in KNOWN and not re.fullmatch(r"[0-9a-f]{32}", name):
        return None
    pairs = (part.partition("=") for part in listed.strip().split(",") if "=" in part)
    return Command(
        name.lower(),
        {key.strip(): _unescaped(value, {"%3A": ":", "%2C": ","}) for key, _, value in pairs},
        _unescaped(text[end + 2 :], {}),
    )


def _first_form(line: str) -> Command | None:
    """`##[name key=value;key=value]message`, anywhere."""
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name, _, _ = line[start + 3 : end].partition(" ")
    return Command(name.lower(), {}, line[end + 1 :]) if name else None


def _unescaped(text: str, more: Mapping[str, str]) -> str:
    for escape, letter in {"%0D": "\r", "%0A": "\n", **more, "%25": "%"}.items():
        text = text.replace(escape, letter)
    return text


@dataclass(frozen=True)
class Ran:
    """What a step left behind."""

    code: int
    out: str
    err: str
    outputs: Mapping[str, str]
    summary: str
    workspace: Path

    @property
    def lines(self) -> list[str]:
        return re.split(r"\r\n|\r|\n", self.out) + re.split(r"\r\n|\r|\n", self.err)

    @property
    def commands(self) -> list[Command]:
        return commands(self.lines)

    def annotations(self, level: str) -> list[Command]:
        """As many of a level as the runner keeps."""
        return [command for command in self.commands if command.name == level][:10]

    @property
    def sarif(self) -> Json:
        """The run of the report."""
        log: Json = json.loads((self.workspace / self.outputs["sarif-file"]).read_text(encoding="utf-8"))
        run: Json = log["runs"][0]
        return run


def payload(name: str) -> Json:
    """GitHub's example of an event."""
    data: Json = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return data


_START: Final = (
    "import runpy, sys, time; time.sleep = lambda seconds: None; runpy.run_path(sys.argv.pop(), run_name='__main__')"
)
"""The entry point as the container starts it, only that nobody waits."""


def _process(python: str, environ: Mapping[str, str], workspace: Path) -> tuple[int, str, str]:
    command = [python, "-c", _START, str(ROOT / "entrypoint.py")]
    run = subprocess.run(command, capture_output=True, check=False, env=environ, cwd=workspace)
    return run.returncode, run.stdout.decode(), run.stderr.decode()


def step(
    workspace: Path,
    folder: Path,
    *,
    event: str,
    data: object,
    sha: str,
    ref: str,
    api: str = "",
    actor: str = "Codertocat",
    python: str = "",
    environment: Mapping[str, str] | None = None,
    **inputs: str,
) -> Ran:
    """Run the Action's step. `folder`: for the runner's own files; inputs by their names, hyphens as underscores.
    `python`: an interpreter that runs it as a process of its own, where that makes a difference."""
    folder.mkdir(exist_ok=True)
    for name in ("output", "summary"):
        (folder / name).write_text("", encoding="utf-8")
    (folder / "event.json").write_text(json.dumps(data), encoding="utf-8")
    given = {"github_token": "ghs_job", "upload_sarif": "auto" if api else "false", **inputs}
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "CI": "true", "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(workspace), "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"), "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_EVENT_NAME": event, "GITHUB_SHA": sha, "GITHUB_REF": ref, "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_ACTOR": actor, "GITHUB_RUN_ID": "1", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_API_URL": api,
        **{f"INPUT_{name.replace('_', '-').upper()}": value for name, value in given.items()},
        **(environment or {}),
    }  # fmt: skip
    code, out, err = _process(python, environ, workspace) if python else action_in(workspace, environ)
    assert "Traceback" not in err, err
    parts = re.findall(r"([a-z-]+)<<(\S+)\n(.*?)\n?\2\n", (folder / "output").read_text(encoding="utf-8"), re.DOTALL)
    return Ran(
        code, out, err, {name: value for name, _, value in parts},
        (folder / "summary").read_text(encoding="utf-8"), workspace,
    )  # fmt: skip
