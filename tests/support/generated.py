"""Which generated inputs a comparison with a real program takes: the same ones in every run, and many more under `make fuzz`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def seeds(number: int) -> range:
    """So many seeds, from 0. GENERATED_TIMES multiplies their number, GENERATED_FROM is the first: `make fuzz` sets both."""
    first = int(os.environ.get("GENERATED_FROM", "0"))
    return range(first, first + number * int(os.environ.get("GENERATED_TIMES", "1")))


def found_by_fuzzing(target: str) -> Iterator[bytes]:
    """The inputs that fuzzing a target has kept, if the folder of FUZZ_INPUTS is named: each reaches code that the others do not."""
    folder = os.environ.get("FUZZ_INPUTS")
    if folder:
        for path in sorted((Path(folder) / target).iterdir()):
            yield path.read_bytes()
