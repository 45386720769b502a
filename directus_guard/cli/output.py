"""Where a command writes: the formats and files of `--output`."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from msgspec import Struct

from directus_guard.cli.arguments import columns
from directus_guard.cli.errors import UsageError, did_you_mean
from directus_guard.cli.named_paths import open_new, refuse_unsafe
from directus_guard.report.writers import Appearance, Format

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Iterator, Sequence


class OutputSpec(Struct, frozen=True):
    """One report that is asked for."""

    format: Format
    path: Path | None
    """None: stdout."""


def output_specs(given: Sequence[str], formats: Collection[Format]) -> list[OutputSpec]:
    """The reports that are asked for, as `--output` gives them. `formats`: those that the command has."""
    specs = [_spec(text, formats) for text in given or [Format.TEXT]]
    if sum(spec.path is None for spec in specs) > 1:
        raise UsageError("only one --output can go to stdout; give the others a path: --output sarif=results.sarif")
    return specs


def _spec(text: str, formats: Collection[Format]) -> OutputSpec:
    name, _, path = text.partition("=")
    if name not in set(formats):
        raise UsageError(
            f"unknown output format `{name}`; known are {', '.join(formats)}.{did_you_mean(name, formats)}"
        )
    return OutputSpec(Format(name), _writable(Path(path)) if path and path != "-" else None)


def _writable(path: Path) -> Path:
    """The path, with its folders created. Raises `UsageError` before any work is done for a report that cannot be written."""
    refuse_unsafe(path, "--output")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--output: cannot create the folder {path.parent}: {error.strerror}") from None
    if path.is_dir():
        raise UsageError(f"--output: {path} is a folder; name a file in it")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"--output: cannot write {path}: permission denied")
    return path


@contextmanager
def opened(path: Path | None) -> Iterator[IO[str]]:
    """The report's stream. Whatever the locale, a report is UTF-8."""
    if path is None:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        with open(path, "w", encoding="utf-8", newline="\n", opener=open_new) as stream:
            yield stream
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def colored(choice: str, stream: IO[str]) -> bool:
    """Whether a text has colors: by `--color`, else by NO_COLOR and FORCE_COLOR, else on a terminal. A file has none of itself."""
    if choice != "auto" or os.environ.get("NO_COLOR"):
        return choice == "always"
    forced = os.environ.get("FORCE_COLOR", "")
    if forced and stream is sys.stdout:
        return forced not in ("0", "false")
    return stream.isatty()


def width_of(stream: IO[str]) -> int:
    """How wide the terminal is that the stream goes to; 0 where it goes elsewhere."""
    return columns() if stream.isatty() else 0


def appearance_for(args: argparse.Namespace, stream: IO[str]) -> Appearance:
    """How a text looks on a stream, by `--color`, `--quiet`, the environment and the terminal."""
    return Appearance(color=colored(args.color, stream), quiet=args.quiet, width=width_of(stream))


def moment() -> str:
    """Now in UTC, as `2027-01-31T12:00:00`. SOURCE_DATE_EPOCH overrides it, for reports that are the same byte by byte."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = datetime.fromtimestamp(int(given), UTC) if given.isdecimal() and len(given) < 12 else datetime.now(UTC)
    return now.strftime("%Y-%m-%dT%H:%M:%S")
