"""Everything that the commands print about a folder, in every format. Also a program, for other interpreters:

    python -m tests.support.all_outputs FOLDER OUTPUTS [SEED]

It writes each output to a file; with a seed, folders are listed in a random order. It needs no package of the tests.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from directus_guard import cli
from directus_guard.report.writers import (
    ACCESS_WRITERS,
    ANSWER_WRITERS,
    DIFF_WRITERS,
    FLEET_WRITERS,
    REPORT_WRITERS,
    Format,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

EXPECTED: Final = frozenset({0, 1, 3, 4})
"""Exit codes of runs that came to their end."""


def all_outputs(root: Path, kept: Path, *, base: Path | None = None, scan: Sequence[str] = ()) -> dict[str, str]:
    """What is printed, stdout and stderr, by the command, and each file that it wrote.

    `kept`: a folder for the files, those of `--output` among them: one run writes all formats, and what is computed, is computed
    once. `base`: a folder to compare with; `scan`: more options of the commands that judge.
    """
    nothing = kept / "nothing"
    nothing.mkdir(parents=True, exist_ok=True)
    return {
        " ".join(map(_shown, command)): _run(command) for command in _commands(root, kept, base or nothing, scan)
    } | {path.name: path.read_text(encoding="utf-8") for path in sorted(kept.iterdir()) if path.is_file()}


def _shown(argument: str) -> str:
    return Path(argument).name if "/" in argument else argument


def _commands(root: Path, kept: Path, base: Path, scan: Sequence[str]) -> Iterator[tuple[str, ...]]:
    folder = str(root)
    yield (
        "scan",
        folder,
        *outputs(kept, "scan", REPORT_WRITERS),
        "--verbose",
        "--debug",
        "--include-nonproduction",
        *scan,
    )
    yield "access", folder, *outputs(kept, "access", ACCESS_WRITERS), "--debug"
    yield "diff", str(base), folder, *outputs(kept, "diff", DIFF_WRITERS), "--debug"
    yield "who-can", "read", "directus_users", "--path", folder, *outputs(kept, "who-can", ANSWER_WRITERS), "--debug"
    for options in ((), ("--unsafe-fixes",)):
        yield "fix", folder, *options, "--debug"
    yield "projects", folder, "--debug"
    yield "baseline", "write", str(kept / "baseline"), folder, "--debug"
    yield "merge", str(kept / "scan.json"), *outputs(kept, "merge", FLEET_WRITERS), "--debug"


def outputs(folder: Path, name: str, formats: Iterable[Format], *, printed: Format = Format.TEXT) -> list[str]:
    """Options for all formats of one run: one goes to stdout, each other into the file `name.FORMAT` of the folder."""
    return [f"--output={one}" if one is printed else f"--output={one}={folder / f'{name}.{one}'}" for one in formats]


def _run(arguments: Sequence[str]) -> str:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main(arguments)
    if code not in EXPECTED:
        # An access model may be missing: then the command says so, and that is an output, too.
        err.write(f"exit code {code}\n")
    return out.getvalue() + err.getvalue()


def _shuffled(seed: int) -> None:
    """List folders in a random order, as other disks do."""
    order, scandir, listdir = random.Random(seed), os.scandir, os.listdir

    @contextlib.contextmanager
    def scan(path: str = ".") -> Iterator[Iterator[os.DirEntry[str]]]:
        with scandir(path) as entries:
            found = list(entries)
        order.shuffle(found)
        yield iter(found)

    class Entries:
        """What `os.scandir` gives: an iterator that can be closed."""

        def __init__(self, path: str = ".") -> None:
            with scan(path) as entries:
                self._entries = entries

        def __iter__(self) -> Iterator[os.DirEntry[str]]:
            return self._entries

        def __next__(self) -> os.DirEntry[str]:
            return next(self._entries)

        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            return self._entries

        def __exit__(self, *_: object) -> None:
            pass

    def listed(path: str = ".") -> list[str]:
        found = listdir(path)
        order.shuffle(found)
        return found

    os.scandir, os.listdir = Entries, listed  # type: ignore[assignment]  # stand-ins with less than the originals


def main(folder: str, outputs: str, seed: str = "") -> None:
    """Write each output to a file of its own."""
    if seed:
        _shuffled(int(seed))
    place = Path(outputs)
    found = all_outputs(Path(folder), place / "kept")
    for number, (name, text) in enumerate(found.items()):
        (place / f"{number:02}.txt").write_text(f"{name}\n{text}", encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    main(*sys.argv[1:])
