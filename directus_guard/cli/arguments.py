"""The arguments that several commands share, in groups."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from directus_guard.cli.errors import TOKEN_ADVICE, UsageError, assigned_variable, did_you_mean
from directus_guard.deadline import LONGEST, MAX_TIME
from directus_guard.directus.access.records import Edition
from directus_guard.exit_code import OnIncomplete
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from directus_guard.report.writers import Format

    Commands: TypeAlias = argparse._SubParsersAction["Parser"]  # noqa: SLF001 - argparse has no other name for it
    Container: TypeAlias = argparse._ActionsContainer  # noqa: SLF001 - the same: a parser, or a group of it

EDITIONS: Final = tuple(edition.value for edition in Edition)
PATHS: Final = "folders or files, or `-` for a list of them on the standard input (default: the current folder)"
SEVERITIES: Final = tuple(severity.value for severity in Severity)
_TOKENS: Final = frozenset({"--token", "--access-token", "--static-token", "--directus-token", "--password"})
"""What an option is called that people try, to give a token to `--url`."""

HINTS: Final = {
    ("fix", "--dry-run"): "Without --apply, fix prints a patch and writes nothing.",
    ("fix", "--diff"): "Without --apply, fix prints a patch and writes nothing.",
    ("fix", "--write"): "Use --apply.",
    ("fix", "--fix"): "Use --apply.",
    ("", "--fix"): "Use the command: directus-guard fix",
    ("", "--check"): "It is an option of fix.",
    ("", "--json"): "Use --output json.",
    ("", "--sarif"): "Use --output sarif.",
    ("", "--format"): "Use --output FORMAT.",
    ("", "--ignore"): "Use the command: directus-guard ignore FINGERPRINT --reason TEXT",
    ("", "--skip"): "Use --exclude GLOB for paths, or `severity: off` in the config for checks.",
    ("", "--severity"): "Use --fail-on, or --min-severity.",
}
"""What to do instead, for options that other programs have. By the command, "" = any."""
_PATHS: Final = frozenset({"paths", "path", "file", "base", "head"})
"""Arguments that name files."""


class _Formatter(argparse.HelpFormatter):
    """Help as wide as the terminal. argparse itself imports `shutil` for its width, also where no help is shown: 2 ms."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=columns() - 2)


def columns() -> int:
    """As `shutil.get_terminal_size` finds them."""
    named = os.environ.get("COLUMNS", "")
    if named.isdecimal() and int(named) > 0:
        return int(named)
    try:
        return os.get_terminal_size(1).columns or 80
    except OSError:
        return 80


