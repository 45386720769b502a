"""The program as it stands here, to compare the image with."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def locally(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON report of the program as it stands here."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "entrypoint.py"), "scan", *arguments, "--output", "json", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout)
