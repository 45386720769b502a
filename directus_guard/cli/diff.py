"""`directus-guard diff`: what HEAD grants that BASE did not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from directus_guard.cli.arguments import (
    SEVERITIES,
    add_appearance,
    add_include_nonproduction,
    add_incomplete,
    add_instance,
    add_min_severity,
    add_new_access,
    add_outputs,
    add_reading,
)
from directus_guard.cli.errors import UsageError, complain
from directus_guard.cli.output import appearance_for, opened, output_specs
from directus_guard.cli.progress_line import shown_progress
from directus_guard.exit_code import ExitCode
from directus_guard.report.writers import DIFF_WRITERS, PrintedDiff

if TYPE_CHECKING:
    import argparse

    from directus_guard.audit.options import Options
    from directus_guard.audit.sides import ComparedSide
    from directus_guard.cli.arguments import Commands
    from directus_guard.cli.request import RunRequest
    from directus_guard.config import Config
    from directus_guard.live.target import Target
    from directus_guard.new_access import AccessDiff
    from directus_guard.sources.files.git import Revision


def add_command(commands: Commands) -> None:
    """Add `diff` and its arguments."""
    diff = commands.add_parser("diff", help="what HEAD grants that BASE did not", allow_abbrev=False)
    side = "a folder, a git revision (main, HEAD~1, origin/main:sub/folder) or `live`"
    diff.add_argument("base", metavar="BASE", help=f"{side}; the config is read from it")
    diff.add_argument("head", metavar="HEAD", help=side)
    add_reading(diff, paths=False)
    add_outputs(diff, formats=DIFF_WRITERS)
    add_appearance(diff)
    add_incomplete(diff)
    add_instance(diff)
    diff.add_argument(
        "--fail-on",
        choices=(*SEVERITIES, "none"),
        help="severity from which new access fails the run (default: high)",
    )
    add_new_access(diff)
    add_min_severity(diff)
    add_include_nonproduction(diff, "new access in development and examples fails the run, too")
    diff.set_defaults(run=_run)


class Operand(NamedTuple):
    """BASE or HEAD of a comparison as it is given: a folder (or files of it), on disk or as a revision has it."""

    label: str
    root: Path
    paths: tuple[Path, ...] = ()
    revision: Revision | None = None
    target: Target | None = None
    """The running instance, in place of files."""


def _run(args: argparse.Namespace) -> int:
    from directus_guard.audit.rules import rules
    from directus_guard.audit.sides import compare
    from directus_guard.cli.config_file import effective_config
    from directus_guard.cli.request import requested
    from directus_guard.cli.revisions import git_errors
    from directus_guard.report.diff_words import Compared

    specs = output_specs(args.output, DIFF_WRITERS)
    request = requested(args)
    base, head = _from_top(_operand(args.base, args.head, request), _operand(args.head, args.base, request))
    config, notices = effective_config(request.config, base.root, base.revision)
    problems: list[str] = []
    options = [_options(side, request, config) for side in (base, head)]
    with git_errors(), shown_progress(quiet=args.quiet):
        old = _look(base, options[0], problems)
        new = _look(head, options[1], problems, old)
    if request.url and base.target is None and head.target is None:
        raise UsageError("--url needs `live` as BASE or HEAD")
    for side, seen in ((base, old), (head, new)):
        if side.target is not None and not seen.project.exports:  # everything, or nothing, would look new
            why = "\n".join(problems) or "permissions can only be read with a token: set DIRECTUS_TOKEN."
            return complain(f"nothing was compared: {why}", ExitCode.INCOMPLETE)
    with git_errors():  # files are read again for the places of findings
        diff = _asked_for(compare(old, new, options[1]), options[1])
    unread = bool(new.incomplete - old.incomplete or diff.lost)
    if not (old.project.exports or new.project.exports or diff.new or unread):
        return complain("no exported permissions were found, neither in BASE nor in HEAD.", ExitCode.NOTHING_FOUND)
    compared = Compared(
        base.label,
        head.label,
        tuple(export.name for export in new.project.exports),
        options[1].fail_on,
        _exit_code(diff, options[1], unread=unread),
        (*notices, *(f"switched off by the config: {off.what}" for off in options[1].switched_off), *problems),
        options[1].documentation,
    )
    for spec in specs:
        with opened(spec.path) as stream:
            printed = PrintedDiff(diff, compared, rules(compared.documentation))
            DIFF_WRITERS[spec.format](printed, stream, appearance_for(args, stream))
    return compared.exit_code


def _asked_for(diff: AccessDiff, options: Options) -> AccessDiff:
    """The new access from `--min-severity` on; with `--include-nonproduction` all of it gates."""
    from msgspec.structs import replace

    listed = (entry for entry in diff.new if entry.severity.rank >= options.min_severity.rank)
    return replace(diff, new=tuple(replace(entry, always_gates=options.include_nonproduction) for entry in listed))


def _exit_code(diff: AccessDiff, options: Options, *, unread: bool) -> ExitCode:
    """`unread`: whether what HEAD grants is not wholly known where BASE's is: a file could not be read, or an export is gone."""
    threshold = options.fail_on
    gating = (entry for entry in diff.new if entry.gates)
    if threshold is not None and any(entry.severity.rank >= threshold.rank for entry in gating):
        return ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if unread and options.incomplete_fails else ExitCode.OK


