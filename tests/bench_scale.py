"""CPU time and memory on large exports: `python -m tests.bench_scale [REVISION]`, a part of `make bench`.

Prints a table for `docs/performance.md`. With a revision the same runs of that code come first, in a column of their own.
CPU seconds of the process, the smallest of a few runs; largest resident size.
"""

from __future__ import annotations

import compileall
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Final

from tests.support import large_exports

ROOT: Final = Path(__file__).resolve().parent.parent
RUN: Final = "import sys; sys.path.insert(0, sys.argv.pop(1)); from directus_guard.cli import main; sys.exit(main())"
ESCALATION: Final = """\
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from directus_guard.checks.access import _escalation
from directus_guard.escalation import Paths
from directus_guard.sources.exports.reader import read
from directus_guard.sources.files.repository import Repository
(export,) = read(Repository(Path(sys.argv[2])))
export.effective_rows
actors = [principal for principal, _ in export.actors]
start = time.process_time()
if sys.argv[3] == "reach":
    paths = Paths(export)
    print(sum(paths.way(principal) is not None for principal in actors), file=sys.stderr)
else:
    list(_escalation.judge(export, public=False))
print(time.process_time() - start)
"""
LOADS: Final = "import json, sys; json.loads(open(sys.argv[2], encoding='utf-8').read())"


def measure(program: str, arguments: list[str], rounds: int) -> tuple[float, float]:
    """CPU seconds and MiB of a program of ours. One that prints a number tells its seconds itself."""
    seconds, size = [], 0.0
    for _ in range(rounds):
        with tempfile.TemporaryFile() as output:
            pid = os.fork()
            if pid == 0:
                os.dup2(output.fileno(), 1)
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                os.execv(sys.executable, [sys.executable, "-c", program, *arguments])
            _, _, usage = os.wait4(pid, 0)
            output.seek(0)
            told = output.read() if program is ESCALATION else b""
            seconds.append(float(told) if told else usage.ru_utime + usage.ru_stime)
            size = max(size, usage.ru_maxrss / 1024)
    return min(seconds), size


def in_a_ring(folder: Path, number: int) -> None:
    """Roles that each inherit from another one, the last from the first, each with a policy and a row."""
    folder.mkdir(parents=True)
    key = "role-{:05}".format
    tables = {
        "roles": [{"id": key(at), "name": f"R {at}", "parent": key((at + 1) % number)} for at in range(number)],
        "policies": [
            {"id": f"policy-{at:05}", "name": f"P {at}", "admin_access": at == number, "app_access": False}
            for at in range(number + 1)
        ],
        "access": [
            {"id": f"a{at}", "role": key(at), "policy": f"policy-{at:05}", "user": None, "sort": 1}
            for at in range(number)
        ],
        "permissions": [
            {
                "id": at + 1, "policy": f"policy-{at:05}", "collection": f"c{at % 50}", "action": "read",
                "permissions": {"r": {"_eq": at}}, "validation": None, "presets": None, "fields": ["*"],
            }
            for at in range(number)
        ],
    }  # fmt: skip
    for name, records in tables.items():
        (folder / f"{name}.json").write_text(json.dumps(records, indent=2), encoding="utf-8")


def changed(source: Path, target: Path) -> None:
    """The same export, in which every hundredth row has other fields."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        records = json.loads(path.read_text(encoding="utf-8"))
        if path.name == "permissions.json":
            for record in records[::100]:
                record["fields"] = ["*"]
        (target / path.name).write_text(json.dumps(records, indent=2), encoding="utf-8")


def runs(place: Path) -> list[tuple[str, str, list[str], int]]:
    """What is measured: its title, the program, its arguments after the folder of the code, and how often."""
    folders = {name: place / name / "directus" for name in ("whole", "other", "small", "many", "rules", "ring")}
    large_exports.write(folders["whole"], 100_000, roles=50, policies=100)
    changed(folders["whole"], folders["other"])
    large_exports.write(folders["small"], 1_000, roles=50, policies=100)
    large_exports.write(folders["many"], 50_000, roles=500, policies=500)
    large_exports.write(folders["rules"], 200_000, roles=50, policies=100, distinct=True)
    in_a_ring(folders["ring"], 5_000)
    whole, other, small, many, rules, ring = (str(folder.parent) for folder in folders.values())
    return [
        ("`json.loads` of 100,000 rows", LOADS, [f"{whole}/directus/permissions.json"], 3),
        ("`scan`, 100,000 rows", RUN, ["scan", whole], 3),
        ("`access`, 100,000 rows", RUN, ["access", whole], 1),
        ("`diff`, 100,000 rows each", RUN, ["diff", whole, other], 1),
        ("`diff`, 1,000 rows and 100,000", RUN, ["diff", small, whole], 1),
        ("reach, 500 roles, 500 policies, 50,000 rows", ESCALATION, [many, "reach"], 2),
        ("plans and cuts of the same, all principals", ESCALATION, [many, "judge"], 1),
        ("`scan`, 200,000 rows, each with a rule of its own", RUN, ["scan", rules], 1),
        ("`scan`, 5,000 roles in a ring", RUN, ["scan", ring], 1),
    ]


def code_of(revision: str, place: Path) -> Path:
    """The package as it was."""
    archive = subprocess.run(["git", "archive", revision, "directus_guard"], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
        tar.extractall(place, filter="data")
    return place


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        versions = [("now", ROOT)]
        if len(sys.argv) > 1:
            versions.insert(0, (f"at {sys.argv[1]}", code_of(sys.argv[1], place / "code")))
        for _, code in versions:
            compileall.compile_dir(code / "directus_guard", quiet=2)
        cpu = next(
            (
                line.partition(": ")[2]
                for line in Path("/proc/cpuinfo").read_text().splitlines()
                if "model name" in line
            ),
            platform.processor(),
        )
        today = dt.datetime.now(tz=dt.UTC).date().isoformat()
        print(
            f"{today}, {cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n"
        )
        print(f"| run | {' | '.join(f'CPU {title} | MiB {title}' for title, _ in versions)} |")
        print(f"|---|{'---:|---:|' * len(versions)}")
        for title, program, arguments, rounds in runs(place):
            cells = []
            for _, code in versions:
                seconds, size = measure(program, [str(code), *arguments], rounds)
                cells.append(f"{seconds:.2f} s | {size:.0f}")
            print(f"| {title} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
