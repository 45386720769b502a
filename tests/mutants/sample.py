"""Which mutants are tried: lines drawn by a seed, one mutant of each; and those that are known to change nothing."""

from __future__ import annotations

import difflib
import random
import re
import tomllib
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tests.mutants.operators import is_another_program, mutants_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.mutants.source import Module, Mutant

_LISTED: Final = Path(__file__).with_name("equivalent.toml")


class Equivalent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mutant that no test can notice, by what is written, not by where it is."""

    path: str
    function: str
    was: str
    now: str
    reason: str


def drawn(modules: Sequence[Module], seed: int, count: int) -> list[tuple[Module, Mutant]]:
    """A mutant of each of `count` lines. A line with many texts is as likely as one with a single comparison."""
    chance = random.Random(seed)
    by_path = {module.path: module for module in modules}
    lines: dict[tuple[str, int], list[Mutant]] = {}
    for module in modules:
        for mutant in mutants_of(module):
            lines.setdefault((mutant.path, mutant.line), []).append(mutant)
    order = sorted(lines)
    chance.shuffle(order)
    found: list[tuple[Module, Mutant]] = []
    for place in order:
        if len(found) == count:
            break
        module = by_path[place[0]]
        candidates = lines[place]
        chance.shuffle(candidates)
        found += islice(((module, one) for one in candidates if is_another_program(module, one)), 1)
    return sorted(found, key=lambda pair: pair[1])


def equivalents() -> tuple[Equivalent, ...]:
    """The mutants that are listed, each with its reason."""
    content = tomllib.loads(_LISTED.read_text(encoding="utf-8"))
    return msgspec.convert(content.get("mutant", []), tuple[Equivalent, ...])


def change(module: Module, mutant: Mutant) -> tuple[str, str]:
    """The changed lines before and after, with single spaces."""
    was: list[str] = []
    now: list[str] = []
    for line in _changed(module, mutant, context=0):
        (was if line.startswith("-") else now).append(line[1:])
    return _plain(was), _plain(now)


def _plain(lines: list[str]) -> str:
    return re.sub(r"\s+", " ", " ".join(lines)).strip()


def shown(module: Module, mutant: Mutant) -> str:
    """The mistake as a diff."""
    return "\n".join(f"    {line}" for line in _changed(module, mutant, context=2))


def _changed(module: Module, mutant: Mutant, *, context: int) -> Iterator[str]:
    before, after = module.source.decode().splitlines(), module.mutated(mutant).decode().splitlines()
    for line in difflib.unified_diff(before, after, n=context, lineterm=""):
        if not line.startswith(("---", "+++", "@@")):
            yield line
