"""A plugin of pytest that notes which lines each test runs, and what it costs. `make mutants` starts it.

Only tests that the map does not have yet, or that ran code that has changed, are run. What runs while tests are imported and
collected is noted as well: a mistake there cannot be put in afterwards. What functions have kept is forgotten before each test. It
would use what the test before it has worked out, and run none of these lines.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
from functools import _lru_cache_wrapper, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import coverage
import pytest
from coverage.numbits import numbits_to_nums

from tests.mutants.line_map import COLLECTING, Measured, key_of_test, read_map, write_map
from tests.mutants.source import FOLDERS, PACKAGE, ROOT, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

MAP: Final = "MUTANTS_MAP"
"""The variable with the path of the map that is read and written."""
_KEPT_EVERY: Final = 500


class Recorder:
    """Measures the tests one by one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known = read_map(path)
        self.known.follow(modules())
        self.folder = tempfile.TemporaryDirectory()
        self.data = Path(self.folder.name) / "lines"
        self.measured: dict[str, Measured] = {}
        self.keys: dict[str, str] = {}
        self.failed: set[str] = set()
        self.coverage = coverage.Coverage(
            data_file=str(self.data),
            include=[str(PACKAGE / name / "*") for name in FOLDERS],
            config_file=False,
            messages=False,
        )
        self.coverage.start()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what the map has. What is no longer there is not in the map either."""
        self.keys = {item.nodeid: key_of_test(item) for item in items}
        files = {_file(item.nodeid) for item in items}
        self.known.forget(
            {
                test
                for test in self.known.measured
                if test not in self.keys and (_file(test) in files or not (ROOT / _file(test)).exists())
            }
        )
        old = {test for test, measured in self.known.measured.items() if self.keys.get(test) == measured.key}
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in old])
        items[:] = [item for item in items if item.nodeid not in old]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """The lines of a test, and its processor time with what the measuring costs."""
        for kept in _caches(len(sys.modules)):
            kept.cache_clear()
        self.coverage.switch_context(item.nodeid)
        started = time.process_time()
        try:
            return (yield)
        finally:
            cost = round(time.process_time() - started, 4)
            passes = item.nodeid not in self.failed
            self.measured[item.nodeid] = Measured(cost, self.keys[item.nodeid], passes)
            self.coverage.switch_context(COLLECTING)
            if len(self.measured) % _KEPT_EVERY == 0:
                self.keep()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that fails already notices nothing, and neither does one that is skipped."""
        if not report.passed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write the map."""
        self.coverage.stop()
        self.keep()
        self.folder.cleanup()

    def keep(self) -> None:
        """Take what was measured since the last time into the map, and write it."""
        self.coverage.save()
        lines: dict[str, dict[str, list[int]]] = {}
        with sqlite3.connect(self.data) as rows:
            query = (
                "select path, context, numbits from line_bits"
                " join file on file.id = file_id join context on context.id = context_id"
            )
            for path, context, numbits in rows.execute(query):
                if context == COLLECTING or context in self.measured:
                    name = Path(path).relative_to(PACKAGE).as_posix()
                    lines.setdefault(context, {})[name] = numbits_to_nums(numbits)
        self.known.add(lines, self.measured)
        self.measured.clear()
        write_map(self.path, self.known)


@lru_cache(maxsize=1)
def _caches(_modules: int) -> list[_lru_cache_wrapper[Any]]:
    """What functions of the package keep, in so many modules that are imported."""
    modules = [module for name, module in sys.modules.items() if name.startswith("directus_guard.")]
    of_modules = [thing for module in modules for thing in vars(module).values()]
    of_classes = [member for thing in of_modules if isinstance(thing, type) for member in vars(thing).values()]
    return [thing for thing in (*of_modules, *of_classes) if isinstance(thing, _lru_cache_wrapper)]


def _file(test: str) -> str:
    return test.partition("::")[0]


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Recorder(Path(os.environ[MAP])))
