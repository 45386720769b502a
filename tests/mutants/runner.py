"""A plugin of pytest that tries mutants: each in a copy of this process, which ends with it. `make mutants` starts it.

A mistake in a function is put into a process that has all tests already. One that takes part in importing a module is there before
anything is imported.
"""

from __future__ import annotations

import gc
import importlib
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Final, NoReturn

import msgspec
import pytest
from msgspec.structs import replace

from tests.mutants.source import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PLAN: Final = "MUTANTS_PLAN"
"""The variable with the path of the trials. Their results are written beside it."""
SECONDS: Final = "MUTANTS_SECONDS"
"""The variable with the time for all of them. What is not done by then is not tried."""
NOT_TRIED: Final = "not tried"
NOT_PUT_IN: Final = "not put in"
"""No function of the process had the code that the mistake is in."""
_MEMORY: Final = 3 << 30
_COLLECTING_SECONDS: Final = 120
_SLOWER: Final = 5
"""A test that takes so many times what it takes without the mistake, and some seconds, does not end."""
_SPARE_SECONDS: Final = 4
_WAITS: Final = 40
"""Seconds that pass for each second of the processor, where other programs use it as well."""


class Trial(msgspec.Struct):
    """A mutant, and the tests that are run, with what each costs."""

    number: int
    path: str
    function: str
    source: bytes
    while_collecting: bool
    tests: list[str]
    costs: dict[str, float]
    later: list[str] = []
    """Tests of other files, which are imported only if `tests` notice nothing."""


class Result(msgspec.Struct):
    """What became of it: `killed` by a test, `survived`, `timeout`, `not put in`, or `not tried`: the time was over."""

    number: int
    outcome: str
    test: str
    seconds: float


