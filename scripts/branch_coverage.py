"""Compares the branch coverage of the fast tests with what is allowed to be missing: `make coverage`.

Reads the report of `coverage json`. A file that `tests/uncovered.json` does not name is covered to its last branch; those that it
names may miss as many lines and branches as it says. The numbers only go down: `--update` writes lower ones, never higher. A branch
that nothing can take says so where it is: `# pragma: no cover - why`, or `# pragma: no branch - why`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
ALLOWED: Final = ROOT / "tests" / "uncovered.json"


def missing(report: dict[str, Any]) -> dict[str, int]:
    """How many lines and branches each file misses; files that miss none are left out."""
    found = {}
    for path, file in report["files"].items():
        lines, branches = set(file["missing_lines"]), file["missing_branches"]
        # A branch out of a line that never ran, or into one, says nothing new.
        count = len(lines) + sum(lines.isdisjoint(branch) for branch in branches)
        if count:
            found[path] = count
    return found


def compare(found: dict[str, int], allowed: dict[str, int]) -> list[str]:
    """What is worse than allowed, a line for each file."""
    return [
        f"{path}: {count} lines and branches are not covered by the fast tests, {allowed.get(path, 0)} are allowed"
        for path, count in sorted(found.items())
        if count > allowed.get(path, 0)
    ]


def main() -> int:
    """The exit code."""
    report, *options = sys.argv[1:]
    found = missing(json.loads(Path(report).read_text(encoding="utf-8")))
    allowed: dict[str, int] = json.loads(ALLOWED.read_text(encoding="utf-8"))
    worse = compare(found, allowed)
    print(*worse, sep="\n", end="\n" if worse else "")
    if options == ["--update"]:
        lower = {path: min(count, found[path]) for path, count in allowed.items() if path in found}
        ALLOWED.write_text(json.dumps(lower, indent=1) + "\n", encoding="utf-8")
    print(
        f"{sum(found.values())} lines and branches in {len(found)} files are not covered; {sum(allowed.values())} may be."
    )
    return bool(worse)


if __name__ == "__main__":
    sys.exit(main())
