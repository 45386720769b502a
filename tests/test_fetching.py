"""What cannot be fetched for the tests is tried once in a run, and each test that needs it says why it does not run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support import programs

if TYPE_CHECKING:
    from pathlib import Path

FAILING = """#!/bin/sh
echo "$@" >>"$CALLS"
echo "npm error 404 Not Found - GET https://registry.example.com/nothing" >&2
exit 1
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An npm that always fails, before an empty cache; the file in which it notes what it was asked."""
    for name, text in (("npm", FAILING), ("node", "#!/bin/sh\n")):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text, encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setattr(programs, "CACHE", tmp_path / "cache")
    return tmp_path / "calls"


@pytest.mark.parametrize("in_ci", [False, True])
def test_a_failed_npm_install_fails_once_with_its_message(
    calls: Path, monkeypatch: pytest.MonkeyPatch, *, in_ci: bool
) -> None:
    monkeypatch.setenv("CI", "true" if in_ci else "")
    ends = pytest.fail.Exception if in_ci else pytest.skip.Exception
    for _ in range(3):
        with pytest.raises(ends, match=r"REAL THING: `npm install .*nothing@1` failed: npm error 404 Not Found"):
            programs.npm("nothing@1")
    assert len(calls.read_text(encoding="utf-8").splitlines()) == 1


def test_the_next_run_tries_again(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    for run in ("first", "second"):
        monkeypatch.setenv("PYTEST_XDIST_TESTRUNUID", run)
        with pytest.raises(pytest.fail.Exception, match="404"):
            programs.npm_tarball("nothing@1")
    assert len(calls.read_text(encoding="utf-8").splitlines()) == 2


def test_a_program_that_does_not_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"`sleep 60` did not end within 0\.1 s"):
        programs.fetch(["sleep", "60"], tmp_path, timeout=0.1)
