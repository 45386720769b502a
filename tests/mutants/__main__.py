"""Puts mistakes into the package, one at a time, and lists those that no test notices: `make mutants SEED=1 N=100`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tests.mutants import recorder, runner, sample
from tests.mutants.choice import Choice
from tests.mutants.line_map import LineMap, read_map
from tests.mutants.runner import Result, Trial
from tests.mutants.source import ROOT, Module, Mutant, modules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CACHE: Final = ROOT / ".cache" / "mutants"
FAST: Final = "not (real or thorough or hypothesis)"
WITH_THOROUGH: Final = "not real"
KINDS: Final = ("killed", "survived", "timeout", "not reached", runner.NOT_PUT_IN, "equivalent", runner.NOT_TRIED)
_FILES_AT_FIRST: Final = 3
Drawn = tuple[Module, Mutant]


def arguments() -> argparse.ArgumentParser:
    """What can be chosen."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="another sample")
    parser.add_argument("--count", type=int, default=100, help="how many mutants, of each folder")
    parser.add_argument(
        "--folder", nargs="*", default=[], help="only below these folders of the package, such as checks/flows"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="mutants at the same time")
    parser.add_argument("--seconds", type=float, default=240, help="of the tests of one mutant, the cheapest first")
    parser.add_argument("--minutes", type=float, default=60, help="of all mutants; those left then are not tried")
    parser.add_argument("--thorough", action="store_true", help="then also the thorough tests that run its line")
    parser.add_argument("--tests", nargs="*", default=["tests"], help="where tests are looked for")
    parser.add_argument("--at-least", type=float, default=0, help="fail if fewer than this per cent are killed")
    return parser


def main() -> int:
    """Draw, try, and say what survives."""
    chosen = arguments().parse_args()
    started = time.monotonic()
    marks = WITH_THOROUGH if chosen.thorough else FAST
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    path = CACHE / f"{'thorough' if chosen.thorough else 'fast'}-{version}.map"
    lines = _measured(path, marks, chosen.tests)
    measured = time.monotonic()
    drawn = [
        one for folder in chosen.folder or [""] for one in sample.drawn(modules(folder), chosen.seed, chosen.count)
    ]
    choice = Choice(modules(), lines)
    equal = {(one.path, one.was, one.now) for one in sample.equivalents()}
    trials, outcomes = [], {}
    for number, (module, mutant) in enumerate(drawn):
        if (mutant.path, *sample.change(module, mutant)) in equal:
            outcomes[number] = Result(number, "equivalent", "", 0)
        elif tests := _affordable(choice.tests(mutant, tuple(chosen.tests)), lines, chosen.seconds):
            trials.append(_trial(number, module, mutant, tests, lines, choice))
        else:
            outcomes[number] = Result(number, "not reached", "", 0)
    outcomes |= _tried(trials, marks, chosen.tests, chosen.jobs, chosen.minutes * 60)
    print("\n".join(_report(drawn, outcomes, trials)))
    ended = time.monotonic()
    print(
        f"{_minutes(measured - started)} for the map, {_minutes(ended - measured)} of at most {chosen.minutes:g} for the mutants"
    )
    return int(rate(Counter(one.outcome for one in outcomes.values())) < chosen.at_least)


def _measured(path: Path, marks: str, tests: Sequence[str]) -> LineMap:
    """The map, complete for these tests."""
    print(f"Tests that are new in {path}, or ran code that has changed, are measured.", file=sys.stderr)
    _pytest("recorder", marks, tests, {recorder.MAP: str(path)})
    return read_map(path)


def _pytest(plugin: str, marks: str, tests: Sequence[str], environment: Mapping[str, str]) -> None:
    command = (sys.executable, "-m", "pytest", "-n", "0", "-p", f"tests.mutants.{plugin}", "-m", marks, *tests)
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, check=False)


