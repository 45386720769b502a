"""What a small run costs, as a multiple of an interpreter that does nothing: `python -m tests.bench_start`, a part of `make bench`.

Budgets: `--version` 3 times, one Compose project 9 times, one export 9 times. CPU seconds of the process with its children,
byte code compiled before; the smallest of 15 runs, in turns with `python -c pass`. The second table says what the CPU time
of the Compose project buys: the smallest of the runs for each module, so its sum is less than a run takes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from tests.support.repositories import SMALL_COMPOSE
from tests.support.rows import permission, write as write_rows

ROUNDS: Final = 15
PARTS: Final = """\
import importlib._bootstrap as bootstrap, json, sys, time
now, whole = time.process_time_ns, bootstrap._find_and_load_unlocked
found, below = {}, [0]
def timed(name, import_):
    start = now()
    below.append(0)
    try: return whole(name, import_)
    finally:
        took = now() - start
        found[name] = took - below.pop()
        below[-1] += took
bootstrap._find_and_load_unlocked = timed
started = now()
from directus_guard.cli import main
main(sys.argv[1:])
found["(before the first module)"] = started
found["(the work itself)"] = now() - started - below[0]
print(json.dumps(found), file=sys.stderr)
"""
GROUPS: Final = {
    "(": "", "directus_guard.checks": "checks", "directus_guard.sources": "reading of files",
    "directus_guard.directus": "model of Directus", "directus_guard": "command line, audit and report", "msgspec": "msgspec",
    "typing_extensions": "msgspec", "inspect": "msgspec", "ast": "msgspec", "_ast": "msgspec", "dis": "msgspec",
    "tokenize": "msgspec", "textwrap": "msgspec", "uuid": "msgspec", "decimal": "msgspec", "yaml": "PyYAML", "_yaml": "PyYAML",
    "argparse": "argparse, gettext, locale", "gettext": "argparse, gettext, locale", "locale": "argparse, gettext, locale",
}  # fmt: skip
"""What a module is counted to, by the beginning of its name. inspect and others are imported for msgspec alone."""


def cpu(command: list[str], environ: dict[str, str]) -> float:
    """CPU milliseconds of one run."""
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.execve(command[0], command, environ)
    _, _, usage = os.wait4(pid, 0)
    return (usage.ru_utime + usage.ru_stime) * 1000


def group(module: str) -> str:
    """What a module is counted to."""
    names = (name for name in GROUPS if module == name or module.startswith(f"{name}."))
    return module if module.startswith("(") else GROUPS[max(names, key=len, default="(")] or "other standard library"


def parts(folder: Path, environ: dict[str, str]) -> Counter[str]:
    """CPU milliseconds of a scan, by what they are for."""
    least: dict[str, int] = {}
    for _ in range(ROUNDS):
        command = [sys.executable, "-c", PARTS, "scan", str(folder)]
        run = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
        for module, took in json.loads(run.stderr.splitlines()[-1]).items():
            least[module] = min(took, least.get(module, took))
    found: Counter[str] = Counter()
    for module, took in least.items():
        found[group(module)] += took
    return found


def main() -> None:
    """Print the tables."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    guard = str(Path(sys.executable).with_name("directus-guard"))
    with tempfile.TemporaryDirectory() as name:
        compose, export = Path(name) / "compose", Path(name) / "export"
        for folder in (compose, export):
            folder.mkdir()
        (compose / "compose.yaml").write_text(SMALL_COMPOSE, encoding="utf-8")
        write_rows(export, [permission("p", "posts", "read")])
        commands = {
            "`python -c pass`": [sys.executable, "-c", "pass"],
            "`--version`": [guard, "--version"],
            "`scan`, one Compose project": [guard, "scan", str(compose)],
            "`scan`, one export": [guard, "scan", str(export)],
        }
        for command in commands.values():
            cpu(command, environ)  # compiles what is not compiled yet
        runs = [{title: cpu(command, environ) for title, command in commands.items()} for _ in range(ROUNDS)]
        least = {title: min(run[title] for run in runs) for title in commands}
        bare = next(iter(least.values()))
        print("| run | CPU | times a bare interpreter |\n|---|---:|---:|")
        for title, took in least.items():
            print(f"| {title} | {took:.1f} ms | {took / bare:.1f} |")
        print("\n| ms | is |\n|---:|---|")
        for title, nanoseconds in parts(compose, environ).most_common():
            print(f"| {nanoseconds / 1e6:.1f} | {title.strip('()')} |")


if __name__ == "__main__":
    main()
