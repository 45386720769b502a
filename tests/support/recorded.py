"""Answers of real programs, kept by `tests/differential/record.py`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

TRUTH: Final = ROOT / "tests" / "truth"


def kept(name: str) -> Path:
    """The file of one program's answers."""
    return TRUTH / f"{name}.json"


def load(name: str) -> Any:
    """One program's answers."""
    return json.loads(kept(name).read_text(encoding="utf-8"))
