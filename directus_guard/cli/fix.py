"""`directus-guard fix`: change what can be changed by rule, or show the patch."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from directus_guard.cli.arguments import (
    add_color,
    add_include_nonproduction,
    add_incomplete,
    add_min_severity,
    add_no_ignores,
    add_quiet,
    add_reading,
)
from directus_guard.cli.errors import UsageError, complain, did_you_mean
from directus_guard.cli.output import colored, opened, width_of
from directus_guard.cli.progress_line import shown_progress
from directus_guard.exit_code import ExitCode
from directus_guard.text_safety import clean

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from directus_guard.audit.mending import Mending
    from directus_guard.cli.arguments import Commands
    from directus_guard.finding import Finding
    from directus_guard.report.terminal import Paint


def add_command(commands: Commands) -> None:
    """Add `fix` and its arguments."""
    fix = commands.add_parser(
        "fix", help="change what can be changed by rule: print a patch, or --apply it", allow_abbrev=False
    )
    add_reading(fix)
    add_color(fix)
    add_quiet(fix, "only the patch")
    fix.add_argument("--apply", action="store_true", help="write the changes in place of printing a patch")
    fix.add_argument(
        "--check", action="append", default=[], metavar="ID", help="only findings of this check; repeatable"
    )
    fix.add_argument(
        "--unsafe-fixes",
        action="store_true",
        help="also changes that may need another change to keep a project working",
    )
    fix.add_argument("--baseline", metavar="FILE", help="findings listed there are left as they are")
    fix.add_argument(
        "--new-since",
        metavar="REF",
        help="only findings that this git revision does not have; config, ignores and baseline are read from it",
    )
    add_min_severity(fix)
    add_include_nonproduction(fix, "also findings in development and examples")
    add_no_ignores(fix)
    add_incomplete(fix)
    fix.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from directus_guard.audit.mending import mend
    from directus_guard.cli.options import options_of
    from directus_guard.cli.request import requested
    from directus_guard.cli.revisions import git_errors
    from directus_guard.cli.scan import nothing_found
    from directus_guard.report.terminal import folded

    _known(args.check)
    options = options_of(requested(args))
    with git_errors(), shown_progress(quiet=args.quiet):
        mending = mend(options, args.check, unsafe=args.unsafe_fixes)
    if mending.report.exit_code == ExitCode.NOTHING_FOUND:
        return complain(nothing_found(mending.report.notices), ExitCode.NOTHING_FOUND)
    code = _apply(mending, options.root) if args.apply else _print(mending, args.color)
    if not args.quiet:
        for line in folded(_told(mending, applied=args.apply), width_of(sys.stderr)):
            print(line, file=sys.stderr)
    # What could not be read may have findings, too.
    incomplete = code == ExitCode.OK and mending.report.incomplete and mending.report.incomplete_fails
    return ExitCode.INCOMPLETE if incomplete else code


def _known(checks: Sequence[str]) -> None:
    from directus_guard.checks import catalogue

    known = catalogue()
    for check in checks:
        if check not in known:
            raise UsageError(f"unknown check `{check}`.{did_you_mean(check, known)}")


def _apply(mending: Mending, root: Path) -> int:
    from directus_guard.edits.writing import NotWrittenError, write

    for file in mending.files:
        try:
            write(Path(root), file.path, file.before, file.after)
        except NotWrittenError as error:
            raise UsageError(str(error)) from None
    return ExitCode.OK


def _print(mending: Mending, color: str) -> int:
    """FORCE_COLOR does not colour a patch: it is read by programs, too."""
    from directus_guard.report.terminal import Paint

    patches = mending.patches()
    with opened(None) as stream:
        paint = Paint(color=colored(color, stream) and (color == "always" or stream.isatty()))
        for patch in patches:
            stream.write("\n".join(_painted(line, paint) for line in patch.text.split("\n")))
    masked = sum(patch.masked for patch in patches)
    if masked:
        lines = (
            "1 line may hold a secret and is masked"
            if masked == 1
            else f"{masked} lines may hold a secret and are masked"
        )
        print(f"{lines}, so this patch cannot be applied by another program: use --apply.\n", file=sys.stderr)
    return ExitCode.FINDINGS if patches else ExitCode.OK


def _painted(line: str, paint: Paint) -> str:
    """A line of a patch in the colours of git."""
    from directus_guard.report.terminal import Tone

    tones = {"+++": Tone.BOLD, "---": Tone.BOLD, "+": Tone.GREEN, "-": Tone.RED, "@": Tone.BLUE}
    tone = next((tone for start, tone in tones.items() if line.startswith(start)), None)
    text = line.rstrip("\r")
    return paint(text, tone) + line[len(text) :] if tone else line


def _told(mending: Mending, *, applied: bool) -> Iterator[str]:
    """What was done, and what is left to do."""
    from directus_guard.edits.rotation import rotation

    if mending.mended:
        count = _count(mending.mended)
        paths = ", ".join(file.path for file in mending.files)
        yield f"{count} resolved in {paths}:" if applied else f"The patch resolves {count}; `--apply` writes it:"
        yield from (f"  {_heading(finding)}" for finding in mending.mended)
        yield from _pushed(mending)
    elif not (mending.unsafe or mending.left or mending.by_hand):
        yield "Nothing to fix."
    else:
        yield "No finding can be resolved by a safe change."
    if mending.unsafe:
        yield f"{_count(mending.unsafe)} more with `--unsafe-fixes`. Read them first: each may need another change, too."
        yield from _advised(mending.unsafe)
    if mending.left:
        yield f"{_count([finding for finding, _ in mending.left])} not changed:"
        yield from (f"  {_heading(finding)}\n    {why}" for finding, why in mending.left)
    if mending.by_hand:
        yield f"{_count(mending.by_hand)} for you to resolve:"
        yield from _advised(mending.by_hand)
    for problem in mending.report.unread:
        yield f"Not read, so its findings are not known: {clean(problem.path)}: {clean(problem.message)}"
    order = rotation([*mending.by_hand, *mending.unsafe, *mending.mended])
    if order:
        yield "These values may be known to others. Replace them in this order:"
        yield from (f"  {number}. {step}" for number, step in enumerate(order, start=1))


def _pushed(mending: Mending) -> Iterator[str]:
    """How the changes of exports come to a server, and how to see that they did."""
    exports = mending.exports()
    if exports:
        yield "A server does not have the changes of an export yet, and the next export from it would undo them."
    for export in exports:
        if export.push:
            yield f"  Bring `{clean(export.name)}` to the server: `{export.push}`"
        else:
            yield f"  Make the changes of `{clean(export.name)}` in the Data Studio, too: nothing is known that imports it."
    if exports:
        yield "  Then verify them: `directus-guard scan --url URL`"


def _advised(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"  {_heading(finding)}"
        yield f"    {finding.advice}"


def _heading(finding: Finding) -> str:
    place = finding.location
    return f"{place.path}:{place.line} {finding.check}: {finding.title}"


def _count(findings: Sequence[Finding]) -> str:
    return "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
