"""The image, really built and really run: as on GitHub's runner, and as anybody else would."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from tests.container import act
from tests.container.engine import BASE, IMAGE
from tests.container.program import locally
from tests.github.runner import payload
from tests.support.git import commit, git, new_repository
from tests.support.programs import ROOT
from tests.support.sampling import EVERY_CASE

if TYPE_CHECKING:
    from tests.container.engine import Engine

pytestmark = pytest.mark.real

RUNNER: Final = (1001, 118)
"""The user and group that own the workspace on GitHub's hosted runners."""
LARGEST: Final = 12 * 1000 * 1000
"""Bytes that our own layers may take, compressed."""


def workspace(folder: Path, example: str) -> Path:
    """An example as a checkout that belongs to the runner's user."""
    new_repository(folder)
    shutil.copytree(ROOT / "examples" / example, folder, dirs_exist_ok=True)
    commit(folder)
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, *RUNNER, follow_symlinks=False)
    return folder


HARDENED: Final = ("--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--user", "1001:118", *HARDENED),
        ("--user", "54321:54321", *HARDENED),
        ("--network", "none"),
    ],
    ids=["root", "owner-confined", "stranger-confined", "root-offline"],
)
@pytest.mark.parametrize("example", ["flawed", "hardened"])
def test_a_scan_says_what_it_says_outside(
    docker: Engine, tmp_path: Path, example: str, options: tuple[str, ...]
) -> None:
    folder = workspace(tmp_path / "repository", example)
    tmp_path.chmod(0o755)
    mount = f"{folder}:/work:ro"
    done = docker.run(
        "run", "--rm", *options, "--volume", mount, IMAGE, "scan", "--output", "json", "/work", check=False
    )
    code, report = locally(folder)
    assert done.returncode == code == (1 if example == "flawed" else 0), done.stderr
    assert json.loads(done.stdout) == report


def test_a_scan_without_a_mount_finds_nothing(docker: Engine, tmp_path: Path) -> None:
    """The image's own files are nobody's project."""
    for options in ((), ("--user", "1001:118", *HARDENED)):
        for arguments in (("scan",), ("scan", "."), ("scan", "/work"), ("access",)):
            done = docker.run("run", "--rm", *options, IMAGE, *arguments, check=False)
            assert done.returncode == 3
            assert "nothing is mounted at /work" in done.stderr
    folder = workspace(tmp_path / "repository", "hardened")
    tmp_path.chmod(0o755)
    done = docker.run("run", "--rm", "--volume", f"{folder}:/work:ro", IMAGE, "scan", check=False)
    assert (done.returncode, "mounted" in done.stderr) == (0, False), done.stderr
    (tmp_path / "empty").mkdir()
    done = docker.run("run", "--rm", "--volume", f"{tmp_path / 'empty'}:/src:ro", IMAGE, "scan", "/src", check=False)
    assert (done.returncode, "mounted" in done.stderr) == (3, False), done.stderr


def test_the_tree_of_another_user_tells_what_is_tracked(docker: Engine, tmp_path: Path) -> None:
    """Root in a checkout of uid 1001: git would call that dubious; a secret in an untracked file is no finding."""
    folder = workspace(tmp_path / "repository", "hardened")
    (folder / ".env").write_text(
        "SECRET=kT9wQx3rLm8vBz2nYc7pHs4dFg6jWa1e\nKEY=1\nDB_CLIENT=pg\nPUBLIC_URL=https://x.org\n"
    )
    volume = ("--volume", f"{folder}:/work:ro")
    done = docker.run("run", "--rm", *volume, IMAGE, "scan", "--output", "json", "/work", check=False)
    assert "secret-committed" not in {item["check"] for item in json.loads(done.stdout)["findings"]}
    subprocess.run(["git", "-c", "safe.directory=*", "-C", str(folder), "add", "--force", ".env"], check=True)
    done = docker.run("run", "--rm", *volume, IMAGE, "scan", "--output", "json", "/work", check=False)
    assert "secret-committed" in {item["check"] for item in json.loads(done.stdout)["findings"]}


