"""`directus-guard init`: a workflow and a config for a repository that has none, and what to do next."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.cli.arguments import add_debug, add_max_time, add_quiet
from directus_guard.cli.errors import UsageError, complain
from directus_guard.cli.progress_line import shown_progress
from directus_guard.exit_code import ExitCode
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import clean

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from directus_guard.cli.arguments import Commands
    from directus_guard.finding import Finding, Report

WORKFLOW: Final = ".github/workflows/directus-guard.yml"
CONFIG: Final = "directus-guard.yaml"
BASELINE: Final = "directus-guard.baseline"
_USES: Final = lazy_pattern(r"(?:[\w.-]+/[\w./-]+@[\w./-]+|\./[\w./-]*|docker://[\w./:@-]+)\Z")
_BY_COMMIT: Final = lazy_pattern(r"@(?:[0-9a-f]{40}|sha256:[0-9a-f]{64})\Z|\./")
_OTHERS: Final = {
    ".gitlab-ci.yml": "GitLab", "bitbucket-pipelines.yml": "Bitbucket", "Jenkinsfile": "Jenkins"
}  # fmt: skip
"""The files of other CI, by which a repository tells where it is built."""


def add_command(commands: Commands) -> None:
    """Add `init` and its arguments."""
    init = commands.add_parser(
        "init", help="write a workflow and a config, and say what to do next", allow_abbrev=False
    )
    init.add_argument("path", nargs="?", metavar="PATH", default=".", help="the project (default: the current folder)")
    init.add_argument(
        "--uses",
        metavar="REF",
        help="the Action in the workflow, like OWNER/NAME@COMMIT (default: the commit that runs)",
    )
    init.add_argument(
        "--baseline", action="store_true", help="accept today's findings: write directus-guard.baseline, too"
    )
    add_quiet(init, "only what went wrong; no question either")
    add_max_time(init)
    add_debug(init)
    init.set_defaults(run=_run)


class Destination(Struct, frozen=True):
    """Where the files go."""

    root: Path
    """The top of the work tree."""
    path: str
    """The folder to scan, relative to it; "" = all."""
    quiet: bool = False
    """Whether nothing is said about it."""

    def other_ci(self) -> str:
        """The CI that the repository uses in place of GitHub's; "" = none is known."""
        if (self.root / ".github").is_dir():
            return ""
        return next((name for file, name in _OTHERS.items() if (self.root / file).is_file()), "")

    def show(self, lines: Iterable[str]) -> None:
        """Say something about it."""
        for line in () if self.quiet else lines:
            print(clean(line))


def _run(args: argparse.Namespace) -> int:
    from directus_guard.audit.run import audit
    from directus_guard.cli.options import options_of
    from directus_guard.cli.request import RunRequest
    from directus_guard.cli.scan import nothing_found

    place = _place(Path(args.path), quiet=args.quiet)
    uses = _uses(args.uses) if not place.other_ci() else ""
    options = options_of(RunRequest(paths=(args.path,), debug=args.debug))
    with shown_progress(quiet=args.quiet):
        report = audit(options)
    if report.exit_code == ExitCode.NOTHING_FOUND:
        return complain(nothing_found(report.notices), ExitCode.NOTHING_FOUND)
    place.show(_found(report))
    written = list(_write_all(place, uses, report))
    failing = [one for one in report.findings if _fails(one, report)]
    accept = bool(failing) and (args.baseline or (not args.quiet and _agreed(len(failing))))
    if accept:
        written += _write_baseline(place, report)
    place.show(_next_steps(place, args.path, report, written, failing=0 if accept else len(failing)))
    return ExitCode.OK


def _place(path: Path, *, quiet: bool) -> Destination:
    from directus_guard.cli.options import roots

    if not path.is_dir():
        raise UsageError(f"{path} is a file; name its folder" if path.exists() else f"{path}: no such folder")
    root, paths = roots([path])
    root = Path(os.path.realpath(root))
    folder = os.path.relpath(paths[0], root) if paths else ""
    return Destination(root, folder, quiet)


def _uses(given: str | None) -> str:
    """The Action and its revision."""
    from directus_guard.cli.own_revision import PLACEHOLDER, own_revision

    uses = given or own_revision()
    if not uses:
        raise UsageError(
            "it is not known which commit of directus-guard runs here, so the workflow cannot name it."
            " Give it: --uses OWNER/NAME@COMMIT"
        )
    if given and not _USES.match(given):
        raise UsageError("--uses: expected OWNER/NAME@COMMIT, ./FOLDER or docker://IMAGE@DIGEST")
    if uses.startswith(f"{PLACEHOLDER}@"):
        complain(
            f"in {WORKFLOW}, write where your copy of directus-guard is on GitHub in place of `{PLACEHOLDER}`",
            ExitCode.OK,
        )
    if not _BY_COMMIT.search(uses):
        complain("--uses: a tag or a branch can move. Name a commit.", ExitCode.OK)
    return uses


