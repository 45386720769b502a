"""`directus-guard ignore`: accept one finding, in the config or in a comment."""

from __future__ import annotations

import os
import shlex
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.cli.arguments import add_instance, add_probe, add_quiet, add_reading
from directus_guard.cli.errors import UsageError, complain, did_you_mean
from directus_guard.cli.named_paths import refuse_unsafe
from directus_guard.exit_code import ExitCode
from directus_guard.text_safety import clean

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from directus_guard.audit.options import Options
    from directus_guard.cli.arguments import Commands
    from directus_guard.finding import Finding

SHORTEST: Final = 6
"""Hexadecimal digits that name a finding, at least."""


def add_command(commands: Commands) -> None:
    """Add `ignore` and its arguments."""
    ignore = commands.add_parser("ignore", help="accept a finding: in the config, or in a comment", allow_abbrev=False)
    ignore.add_argument(
        "fingerprint", metavar="FINGERPRINT", help="`check|object`, or the first digits of its hash in SARIF"
    )
    add_reading(ignore)
    add_instance(ignore)
    add_probe(ignore)
    add_quiet(ignore, "only what went wrong")
    ignore.add_argument("--reason", required=True, metavar="TEXT", help="why it is right as it is")
    ignore.add_argument("--until", metavar="DATE", help="last day on which the ignore applies, as 2027-01-31")
    ignore.add_argument("--comment", action="store_true", help="write a comment above the line, not into the config")
    ignore.set_defaults(run=_run)


class FileChange(Struct, frozen=True):
    """A file before and after; None: it is not there yet."""

    path: Path
    before: bytes | None
    after: bytes


def _run(args: argparse.Namespace) -> int:
    from directus_guard.audit.run import audit
    from directus_guard.cli.options import options_of
    from directus_guard.cli.request import requested
    from directus_guard.finding import State

    reason = " ".join(args.reason.split())
    if not reason or reason != clean(reason):
        raise UsageError("--reason: say in a sentence why the finding is right as it is")
    until = _day(args.until)
    request = requested(args)
    options = options_of(request)
    report = audit(options)
    finding = _named(args.fingerprint, (*report.findings, *report.nonproduction))
    if finding.state is State.SUPPRESSED:
        said = f"it is ignored already ({clean(finding.note)})"
        if finding.note != reason or until:
            raise UsageError(f"{said}. To change reason or date, edit that ignore.")
        return complain(said, ExitCode.OK)
    edit = _comment(options, finding, reason, until) if args.comment else _entry(args, options, finding, reason, until)
    _write(edit)
    if not _is_ignored(finding, (*(after := audit(options_of(request))).findings, *after.nonproduction)):
        _undo(edit)
        other = "Leave out --comment: then the config has it." if args.comment else "Nothing was changed."
        raise UsageError(f"an ignore in {edit.path} has no effect on this finding. {other}")
    if not args.quiet:
        print(f"ignored in {clean(os.path.relpath(edit.path))}: {clean(finding.fingerprint)}", file=sys.stderr)
    return ExitCode.OK


def _day(text: str | None) -> str:
    """The last day. Raises `UsageError` for one that is none, or is past."""
    if text is None:
        return ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--until: `{text}` is no day; write it as 2027-01-31") from None
    if day < datetime.now(UTC).date():
        raise UsageError(f"--until: {day} is past")
    return day.isoformat()


def _named(text: str, findings: Sequence[Finding]) -> Finding:
    """The finding of this fingerprint, or of this beginning of its hash."""
    from directus_guard.report.json_v1 import fingerprint

    named = {finding.fingerprint: finding for finding in findings}
    if text in named:
        return named[text]
    hashed = text.lower()
    found = [one for one in named.values() if len(text) >= SHORTEST and fingerprint(one).startswith(hashed)]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(f"`{one.fingerprint}`" for one in found)
        raise UsageError(f"several findings begin with {text}: {listed}")
    of_check = [name for name in named if name.startswith(f"{text}|")]
    if of_check:
        raise UsageError(
            f"`{text}` is a check; name one of its findings:\n" + "\n".join(f"  {shlex.quote(one)}" for one in of_check)
        )
    raise UsageError(f"there is no finding `{text}`.{did_you_mean(text, named)}")


def _entry(args: argparse.Namespace, options: Options, finding: Finding, reason: str, until: str) -> FileChange:
    """The config with one more ignore; a new one where there is none."""
    from directus_guard.cli import config_edit
    from directus_guard.cli.config_file import CONFIG_FILES, config_path

    path = config_path(args.config, options.root) or options.root / CONFIG_FILES[0]
    refuse_unsafe(path, "config file")
    entry = {"check": finding.check, "object": finding.subject.key, "reason": reason}
    if until:
        entry["until"] = until
    before = path.read_bytes() if path.exists() else None
    try:
        after = config_edit.with_ignore(str(path), (before or b"").decode("utf-8"), entry)
    except (config_edit.ConfigEditError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}. Write this below `ignore:`\n{config_edit.as_text(entry)}") from None
    return FileChange(path, before, after.encode())


def _comment(options: Options, finding: Finding, reason: str, until: str) -> FileChange:
    """The file of the finding with a comment above its line."""
    from directus_guard.cli.comment_edit import says_the_same, takes_comments, with_comment

    place = finding.location
    path = Path(os.path.realpath(options.root)) / place.path
    if finding.live or not takes_comments(place.path) or not path.is_file() or path.is_symlink():
        raise UsageError("--comment: there is no place for a comment. Leave it out: then the config has it.")
    before = path.read_bytes()
    day = f" (until {until})" if until else ""
    try:
        text = before.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{place.path} is not UTF-8. Leave out --comment: then the config has it.") from None
    after = with_comment(text, place.line, f"# directus-guard: ignore[{finding.check}] {reason}{day}")
    if not says_the_same(place.path, text, after):
        raise UsageError(
            f"{place.path}:{place.line} is in the middle of a value. Leave out --comment: then the config has it."
        )
    return FileChange(path, before, after.encode())


def _is_ignored(finding: Finding, after: Sequence[Finding]) -> bool:
    """Whether every finding of the fingerprint is ignored now."""
    from directus_guard.finding import State

    same = [one for one in after if one.fingerprint == finding.fingerprint]
    return bool(same) and all(one.state is State.SUPPRESSED for one in same)


def _write(edit: FileChange) -> None:
    try:
        edit.path.write_bytes(edit.after)
    except OSError as error:
        raise UsageError(f"cannot write {edit.path}: {error.strerror}") from None


def _undo(edit: FileChange) -> None:
    if edit.before is None:
        edit.path.unlink()
    else:
        edit.path.write_bytes(edit.before)