class Parser(argparse.ArgumentParser):
    """A parser whose errors are usage errors like all others."""

    def __init__(self, **described: Any) -> None:  # noqa: ANN401 - as argparse is called
        super().__init__(formatter_class=_Formatter, **described)

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override] # noqa: ANN401 - as argparse is called
        """As argparse does, but a command refuses what it does not know itself: so the help that is named is its own."""
        given = tuple(args or ())
        _refuse_token(given)
        if given and given[0].startswith("-") and self._is_whole and given[0] not in self._option_string_actions:
            self.error(f"the command comes first, then its options: {self.prog} scan {_name(given[0])}")
        options, unknown = super().parse_known_args(args, namespace)
        # argparse takes the paths that stand together, and leaves those behind a later option.
        if not self._is_whole and hasattr(options, "paths") and not any(map(_is_option, unknown)):
            options.paths, unknown = [*options.paths, *unknown], []
        if unknown:
            self._refuse(unknown)
        return options, unknown

    @property
    def _is_whole(self) -> bool:
        return " " not in self.prog

    def _refuse(self, unknown: Sequence[str]) -> None:
        """Name the first option that is unknown, never a value."""
        name = next((_name(text) for text in unknown if _is_option(text)), "")
        if not name:
            self.error("too many arguments" if len(unknown) > 1 else "one argument too many")
        known = [option for option in self._option_string_actions if option.startswith("--") and option != "--help"]
        command = self.prog.rpartition(" ")[2]
        hint = HINTS.get((command, name)) or HINTS.get(("", name))
        near = did_you_mean(name, (*known, "--help") if name.startswith("--h") else known)
        self.error(f"unknown option `{name}`.{f' {hint}' if hint else near if name.startswith('--') else ''}")

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:  # noqa: ANN401 - as argparse is called
        """As argparse does. A variable of CI that is not set must not switch an option off: `--url "$URL"`."""
        if not arg_string and (action.option_strings or action.dest in _PATHS):
            what = "leave the option out, or give it a value" if action.option_strings else "name a file or folder"
            raise argparse.ArgumentError(action, f"it is empty: {what}")
        return super()._get_value(action, arg_string)

    def _check_value(self, action: argparse.Action, value: Any) -> None:  # noqa: ANN401 - as argparse is called
        if action.choices is None or value in action.choices:
            return
        if self._is_whole:
            self.error(self._unknown_command(str(value), tuple(action.choices)))
        known = ", ".join(map(str, action.choices))
        near = did_you_mean(str(value), map(str, action.choices))
        raise argparse.ArgumentError(action, f"unknown value; known are {known}.{near}")

    def _unknown_command(self, name: str, commands: Sequence[str]) -> str:
        variable = assigned_variable(name)
        if variable:
            return f"`{variable}=…` is not a command. A variable comes first: {variable}=… {self.prog} scan"
        if Path(name).exists():
            return f"`{name}` is not a command. Did you mean `{self.prog} scan {name}`?"
        near = did_you_mean(name, commands)
        return f"unknown command `{name}`.{near or ' Known are ' + ', '.join(commands) + '.'}"

    def error(self, message: str) -> None:  # type: ignore[override]  # argparse declares NoReturn; raising is one
        if message == "the following arguments are required: COMMAND":
            message = f"no command. `{self.prog} scan` reads the current folder."
        text = message.removeprefix("argument ").replace("the following arguments are required: ", "missing: ")
        raise UsageError(f"{text}\nRun `{self.prog} --help` for the {'commands' if self._is_whole else 'options'}.")


def _is_option(text: str) -> bool:
    return text.startswith("-") and text != "-"


def _name(option: str) -> str:
    """The option without its value."""
    return option.partition("=")[0] if option.startswith("--") else option[:2]


def _refuse_token(arguments: Sequence[str]) -> None:
    """Raise `UsageError`, without the value, where an argument would be a token."""
    for text in arguments:
        if text == "--":
            return
        name = _name(text) if text.startswith("--") else ""
        if name.casefold().replace("_", "-") in _TOKENS:
            raise UsageError(f"{name}: {TOKEN_ADVICE}")