def _affordable(tests: list[str], lines: LineMap, seconds: float) -> list[str]:
    """As many as fit."""
    found: list[str] = []
    for test in tests:
        seconds -= lines.measured[test].cost
        if found and seconds < 0:
            break
        found.append(test)
    return found


def _trial(number: int, module: Module, mutant: Mutant, tests: list[str], lines: LineMap, choice: Choice) -> Trial:
    collecting = choice.runs_while_collecting(mutant)
    first, later = first_files(tests) if collecting else (tests, [])
    return Trial(
        number=number,
        path=mutant.path,
        function=mutant.function,
        source=module.mutated(mutant),
        while_collecting=collecting,
        tests=first,
        costs={test: lines.measured[test].cost for test in tests},
        later=later,
    )


def first_files(tests: list[str]) -> tuple[list[str], list[str]]:
    """The tests of the files that come first, and the others: to import all files takes longer than most tests."""
    files = list(dict.fromkeys(test.partition("::")[0] for test in tests))[:_FILES_AT_FIRST]
    parts: tuple[list[str], list[str]] = ([], [])
    for test in tests:
        parts[test.partition("::")[0] not in files].append(test)
    return parts


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} minutes"


def _tried(trials: list[Trial], marks: str, tests: Sequence[str], jobs: int, seconds: float) -> dict[int, Result]:
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan"
        plan.write_bytes(msgspec.msgpack.encode(trials))
        environment = {runner.PLAN: str(plan), runner.SECONDS: str(seconds), "MUTANTS_JOBS": str(jobs)}
        _pytest("runner", marks, tests, environment)
        written = plan.with_suffix(".results")
        if not written.exists():
            sys.exit("pytest did not get as far as the mutants: does it collect these tests?")
        found = [msgspec.json.decode(line, type=Result) for line in written.read_bytes().splitlines()]
    return {result.number: result for result in found}


def _report(drawn: Sequence[Drawn], outcomes: Mapping[int, Result], trials: Sequence[Trial]) -> Iterator[str]:
    tried = {trial.number: len(trial.costs) for trial in trials}
    for number, (module, mutant) in enumerate(drawn):
        result = outcomes.get(number, Result(number, "timeout", "no result", 0))
        if result.outcome not in {"killed", "equivalent"}:
            where = mutant.function or "module"
            yield f"{result.outcome}: {mutant.id} in {where}, {tried.get(number, 0)} tests {result.test}"
            yield sample.shown(module, mutant)
    for title, group in (("part", _part), ("folder", _folder), ("operator", lambda mutant: mutant.operator)):
        counts: dict[str, Counter[str]] = {}
        for number, (_, mutant) in enumerate(drawn):
            counts.setdefault(group(mutant), Counter())[
                outcomes[number].outcome if number in outcomes else "timeout"
            ] += 1
        yield from _table(title, counts)
    seconds = sum(result.seconds for result in outcomes.values())
    yield f"{len(drawn)} mutants, {seconds / max(len(drawn), 1):.1f} seconds of the processor for each"


def _part(mutant: Mutant) -> str:
    return mutant.path.partition("/")[0]


def _folder(mutant: Mutant) -> str:
    return "/".join(mutant.path.split("/")[:-1][:2])


def _table(title: str, counts: Mapping[str, Counter[str]]) -> Iterator[str]:
    yield f"\n{title:24}{''.join(f'{kind:>13}' for kind in KINDS)}   killed %"
    whole = sum(counts.values(), Counter())
    for name, one in [*sorted(counts.items()), ("all", whole)]:
        yield f"{name:24}{''.join(f'{one[kind]:13}' for kind in KINDS)}{rate(one):11.1f}"


def rate(counts: Counter[str]) -> float:
    """Per cent that are killed of those tried that change anything. A test that does not end has noticed nothing."""
    possible = counts.total() - counts["equivalent"] - counts[runner.NOT_TRIED]
    return 100 * counts["killed"] / possible if possible else 100


if __name__ == "__main__":
    sys.exit(main())
