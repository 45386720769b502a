"""Where a command writes: the formats and files of `--output`."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from directus_guard.cli.errors import UsageError, did_you_mean
from directus_guard.report.writers import Format

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence


class OutputSpec(NamedTuple):
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
    return OutputSpec(Format(name), Path(path) if path and path != "-" else None)


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
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


def colored(choice: str, stream: IO[str]) -> bool:
    """Whether a text has colors: by `--color`, else on a terminal whose user does not refuse them."""
    return choice == "always" or (choice == "auto" and stream.isatty() and "NO_COLOR" not in os.environ)
