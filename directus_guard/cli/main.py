"""The command line: arguments in, exit code out. Everything heavy is imported where it is used."""

from __future__ import annotations

import argparse
import gc
import sys
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from directus_guard import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.audit.access_table import Selection
    from directus_guard.audit.run import Audited, Options, Side
    from directus_guard.audit.suppression import Ignore
    from directus_guard.config import Config
    from directus_guard.directus.access.records import Edition
    from directus_guard.directus.export import Export
    from directus_guard.directus.versions import Version
    from directus_guard.finding import Report, Severity, SwitchedOff
    from directus_guard.live.target import Target
    from directus_guard.secret import Secret
    from directus_guard.sources.files.git import Revision, Tree
    from directus_guard.sources.files.repository import Repository

FORMATS: Final = ("text", "json", "sarif", "markdown")
SEVERITIES: Final = ("critical", "high", "medium", "low")


class Exit(IntEnum):
    """The exit codes of the contract."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    NOTHING_FOUND = 3
    INCOMPLETE = 4
    BUG = 70


class UsageError(Exception):
    """Wrong use: the message says what to do instead."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]  # argparse declares NoReturn; raising is one
        raise UsageError(f"{message}\nRun `{self.prog} --help` for the options.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code; never raises for bad input."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):
        print(f"directus-guard {__version__}")
        return Exit.OK
    # Much is made and little thrown away: looking for cycles after every few hundred objects is an eighth of the time.
    gc.set_threshold(100_000, 50, 100)
    try:
        options = _parser().parse_args(arguments)
        return int(options.run(options))
    except SystemExit as stop:  # --help
        return stop.code if isinstance(stop.code, int) else Exit.OK
    except UsageError as error:
        return _complain(str(error), Exit.USAGE)
    except BrokenPipeError:
        sys.stderr.close()
        return Exit.OK
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    except Exception as error:
        if "--debug" in arguments:
            raise
        return _complain(
            f"this is a bug in directus-guard ({type(error).__name__}). Run again with --debug and report the traceback.",
            Exit.BUG,
        )


def scan_options(arguments: Sequence[str], *, trusted: bool = True) -> Options:
    """The options of a command line that begins with `scan`. Raises `UsageError`.

    Not `trusted`: what is judged may not excuse itself, so ignores, config file and baseline play no part.
    """
    args = _parser().parse_args(list(arguments))
    if not trusted:
        args.no_config, args.no_ignores, args.config, args.baseline = True, True, None, None
    return _options(args)


def nothing_found(notices: tuple[str, ...] = ()) -> str:
    """What is said where no part of a Directus project was found. `notices`: those of the report."""
    from directus_guard.sources.collect import LOOKED_FOR

    looked_for = "No Directus project found. Looked for:\n" + "\n".join(f"  - {item}" for item in LOOKED_FOR)
    return "\n".join((looked_for, *notices))