def _operand(text: str, other: str, request: RunRequest) -> Operand:
    """A path, else a git revision, whose folder is that of the other side or the current one; `live` is the instance.

    Raises `UsageError` where it is neither, or both.
    """
    from directus_guard.cli.live_target import live_target
    from directus_guard.cli.options import folder_of

    if text == "live":
        target = live_target(request)
        if target is None:
            raise UsageError("`live` is a running instance: give --url.")
        return Operand(target.origin, Path(other) if Path(other).is_dir() else Path(), target=target)
    from directus_guard.sources.files.git import GitError, resolve

    name, _, folder = text.partition(":")
    if Path(text).exists():
        if not text.startswith((".", "/")):
            try:
                resolve(Path(), text)
            except GitError:
                pass
            else:
                raise UsageError(
                    f"`{text}` is a path and a git revision: write ./{text} for the path, or refs/heads/{text}."
                )
        root, paths = folder_of([Path(text)])
        return Operand(text, root, paths)
    try:
        revision = resolve(Path(), name)
    except GitError as error:
        raise UsageError(f"{text}: no such file or folder, and {error}") from None
    if folder:
        folder = folder.strip("/")
        if not revision.has(folder):
            raise UsageError(f"{revision} has no folder `{folder}`")
        return Operand(f"{revision}:{folder}", revision.top / folder, (), revision)
    root, paths = folder_of([Path(other)]) if Path(other).exists() else (Path(), ())
    return Operand(str(revision), root, paths, revision)


def _from_top(base: Operand, head: Operand) -> tuple[Operand, Operand]:
    """Sides that are one folder of a work tree have names from its top; two folders are compared by what is in them."""
    from directus_guard.sources.files.paths import work_tree_of

    if Path(os.path.realpath(base.root)) != Path(os.path.realpath(head.root)):
        return base, head
    top = work_tree_of(base.root)
    if top is None or top == Path(os.path.realpath(base.root)):
        return base, head
    folder = (Path(os.path.realpath(base.root)),)
    return base._replace(root=top, paths=base.paths or folder), head._replace(root=top, paths=head.paths or folder)


def _options(side: Operand, request: RunRequest, config: Config | None) -> Options:
    """How one side is read and judged: alike on both, by the config of BASE."""
    from msgspec.structs import replace

    from directus_guard.cli.options import judging_options
    from directus_guard.cli.revisions import tree_of

    options = judging_options(request, config, side.root, side.paths)
    # What is asked for counts before the config; of one source what is said of new access counts before the rest.
    if request.new_access or (config and config.new_access and not request.fail_on):
        options = replace(options, fail_on=options.new_access_from)
    return replace(
        options,
        store=tree_of(side.revision, side.root) if side.revision else None,
        target=side.target,
    )


def _look(side: Operand, options: Options, problems: list[str], base: ComparedSide | None = None) -> ComparedSide:
    """Judge one side, HEAD by what BASE is; what could not be read is added to `problems`."""
    from directus_guard.audit.sides import look

    seen = look(options, base)
    label = "" if side.target is not None else f"{side.label}: "
    problems += [f"{label}{problem.path}: {problem.message}" for problem in seen.problems]
    return seen