class Runner:
    """Tries one mutant after the other, several at the same time."""

    def __init__(self, plan: Path, jobs: int, seconds: float) -> None:
        self.ends = time.monotonic() + seconds
        self.trials = msgspec.msgpack.decode(plan.read_bytes(), type=list[Trial])
        self.results = plan.with_suffix(".results")
        self.jobs = jobs
        self.running: dict[int, tuple[Trial, Path]] = {}
        self.waiting: list[Trial] = [trial for trial in self.trials if trial.while_collecting]
        self.child: Child | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        """Those that must be there first. A copy goes on from here with the tests of its mutant."""
        while self.waiting or self.running:
            if not self.waiting:
                self._wait_for(len(self.running) - 1)
                continue
            trial = self.waiting.pop(0)
            if self.fork(trial):
                session.config.args = list(trial.tests)
                sys.meta_path.insert(0, Replacing(trial))
                return

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """The cheapest test first."""
        if self.child is not None:
            items.sort(key=self.child.order)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """The others."""
        if self.child is not None:
            return None
        trials = [trial for trial in self.trials if not trial.while_collecting]
        for path in sorted({trial.path for trial in trials}):
            importlib.import_module(_module_name(path))
        functions = functions_here()
        items = {item.nodeid: item for item in session.items}
        gc.collect()
        gc.freeze()
        for trial in trials:
            if child := self.fork(trial):
                if not put_in(trial, functions):
                    child.end(NOT_PUT_IN)
                _run(session, [items[test] for test in trial.tests if test in items])
                child.end("survived")
        self._wait_for(0)
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that cannot be imported is noticed by each of its tests."""
        if self.child is not None and report.failed:
            self.child.end("killed", report.nodeid or "importing")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Each test has its own time."""
        if self.child is not None:
            self.child.limit(self.child.seconds(item.nodeid) * _SLOWER + _SPARE_SECONDS)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The first failure is enough. Without memory a test does not end either."""
        if self.child is not None and report.failed:
            endless = "MemoryError" in report.longreprtext
            self.child.end("timeout" if endless else "killed", report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """All of its tests have passed."""
        if self.child is not None:
            self.child.end("survived")

    def fork(self, trial: Trial) -> Child | None:
        """The copy, if this is it. The parent waits until another may be made."""
        self._wait_for(self.jobs - 1)
        if time.monotonic() >= self.ends:
            self._note(Result(trial.number, NOT_TRIED, "", 0))
            return None
        folder = Path(tempfile.mkdtemp(prefix="mutant-"))
        process = os.fork()
        if process:
            self.running[process] = (trial, folder)
            return None
        self.child = Child(trial, folder, self.ends)
        return self.child

    def _wait_for(self, most: int) -> None:
        while len(self.running) > most:
            process, status = os.wait()
            if process not in self.running:
                continue
            trial, folder = self.running.pop(process)
            written = folder / "result"
            if written.exists():
                result = msgspec.json.decode(written.read_bytes(), type=Result)
            else:
                ended = os.WIFSIGNALED(status) and os.WTERMSIG(status) in {
                    signal.SIGPROF,
                    signal.SIGALRM,
                    signal.SIGKILL,
                }
                late = ended and time.monotonic() >= self.ends
                outcome = NOT_TRIED if late else "timeout" if ended else "killed"
                result = Result(trial.number, outcome, f"ended with {status}", 0)
            shutil.rmtree(folder, ignore_errors=True)
            if result.outcome == "survived" and trial.later:
                self.waiting.append(replace(trial, tests=trial.later, later=[]))
                continue
            self._note(result)

    def _note(self, result: Result) -> None:
        with self.results.open("ab") as file:
            file.write(msgspec.json.encode(result) + b"\n")


class Child:
    """This process as the copy that has a mutant."""

    def __init__(self, trial: Trial, folder: Path, ends: float) -> None:
        self.trial = trial
        self.ends = ends
        self.folder = folder
        self.costs = trial.costs
        self.places = {test: place for place, test in enumerate(trial.tests)}
        self.started = time.process_time()
        os.environ["PYTEST_DEBUG_TEMPROOT"] = os.environ["TMPDIR"] = str(folder)
        tempfile.tempdir = None
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nowhere, standard)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        self.limit(_COLLECTING_SECONDS)

    def order(self, item: pytest.Item) -> int:
        """The place of a test."""
        return self.places.get(item.nodeid, len(self.places))

    def seconds(self, test: str) -> float:
        """What a test costs without the mistake."""
        return self.costs.get(test, 1.0)

    def limit(self, seconds: float) -> None:
        """End this process after so many seconds of the processor, if it waits for ever, or when the time for all is over."""
        signal.setitimer(signal.ITIMER_PROF, seconds)
        left = self.ends - time.monotonic()
        signal.alarm(max(1, int(min(seconds * _WAITS, left + 1))))

    def end(self, outcome: str, test: str = "") -> NoReturn:
        """Write the result, and leave without what pytest does at its end."""
        seconds = time.process_time() - self.started
        (self.folder / "result").write_bytes(msgspec.json.encode(Result(self.trial.number, outcome, test, seconds)))
        os._exit(0)


def _run(session: pytest.Session, items: Sequence[pytest.Item]) -> None:
    for place, item in enumerate(items):
        after = items[place + 1] if place + 1 < len(items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)


def functions_here() -> dict[tuple[str, str, int], list[FunctionType]]:
    """Every function of this process by file, name and line."""
    gc.unfreeze()  # The collector lists no frozen object, and `conftest.py` freezes all that was imported.
    found: dict[tuple[str, str, int], list[FunctionType]] = {}
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType):
            found.setdefault(_place(thing.__code__), []).append(thing)
    return found


def _place(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def put_in(trial: Trial, functions: dict[tuple[str, str, int], list[FunctionType]]) -> bool:
    """Give the function of the mutant, and those that it has made, their new code. Say whether there was one."""
    name, done = trial.function, False
    for code in _codes(compile(trial.source, str(PACKAGE / trial.path), "exec")):
        if code.co_qualname == name or code.co_qualname.startswith(f"{name}.<locals>."):
            for function in functions.get(_place(code), ()):
                function.__code__ = code
                done = True
    return done


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _module_name(path: str) -> str:
    return f"directus_guard.{path.removesuffix('.py').removesuffix('/__init__').replace('/', '.')}"


class Replacing(MetaPathFinder):
    """Imports the mutant in place of its module."""

    def __init__(self, trial: Trial) -> None:
        self.name = _module_name(trial.path)
        self.source = trial.source

    def find_spec(self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        """The module as it is found elsewhere, with another text."""
        if name != self.name:
            return None
        spec = PathFinder.find_spec(name, path)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = _Mutated(name, spec.origin, self.source)
        return spec


class _Mutated(SourceFileLoader):
    def __init__(self, name: str, path: str, source: bytes) -> None:
        super().__init__(name, path)
        self.source = source

    def get_code(self, fullname: str) -> CodeType:
        """The code of the mutant. Nothing is kept."""
        code: CodeType = compile(self.source, self.path, "exec", dont_inherit=True)
        return code


def pytest_configure(config: pytest.Config) -> None:
    jobs, seconds = int(os.environ.get("MUTANTS_JOBS", "1")), float(os.environ.get(SECONDS, "inf"))
    config.pluginmanager.register(Runner(Path(os.environ[PLAN]), jobs, seconds))
