"""The same folder gives the same bytes: whatever the machine, its language, its clock and its Python."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.cli import write
from tests.support.examples import EXPORT, HOSTILE
from tests.support.planted import Planter, repository
from tests.support.programs import CACHE, ROOT, fetch, missing, once

if TYPE_CHECKING:
    from collections.abc import Mapping

FIXED: Final = {
    "SOURCE_DATE_EPOCH": "1700000000",
    "PATH": os.environ["PATH"],
    # Each Python compiles the package once, and beside it nothing is written.
    "PYTHONPYCACHEPREFIX": str(CACHE / "compiled"),
}
PLAIN: Final = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
MACHINES: Final[tuple[dict[str, str], ...]] = (
    {"PYTHONHASHSEED": "4242", "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0", "LC_ALL": "POSIX", "TZ": "America/St_Johns",
     "COLUMNS": "41", "LINES": "7"},
    {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Asia/Kathmandu"},
    {"PYTHONHASHSEED": "17", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
)  # fmt: skip
"""Hash seed, encoding, language, time zone and terminal, all different at once: each run costs seconds of CPU."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of everything: an export, hostile texts, and each kind of manifest."""
    root = repository(tmp_path_factory.mktemp("project"), Planter(1))
    write(root / "hostile", dict(HOSTILE))
    shutil.copytree(EXPORT, root / "access")
    return root


def printed(
    project: Path, folder: Path, environ: Mapping[str, str], *, seed: int = 0, python: Path = Path(sys.executable)
) -> dict[str, str]:
    """What is printed about a copy of the project, always at the same place. `seed`: another order of files."""
    place = folder / "run"
    shutil.rmtree(place, ignore_errors=True)
    paths = sorted(path.relative_to(project) for path in project.rglob("*") if path.is_file())
    if seed:
        random.Random(seed).shuffle(paths)
    write(place / "repository", {str(path): (project / path).read_bytes() for path in paths})
    (place / "out").mkdir()
    command = [str(python), "-m", "tests.support.all_outputs", "repository", "out", *([str(seed)] if seed else [])]
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=place,
        env={**FIXED, **PLAIN, **environ, "PYTHONPATH": str(ROOT)},
    )
    assert ran.returncode == 0, ran.stderr
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((place / "out").glob("*.txt"))}


@pytest.fixture(scope="module")
def expected(project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("same")
    found = printed(project, folder, {})
    assert len(found) > 25
    assert sum(map(len, found.values())) > 500_000
    return folder, found


def differing(expected: dict[str, str], found: dict[str, str]) -> list[str]:
    """The commands whose outputs differ."""
    return [text.partition("\n")[0] for name, text in expected.items() if found.get(name) != text]


def _interpreter(version: str) -> Path:
    """The Python of this version that the machine has."""
    places = [Path.home() / ".pyenv" / "versions", Path("/opt/hostedtoolcache/Python")]
    candidates = [Path(named) for named in (sys.executable, shutil.which(f"python{version}")) if named]
    candidates += [path for place in places for path in sorted(place.glob(f"{version}.*/**/bin/python{version}"))]
    answering = [path for path in candidates if _says(path).startswith(f"Python {version}.")]
    if not answering:
        missing(f"Python {version} is not installed")
    return answering[0]


def _says(python: Path) -> str:
    """What an interpreter calls itself; a shim of pyenv names the versions to choose from on stderr."""
    return subprocess.run([str(python), "--version"], capture_output=True, text=True, check=False).stdout


def _environment(version: str) -> Path:
    """The Python of an environment with the locked dependencies alone."""
    python = _interpreter(version)
    folder = CACHE / "pythons" / version
    with once(folder) as fresh:
        if fresh:
            fetch([str(python), "-m", "venv", "--without-pip", "--clear", str(folder)], ROOT)
            fetch(
                [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet", "--disable-pip-version-check",
                 "--require-hashes", "--only-binary", ":all:", "--requirement", str(ROOT / "requirements.lock")], ROOT,
            )  # fmt: skip
    return folder / "bin" / "python"


@pytest.mark.real
@pytest.mark.parametrize(("number", "version"), [(0, "3.11"), (1, "3.12"), (2, "3.13")])
def test_the_same_bytes_on_each_python(
    project: Path, expected: tuple[Path, dict[str, str]], number: int, version: str
) -> None:
    """Each on a machine of its own, with the files in another order. With the locked dependencies alone, so nothing rests on a
    package of the tests."""
    folder, before = expected
    found = printed(project, folder, MACHINES[number], seed=number + 1, python=_environment(version))
    assert differing(before, found) == []


@pytest.mark.real
def test_the_next_python_has_wheels_of_each_dependency(tmp_path: Path) -> None:
    """Nothing is installed or built: the lock resolves for 3.14 from wheels alone."""
    said = fetch(
        [sys.executable, "-m", "pip", "install", "--dry-run", "--disable-pip-version-check", "--python-version", "3.14", "--target", str(tmp_path),
         "--require-hashes", "--only-binary", ":all:", "--requirement", str(ROOT / "requirements.lock")], ROOT,
    )  # fmt: skip
    assert "Would install" in said
    assert "msgspec-" in said
