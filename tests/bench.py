"""Times and memory of whole runs, beside the same runs of other scanners where they are installed: `make bench`.

Budgets: `--version` 60 ms, one project 150 ms, 200 projects (1,200 files) 1 s and 100 MiB, an export of 100,000 rows 3 s
and 400 MiB, escalation over 500 roles, 500 policies and 50,000 rows 1 s, an instance with 200 collections and 2,000
permissions 2 s, the load event of a page 1 s. Medians of whole processes, but for escalation and pages.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.escalation import Paths
from directus_guard.sources.exports.reader import read
from directus_guard.sources.files.repository import Repository
from tests.lab.server import TOKEN, row, started
from tests.live.seeds import many
from tests.support import large_exports
from tests.support.browser import browse
from tests.support.page_projects import crowded, many_findings

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
GUARD = str(Path(sys.executable).with_name("directus-guard"))


@dataclass(frozen=True, slots=True)
class Run:
    """One command, measured: median seconds and largest resident size in MiB."""

    seconds: float
    mebibytes: float


def measure(command: list[str], rounds: int) -> Run:
    """Run `command` `rounds` times after one that warms the caches."""
    seconds: list[float] = []
    sizes: list[float] = []
    for number in range(rounds + 1):
        start = time.perf_counter()
        pid = os.fork()
        if pid == 0:
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 1)
            os.dup2(null, 2)
            os.execv(command[0], command)
        _, status, usage = os.wait4(pid, 0)
        if number:
            seconds.append(time.perf_counter() - start)
            sizes.append(usage.ru_maxrss / 1024)
        if os.waitstatus_to_exitcode(status) not in {0, 1, 11, 12, 13, 14}:
            print(f"  {' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}", file=sys.stderr)
    return Run(statistics.median(seconds), max(sizes))


COMPOSE = (ROOT / "examples" / "flawed" / "compose.yaml").read_text(encoding="utf-8")
DOTENV = (ROOT / "examples" / "flawed" / ".env.production").read_text(encoding="utf-8")
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: cms-{0}}}
spec:
  template:
    spec:
      containers:
        - name: directus
          image: directus/directus:11.17.4
          envFrom: [{{configMapRef: {{name: cms-{0}}}}}]
"""
CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {{name: cms-{0}}}
data:
  PUBLIC_URL: https://cms-{0}.example.com
  RATE_LIMITER_ENABLED: "true"
  CORS_ENABLED: "true"
  CORS_ORIGIN: https://www-{0}.example.com
