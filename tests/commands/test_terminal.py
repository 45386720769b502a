"""What a terminal gets: width and colors; and reports whose folder does not exist yet."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from directus_guard import cli
from directus_guard.cli.output import colored, width_of
from directus_guard.report.terminal import folded, wrapped
from tests.support.cli import guard, write
from tests.support.examples import EXPORT, PERMISSIONS, change

if TYPE_CHECKING:
    from pathlib import Path

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


# --- every command -----------------------------------------------------------------------------------------------

LONG: str = "The editors of the northern region who may publish"
"""A name of many words."""


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two states of an export with long names, and a deployment."""
    root = tmp_path_factory.mktemp("sides")
    for side in ("before", "after"):
        shutil.copytree(EXPORT, root / side)
        for file in (root / side).rglob("*.json"):
            text = file.read_text(encoding="utf-8")
            text = text.replace('"posts"', '"posts_of_the_northern_region_that_wait_for_review"')
            file.write_text(re.sub(r'"name": "Editor"', f'"name": "{LONG}"', text), encoding="utf-8")
        write(root / side, {"compose.yaml": COMPOSE + "    environment: {CORS_ENABLED: 'true', CORS_ORIGIN: 'True'}\n"})
    change(root / "after", 5, fields=["*"])
    assert (root / "after" / PERMISSIONS).is_file()
    return root


def commands(sides: Path) -> dict[str, tuple[str, ...]]:
    after = str(sides / "after")
    posts = "posts_of_the_northern_region_that_wait_for_review"
    return {
        "scan": ("scan", after),
        "access": ("access", after),
        "can": ("can", LONG, "update", posts, "--path", after),
        "who-can": ("who-can", "update", posts, "--path", after),
        "diff": ("diff", str(sides / "before"), after),
        "fix": ("fix", after, "--unsafe-fixes"),
    }


def at_terminal(arguments: tuple[str, ...], width: int) -> str:
    """What a command shows at a terminal."""
    terminal = Terminal()
    with (
        mock.patch.dict("os.environ", {"COLUMNS": str(width), "CI": "true"}),
        mock.patch.multiple(sys, stdout=terminal, stderr=terminal),
    ):
        cli.main(list(arguments))
    return terminal.getvalue()


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("command", ["scan", "access", "can", "who-can", "diff", "fix"])
def test_no_word_is_cut_at_a_terminal(sides: Path, command: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    arguments = commands(sides)[command]
    shown = at_terminal(arguments, width)
    whole = at_terminal(arguments, 100_000)
    assert shown.split() == whole.split() if command != "access" else set(shown.split()) == set(whole.split())
    patch = guard(*arguments).out.splitlines() if command == "fix" else []
    for line in shown.splitlines():
        if len(line) > width and line not in patch:  # a place, what may be copied, or a word that is wider
            words = re.sub(r"`[^`]*`", "", line).split()
            assert re.match(r" *\d* \||.*-->|.*Accept: ", line) or len(words) <= 1, line
    if command in ("can", "diff"):
        longest = max(len(line) for line in shown.splitlines() if "/" not in line)
        assert (longest > 80) == (width > 80)


@pytest.mark.parametrize("command", ["scan", "access", "can", "who-can", "diff", "fix"])
def test_colors_change_nothing_else(sides: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = commands(sides)[command]
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    plain = at_terminal((*arguments, "--color=never"), 80)
    colored_ = at_terminal(arguments, 80)
    assert "\x1b[" not in plain
    assert "\x1b[" in colored_
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored_) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert at_terminal(arguments, 80) == plain
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert ("\x1b[" in guard(*arguments).out) == (command != "fix"), "a patch is read by programs"
    assert "\x1b[" in guard(*arguments, "--color=always").out


def test_a_sentence_keeps_its_words() -> None:
    assert list(wrapped("a " + "x" * 30 + " b", 2, 2, 20)) == ["  a", "    " + "x" * 30, "    b"]
    assert list(wrapped("say `a b c d e f` now", width=10)) == ["say", "`a b c d e f`", "now"]


def test_quiet(sides: Path, tmp_path: Path) -> None:
    after = str(sides / "after")
    asked = commands(sides)
    assert guard(*asked["can"], "--quiet").out.startswith("`The editors")
    assert "Permissions:" not in guard(*asked["can"], "--quiet").out
    assert "Who may" not in guard(*asked["who-can"], "--quiet").out
    assert "C R U D S:" not in guard(*asked["access"], "--quiet").out
    fixed = guard(*asked["fix"], "--quiet")
    assert (fixed.code, fixed.err) == (1, "")
    assert fixed.out == guard(*asked["fix"]).out
    accepted = str(tmp_path / "accepted")
    assert guard("baseline", "write", accepted, after, "--quiet").err == ""
    assert guard("baseline", "prune", accepted, after, "-q").err == ""
    root = write(
        tmp_path / "r", {"compose.yaml": COMPOSE + "    environment: {CORS_ENABLED: 'true', CORS_ORIGIN: 'true'}\n"}
    )
    assert guard("init", root, "--uses=a/b@" + "0" * 40, "--quiet") == guard(
        "ignore", "cors-any-origin|compose.yaml#directus CORS_ORIGIN", root, "--reason=x", "-q"
    )
    assert (root / "directus-guard.yaml").is_file()
    assert json.loads(guard("projects", root, "-q").out)["projects"]
