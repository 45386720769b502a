"""`directus-guard baseline`: accept today's findings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from directus_guard.cli.arguments import add_include_nonproduction, add_instance, add_probe, add_quiet, add_reading
from directus_guard.cli.errors import UsageError
from directus_guard.cli.named_paths import refuse_unsafe
from directus_guard.cli.progress_line import shown_progress
from directus_guard.exit_code import ExitCode
from directus_guard.text_safety import clean

if TYPE_CHECKING:
    import argparse

    from directus_guard.cli.arguments import Commands


def add_command(commands: Commands) -> None:
    """Add `baseline` and its arguments."""
    baseline = commands.add_parser(
        "baseline", help="accept today's findings: write or prune a baseline file", allow_abbrev=False
    )
    baseline.add_argument("action", choices=("write", "prune"))
    baseline.add_argument("file", metavar="FILE")
    add_reading(baseline)
    add_instance(baseline)
    add_probe(baseline)
    add_include_nonproduction(baseline, "also findings in development and examples")
    add_quiet(baseline, "only what went wrong")
    baseline.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from directus_guard.audit import baseline
    from directus_guard.audit.run import audit
    from directus_guard.cli.config_file import refuse_other_files
    from directus_guard.cli.options import options_of, starts_at
    from directus_guard.cli.request import requested
    from directus_guard.report.words import counted

    file = _file(args.file, args.action)
    options = options_of(requested(args))
    with shown_progress(quiet=args.quiet):
        report = audit(options)
    starts = starts_at(options.root)
    said: list[str] = []
    try:
        if file.exists():
            refuse_other_files(str(file), file.read_text(encoding="utf-8", errors="replace"), written=True)
        if args.action == "write":
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(baseline.write(report.findings, starts), encoding="utf-8")
            said.append(f"{counted(len(report.findings), 'finding', 'findings')} accepted in {file}")
        else:
            text, gone = baseline.prune(file.read_text(encoding="utf-8"), report.findings, starts)
            file.write_text(text, encoding="utf-8")
            lines = counted(len(gone), "line that matches", "lines that match")
            said.append(f"{lines} no finding removed from {file}")
            said.extend(f"  {line}" for line in gone)
    except OSError as error:
        raise UsageError(f"baseline {file}: {error.strerror}") from None
    for line in () if args.quiet else said:
        print(clean(line), file=sys.stderr)
    return ExitCode.OK


def _file(name: str, action: str) -> Path:
    """The baseline. Raises `UsageError` for what cannot be one, before any work is done."""
    file = Path(name)
    if file.is_dir():
        raise UsageError(f"baseline: {name} is a folder; name a file in it, like {file / 'directus-guard.baseline'}")
    refuse_unsafe(file, "baseline")
    if action == "prune" and not file.exists():
        raise UsageError(f"baseline: {name}: no such file. `directus-guard baseline write {name}` makes it.")
    return file