def _found(report: Report) -> Iterator[str]:
    scanned = report.scanned
    yield "Found:"
    yield from (f"  a deployment of Directus: {name}" for name in scanned.deployments)
    yield from (f"  an export: {name}" for name in scanned.access_models)
    yield from (f"  code that calls Directus: {name}" for name in scanned.packages)
    yield ""


def _write_all(place: Destination, uses: str, report: Report) -> Iterator[str]:
    """Write the workflow and the config where there is none. The paths of the files written."""
    from directus_guard.cli import starter_files
    from directus_guard.cli.config_file import CONFIG_FILES
    from directus_guard.sources.files.git import default_branch

    other = place.other_ci()
    used = _workflow_in_use(place.root)
    if other:
        place.show([f"No workflow: this repository is built by {other}. docs/other-ci.md has an example."])
    elif used:
        place.show([f"Kept: {used}, which runs directus-guard"])
    else:
        text = starter_files.workflow(uses, default_branch(place.root) or "main", place.path)
        yield from _written(place, WORKFLOW, text)
    kept = next((name for name in CONFIG_FILES if os.path.lexists(place.root / name)), "")
    if kept:
        place.show([f"Kept: {kept}"])
    else:
        unread = tuple(dict.fromkeys(problem.path for problem in report.unread))
        yield from _written(place, CONFIG, starter_files.config(unread))


def _workflow_in_use(root: Path) -> str:
    """The workflow that runs the Action already; "" = none."""
    folder = root / ".github" / "workflows"
    for path in sorted(folder.glob("*.y*ml")) if folder.is_dir() else ():
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if re.search(r"uses:\s*\S*directus-guard", text):
            return path.relative_to(root).as_posix()
    return ""


def _write_baseline(place: Destination, report: Report) -> list[str]:
    from directus_guard.audit import baseline
    from directus_guard.cli.options import starts_at

    return _written(place, BASELINE, baseline.write(report.findings, starts_at(place.root)))


def _written(place: Destination, name: str, text: str) -> list[str]:
    """Write a file that is not there yet; one that is there, or a link in its place, is left as it is."""
    path = place.root / name
    if not Path(os.path.realpath(path.parent)).is_relative_to(place.root):
        raise UsageError(f"{name}: its folder leads out of the repository")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        place.show([f"Kept: {name}"])
        return []
    except OSError as error:
        raise UsageError(f"cannot write {name}: {error.strerror}") from None
    place.show([f"Wrote: {name}"])
    return [name]


def _fails(finding: Finding, report: Report) -> bool:
    from directus_guard.finding import State

    return finding.state is State.NEW and report.fail_on is not None and finding.severity.rank >= report.fail_on.rank


def _agreed(number: int) -> bool:
    """Whether a person at a terminal wants today's findings to be accepted."""
    if not _at_terminal():
        return False
    print(f"{number} findings fail a run of the whole repository. Accept them for now? [y/N] ", end="", file=sys.stderr)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _next_steps(place: Destination, target: str, report: Report, written: list[str], *, failing: int) -> Iterator[str]:
    """What to do now. `target`: the folder as the user names it; `failing`: findings that fail a push."""
    from directus_guard.report import words

    yield ""
    yield "Next:"
    folder = "" if target == "." else f" {shlex.quote(target)}"
    if failing:
        number = words.counted(failing, "finding", "findings")
        baseline = shlex.quote(os.path.relpath(place.root / BASELINE))
        yield f"  1. Read the {number} that would fail a push: directus-guard scan{folder}"
        yield f"     Repair what is critical. Accept the rest for now: directus-guard baseline write {baseline}{folder}"
    else:
        yield f"  1. Read what is found: directus-guard scan{folder}"
    files = [shlex.quote(os.path.relpath(place.root / name)) for name in (*written, *([BASELINE] if failing else []))]
    yield f"  2. Open a pull request with the new files: git add {' '.join(files)}"
    yield "  3. Make the job `directus-guard` a required check of the branch: docs/github.md says how."
    missing = words.not_exported(report)
    if missing:
        yield ""
        yield f"{missing} To have this judged, too, export it: {words.export_page(report) or words.EXPLAIN_EXPORT}"
