"""What the interpreter does in a run: only code of the package and its locked dependencies, only git, only the named files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.report.writers import ACCESS_WRITERS, REPORT_WRITERS
from tests.live.servers import replay
from tests.support.check_examples import EXAMPLES
from tests.support.git import commit, new_repository
from tests.support.programs import ROOT
from tests.support.sampling import one_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHOWN: Final = ROOT / "examples"


def watched(jobs: list[dict[str, Any]], folder: Path) -> list[str]:
    """What went wrong in the jobs, which run in a process of their own. It writes no byte code beside the sources."""
    listed = folder / "jobs.json"
    listed.write_text(json.dumps(jobs), encoding="utf-8")
    command = [sys.executable, "-B", "-m", "tests.support.audit_hook", str(listed)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    noted: list[str] = json.loads(ran.stdout)
    return noted


def job(
    arguments: list[str | Path], root: Path, *outputs: Path, address: tuple[str, int] | None = None
) -> dict[str, Any]:
    return {
        "arguments": [str(argument) for argument in arguments],
        "root": str(root),
        "outputs": [str(output) for output in outputs],
        "address": list(address or ()),
    }


def _commands(root: Path, folder: Path) -> Iterator[dict[str, Any]]:
    """Each command on a folder, each format into a file."""
    for command, formats in (("scan", REPORT_WRITERS), ("access", ACCESS_WRITERS)):
        places = {form: folder / "out" / f"{command}.{form}" for form in formats}
        outputs = [f"--output={form}={place}" for form, place in places.items()]
        yield job([command, root, *outputs], root, *places.values())
    yield job(["fix", root, "--unsafe-fixes"], root)
    yield job(["projects", root], root)
    yield job(["baseline", "write", folder / "out" / "baseline", root], root, folder / "out" / "baseline")


def test_the_examples_do_nothing_else(tmp_path: Path) -> None:
    """Each command on each project under examples/, in a work tree of git, and against a revision of it."""
    jobs: list[dict[str, Any]] = []
    for shown in ("flawed", "hardened", "access"):
        root = new_repository(tmp_path / shown)
        shutil.copytree(SHOWN / shown, root, dirs_exist_ok=True)
        commit(root)
        jobs += _commands(root, tmp_path)
        jobs.append(job(["scan", root, "--new-since", "HEAD"], root))
        jobs.append(job(["diff", root, root], root))
    assert watched(jobs, tmp_path) == []


@pytest.mark.thorough
def test_each_example_of_a_check_does_nothing_else(tmp_path: Path) -> None:
    """The first failing example of each check, and a quarter of the others; `make every` takes all."""
    jobs: list[dict[str, Any]] = []
    servers = []
    first = [example for example in EXAMPLES if example.name == "fail-1"]
    others = [example for example in EXAMPLES if example.name != "fail-1"]
    for number, example in enumerate((*first, *one_in(4, others, "audit hook"))):
        root = tmp_path / f"{number}-{example.parent.name}"
        shutil.copytree(example, root)
        place = tmp_path / "out" / f"{number}.json"
        answers = root / "live" / "answers.json"
        if not answers.exists():
            jobs.append(job(["scan", root, "--output", f"json={place}"], root, place))
        elif not (root / "live" / "https").exists():
            # Its instance answers on loopback, and is the only one that may be asked.
            answers.rename(tmp_path / f"{number}.answers")
            server = replay(tmp_path / f"{number}.answers").__enter__()
            servers.append(server)
            host, port = server.server_address[:2]
            command: list[str | Path] = ["scan", root, "--url", server.url, "--output", f"json={place}"]
            jobs.append(job(command, root, place, address=(str(host), int(port))))
    try:
        assert watched(jobs, tmp_path) == []
    finally:
        for server in servers:
            server.__exit__(None, None, None)
    assert len(jobs) > 300


MISDEEDS: Final = {
    "exec": ("foreign_module/__init__.py", "exec: code of"),
    "import": ("", "exec: code of"),
    "start": ("", "subprocess.Popen: starts"),
    "shell": ("", "os.system"),
    "connect": ("", "socket.connect"),
    "write": ("report.json", "open: writes"),
    "read": ("foreign_module/__init__.py", "open: reads"),
    "list": ("foreign_module", "os.listdir: lists"),
    "make": ("new", "os.mkdir: changes"),
}


def test_the_watch_notes_each_misdeed(tmp_path: Path) -> None:
    """Each in a job of its own, which is allowed nothing."""
    (tmp_path / "foreign_module").mkdir()
    (tmp_path / "foreign_module" / "__init__.py").write_text("x = 1\n")
    (tmp_path / "empty").mkdir()
    jobs = [
        job(["misbehave", kind, tmp_path / place], tmp_path / "empty") | {"root": str(tmp_path / "empty" / kind)}
        for kind, (place, _) in MISDEEDS.items()
    ]
    noted = watched(jobs, tmp_path)
    for kind, (_, said) in MISDEEDS.items():
        assert any(f"{os.sep}empty{os.sep}{kind}: {said}" in line for line in noted), (kind, noted)
