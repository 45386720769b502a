"""The line that shows how far a run is: on a terminal only, after a second, and gone before the result."""

from __future__ import annotations

import io
import sys
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from directus_guard import progress
from directus_guard.cli import progress_line
from directus_guard.cli.progress_line import ProgressLine, shown_progress
from directus_guard.progress import Stage, step
from tests.support.cli import guard
from tests.support.examples import EXPORT

if TYPE_CHECKING:
    from collections.abc import Callable

ERASE = "\r\x1b[K"


class Terminal(io.StringIO):
    """A terminal, as far as a program can ask."""

    def isatty(self) -> bool:
        return True


class SeenError(RuntimeError):
    """Ends a run where its progress would be shown."""


def clock(*times: float) -> Callable[[], float]:
    """A clock that says these times, one after the other."""
    left = iter(times)
    return lambda: next(left)


def test_nothing_within_a_second() -> None:
    out = Terminal()
    line = ProgressLine(out, clock(10.0, 10.4, 10.9))
    line(Stage.READING)
    line(Stage.READING)
    line.erase()
    assert out.getvalue() == ""


def test_pieces_are_counted_and_the_line_changes_ten_times_a_second() -> None:
    out = Terminal()
    line = ProgressLine(out, clock(0.0, 0.5, 1.0, 1.05, 1.2, 1.3))
    for stage in (Stage.READING, Stage.READING, Stage.READING, Stage.READING, Stage.CHECKING):
        line(stage)
    line.erase()
    line.erase()
    shown = "".join(
        f"{ERASE}directus-guard: {text}" for text in ("reading files (2)", "reading files (4)", "checking (1)")
    )
    assert out.getvalue() == shown + ERASE


def test_it_fits_into_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    out = Terminal()
    ProgressLine(out, clock(0.0, 2.0))(Stage.FOLLOWING)
    assert len(out.getvalue().removeprefix(ERASE)) == 19


@pytest.mark.parametrize(
    ("environment", "quiet", "terminal", "expected"),
    [
        ({}, False, True, True),
        ({}, True, True, False),
        ({}, False, False, False),
        ({"CI": "true"}, False, True, False),
        ({"TERM": "dumb"}, False, True, False),
    ],
)
def test_where_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], *, quiet: bool, terminal: bool, expected: bool
) -> None:
    for name in ("CI", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    err = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setattr(progress_line, "PATIENCE", 0.0)
    with shown_progress(quiet=quiet):
        step(Stage.READING)
    step(Stage.READING)
    assert err.getvalue() == (f"{ERASE}directus-guard: reading files (1){ERASE}" if expected else "")


def test_it_is_erased_after_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("TERM", raising=False)
    monkeypatch.setattr(sys, "stderr", err := Terminal())
    monkeypatch.setattr(progress_line, "PATIENCE", 0.0)

    def fail() -> None:
        with shown_progress(quiet=False):
            step(Stage.READING)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert err.getvalue().endswith(ERASE)


@pytest.mark.parametrize(
    "arguments",
    [("scan", EXPORT), ("fix", EXPORT), ("diff", EXPORT, EXPORT), ("access", EXPORT), ("projects", EXPORT),
     ("can", "Editor", "update", "posts", "--path", EXPORT), ("who-can", "update", "posts", "--path", EXPORT)],
)  # fmt: skip
def test_every_long_command_says_how_far_it_is(arguments: tuple[str, ...]) -> None:
    stages: list[Stage] = []
    with progress.watched(stages.append):
        guard(*arguments)
    assert Stage.READING in stages
    if arguments[0] in ("scan", "fix", "diff", "projects"):
        assert {Stage.CHECKING, Stage.FOLLOWING} <= set(stages)
    # Stages follow each other: the line does not jump back and forth between reading and checking.
    assert sum(pair == (Stage.CHECKING, Stage.READING) for pair in pairwise(stages)) <= 2


@pytest.mark.parametrize("command", ["scan", "fix", "diff", "access", "can", "who-can", "projects", "baseline", "init"])
def test_commands_show_it(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """`shown_progress` of each command has its `--quiet`."""
    seen: list[bool] = []

    def shown(*, quiet: bool) -> None:
        seen.append(quiet)
        raise SeenError

    module = "questions" if command in ("can", "who-can") else command
    monkeypatch.setattr(import_module(f"directus_guard.cli.{module}"), "shown_progress", shown)
    arguments = {
        "can": ("Editor", "update", "posts", "--path", str(EXPORT)), "who-can": ("update", "posts", "--path", str(EXPORT)),
        "diff": (str(EXPORT), str(EXPORT)), "baseline": ("write", "x", str(EXPORT)), "init": (str(EXPORT), "--uses=a/b@c"),
    }.get(command, (str(EXPORT),))  # fmt: skip
    for quiet in ((), ("--quiet",)):
        assert "SeenError" in guard(command, *arguments, *quiet).err
    assert seen == [False, True]
