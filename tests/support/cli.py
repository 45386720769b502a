"""Runs the command line inside of the test's process, as a shell would see it."""

from __future__ import annotations

import contextlib
import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest import mock

from directus_guard import cli
from directus_guard.action import run as action_
from directus_guard.report.writers import Format
from tests.support.all_outputs import outputs
from tests.support.documents import assert_declared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Run:
    """What a run left behind."""

    code: int
    out: str
    err: str


def guard(*arguments: str | Path) -> Run:
    """Run `directus-guard` with these arguments."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main([str(argument) for argument in arguments])
    assert_declared(out.getvalue())
    return Run(code, out.getvalue(), err.getvalue())


def guard_once(*arguments: str | Path, formats: Iterable[Format], folder: Path) -> tuple[Run, dict[str, str]]:
    """One run for all formats, and what each says: the text on stdout, the others in files of the folder."""
    run = guard(*arguments, *outputs(folder, "report", formats := tuple(formats)))
    said: dict[str, str] = {}
    for one in formats:
        said[one] = run.out if one is Format.TEXT else (folder / f"report.{one}").read_text(encoding="utf-8")
    assert_declared(said.get(Format.JSON, ""))
    return run, said


def action(environ: Mapping[str, str]) -> Run:
    """Run the Action with this runner's environment."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir("."):
        code = action_.main(dict(environ))
    return Run(code, out.getvalue(), err.getvalue())


def action_in(workspace: Path, environ: Mapping[str, str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the Action in a folder, with this environment and no other. It waits for nothing."""
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", "surrogateescape", newline="") for _ in range(2)]
    with (
        mock.patch.dict(os.environ, environ, clear=True),
        contextlib.redirect_stdout(streams[0]),
        contextlib.redirect_stderr(streams[1]),
        contextlib.chdir(workspace),
    ):
        code = action_.main(os.environ, lambda _: None)
    out, err = (_written(stream) for stream in streams)
    return code, out, err


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    held = stream.buffer
    assert isinstance(held, io.BytesIO)
    return held.getvalue().decode()


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root