def seconds(text: str) -> float:
    """A number of seconds, as an option has it."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError("expected a number of seconds, like 30") from None


def add_max_time(parser: argparse.ArgumentParser) -> None:
    """How long the run may take."""
    parser.add_argument(
        "--max-time",
        type=run_seconds,
        default=MAX_TIME,
        metavar="SECONDS",
        help=f"for the whole run: what is not judged by then is not evaluated (default: {MAX_TIME:g})",
    )


def run_seconds(text: str) -> float:
    """The seconds that a run may take."""
    found = seconds(text)
    if not 0 < found <= LONGEST:
        raise argparse.ArgumentTypeError(f"seconds, more than 0 and at most {LONGEST:g}")
    return found


def add_debug(parser: argparse.ArgumentParser) -> None:
    """How a bug is shown."""
    parser.add_argument("--debug", action="store_true", help="show the traceback of a bug")


def add_reading(parser: argparse.ArgumentParser, *, paths: bool = True, exports: bool = True) -> None:
    """What is read. `exports`: whether the version and the edition of an export change the answer."""
    if paths:
        add_paths(parser)
    add_config(parser)
    if exports:
        parser.add_argument("--directus-version", metavar="V", help="the Directus version, where no file has it")
        parser.add_argument(
            "--edition",
            choices=EDITIONS,
            help="Directus 12 without or with a licence: Core ignores custom rules",
        )
    parser.add_argument("--exclude", action="append", default=[], metavar="GLOB", help="paths not to read; repeatable")
    add_max_time(parser)
    add_debug(parser)


def add_paths(parser: argparse.ArgumentParser) -> None:
    """Which folders and files."""
    parser.add_argument("paths", nargs="*", metavar="PATH", default=[], help=PATHS)


def add_config(parser: argparse.ArgumentParser) -> None:
    """Which config counts."""
    parser.add_argument(
        "--config", metavar="FILE", help="config file (default: directus-guard.yaml at the root or in .github/)"
    )


def add_outputs(parser: argparse.ArgumentParser, *, formats: Iterable[Format]) -> None:
    """Where reports go, and in which format."""
    parser.add_argument(
        "--output",
        action="append",
        default=[],
        metavar="FORMAT[=PATH]",
        help=f"{', '.join(formats)}; repeatable (default: text)",
    )


def add_color(parser: Container) -> None:
    """Whether the text is coloured."""
    parser.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="colours of the text (default: auto)"
    )


def add_quiet(parser: Container, says: str) -> None:
    """How little is printed. `says`: what is left."""
    parser.add_argument("-q", "--quiet", action="store_true", help=says)


def add_appearance(parser: argparse.ArgumentParser, *, quiet: str = "only the verdict") -> None:
    """How the text is shown. `quiet`: what is left of it with `--quiet`."""
    add_color(parser)
    add_quiet(parser, quiet)


def add_incomplete(parser: argparse.ArgumentParser) -> None:
    """What a file that cannot be read means."""
    parser.add_argument(
        "--incomplete",
        choices=tuple(OnIncomplete),
        help="whether a file of a Directus project that cannot be read fails the run, with exit code 4 (default: fail)",
    )


def add_min_severity(parser: argparse.ArgumentParser) -> None:
    """What is left out."""
    parser.add_argument("--min-severity", choices=SEVERITIES, help="findings below are not reported")


def add_include_nonproduction(parser: argparse.ArgumentParser, help_: str) -> None:
    """Whether findings in development and examples count."""
    parser.add_argument("--include-nonproduction", action="store_true", help=help_)


def add_no_ignores(parser: argparse.ArgumentParser) -> None:
    """Whether what was accepted counts."""
    parser.add_argument(
        "--no-ignores",
        action="store_true",
        help="apply no ignore comments, no ignores of the config, and no baseline that is not named",
    )


def add_probe(parser: argparse.ArgumentParser) -> None:
    """What is asked for without a token."""
    parser.add_argument(
        "--probe",
        choices=("declared", "all"),
        help="collections to request without a token: those declared public (default), or all known",
    )


def add_new_access(parser: argparse.ArgumentParser) -> None:
    """When a change that grants more fails the run."""
    parser.add_argument(
        "--new-access",
        choices=(*SEVERITIES, "none"),
        help="severity from which access that the base does not grant fails the run (default: none; of diff: --fail-on)",
    )


def add_instance(parser: argparse.ArgumentParser) -> None:
    """The running instance to ask, and how."""
    group = parser.add_argument_group("a running instance (read only)")
    group.add_argument("--url", metavar="URL", help="audit this instance too; its token comes from DIRECTUS_TOKEN")
    group.add_argument("--token-env", metavar="NAME", help="the environment variable that holds the token")
    group.add_argument(
        "--header-env", action="append", default=[], metavar="NAME=VARIABLE",
        help="a further header, with its value from an environment variable; repeatable",
    )  # fmt: skip
    group.add_argument("--timeout", type=seconds, metavar="SECONDS", help="for each request (default: 30)")
    group.add_argument("--ca-file", metavar="FILE", help="a file of certificates to trust, PEM")
    group.add_argument("--proxy", metavar="URL", help="a proxy; the environment's proxy settings are not used")
    group.add_argument("--allow-http", action="store_true", help="send a token over http:// to another machine")
