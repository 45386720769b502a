"""`make fuzz`: runs the targets with atheris, each in a process of its own, and prints a table.

`python -m tests.fuzz.run [TARGET…] --minutes 20`: minutes of CPU for each. What is found is kept in `.cache/fuzz/TARGET`, crashes in
`.cache/fuzz/crashes`. A crash becomes a file below `tests/fuzz/crashes/TARGET`, which the fast tests run from then on.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, Final, NamedTuple

import directus_guard

ROOT: Final = Path(__file__).resolve().parents[2]
CACHE: Final = ROOT / ".cache" / "fuzz"
TOOL: Final = ROOT / ".cache" / f"atheris-py{sys.version_info[0]}{sys.version_info[1]}"
_STATUS: Final = re.compile(r"^#(\d+)\s+(\w+)\s+cov: (\d+) ft: (\d+)")


class Ran(NamedTuple):
    """What came of fuzzing a target."""

    target: str
    executions: int
    cpu: float
    """Seconds."""
    edges: int
    quiet: float
    """Seconds of CPU without a new edge, at the end."""
    crash: str


def main() -> int:
    """Fuzz the targets that are named, else all. 1 = something crashed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run")
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--minutes", type=float, default=20.0, help="of CPU, for each target")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        _inside(given.inside, given.minutes * 60)
        return 0
    from tests.fuzz.targets import TARGETS

    _tool()
    print(
        "| target | executions | per second of CPU | CPU minutes | edges | minutes without a new edge | crash |",
        flush=True,
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    crashed = False
    for target in given.targets or TARGETS:
        ran = _run(target, given.minutes)
        crashed = crashed or bool(ran.crash)
        rate = ran.executions / max(ran.cpu, 0.01)
        print(
            f"| {ran.target} | {ran.executions:,} | {rate:,.0f} | {ran.cpu / 60:.1f} | {ran.edges:,} | {ran.quiet / 60:.1f} | {ran.crash} |",
            flush=True,
        )
    return int(crashed)


def _tool() -> None:
    """Fetch atheris, at the version that is locked."""
    if not (TOOL / "atheris").is_dir():
        locked = Path(__file__).with_name("requirements.txt")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--require-hashes"]
        subprocess.run([*command, "--target", str(TOOL), "-r", str(locked)], check=True)


def _run(target: str, minutes: float) -> Ran:
    """Fuzz one target in a process of its own."""
    command = [sys.executable, "-m", "tests.fuzz.run", "--inside", target, "--minutes", str(minutes)]
    process = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, errors="replace"
    )
    assert process.stderr is not None
    executions = edges = 0
    newest, cpu, start, crash = 0.0, 0.0, 0.0, ""
    for line in process.stderr:
        status = _STATUS.match(line)
        if status is not None:
            executions = max(executions, int(status[1]))
            now = _cpu_of(process.pid)
            start = start or now
            cpu = max(cpu, now - start)
            if int(status[3]) > edges:
                edges, newest = int(status[3]), now - start
        elif "Test unit written to" in line:
            crash = Path(line.rsplit(maxsplit=1)[-1]).name
        elif line.startswith("executions "):
            executions, cpu = int(line.split()[1]), float(line.split()[2])
    process.wait()
    return Ran(target, executions, cpu, edges, max(cpu - newest, 0.0), crash)


def _cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _inside(target: str, seconds: float) -> None:
    """Fuzz in this process until so many seconds of CPU are over."""
    sys.path.append(str(TOOL))
    atheris: Any = import_module("atheris")

    with atheris.instrument_imports(include=["directus_guard"]):
        from tests.fuzz import targets

        _import_all()
    run = targets.TARGETS[target]
    count, begun = 0, time.process_time()

    def one(data: bytes) -> None:
        nonlocal count
        run(data)
        count += 1
        if count % 16 == 0 and time.process_time() - begun > seconds:
            sys.stderr.write(f"executions {count} {time.process_time() - begun}\n")
            sys.stderr.flush()
            os._exit(0)

    kept, crashes, first = (CACHE / name for name in (target, "crashes", f"seeds-{target}"))
    for folder in (kept, crashes, first):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(targets.seeds(target)):
        (first / str(number)).write_bytes(seed)
    options = [
        f"-artifact_prefix={crashes}/{target}-",
        f"-max_len={targets.LONGEST}",
        "-timeout=60",
        "-rss_limit_mb=2048",
        "-reload=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(kept), str(first)], one)
    atheris.Fuzz()


def _import_all() -> None:
    """Import every module of the package: one that a target imports later would count no edges."""
    for module in walk_packages(directus_guard.__path__, "directus_guard."):
        if not module.name.endswith(".__main__"):
            import_module(module.name)


if __name__ == "__main__":
    sys.exit(main())