def _complain(message: str, code: int) -> int:
    from directus_guard.directus.disclosure import visible
    from directus_guard.report.harmless import log_line

    first, *rest = (visible(line) for line in message.split("\n"))
    print("\n".join(map(log_line, (f"directus-guard: {first}", *rest))), file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="directus-guard", description="The security gate for Directus projects.", allow_abbrev=False)
    parser.add_argument("-V", "--version", action="version", version=f"directus-guard {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    _add_scan(commands)

    baseline = commands.add_parser(
        "baseline", help="accept today's findings: write or prune a baseline file", allow_abbrev=False
    )
    baseline.add_argument("action", choices=("write", "prune"))
    baseline.add_argument("file", metavar="FILE")
    _common(baseline)
    baseline.set_defaults(run=_baseline)

    access = commands.add_parser(
        "access", help="who can do what, after merging policies, roles and framework rows", allow_abbrev=False
    )
    _common(access)
    _output(access, formats=("text", "json", "markdown"))
    _incomplete(access)
    _instance(access)
    access.add_argument(
        "--principal", action="append", default=[], metavar="NAME", help="only this role, user or `public`; repeatable"
    )
    access.add_argument(
        "--collection", action="append", default=[], metavar="NAME", help="only this collection; repeatable"
    )
    access.set_defaults(run=_access)

    diff = commands.add_parser("diff", help="what HEAD grants that BASE did not", allow_abbrev=False)
    side = "a folder, a git revision (main, HEAD~1, origin/main:sub/folder) or `live`"
    diff.add_argument("base", metavar="BASE", help=f"{side}; the config is read from it")
    diff.add_argument("head", metavar="HEAD", help=side)
    _common(diff, paths=False)
    _output(diff, formats=FORMATS)
    _looks(diff)
    _incomplete(diff)
    _instance(diff)
    diff.add_argument(
        "--fail-on",
        choices=(*SEVERITIES, "none"),
        help="severity from which new access fails the run (default: high)",
    )
    diff.set_defaults(run=_diff)
    _add_auditor_policy(commands)

    explain = commands.add_parser("explain", help="the documentation page of a check", allow_abbrev=False)
    explain.add_argument("check", metavar="CHECK")
    _debug(explain)
    explain.set_defaults(run=_explain)

    checks = commands.add_parser("checks", help="the list of checks", allow_abbrev=False)
    checks.add_argument("--json", action="store_true", help="as JSON")
    _debug(checks)
    checks.set_defaults(run=_checks)

    projects = commands.add_parser(
        "projects", help="the Directus projects under PATH, as JSON for a CI matrix", allow_abbrev=False
    )
    _common(projects, exports=False)
    projects.set_defaults(run=_projects)

    advisories = commands.add_parser(
        "advisories", help="the built-in table of Directus advisories and its date", allow_abbrev=False
    )
    advisories.add_argument("--json", action="store_true", help="as JSON")
    _debug(advisories)
    advisories.set_defaults(run=_advisories)
    return parser


def _add_scan(commands: argparse._SubParsersAction[_Parser]) -> None:
    scan = commands.add_parser(
        "scan", help="read everything under PATH, report, decide the exit code", allow_abbrev=False
    )
    _common(scan)
    _output(scan, formats=FORMATS)
    _looks(scan, verbose=True)
    _incomplete(scan)
    _instance(scan)
    scan.add_argument(
        "--probe",
        choices=("declared", "all"),
        help="collections to ask for anonymously: those that something calls public (default), or all that are known",
    )
    scan.add_argument(
        "--fail-on", choices=(*SEVERITIES, "none"), help="severity from which a finding fails the run (default: high)"
    )
    scan.add_argument("--min-severity", choices=SEVERITIES, help="findings below are not reported")
    scan.add_argument("--baseline", metavar="FILE", help="findings listed there do not fail the run")
    scan.add_argument(
        "--new-since",
        metavar="REF",
        help="only findings that this git revision does not have fail the run; config, ignores and baseline are read from it",
    )
    scan.add_argument("--strict", action="store_true", help="what could not be evaluated or read fails the run")
    scan.add_argument(
        "--include-nonproduction", action="store_true", help="development and example deployments gate too"
    )
    scan.add_argument("--no-ignores", action="store_true", help="disregard ignore comments and the config's ignores")
    scan.set_defaults(run=_scan)


def _add_auditor_policy(commands: argparse._SubParsersAction[_Parser]) -> None:
    auditor = commands.add_parser(
        "auditor-policy", help="the least-privileged policy that --url needs, as JSON", allow_abbrev=False
    )
    auditor.add_argument("--directus-version", metavar="V", help="of the instance (default: the newest known)")
    auditor.add_argument(
        "--edition", choices=("core", "licensed"), default="core", help="licensed: fields by name (default: core)"
    )
    _debug(auditor)
    auditor.set_defaults(run=_auditor_policy)


def _debug(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--debug", action="store_true", help="show the traceback of a bug")


def _common(parser: argparse.ArgumentParser, *, paths: bool = True, exports: bool = True) -> None:
    """What is read. `exports`: whether the version and the edition of an export change the answer."""
    if paths:
        parser.add_argument(
            "paths", nargs="*", metavar="PATH", default=[], help="folders or files (default: the current folder)"
        )
    parser.add_argument(
        "--config", metavar="FILE", help="config file (default: directus-guard.yaml at the root or in .github/)"
    )
    if exports:
        parser.add_argument("--directus-version", metavar="V", help="the Directus version, where no file tells it")
        parser.add_argument(
            "--edition",
            choices=("core", "licensed"),
            help="Directus 12 without or with a licence: Core ignores custom rules",
        )
    parser.add_argument("--exclude", action="append", default=[], metavar="GLOB", help="paths not to read; repeatable")
    _debug(parser)


def _output(parser: argparse.ArgumentParser, *, formats: tuple[str, ...]) -> None:
    parser.add_argument(
        "--output",
        action="append",
        default=[],
        metavar="FORMAT[=PATH]",
        help=f"{', '.join(formats)}; repeatable (default: text)",
    )


def _looks(parser: argparse.ArgumentParser, *, verbose: bool = False) -> None:
    """How the text is shown."""
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    volume = parser.add_mutually_exclusive_group()
    volume.add_argument("-q", "--quiet", action="store_true", help="only the verdict")
    if verbose:
        volume.add_argument(
            "-v", "--verbose", action="store_true", help="also what passed and what was not evaluated, one by one"
        )


def _incomplete(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--incomplete",
        choices=("fail", "warn"),
        help="whether a file of a Directus project that cannot be read fails the run, with exit code 4 (default: fail)",
    )


def _instance(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("a running instance (read only)")
    group.add_argument("--url", metavar="URL", help="audit this instance too; its token comes from DIRECTUS_TOKEN")
    group.add_argument("--token-env", metavar="NAME", help="the environment variable that holds the token")
    group.add_argument(
        "--header-env", action="append", default=[], metavar="NAME=VARIABLE",
        help="a further header, with its value from an environment variable; repeatable",
    )  # fmt: skip
    group.add_argument("--timeout", type=float, metavar="SECONDS", help="for one request (default: 30)")
    group.add_argument("--ca-file", metavar="FILE", help="certificates to trust in place of the usual ones, PEM")
    group.add_argument("--proxy", metavar="URL", help="a proxy; the environment's proxy settings are not used")
    group.add_argument("--allow-http", action="store_true", help="send a token over http:// to another machine")


def _asked(args: argparse.Namespace) -> Target | None:
    """The instance to ask; the token comes from the environment only."""
    url = getattr(args, "url", None)
    if not url:
        _refuse_unused(args)
        return None
    import os

    from directus_guard.live.target import TargetError, target
    from directus_guard.secret import Secret

    name = args.token_env or "DIRECTUS_TOKEN"
    token = os.environ.get(name, "").strip()
    if args.token_env and not token:
        raise UsageError(f"--token-env: the environment variable {name} is empty or not set")
    try:
        return target(
            url,
            token=Secret(token) if token else None,
            headers=dict(map(_header, args.header_env)),
            proxy=Secret(args.proxy) if args.proxy else None,
            ca_file=_existing(args.ca_file),
            timeout=30.0 if args.timeout is None else args.timeout,
            allow_http=args.allow_http,
            probe_all=getattr(args, "probe", None) == "all",
        )
    except TargetError as error:
        raise UsageError(str(error)) from None


_OF_INSTANCE: Final = ("token_env", "header_env", "timeout", "ca_file", "proxy", "allow_http", "probe")


def _refuse_unused(args: argparse.Namespace) -> None:
    """An option about an instance that is not asked has no effect: raises `UsageError`."""
    for name in _OF_INSTANCE:
        if getattr(args, name, None):
            option = name.replace("_", "-")
            raise UsageError(f"--{option} is about a running instance and has no effect without --url")


def _header(text: str) -> tuple[str, Secret]:
    import os

    from directus_guard.secret import Secret

    header, _, variable = text.partition("=")
    if not variable:
        raise UsageError("--header-env: write NAME=VARIABLE, like --header-env CF-Access-Client-Secret=CF_SECRET")
    value = os.environ.get(variable, "")
    if not value:
        raise UsageError(f"--header-env: the environment variable {variable} is empty or not set")
    return header, Secret(value)


def _existing(path: str | None) -> Path | None:
    if path is not None and not Path(path).is_file():
        raise UsageError(f"--ca-file: {path}: no such file")
    return Path(path) if path else None


def _scan(args: argparse.Namespace) -> int:
    targets = _targets(args)
    options = _options(args)
    report = audited(options).report
    for format_, path in targets:
        with _opened(path) as stream:
            _write(format_, report, stream, args, options)
    if report.exit_code == Exit.NOTHING_FOUND:
        return _complain(nothing_found(report.notices), Exit.NOTHING_FOUND)
    return report.exit_code


def _write(format_: str, report: Report, stream: IO[str], args: argparse.Namespace, options: Options) -> None:
    from directus_guard.audit.run import line_hashes, rules
    from directus_guard.report import write

    hashes = line_hashes(options, report) if format_ == "sarif" else None
    color = _colored(args, stream)
    write(format_, report, rules(), stream, color=color, quiet=args.quiet, verbose=args.verbose, hashes=hashes)


def _colored(args: argparse.Namespace, stream: IO[str]) -> bool:
    return args.color == "always" or (args.color == "auto" and stream.isatty() and "NO_COLOR" not in _environ())


def _environ() -> set[str]:
    import os

    return set(os.environ)


def _targets(args: argparse.Namespace) -> list[tuple[str, Path | None]]:
    """The reports that are asked for: format and file."""
    targets = [_target(text) for text in args.output or ["text"]]
    if sum(path is None for _, path in targets) > 1:
        raise UsageError("only one --output can go to stdout; give the others a path: --output sarif=results.sarif")
    return targets


def _target(text: str) -> tuple[str, Path | None]:
    format_, _, path = text.partition("=")
    if format_ not in FORMATS:
        import difflib

        near = difflib.get_close_matches(format_, FORMATS, n=1)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        raise UsageError(f"unknown output format `{format_}`; known are {', '.join(FORMATS)}.{hint}")
    return format_, Path(path) if path and path != "-" else None


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[str]]:
    """The report's stream. Whatever the locale, a report is UTF-8."""
    if path is None:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def _options(args: argparse.Namespace) -> Options:
    """Option before config before default; the config's own mistakes are wrong use."""
    root, paths = _roots([Path(path) for path in args.paths] or [Path()])
    since = getattr(args, "new_since", None)
    return _options_for(args, root, paths, _revision(root, since) if since else None)


def _options_for(args: argparse.Namespace, root: Path, paths: tuple[Path, ...], revision: Revision | None) -> Options:
    """`revision`: the base. A change cannot silence itself, so config and baseline are then read from there."""
    from directus_guard.audit.run import Base, Options
    from directus_guard.finding import Context, Severity

    config, config_notices = _config(args, root, revision)
    accepted, baseline_notices = _baseline_of(getattr(args, "baseline", None), revision)
    fail_on = getattr(args, "fail_on", None) or (config and config.fail_on) or "high"
    minimum = getattr(args, "min_severity", None) or (config and config.min_severity) or "low"
    incomplete = getattr(args, "incomplete", None) or (config and config.incomplete) or "fail"
    return Options(
        root=root,
        base=Base(str(revision), _tree(revision, root)) if revision else None,
        paths=paths,
        exclude=(*args.exclude, *(config.exclude if config else ())),
        directus_version=_version(_given(args, config, "directus_version")),
        edition=_edition(_given(args, config, "edition")),
        largest_upload=config.thresholds.largest_upload if config else 1024**3,
        fail_on=None if fail_on == "none" else Severity(fail_on),
        min_severity=Severity(minimum),
        strict=getattr(args, "strict", False),
        incomplete_fails=incomplete == "fail",
        include_nonproduction=getattr(args, "include_nonproduction", False),
        use_ignores=not getattr(args, "no_ignores", False),
        ignores=_config_ignores(config),
        baseline=accepted,
        contexts=tuple((glob, Context(name)) for glob, name in config.context.items()) if config else (),
        severities=_severities(config),
        switched_off=_switched_off(config),
        debug=getattr(args, "debug", False),
        notices=(*config_notices, *baseline_notices),
        target=_asked(args),
    )


def _given(args: argparse.Namespace, config: Config | None, name: str) -> str | None:
    """The option, else the config's value."""
    found: str | None = getattr(args, name, None) or (getattr(config, name) if config else None)
    return found


def _severities(config: Config | None) -> tuple[tuple[str, Severity | None], ...]:
    from directus_guard.finding import Severity

    return tuple(
        (check, None if given.severity == "off" else Severity(given.severity))
        for check, given in (config.checks.items() if config else ())
    )


def _switched_off(config: Config | None) -> tuple[SwitchedOff, ...]:
    from directus_guard.finding import SwitchedOff

    checks = config.checks.items() if config else ()
    return tuple(SwitchedOff(check, given.reason) for check, given in checks if given.severity == "off")


def _revision(folder: Path, name: str) -> Revision:
    """The commit that is the base."""
    from directus_guard.sources.files.git import resolve

    with _git():
        return resolve(folder, name)


@contextmanager
def _git() -> Iterator[None]:
    """A revision that cannot be read is wrong use: the message says what to fetch."""
    from directus_guard.sources.files.git import GitError

    try:
        yield
    except GitError as error:
        raise UsageError(str(error)) from None


def _tree(revision: Revision, folder: Path) -> Tree:
    """A folder of the work tree as the revision has it."""
    import os

    return revision.tree(os.path.relpath(os.path.realpath(folder), revision.top))


def audited(options: Options) -> Audited:
    """The run. Raises `UsageError` where the base cannot be read."""
    from directus_guard.audit.run import run

    if options.base is None:
        return run(options)
    with _git():
        return run(options)


def _roots(paths: Sequence[Path]) -> tuple[Path, tuple[Path, ...]]:
    """One folder is the root; of several paths their common folder is, and only they are read."""
    import os

    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder")
    if len(paths) == 1 and paths[0].is_dir():
        return paths[0], ()
    real = [Path(os.path.realpath(path)) for path in paths]
    common = Path(os.path.commonpath([str(path if path.is_dir() else path.parent) for path in real]))
    return common, tuple(real)


def _version(text: str | None) -> Version | None:
    if text is None:
        return None
    from directus_guard.directus.versions import Version

    version = Version.parse(text)
    if version is None:
        raise UsageError(f"`{text}` is no Directus version; write it in full, like 11.17.4")
    return version


def _edition(name: str | None) -> Edition | None:
    if name is None:
        return None
    from directus_guard.directus.access.records import Edition

    return Edition(name)


def _config(args: argparse.Namespace, root: Path, revision: Revision | None) -> tuple[Config | None, tuple[str, ...]]:
    """The config that counts, and what is to be said about it: with a revision the one that stands there."""
    if getattr(args, "no_config", False):
        return None, ()
    path = _config_path(args.config, root)
    own = _loaded(path, _text_of(path)) if path is not None else None
    if revision is None:
        return own, ()
    candidates = (path,) if args.config is not None and path is not None else [root / name for name in CONFIG_FILES]
    for candidate in candidates:
        text = _committed(candidate, revision)
        if text is not None:
            break
    else:
        return None, (f"{path} is not on {revision}: the defaults count until it is",) if path is not None else ()
    if isinstance(text, Path):
        return own, ()
    notices = (f"{candidate} counts as it is on {revision}",) if candidate != path or text != _text_of(path) else ()
    try:
        return _loaded(candidate, text), notices
    except UsageError as error:
        return None, (f"on {revision} the config is wrong, so the defaults count: {error}",)


def _loaded(path: Path, text: str) -> Config:
    from directus_guard.checks import catalogue
    from directus_guard.config import ConfigError, load

    try:
        return load(str(path), text, catalogue())
    except ConfigError as error:
        raise UsageError(str(error)) from None


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not readable: {error}") from None


def _committed(path: Path, revision: Revision) -> str | Path | None:
    """The text of a file at a revision, None if it has none there. The path itself if it lies outside the work tree:
    no change of the repository can touch it."""
    import os

    relative = os.path.relpath(os.path.realpath(path), revision.top)
    if relative.startswith("../"):
        return path
    data = revision.read(relative)
    return None if data is None else data.decode("utf-8-sig", "replace")


CONFIG_FILES: Final = (
    "directus-guard.yaml",
    "directus-guard.yml",
    ".github/directus-guard.yaml",
    ".github/directus-guard.yml",
)


def _config_path(given: str | None, root: Path) -> Path | None:
    if given is not None:
        path = Path(given)
        if not path.is_file():
            raise UsageError(f"config file {given}: no such file")
        return path
    return next((root / name for name in CONFIG_FILES if (root / name).is_file()), None)


def _config_ignores(config: Config | None) -> tuple[Ignore, ...]:
    from directus_guard.audit.suppression import Ignore

    return tuple(
        Ignore(item.check, item.reason, item.until, obj=item.object) for item in (config.ignore if config else ())
    )


def _baseline_of(given: str | None, revision: Revision | None) -> tuple[frozenset[str], tuple[str, ...]]:
    """The accepted findings, and what is to be said about the file: with a revision the one that stands there."""
    from directus_guard.audit import baseline

    if not given:
        return frozenset(), ()
    path = Path(given)
    try:
        own = _text_of(path)
    except UsageError as error:
        raise UsageError(f"baseline {error}") from None
    text = path if revision is None else _committed(path, revision)
    if isinstance(text, Path):
        return baseline.read(own), ()
    if text is None:
        return frozenset(), (f"{path} is not on {revision}: it accepts nothing until it is",)
    return baseline.read(text), () if text == own else (f"{path} counts as it is on {revision}",)


def _baseline(args: argparse.Namespace) -> int:
    from msgspec.structs import replace

    from directus_guard.audit import baseline
    from directus_guard.audit.run import audit

    report = audit(replace(_options(args), baseline=frozenset()))
    file = Path(args.file)
    try:
        if args.action == "write":
            file.write_text(baseline.write(report.findings), encoding="utf-8")
            print(f"{len(report.findings)} findings accepted in {file}", file=sys.stderr)
        else:
            text, gone = baseline.prune(file.read_text(encoding="utf-8"), report.findings)
            file.write_text(text, encoding="utf-8")
            print(f"{gone} lines that match no finding removed from {file}", file=sys.stderr)
    except OSError as error:
        raise UsageError(f"baseline {file}: {error.strerror}") from None
    return Exit.OK


def _near(name: str, known: Iterable[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean `{near[0]}`?" if near else ""


def _access(args: argparse.Namespace) -> int:
    from directus_guard.audit import access_table as access_view
    from directus_guard.report.harmless import no_command
    from directus_guard.report.json_v1 import write_data
    from directus_guard.sources import collect as evidence
    from directus_guard.sources.files.repository import Repository

    targets = _targets(args)
    if any(format_ == "sarif" for format_, _ in targets):
        raise UsageError("`access` has no SARIF: it lists access, `scan` judges it. Use text, json or markdown.")
    options = _options(args)
    repository = Repository(options.root, options.paths, options.exclude)
    found = evidence.exports(repository, options.directus_version, options.edition)
    if options.target is not None:
        from directus_guard.audit.run import ask
        from directus_guard.directus.project import Project

        live = ask(options.target, repository, Project((), exports=found), options)
        found = (*found, live.export) if live.export else found
    for problem in repository.problems:
        _complain(f"{problem.path}: {problem.message}", Exit.OK)
    selection = access_view.Selection(tuple(args.principal), tuple(args.collection))
    _refuse_unknown(found, selection)
    for format_, path in targets:
        with _opened(path) as stream:
            if format_ == "json":
                write_data(access_view.as_json(found, selection), stream)
            else:
                lines = access_view.text if format_ == "text" else access_view.markdown
                stream.write("".join(f"{no_command(line)}\n" for line in lines(found, selection)))
    if options.target is not None and not any(export.live for export in found):
        if options.target.token is None:
            _complain("who may do what is told to a token only: set DIRECTUS_TOKEN.", Exit.OK)
        return Exit.INCOMPLETE
    if not found:
        return _nothing_to_list(repository, options)
    return Exit.INCOMPLETE if options.incomplete_fails and _is_incomplete(repository) else Exit.OK


def _refuse_unknown(found: Sequence[Export], selection: Selection) -> None:
    """A principal or a collection that no export has is a slip of the pen: raises `UsageError` with the nearest names."""
    from directus_guard.audit import access_table as access_view

    if not found:
        return
    for what, names, known in (
        ("principal", selection.principals, access_view.principals_of(found)),
        ("collection", selection.collections, access_view.collections_of(found)),
    ):
        for name in names:
            if name not in known:
                raise UsageError(f"--{what}: there is no {what} `{name}`.{_near(name, known)}")


def _is_incomplete(repository: Repository) -> bool:
    """Whether a part of an export could not be read."""
    from directus_guard.audit.completeness import settled
    from directus_guard.directus.project import Project

    return any(problem.incomplete for problem in settled(repository.problems, Project(())))


def _nothing_to_list(repository: Repository, options: Options) -> int:
    """No export: because there is none, or because none can be read."""
    if options.incomplete_fails and _is_incomplete(repository):
        return _complain("no exported permissions could be read.", Exit.INCOMPLETE)
    return _complain("no exported permissions were found.", Exit.NOTHING_FOUND)


def _diff(args: argparse.Namespace) -> int:
    from directus_guard.audit import diff_view
    from directus_guard.audit.run import compare, rules
    from directus_guard.finding import Severity

    targets = _targets(args)
    base, head = _side(args.base, args.head, args), _side(args.head, args.base, args)
    config, notices = _config(args, base.root, base.revision)
    problems: list[str] = []
    options = [_side_options(side, args, config) for side in (base, head)]
    with _git():
        old, new = (_look(side, given, problems) for side, given in zip((base, head), options, strict=True))
    if args.url and base.target is None and head.target is None:
        raise UsageError("--url names what `live` stands for: give `live` as BASE or HEAD")
    for side, seen in ((base, old), (head, new)):
        if side.target is not None and not seen.project.exports:  # everything, or nothing, would look new
            why = "\n".join(problems) or "who may do what is told to a token only: set DIRECTUS_TOKEN."
            return _complain(f"nothing was compared: {why}", Exit.INCOMPLETE)
    found = compare(old, new, options[1])
    unread = new.incomplete - old.incomplete
    if not (old.project.exports or new.project.exports or found.new or unread):
        return _complain("no exported permissions were found, neither in BASE nor in HEAD.", Exit.NOTHING_FOUND)
    fail_on = args.fail_on or (config and config.fail_on) or "high"
    threshold = None if fail_on == "none" else Severity(fail_on)
    gating = (entry for entry in found.new if entry.gates)
    blocked = threshold is not None and any(entry.severity.rank >= threshold.rank for entry in gating)
    incomplete = unread and (args.incomplete or (config and config.incomplete) or "fail") == "fail"
    compared = diff_view.Compared(
        base.label,
        head.label,
        tuple(export.name for export in new.project.exports),
        threshold,
        Exit.FINDINGS if blocked else Exit.INCOMPLETE if incomplete else Exit.OK,
        (*notices, *(f"switched off by the config: {off.check}" for off in _switched_off(config)), *problems),
    )
    for format_, path in targets:
        with _opened(path) as stream:
            diff_view.write(format_, found, compared, rules(), stream, color=_colored(args, stream), quiet=args.quiet)
    return compared.exit_code


class _Side(NamedTuple):
    """BASE or HEAD of a comparison: a folder (or files of it), on disk or as a revision has it."""

    label: str
    root: Path
    paths: tuple[Path, ...] = ()
    revision: Revision | None = None
    target: Target | None = None
    """The running instance, in place of files."""


def _side(text: str, other: str, args: argparse.Namespace) -> _Side:
    """A path, else a git revision, whose folder is that of the other side or the current one; `live` is the instance.

    Raises `UsageError` where it is neither, or both.
    """
    if text == "live":
        target = _asked(args)
        if target is None:
            raise UsageError("`live` is a running instance: give --url.")
        return _Side(target.origin, Path(other) if Path(other).is_dir() else Path(), target=target)
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
        root, paths = _roots([Path(text)])
        return _Side(text, root, paths)
    try:
        revision = resolve(Path(), name)
    except GitError as error:
        raise UsageError(f"{text}: no such file or folder, and {error}") from None
    if folder:
        folder = folder.strip("/")
        if not revision.has(folder):
            raise UsageError(f"{revision} has no folder `{folder}`")
        return _Side(f"{revision}:{folder}", revision.top / folder, (), revision)
    root, paths = _roots([Path(other)]) if Path(other).exists() else (Path(), ())
    return _Side(str(revision), root, paths, revision)


def _side_options(side: _Side, args: argparse.Namespace, config: Config | None) -> Options:
    """How one side is read and judged: alike on both, by the config of BASE."""
    from directus_guard.audit.run import Options
    from directus_guard.finding import Context

    return Options(
        root=side.root,
        store=_tree(side.revision, side.root) if side.revision else None,
        paths=side.paths,
        exclude=(*args.exclude, *(config.exclude if config else ())),
        directus_version=_version(_given(args, config, "directus_version")),
        edition=_edition(_given(args, config, "edition")),
        largest_upload=config.thresholds.largest_upload if config else 1024**3,
        ignores=_config_ignores(config),
        contexts=tuple((glob, Context(name)) for glob, name in config.context.items()) if config else (),
        severities=_severities(config),
        target=side.target,
    )


def _look(side: _Side, options: Options, problems: list[str]) -> Side:
    """Judge one side; what could not be read is added to `problems`."""
    from directus_guard.audit.run import look

    seen = look(options)
    label = "" if side.target is not None else f"{side.label}: "
    problems += [f"{label}{problem.path}: {problem.message}" for problem in seen.problems]
    return seen


def _auditor_policy(args: argparse.Namespace) -> int:
    import json

    from directus_guard.directus.access.records import Edition
    from directus_guard.directus.versions import NEWEST
    from directus_guard.live.auditor import policy

    print(json.dumps(policy(_version(args.directus_version) or NEWEST, Edition(args.edition)), indent=2))
    return Exit.OK


def _explain(args: argparse.Namespace) -> int:
    from directus_guard.checks import catalogue

    check = catalogue().get(args.check)
    if check is None:
        raise UsageError(
            f"unknown check `{args.check}`.{_near(args.check, catalogue())} `directus-guard checks` lists them."
        )
    bullets = ", ".join(str(number) for number in check.checklist) or "none: it goes beyond the checklist"
    print(f"{check.page().rstrip()}\n\n---\nSeverity: {check.severity.value}. Checklist bullets: {bullets}.")
    return Exit.OK


def _checks(args: argparse.Namespace) -> int:
    from directus_guard.checks import catalogue

    if args.json:
        import json

        rows = [
            {"id": check.id, "severity": check.severity.value, "chapter": check.chapter, "title": check.title,
             "checklist": list(check.checklist), "documentation": check.documentation}
            for check in catalogue().values()
        ]  # fmt: skip
        print(json.dumps(rows, indent=2))
    else:
        width = max(len(check) for check in catalogue())
        for check in catalogue().values():
            print(f"{check.id:<{width}}  {check.severity.value:<8}  {check.title}")
    return Exit.OK


def _matrix(files: Iterable[str], exports: Iterable[str]) -> list[dict[str, str]]:
    """One job for each folder with a deployment, and for exports that lie in none of them: a name of its own, and its path."""
    import re

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


def _projects(args: argparse.Namespace) -> int:
    from directus_guard.audit.run import audit
    from directus_guard.report.json_v1 import write_data

    report = audit(_options(args))
    scanned = report.scanned
    rows = [{"deployment": name, "path": name.split("#", 1)[0]} for name in scanned.deployments]
    found = {"schema": "projects-v1", "projects": rows, "access_models": list(scanned.access_models)}
    with _opened(None) as stream:
        write_data(
            found | {"matrix": {"include": _matrix([row["path"] for row in rows], scanned.access_models)}}, stream
        )
    return Exit.OK if rows else Exit.NOTHING_FOUND


def _advisories(args: argparse.Namespace) -> int:
    from directus_guard.directus.advisories import ADVISORIES, LAST_REVIEWED, RANGE_UNKNOWN

    if args.json:
        import json

        listed = [item.as_json() for item in ADVISORIES]
        whole = {"last_reviewed": LAST_REVIEWED, "advisories": listed, "range_unknown": RANGE_UNKNOWN}
        print(json.dumps(whole, indent=2))
        return Exit.OK
    print(f"Directus advisories, last reviewed {LAST_REVIEWED}. A floor, not a ceiling: also run `npm audit`.")
    for item in ADVISORIES:
        print(f"{item.id:<20} {item.cve:<16} {item.severity.value:<8} {item.affected:<28} {item.gist}")
    print("\nAdvisories whose affected versions are not known here; no version is judged by them:")
    for unknown in RANGE_UNKNOWN:
        print(f"{unknown['id']:<20} {unknown['gist']}")
    return Exit.OK
