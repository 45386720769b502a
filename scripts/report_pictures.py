"""Draws the pictures of docs/report.md: pages of the projects under `examples/`, in Chromium.

Run: `make pictures`. Needs Node.js; Chromium is fetched into `.cache` where it is not installed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.support.browser import browse
from tests.support.cli import guard
from tests.support.page_projects import blog
from tests.support.programs import ROOT

CELL: Final = "[role=gridcell]"


def page(project: Path, target: Path, command: str) -> str:
    """The page of a project."""
    run = guard(command, project, "--output", f"html={target}")
    assert target.exists(), run.err
    return str(target)


def main() -> int:
    """Draw them."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(ROOT / "examples" / "flawed", root / "flawed")
        first = page(root / "flawed", root / "report.html", "scan")
        blog(root / "blog")
        second = page(root / "blog", root / "access.html", "scan")
        docs = ROOT / "docs"
        look = {"width": 1120, "height": 1040, "full": False}
        browse("shots.mjs", {"file": first, "shots": [{**look, "path": str(docs / "report.png")}]})
        moves = [{"focus": CELL}, *[{"press": key} for key in ("ArrowRight", "ArrowRight", "ArrowDown")]]
        shots = [
            {**look, "path": str(docs / "matrix.png"), "selector": "#access", "steps": moves},
            {**look, "path": str(docs / "ways.png"), "selector": "#ways"},
        ]
        browse("shots.mjs", {"file": second, "shots": shots})
    return 0


if __name__ == "__main__":
    sys.exit(main())