def test_the_image_is_what_a_docker_action_must_be(docker: Engine) -> None:
    config = json.loads(docker.run("image", "inspect", IMAGE).stdout)[0]["Config"]
    assert not config.get("User")
    assert config["WorkingDir"] == "/work"  # the runner sets another one
    assert all(Path(part).is_absolute() for part in config["Entrypoint"] if "/" in part)


PROBE: Final = """
import importlib, pathlib, pkgutil, sys
sys.argv = ["probe", "--version"]
import runpy
try: runpy.run_path("/opt/directus-guard/entrypoint.py", run_name="__main__")
except SystemExit: pass
import directus_guard
for module in pkgutil.walk_packages(directus_guard.__path__, "directus_guard."):
    if not module.name.endswith("__main__"): importlib.import_module(module.name)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"anyio", "pbr", "setuptools", "pkg_resources", "pip"}))
print(sorted(path.name for path in pathlib.Path("/opt/directus-guard/packages").glob("*.dist-info")))
"""


def test_the_image_has_the_packages_of_the_lock_that_are_imported(docker: Engine) -> None:
    """Every module can be imported without the packages that are left out, and nothing else is left out."""
    done = docker.run("run", "--rm", "--network", "none", "--entrypoint", "python", IMAGE, "-I", "-c", PROBE)
    imported, installed = done.stdout.splitlines()[-2:]
    assert imported == "[]"
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {f"{name.replace('-', '_')}-{version}.dist-info".lower()
              for name, version in re.findall(r"^([\w-]+)==([\w.]+)", lock, re.MULTILINE)}  # fmt: skip
    left_out = {name for name in locked if name.partition("-")[0] in ("anyio", "pbr", "setuptools")}
    assert {name.lower() for name in yaml.safe_load(installed)} == locked - left_out
    assert len(left_out) == 3


def test_neither_the_workspace_nor_a_variable_chooses_what_is_imported(docker: Engine, tmp_path: Path) -> None:
    folder = workspace(tmp_path / "repository", "hardened")
    tmp_path.chmod(0o755)
    for name in ("yaml", "msgspec", "json", "sitecustomize", "usercustomize", "directus_guard"):
        (folder / f"{name}.py").write_text("raise SystemExit('code of the workspace ran')\n", encoding="utf-8")
    variables = (
        "PYTHONPATH=/planted",
        "PYTHONHOME=/planted",
        "PYTHONSTARTUP=/planted/yaml.py",
        "PYTHONINSPECT=1",
        "HOME=/planted",
    )
    done = docker.run(
        "run", "--rm", "--network", "none", "--volume", f"{folder}:/planted:ro",
        *(part for variable in variables for part in ("--env", variable)), IMAGE, "scan", "/planted", check=False,
    )  # fmt: skip
    assert (done.returncode, "code of the workspace" in done.stdout + done.stderr) == (0, False), done.stderr


