"""Tries the program on a folder of real public files and prints found, missed and wrong per section.

The files belong to others and are not part of this repository; what is expected of them is listed in
`corpus_expected.json`, each file named by a hash of its path. Run: `python -m scripts.corpus PATH [--verbose]`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.finding import Finding


@dataclass(frozen=True, slots=True)
class Row:
    """One expectation: some of `checks` at some of `lines`, or (`expect` false) none of them in that range."""

    section: str
    file: str
    expect: bool
    lines: tuple[int, ...]
    checks: frozenset[str]
    """Empty: any check. A single `!check` means every check but that one."""

    def matches(self, finding: Finding) -> bool:
        """Whether the finding is one that the row speaks of."""
        line = finding.location.line
        placed = line in self.lines if self.expect else not self.lines or self.lines[0] <= line <= self.lines[-1]
        excepted = {check[1:] for check in self.checks if check.startswith("!")}
        named = finding.check not in excepted if excepted else not self.checks or finding.check in self.checks
        return placed and named and (self.expect or bool(self.checks & {finding.check}) or not _about_version(finding))


def _about_version(finding: Finding) -> bool:
    """Whether the finding is about the version alone, which the review behind the table did not judge."""
    return finding.check.startswith("vulnerable-version-") or finding.check in ("end-of-life-version", "unpinned-image")


def expectations() -> tuple[Row, ...]:
    """The table."""
    rows = json.loads(Path(__file__).with_name("corpus_expected.json").read_text(encoding="utf-8"))
    return tuple(
        Row(row["section"], row["file"], row["expect"], tuple(row["lines"] or ()), frozenset(row["checks"] or ()))
        for row in rows
    )


def findings(corpus: Path) -> Iterator[tuple[str, Finding]]:
    """Every finding on every project, with the path within the corpus."""
    for project in sorted(path for path in corpus.iterdir() if path.is_dir()):
        report = audit(Options(root=project))
        for finding in (*report.findings, *report.nonproduction):
            yield f"{project.name}/{finding.location.path}", finding


def main() -> int:
    """Print the table; 1 if anything was missed or wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--verbose", action="store_true", help="every finding, and each row that failed")
    args = parser.parse_args()
    by_file: dict[str, list[tuple[str, Finding]]] = {}
    total = 0
    for path, finding in findings(args.corpus):
        total += 1
        by_file.setdefault(hashlib.sha256(path.encode()).hexdigest()[:16], []).append((path, finding))
        if args.verbose:
            print(f"{path}:{finding.location.line} {finding.check} {finding.context.value} {finding.actual}")
    counts: Counter[tuple[str, str]] = Counter()
    for row in expectations():
        hits = [(path, finding) for path, finding in by_file.get(row.file, ()) if row.matches(finding)]
        verdict = ("found" if hits else "missed") if row.expect else ("wrong" if hits else "quiet")
        counts[row.section, verdict] += 1
        if args.verbose and verdict in ("missed", "wrong"):
            print(f"{verdict.upper()} {row} {[(path, f.location.line, f.check) for path, f in hits]}")
    print(f"{'section':<10}{'found':>8}{'missed':>8}{'quiet':>8}{'wrong':>8}")
    for section in dict.fromkeys(row.section for row in expectations()):
        print(
            f"{section:<10}" + "".join(f"{counts[section, word]:>8}" for word in ("found", "missed", "quiet", "wrong"))
        )
    print(f"{total} findings in all")
    return int(any(count for (_, verdict), count in counts.items() if verdict in ("missed", "wrong")))


if __name__ == "__main__":
    sys.exit(main())
