"""Which tests run a line, as measured once (`recorder.py`), also where the line has moved since."""

from __future__ import annotations

import difflib
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import pytest

from tests.mutants.source import Module

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

COLLECTING: Final = ""
"""In place of a test: what runs while the tests are imported and collected."""
_EVERYTHING: Final = 0
"""The bit of a line for that; the others are numbered by `LineMap.tests`."""


class Measured(msgspec.Struct):
    """A test: what it costs in seconds of the processor, of which text that is known, and whether it passes as it is."""

    cost: float
    key: str
    passes: bool


class LineMap(msgspec.Struct):
    """The lines of each module, and a set of bits for each: the numbers of its tests."""

    tests: list[str] = msgspec.field(default_factory=lambda: [COLLECTING])
    measured: dict[str, Measured] = msgspec.field(default_factory=dict)
    sources: dict[str, bytes] = msgspec.field(default_factory=dict)
    lines: dict[str, dict[int, bytes]] = msgspec.field(default_factory=dict)

    def add(self, lines: Mapping[str, Mapping[str, Collection[int]]], measured: Mapping[str, Measured]) -> None:
        """Take the lines of some tests in, instead of those that they ran before."""
        self.forget(measured)
        self.measured.update(measured)
        numbers = {test: number for number, test in enumerate(self.tests)}
        for test in measured:
            if test not in numbers:
                numbers[test] = len(self.tests)
                self.tests.append(test)
        bits: dict[str, dict[int, int]] = {}
        for test, files in lines.items():
            for path, numbers_of_lines in files.items():
                known = bits.setdefault(path, {})
                for line in numbers_of_lines:
                    known[line] = known.get(line, 0) | (1 << numbers[test])
        for path, added in bits.items():
            kept = self.lines.setdefault(path, {})
            for line, value in added.items():
                kept[line] = _bytes(value | _bits(kept.get(line, b"")))

    def follow(self, found: Iterable[Module]) -> None:
        """Move the lines of modules that have changed, and forget the tests that ran what is different now."""
        changed: set[str] = set()
        for module in found:
            was = self.sources.get(module.path)
            if was is not None and was != module.source:
                changed |= self.tests_of(module.path, _different(Module(module.path, was), module))
                moved = _moved(was, module.source)
                old = self.lines.get(module.path, {})
                self.lines[module.path] = {moved[line]: tests for line, tests in old.items() if line in moved}
            self.sources[module.path] = module.source
        self.forget(changed - {COLLECTING})

    def forget(self, tests: Collection[str]) -> None:
        """Leave out some tests: they have changed, they run something else now, or they are no longer there."""
        numbers = {test: number for number, test in enumerate(self.tests)}
        gone = sum(1 << numbers[test] for test in set(tests) if test in numbers and test in self.measured)
        for test in tests:
            self.measured.pop(test, None)
        if gone:
            for path, lines in self.lines.items():
                self.lines[path] = {line: _bytes(_bits(value) & ~gone) for line, value in lines.items()}

    def tests_of(self, path: str, lines: Collection[int]) -> set[str]:
        """The tests that run any of these lines, `COLLECTING` included."""
        known = self.lines.get(path, {})
        value = 0
        for line in lines:
            value |= _bits(known.get(line, b""))
        return {self.tests[number] for number in _numbers(value)}


def _bytes(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "little")


def _bits(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _numbers(value: int) -> Iterator[int]:
    while value:
        lowest = value & -value
        yield lowest.bit_length() - 1
        value ^= lowest


def _different(was: Module, now: Module) -> list[int]:
    """The lines of functions that are different now; all, if what is outside of them is: any may use it."""
    first, second = _parts(was), _parts(now)
    if first.get("") != second.get(""):
        return list(range(1, len(was.source.splitlines()) + 1))
    return [
        line for start, end, name in was.functions if first[name] != second.get(name) for line in range(start, end + 1)
    ]


def _parts(module: Module) -> dict[str, list[bytes]]:
    """The lines of each function, and under "" the others. Functions of the same name are one part."""
    found: dict[str, list[bytes]] = {}
    for number, line in enumerate(module.source.splitlines(), 1):
        found.setdefault(module.function_at(number), []).append(line)
    return found


def _moved(was: bytes, now: bytes) -> dict[int, int]:
    """Where each line of a text is in another."""
    matcher = difflib.SequenceMatcher(None, was.splitlines(), now.splitlines(), autojunk=False)
    return {
        block.a + step + 1: block.b + step + 1 for block in matcher.get_matching_blocks() for step in range(block.size)
    }


def read_map(path: Path) -> LineMap:
    """The map of a file, or one that knows nothing yet."""
    if not path.exists():
        return LineMap()
    return msgspec.msgpack.decode(path.read_bytes(), type=LineMap)


def write_map(path: Path, content: LineMap) -> None:
    """Write it so that whoever reads at the same time has a whole one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(msgspec.msgpack.encode(content))
    part.replace(path)


def key_of_test(item: pytest.Item) -> str:
    """Of the text of a test: its module, what its folder does around each test, and the folder that is its example."""
    around = item.path.with_name("conftest.py")
    parts = [_file_key(path) for path in (item.path, around) if path.exists()]
    if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
        values = item.callspec.params.values()
        parts += [_folder_key(value) for value in values if isinstance(value, Path) and value.is_dir()]
    return "".join(parts)


@cache
def _file_key(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


@cache
def _folder_key(path: Path) -> str:
    found = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        if file.is_file():
            found.update(file.relative_to(path).as_posix().encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:12]
