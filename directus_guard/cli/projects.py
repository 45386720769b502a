"""`directus-guard projects`: the Directus projects under a folder, as jobs for CI."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from directus_guard.cli.arguments import add_quiet, add_reading
from directus_guard.cli.output import opened
from directus_guard.cli.progress_line import shown_progress
from directus_guard.exit_code import ExitCode

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from directus_guard.cli.arguments import Commands


def add_command(commands: Commands) -> None:
    """Add `projects` and its arguments."""
    projects = commands.add_parser(
        "projects", help="the Directus projects under PATH, as JSON for a CI matrix", allow_abbrev=False
    )
    add_reading(projects, exports=False)
    add_quiet(projects, "no line that shows how far the run is")
    projects.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from directus_guard.audit.run import audit
    from directus_guard.cli.options import options_of
    from directus_guard.cli.request import requested
    from directus_guard.report.json_v1 import write_data

    with shown_progress(quiet=args.quiet):
        scanned = audit(options_of(requested(args))).scanned
    rows = [{"deployment": name, "path": name.split("#", 1)[0]} for name in scanned.deployments]
    jobs = _matrix([row["path"] for row in rows], scanned.access_models)
    found = {"schema": "projects-v1", "projects": rows, "access_models": list(scanned.access_models)}
    with opened(None) as stream:
        write_data(found | {"matrix": {"include": jobs}}, stream)
    return ExitCode.OK if jobs else ExitCode.NOTHING_FOUND


def _matrix(files: Iterable[str], exports: Iterable[str]) -> list[dict[str, str]]:
    """One job for each folder with a deployment, and for exports that lie in none of them: a name of its own, and its path."""
    folders = {file.rpartition("/")[0] or "." for file in files}
    folders |= {export for export in exports if not any(f == "." or f"{export}/".startswith(f"{f}/") for f in folders)}
    jobs: dict[str, str] = {}
    for folder in sorted(folders):
        name = slug = re.sub(r"[^A-Za-z0-9._-]+", "-", folder).strip(".-") or "root"
        number = 1
        while name in jobs:
            number += 1
            name = f"{slug}-{number}"
        jobs[name] = folder
    return [{"name": name, "path": folder} for name, folder in jobs.items()]
