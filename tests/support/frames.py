"""Code frames beside the lines of the files that they show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from directus_guard.finding import Report


def invented(root: Path, report: Report) -> Iterator[str]:
    """The frames that are not the line of the file but for what is masked, or left out at the ends."""
    for finding in (*report.findings, *report.nonproduction):
        frame = finding.frame
        if frame is None:
            continue
        lines = (root / finding.location.path).read_bytes().decode("utf-8-sig").split("\n")
        line = lines[frame.line - 1].replace("\t", "    ").rstrip()
        like = re.sub(r"(\\ )?…(\\ )?|(\\\*){8}", ".*", re.escape(frame.text))
        if not re.fullmatch(like, line) or frame.line != finding.location.line:
            yield f"{finding.check}: `{frame.text}` is not `{line}`"