"""
WORKFLOW = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm test\n"
PACKAGE = '{"name": "project", "dependencies": {"directus": "11.17.4"}}\n'


def projects(folder: Path, number: int) -> int:
    """Write `number` projects of six files each; how many files that is."""
    for index in range(number):
        files = {
            "compose.yaml": COMPOSE,
            ".env.production": DOTENV,
            "k8s/deployment.yaml": MANIFEST.format(index),
            "k8s/config.yaml": CONFIG_MAP.format(index),
            ".github/workflows/ci.yml": WORKFLOW,
            "package.json": PACKAGE,
        }
        for name, text in files.items():
            path = folder / f"project-{index:03}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return number * 6


def monorepo(folder: Path, number: int) -> None:
    """One project among `number` source files that have nothing to do with Directus."""
    projects(folder, 1)
    for index in range(number):
        path = folder / f"packages/p{index // 500}/src/m{index}.ts"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("export const x = 1;\n", encoding="utf-8")


def asking(folder: Path, packages: int, files: int) -> None:
    """Packages that depend on Directus; one file of ten asks it."""
    for index in range(packages * files):
        path = folder / f"packages/p{index // files}/src/m{index}.ts"
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent.parent / "package.json").write_text('{"dependencies": {"@directus/sdk": "^17"}}', encoding="utf-8")
        asks = "export const u = (id, t) => `${process.env.DIRECTUS_URL}/assets/${id}?access_token=${t}`;\n"
        path.write_text("export const x = 1;\n" * 50 + asks * (index % 10 == 0), encoding="utf-8")


def escalation(folder: Path) -> None:
    """The paths of every principal, after loading: 500 roles, 500 policies, 50,000 rows; half of it beside the whole."""
    for roles, policies, rows, budget in ((250, 250, 25_000, ""), (500, 500, 50_000, "1000 ms")):
        place = folder / str(rows)
        large_exports.write(place / "directus", rows, roles=roles, policies=policies)
        (export,) = read(Repository(place))
        actors = [principal for principal, _ in export.actors]
        start = time.perf_counter()
        paths = Paths(export)
        found = sum(paths.of(principal) is not None for principal in actors)
        seconds = time.perf_counter() - start
        title = f"escalation, {rows:,} rows"
        print(f"{title:<30}{seconds * 1000:>7.0f} ms{'':>10}   {budget} ({found} of {len(actors)} escalate)")


def _program(tool: str) -> str | None:
    """The other scanner, where the machine has it; zizmor is small enough to be fetched."""
    found = shutil.which(tool)
    if found is None and tool == "zizmor":
        from _pytest.outcomes import Failed, Skipped

        from tests.support.programs import TOOLS, python_tool

        try:
            return str(python_tool(*TOOLS) / tool)
        except (Skipped, Failed):
            return None
    return found


def live() -> None:
    """Audits of a real Directus with 200 collections, as administrator."""
    os.environ["DIRECTUS_TOKEN"] = TOKEN
    for number in (2_000, 20_000):
        with tempfile.TemporaryDirectory() as name, started(Path(name) / "project", 11) as server:
            server.policy([row("directus_files", "read")])
            many(server, 200, number)
            run = measure([GUARD, "scan", name, "--url", server.url], 3)
            budget = "2000 ms" if number == 2_000 else ""
            print(
                f"{f'instance, {number:,} permissions':<30}{run.seconds * 1000:>7.0f} ms{run.mebibytes:>6.0f} MiB   {budget}"
            )


def pages() -> None:
    """The load event of large pages in Chromium: the median of five."""
    for title, make, command in (
        ("page, 460 findings", many_findings, "scan"),
        ("page, access 200 x 200", partial(crowded, roles=200, collections=200), "access"),
    ):
        with tempfile.TemporaryDirectory() as name:
            file = Path(name) / "page.html"
            make(Path(name) / "project")
            run = measure([GUARD, command, str(Path(name) / "project"), "--output", f"html={file}"], 1)
            print(f"{f'{title}: written':<30}{run.seconds * 1000:>7.0f} ms{run.mebibytes:>6.0f} MiB")
            states = [{"name": str(number)} for number in range(5)]
            answers: Any = browse("pages.mjs", {"file": str(file), "states": states})
            load = statistics.median(answer["load"] for answer in answers)
            print(f"{f'{title}: load event':<30}{load:>7.0f} ms{file.stat().st_size / 2**20:>6.1f} MiB   1000 ms, 3 MB")


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        one, many, mono = (Path(name) / part for part in ("one", "many", "mono"))
        projects(one, 1)
        files = projects(many, 200)
        monorepo(mono, 100_000)
        code = Path(name) / "code"
        asking(code, 10, 200)
        exports = {rows: Path(name) / f"export-{rows}" for rows in (10_000, 50_000, 100_000)}
        for number, folder in exports.items():
            large_exports.write(folder / "directus", number, roles=50, policies=100)
        results = [Path(name) / f"result-{number:03}.json" for number in range(200)]
        for number, path in enumerate(results):
            shutil.copy(ROOT / "tests" / "report" / "snapshots" / "flawed.json", path)
            path.write_text(path.read_text(encoding="utf-8") + " " * number, encoding="utf-8")
        rows = [
            ("--version", [GUARD, "--version"], 15, "60 ms"),
            ("one project", [GUARD, "scan", str(one)], 9, "150 ms"),
            (f"200 projects ({files} files)", [GUARD, "scan", str(many)], 3, "1000 ms, 100 MiB"),
            ("monorepo (100,000 files)", [GUARD, "scan", str(mono)], 3, "3000 ms"),
            ("2,000 files that ask Directus", [GUARD, "scan", str(code)], 3, "3000 ms"),
            ("merge of 200 results", [GUARD, "merge", *map(str, results)], 3, "1000 ms"),
            *(
                (f"export of {number:,} rows", [GUARD, "scan", str(folder)], 1, "3000 ms, 400 MiB at 100,000")
                for number, folder in exports.items()
            ),
        ]
        others: dict[str, Callable[[str], list[str]]] = {
            "zizmor": lambda path: ["--offline", "--no-progress", path],
            "checkov": lambda path: ["--quiet", "--compact", "-d", path],
        }
        print(f"{'directus-guard':<30}{'median':>10}{'peak':>10}   budget")
        print(f"{'(an empty python -c pass)':<30}{measure([sys.executable, '-c', 'pass'], 9).seconds * 1000:>7.0f} ms")
        ours: dict[str, Run] = {}
        for title, command, rounds, budget in rows:
            run = ours[title] = measure(command, rounds)
            print(f"{title:<30}{run.seconds * 1000:>7.0f} ms{run.mebibytes:>6.0f} MiB   {budget}")
        escalation(Path(name) / "escalation")
        for part in (live, pages):
            try:
                part()
            except pytest.skip.Exception as error:
                print(error.msg)
        for tool, arguments in others.items():
            program = _program(tool)
            if program is None:
                print(f"{tool}: not installed, not compared")
                continue
            for title, folder in (("one project", one), (rows[2][0], many)):
                run = measure([program, *arguments(str(folder))], 1)
                ratio = run.seconds / ours[title].seconds
                print(
                    f"{tool + ' ' + title:<30}{run.seconds * 1000:>7.0f} ms{run.mebibytes:>6.0f} MiB   {ratio:.1f} times ours"
                )


if __name__ == "__main__":
    main()
