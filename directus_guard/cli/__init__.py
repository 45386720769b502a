"""The command line: arguments in, exit code out. Everything heavy is imported where it is used."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from directus_guard import __version__
from directus_guard.cli.errors import NothingFoundError, UsageError, complain, too_long
from directus_guard.exit_code import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from directus_guard.cli.arguments import Parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code; never raises for bad input."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):
        print(f"directus-guard {__version__}")
        return ExitCode.OK
    _import_msgspec()
    from directus_guard.deadline import TimeOverError, limited

    # It would make each TLS connection write its keys, which decrypt the token, to the file that it names.
    os.environ.pop("SSLKEYLOGFILE", None)
    # GC tuned: allocation-heavy, few cycles; saves 12 %.
    gc.set_threshold(100_000, 50, 100)
    if argv is None:
        # At exit Python looks through all objects for cycles, several times: a tenth of a small scan.
        atexit.register(gc.freeze)
    try:
        options = parser(arguments[0] if arguments else "").parse_args(arguments)
        with limited(getattr(options, "max_time", 0.0), interrupts=getattr(options, "interrupts", True)):
            return int(options.run(options))
    except SystemExit as stop:  # --help
        return stop.code if isinstance(stop.code, int) else ExitCode.OK
    except UsageError as error:
        return complain(str(error), ExitCode.USAGE)
    except NothingFoundError as error:
        return complain(str(error), ExitCode.NOTHING_FOUND)
    except TimeOverError:
        return complain(
            "stopped: the run took longer than --max-time, and its result is not complete.", ExitCode.INCOMPLETE
        )
    except BrokenPipeError:
        sys.stderr.close()
        return ExitCode.OK
    except (MemoryError, RecursionError):
        if "--debug" in arguments:
            raise
        return complain("something is too large, or nested too deeply: no result.", ExitCode.INCOMPLETE)
    except KeyboardInterrupt:
        return complain("interrupted", ExitCode.INTERRUPTED)
    except Exception as error:
        from directus_guard.audit.options import AuditError

        mistake = str(error) if isinstance(error, AuditError) else too_long(error)
        if mistake:
            return complain(mistake, ExitCode.USAGE)
        if "--debug" in arguments:
            raise
        return complain(
            f"this is a bug in directus-guard ({type(error).__name__}). Run again with --debug and report the traceback.",
            ExitCode.BUG,
        )


def _import_msgspec() -> None:
    """Import msgspec as where typing_extensions is not installed.

    msgspec prefers three names of typing_extensions to those of Python 3.11 and later, which are the same. pydantic needs
    that package, and few runs need pydantic. With `inspect`, which it imports, it takes a tenth of a small scan.
    """
    name = "typing_extensions"
    if "msgspec" in sys.modules or name in sys.modules:
        return
    sys.modules[name] = cast("ModuleType", None)  # as Python marks what cannot be imported
    try:
        import_module("msgspec")
    finally:
        del sys.modules[name]


_MODULES: Final = {
    "scan": "scan", "init": "init", "fix": "fix", "baseline": "baseline", "ignore": "ignore", "access": "access", "can": "can", "who-can": "who_can", "diff": "diff", "prove": "prove",
    "projects": "projects", "merge": "merge", "auditor-policy": "reference", "explain": "reference", "checks": "reference", "advisories": "reference",
}  # fmt: skip
"""Which module each command is in, in the order of `--help`."""


def parser(command: str = "") -> Parser:
    """The parser of all commands, or of the module of one."""
    from directus_guard.cli.arguments import Parser

    whole = Parser(prog="directus-guard", description="The security gate for Directus projects.", allow_abbrev=False)
    whole.add_argument("-V", "--version", action="version", version=f"directus-guard {__version__}")
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in (_MODULES[command],) if command in _MODULES else dict.fromkeys(_MODULES.values()):
        import_module(f"directus_guard.cli.{module}").add_command(commands)
    return whole