def test_the_gitlab_job_runs_in_the_image(docker: Engine, tmp_path: Path) -> None:
    """GitLab clears the entrypoint and hands the script to a shell in the checkout, which it made as root."""
    folder = workspace(tmp_path / "repository", "flawed")
    job = yaml.safe_load((ROOT / "examples" / "ci" / "gitlab-ci.yml").read_text(encoding="utf-8"))["directus-guard"]
    done = docker.run(
        "run", "--rm", "--entrypoint", "", "--volume", f"{folder}:/builds/site", "--workdir", "/builds/site",
        "--env", "GITLAB_CI=true", "--env", "CI=true", IMAGE, "sh", "-c", "\n".join(job["script"]), check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert not re.search(r"^\s*::", done.stdout, re.MULTILINE)
    for path in job["artifacts"]["paths"]:
        assert (folder / path).stat().st_size
    assert json.loads((folder / "directus-guard.json").read_text())["summary"]["exit_code"] == 1


def test_our_own_layers_are_small(docker: Engine, tmp_path: Path) -> None:
    """What we put on top of the base image, compressed as a registry would."""

    base = json.loads(docker.run("image", "inspect", BASE).stdout)[0]["RootFS"]["Layers"]
    archive = tmp_path / "image.tar"
    docker.run("save", "--output", str(archive), IMAGE)
    with tarfile.open(archive) as tar:
        manifest = json.load(tar.extractfile("manifest.json") or pytest.fail("no manifest"))
        config = json.load(tar.extractfile(manifest[0]["Config"]) or pytest.fail("no config"))
        names = dict(zip(config["rootfs"]["diff_ids"], manifest[0]["Layers"], strict=True))
        assert set(base) < set(names)
        own = {
            digest: len(gzip.compress((tar.extractfile(name) or pytest.fail(name)).read(), 6))
            for digest, name in names.items()
            if digest not in base
        }
    print(f"our layers: {sum(own.values()) / 1e6:.1f} MB compressed")
    assert own
    assert sum(own.values()) <= LARGEST


# --- in a workflow ---------------------------------------------------------------------------------------------------

WORKFLOW: Final = """\
on: [push, pull_request]
permissions: {{}}
jobs:
  guard:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      security-events: write
    steps:
      - uses: actions/checkout@v4
      - id: guard
        uses: {0}
        with:
          path: project
          github-token: ${{{{ secrets.GITHUB_TOKEN }}}}
      - if: always()
        env:
          OUTPUTS: ${{{{ toJSON(steps.guard.outputs) }}}}
        run: |
          echo "--- outputs"; echo "$OUTPUTS"; echo "--- end"
"""


def project(folder: Path, example: str, uses: str) -> Path:
    """A repository of a project with a workflow; for `uses: ./` the action itself is in it."""
    act.action_repository(folder)
    shutil.copytree(ROOT / "examples" / example, folder / "project")
    commit(folder, {".github/workflows/guard.yml": WORKFLOW.format(uses)})
    return folder


def event(folder: Path, name: str, *, fork: bool = False) -> dict[str, Any]:
    """GitHub's example of an event, about the commit of the folder."""
    made, head = payload(name), git(folder, "rev-parse", "HEAD")
    if name == "push":
        return {**made, "ref": "refs/heads/main", "after": head}
    pull = made["pull_request"]
    pull["head"]["sha"] = pull["base"]["sha"] = head
    if fork:
        pull["head"]["repo"] = {**pull["head"]["repo"], "full_name": "stranger/Hello-World", "fork": True}
    return made


EVENTS: Final = (("push", False), ("pull_request", False), ("pull_request", True))
SHARE: Final = (
    ("flawed", "./", "push", False),
    ("hardened", "./", "pull_request", False),
    ("hardened", act.PUBLISHED, "pull_request", True),
)
WORKFLOWS: Final = [
    (example, uses, name, fork)
    for example in ("flawed", "hardened")
    for uses in ("./", act.PUBLISHED)
    for name, fork in EVENTS
    if EVERY_CASE or (example, uses, name, fork) in SHARE
]
"""Of two examples, two ways to name the action and three events each one; `make every` takes every three together."""


@pytest.mark.parametrize(("example", "uses", "name", "fork"), WORKFLOWS)
def test_a_workflow_fails_on_a_high_finding_and_passes_on_its_twin(
    act_engine: Engine,
    github: tuple[str, list[dict[str, Any]]],
    tmp_path: Path,
    example: str,
    uses: str,
    name: str,
    fork: bool,
) -> None:
    folder = project(tmp_path / "site", example, uses)
    published = {act.PUBLISHED: act.action_repository(tmp_path / "published")} if uses == act.PUBLISHED else None
    api, calls = github
    before = len(calls)
    ran = act.run(
        act_engine,
        folder,
        name,
        event(folder, name, fork=fork),
        published=published,
        environment={"GITHUB_API_URL": api},
    )
    assert ran.succeeded is (example == "hardened"), ran.output[-3000:]
    outputs = json.loads(ran.section("--- outputs", "--- end"))
    code, report = locally(folder / "project")
    assert outputs["exit-code"] == str(code)
    assert outputs["high"] == str(report["summary"]["high"])
    assert outputs["sarif-file"]
    assert "directus-guard: " in ran.output  # the summary, which act prints
    # Nobody's token may upload for a fork: it is not even tried.
    assert bool(outputs["sarif-id"]) is not fork
    assert [call["violations"] for call in calls[before:] if call["violations"]] == []
    assert (len(calls) > before) is not fork
