"""The lines of findings as GitHub knows them again when they move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.github import fingerprints
from directus_guard.sources.files.folder import Folder

if TYPE_CHECKING:
    from directus_guard.audit.options import Options
    from directus_guard.finding import Report


def line_hashes(options: Options, report: Report) -> dict[tuple[str, int], str]:
    """GitHub's hash of every line that a finding points at, by path and line; files that cannot be read have none."""
    wanted: dict[str, set[int]] = {}
    for finding in (*report.findings, *report.nonproduction):
        place = finding.home or finding.location
        wanted.setdefault(place.path, set()).add(place.line)
    store = options.store or Folder(options.root)
    found: dict[tuple[str, int], str] = {}
    for path, lines in wanted.items():
        try:
            with store.open(path) as file:
                content = file.read(_MOST_HASHED)
        except OSError:
            continue
        found |= {(path, line): value for line, value in fingerprints.line_hashes(content, lines).items()}
    return found


_MOST_HASHED: Final = 256 * 1024 * 1024
