"""What a terminal gets: width and colors; and reports whose folder does not exist yet."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from directus_guard.cli.output import colored, width_of
from directus_guard.report.terminal import folded
from tests.support.cli import guard, write

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

COMPOSE = "services:\n  directus:\n    image: directus/directus:12.4.1\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_end_at_the_width() -> None:
    long = "  = - \x1b[1mone two three `four five six` seven\x1b[0m"
    assert list(folded([long], 24)) == ["  = - \x1b[1mone two three", "      `four five six`", "      seven\x1b[0m"]
    for whole in ("  | " + "code " * 20, "  = Accept: " + "word " * 20, "x" * 90, " --> " + "a b " * 20):
        assert list(folded([whole], 24)) == [whole]
    assert list(folded([long], 0)) == [long]


def test_the_width_is_that_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "61")
    assert width_of(Terminal()) == 61
    assert width_of(io.StringIO()) == 0


def test_colors(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    stdout = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stdout)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    assert colored("auto", Terminal())
    assert not colored("auto", stdout)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert colored("auto", stdout)
    assert not colored("auto", file)
    assert not colored("never", stdout)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colored("auto", stdout)
    assert not colored("auto", Terminal())
    assert colored("always", file)


def test_a_report_creates_its_folders(tmp_path: Path) -> None:
    root = write(tmp_path / "r", {"compose.yaml": COMPOSE, "file": ""})
    assert guard("scan", root, "--output", f"json={tmp_path / 'a' / 'b' / 'r.json'}").code == 0
    assert (tmp_path / "a" / "b" / "r.json").is_file()
    for path, says in (
        (root, "is a folder; name a file in it"),
        (root / "file" / "r.json", "cannot create the folder"),
    ):
        run = guard("scan", tmp_path / "nowhere", "--output", f"json={path}")
        assert run.code == 2
        assert says in run.err
