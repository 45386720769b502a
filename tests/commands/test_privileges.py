"""The Action as root, as a container starts it, in a workspace of another user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.github import privileges
from tests.github.runner import step
from tests.support.each import each_case
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNNER: Final = (1001, 118)
"""The user and group that own the workspace on GitHub's hosted runners."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def everybodys() -> Iterator[Path]:
    """A folder that other users can reach; pytest's own are closed to them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def workspace(folder: Path) -> Path:
    shutil.copytree(ROOT / "examples" / "flawed", folder)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, *RUNNER)
    return folder


def common_python() -> tuple[str, dict[str, str]]:
    """An interpreter that every user may start, as the image has one, and where it finds our packages."""
    found = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    if found is not None:
        program = f"import sys; sys.path.append({packages!r}); import pydantic, yaml, dotenv"
        command = ["setpriv", "--reuid=1001", "--regid=118", "--clear-groups", found, "-B", "-c", program]
        if shutil.which("setpriv") and subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return found, {"PYTHONPATH": packages}
    pytest.skip("no Python of this version and our packages that every user may read")


@as_root
def test_the_repository_is_read_as_its_owner(everybodys: Path) -> None:
    folder = workspace(everybodys / "repository")
    secret = folder / "secrets.env"
    secret.write_text("DB_CLIENT=pg\nSECRET=x\nKEY=y\nPUBLIC_URL=https://x.org\n", encoding="utf-8")
    secret.chmod(0o600)  # root's own
    python, environment = common_python()
    ran = step(
        folder, everybodys / "runner", event="push", data={}, sha="", ref="refs/heads/main", upload_sarif="false",
        python=python, environment=environment,
    )  # fmt: skip
    assert ran.code == 1, ran.out
    # The runner's files are root's and were opened before; the report belongs to whoever owns the workspace.
    assert ran.outputs["exit-code"] == "1"
    assert ran.summary.startswith("## ❌ directus-guard: blocked")
    made = (folder / "directus-guard.sarif").stat()
    assert (made.st_uid, made.st_gid) == RUNNER
    assert "secrets.env" in ran.summary
    assert "Permission denied" in ran.summary


@as_root
def test_no_way_back(everybodys: Path) -> None:
    folder = workspace(everybodys / "repository")
    program = (
        "import os, sys, pathlib; from directus_guard.github import privileges as p;"
        "p.drop_to_owner_of(pathlib.Path(sys.argv[1])); print(os.getresuid(), os.getresgid(), os.getgroups())\n"
        "try:\n os.setuid(0)\nexcept PermissionError: print('no')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.splitlines() == ["(1001, 1001, 1001) (118, 118, 118) [118]", "no"]


@as_root
def test_root_without_capabilities_goes_on(everybodys: Path) -> None:
    """`--cap-drop=ALL`: no other user can be become, and none has to be."""
    folder = workspace(everybodys / "repository")
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not here")
    program = (
        "import os, sys, pathlib; from directus_guard.github import privileges as p;"
        "p.drop_to_owner_of(pathlib.Path(sys.argv[1])); print(os.getuid())"
    )
    command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", sys.executable, "-c", program, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "0"


def test_nothing_happens_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    for name in ("setgroups", "setgid", "setuid"):
        monkeypatch.setattr(os, name, never)
    privileges.drop_to_owner_of(tmp_path)  # ours
    monkeypatch.setattr(os, "geteuid", lambda: 1001)
    privileges.drop_to_owner_of(tmp_path)


def test_a_link_in_place_of_the_report_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    shutil.copytree(ROOT / "examples" / "flawed", folder)
    outside = tmp_path / "outside"
    outside.write_text("precious", encoding="utf-8")
    (folder / "directus-guard.sarif").symlink_to(outside)
    ran = step(folder, tmp_path / "r", event="push", data={}, sha="", ref="refs/heads/main", upload_sarif="false")
    assert ran.code == 1
    assert outside.read_text(encoding="utf-8") == "precious"
    assert not (folder / "directus-guard.sarif").is_symlink()
    assert ran.sarif["results"]


@each_case("file", ["sarif_file", "json_file"])
@each_case("name", ["../x.sarif", "/x.sarif", "linked/x.sarif"])
def test_a_report_outside_of_the_workspace_is_refused(tmp_path: Path, name: str, file: str) -> None:
    folder = tmp_path / "repository"
    shutil.copytree(ROOT / "examples" / "flawed", folder)
    (folder / "linked").symlink_to(tmp_path)
    files = {"sarif_file": "", "json_file": "", file: name}
    ran = step(folder, tmp_path / "r", event="push", data={}, sha="", ref="", upload_sarif="false",
               sarif_file=files["sarif_file"], json_file=files["json_file"])  # fmt: skip
    assert ran.code == 2
    message = ran.annotations("error")[0].message
    assert f"input `{file.replace('_', '-')}`: " in message
    assert "outside of the workspace" in message


def test_a_path_that_leads_out_of_the_workspace_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    shutil.copytree(ROOT / "examples" / "flawed", tmp_path / "elsewhere")
    (folder / "site").symlink_to(tmp_path / "elsewhere")
    ran = step(folder, tmp_path / "r", event="push", data={}, sha="", ref="", upload_sarif="false", path="site")
    assert ran.code == 2
