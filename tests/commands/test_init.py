"""`init`: an old project gets a workflow, a config and a baseline. From then on only what is new fails."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from directus_guard import config as config_
from directus_guard.checks import catalogue
from directus_guard.cli import init as init_, own_revision, starter_files
from tests.github.runner import Ran, payload, step
from tests.github.site import export, row
from tests.support.cli import Run, guard, write
from tests.support.git import commit, git, new_repository
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

USES: Final = f"acme/directus-guard@{'0' * 39}1"
COMPOSE: Final = """services:
  directus:
    image: directus/directus:11.1.0
    environment:
      PUBLIC_URL: https://cms.example.com
      SECRET: changeme
      CORS_ENABLED: 'true'
      CORS_ORIGIN: 'true'
"""
KUBERNETES: Final = """apiVersion: apps/v1
kind: Deployment
metadata: {name: cms}
spec:
  template:
    spec:
      containers:
        - name: cms
          image: directus/directus:11.1.0
          env:
            - {name: SECRET, value: changeme}
"""
FAULT: Final = {"other/compose.yaml": COMPOSE.replace("SECRET: changeme", "MARKETPLACE_TRUST: all")}
LAYOUTS: Final[dict[str, dict[str, str]]] = {
    "compose": {"compose.yaml": COMPOSE},
    "dotenv": {".env.production": "SECRET=changeme\nKEY=k\nDB_CLIENT=pg\nPUBLIC_URL=https://cms.example.com\nMARKETPLACE_TRUST=all\n"},
    "kubernetes": {"k8s/cms.yaml": KUBERNETES},
    "export": export(row("articles", "update", {}), row("directus_users", "update", {})),
    "monorepo": {f"apps/{app}/compose.yaml": COMPOSE for app in ("shop", "blog")} | {"package.json": "{}"},
    "unreadable": {"compose.yaml": COMPOSE, "stage/compose.yaml": "services:\n  directus: [\n"},
}  # fmt: skip


class Project:
    """A repository, with its pull requests as GitHub runs them."""

    def __init__(self, folder: Path, files: Mapping[str, str], runner: Path) -> None:
        self.folder = new_repository(folder)
        self.runner = runner
        self.base = commit(folder, files)

    def pull(self, files: Mapping[str, str] | None = None) -> Ran:
        """What the Action does in a pull request with these files, or with those that lie there; it is merged."""
        git(self.folder, "switch", "-q", "-c", "change")
        head = commit(self.folder, files or {})
        git(self.folder, "switch", "-q", "main")
        git(self.folder, "merge", "-q", "--no-ff", "-m", "merge", "change")
        git(self.folder, "branch", "-q", "-D", "change")
        merge = git(self.folder, "rev-parse", "HEAD")
        data = payload("pull_request")
        data["pull_request"]["head"]["sha"], data["pull_request"]["base"]["sha"] = head, self.base
        self.base = merge
        return self._step("pull_request", data, merge, "refs/pull/2/merge")

    def push(self) -> Ran:
        """What it does on the default branch."""
        return self._step("push", payload("push"), self.base, "refs/heads/main")

    def _step(self, event: str, data: object, sha: str, ref: str) -> Ran:
        workflow = yaml.safe_load((self.folder / ".github/workflows/directus-guard.yml").read_text(encoding="utf-8"))
        inputs: dict[str, Any] = workflow["jobs"]["directus-guard"]["steps"][-1]["with"]
        given = {name.replace("-", "_"): "true" if value is True else str(value) for name, value in inputs.items()}
        ran = step(self.folder, self.runner, event=event, data=data, sha=sha, ref=ref, environment=None, **given)
        (self.folder / "directus-guard.sarif").unlink(missing_ok=True)
        return ran


def init(folder: Path, *arguments: str) -> Run:
    return guard("init", folder, f"--uses={USES}", "--debug", *arguments)


def written(folder: Path) -> set[str]:
    return set(git(folder, "ls-files", "--others").splitlines())


@pytest.mark.parametrize(
    "layout",
    [
        pytest.param(name, marks=() if name in ("compose", "export", "unreadable") else pytest.mark.thorough)
        for name in LAYOUTS
    ],
)
def test_an_old_project_becomes_green_and_a_new_fault_is_red(tmp_path: Path, layout: str) -> None:
    project = Project(tmp_path / "r", LAYOUTS[layout], tmp_path / "runner")
    assert guard("scan", project.folder).code == 1
    done = init(project.folder, "--baseline")
    assert done.code == 0, done.err
    assert written(project.folder) == {
        ".github/workflows/directus-guard.yml",
        "directus-guard.yaml",
        "directus-guard.baseline",
    }
    assert project.pull().code == 0
    assert project.push().code == 0
    assert project.pull({"README.md": "nothing of Directus"}).code == 0
    assert project.push().code == 0
    fault = project.pull(FAULT)
    assert fault.code == 1
    assert any("MARKETPLACE_TRUST" in item.message for item in fault.annotations("error"))
    assert project.push().code == 1


def test_without_a_baseline_the_pull_request_is_green_and_the_command_is_shown(tmp_path: Path) -> None:
    project = Project(tmp_path / "r", LAYOUTS["compose"], tmp_path / "runner")
    done = init(project.folder)
    assert written(project.folder) == {".github/workflows/directus-guard.yml", "directus-guard.yaml"}
    assert "baseline write " in done.out
    assert project.pull().code == 0
    assert project.push().code == 1
    guard("baseline", "write", project.folder / "directus-guard.baseline", project.folder)
    assert project.pull().code == 0
    assert project.push().code == 0


def test_a_folder_of_a_monorepo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "r", LAYOUTS["monorepo"], tmp_path / "runner")
    monkeypatch.chdir(project.folder / "apps" / "shop")
    done = init(Path(), "--baseline")
    assert done.code == 0
    assert "apps/blog" not in (project.folder / "directus-guard.baseline").read_text(encoding="utf-8")
    assert "git add ../../.github/workflows/directus-guard.yml ../../directus-guard.yaml" in done.out
    assert (project.pull().code, project.push().code) == (0, 0)
    assert project.pull({"apps/blog/compose.yaml": COMPOSE + "      MARKETPLACE_TRUST: all\n"}).code == 0
    assert project.pull({"apps/shop/compose.yaml": COMPOSE + "      MARKETPLACE_TRUST: all\n"}).code == 1


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    root = new_repository(tmp_path / "r")
    own = {"directus-guard.baseline": "# mine\n", ".github/directus-guard.yml": "fail-on: low\n"}
    commit(root, {"compose.yaml": COMPOSE, **own})
    (root / ".github" / "workflows").mkdir()
    (root / ".github" / "workflows" / "directus-guard.yml").symlink_to(tmp_path / "outside")
    done = init(root, "--baseline")
    assert done.code == 0
    assert written(root) == {".github/workflows/directus-guard.yml"}
    assert not (tmp_path / "outside").exists()
    assert all((root / name).read_text(encoding="utf-8") == text for name, text in own.items())
    assert done.out.count("Kept: ") == 3
    again = init(root)
    assert (again.code, written(root)) == (0, {".github/workflows/directus-guard.yml"})


def test_a_workflow_that_runs_it_already(tmp_path: Path) -> None:
    root = new_repository(tmp_path)
    commit(
        root,
        {
            "compose.yaml": COMPOSE,
            ".github/workflows/ci.yaml": "jobs:\n  a:\n    steps:\n      - uses: acme/directus-guard@v1\n",
        },
    )
    assert "Kept: .github/workflows/ci.yaml, which runs directus-guard" in init(root).out
    assert written(root) == {"directus-guard.yaml"}


def test_a_folder_that_leads_out(tmp_path: Path) -> None:
    root = new_repository(tmp_path / "r")
    (tmp_path / "outside").mkdir()
    write(root, {"compose.yaml": COMPOSE})
    (root / ".github").symlink_to(tmp_path / "outside")
    done = init(root)
    assert done.code == 2
    assert "leads out of the repository" in done.err
    assert list((tmp_path / "outside").iterdir()) == []


def test_nothing_of_directus(tmp_path: Path) -> None:
    done = init(new_repository(tmp_path))
    assert done.code == 3
    assert "No Directus project found" in done.err
    assert written(tmp_path) == set()


def test_another_ci_gets_no_workflow(tmp_path: Path) -> None:
    root = new_repository(tmp_path)
    write(root, {"compose.yaml": COMPOSE, ".gitlab-ci.yml": "a: {script: [b]}\n"})
    assert "GitLab" in init(root).out
    assert not (root / ".github").exists()


@pytest.mark.parametrize(
    ("branch", "shown"),
    [("main", "[main]"), ("release/2", "[release/2]"), ("on", '["on"]'), ("a'b", '["a\'b"]'), ("1.0", '["1.0"]')],
)
def test_the_workflow_names_the_branch(tmp_path: Path, branch: str, shown: str) -> None:
    root = new_repository(tmp_path)
    git(root, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
    write(root, {"compose.yaml": COMPOSE})
    init(root)
    text = (root / ".github/workflows/directus-guard.yml").read_text(encoding="utf-8")
    assert f"branches: {shown}" in text
    assert yaml.safe_load(text)[True]["push"]["branches"] == [branch]


def test_the_workflow_grants_little_and_pins() -> None:
    workflow: dict[Any, Any] = yaml.safe_load(starter_files.workflow(USES, "main", ""))
    (job,) = workflow["jobs"].values()
    assert workflow["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "security-events": "write"}
    assert job["steps"][0]["with"] == {"fetch-depth": 2, "persist-credentials": False}
    assert [one["uses"].partition("@")[2].isalnum() for one in job["steps"]] == [True, True]
    for page in ("README.md", "examples/workflows/pull-request.yml"):
        assert f"uses: {starter_files.CHECKOUT}" in (ROOT / page).read_text(encoding="utf-8")


def test_the_readme_has_the_same_steps() -> None:
    """So the workflow of the README is green on an old project, too."""
    workflow = yaml.safe_load((ROOT / "README.md").read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0])
    made: dict[Any, Any] = yaml.safe_load(starter_files.workflow(USES, "main", ""))
    (there,), (here,) = workflow["jobs"].values(), made["jobs"].values()
    assert [step_["with"] for step_ in there["steps"]] == [step_["with"] for step_ in here["steps"]]
    assert there["steps"][0] == here["steps"][0]
    assert there["permissions"] == here["permissions"]


def test_the_config_explains_every_key() -> None:
    text = starter_files.config()
    assert config_.load("x", text) == config_.Config()
    keys = "\n".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ") and _is_yaml(line))
    given = config_.load("x", keys, catalogue())
    assert {field.alias or name for name, field in config_.Config.model_fields.items()} == set(yaml.safe_load(keys))
    assert given.ignore
    assert config_.load("x", starter_files.config(("a\nb", "c"))).incomplete == "warn"


def _is_yaml(line: str) -> bool:
    """Whether a comment is a key with its value, or a part of one, and no sentence."""
    return re.match(r"# (?:[ -]|[a-z-]+:)", line) is not None


@pytest.mark.parametrize("uses", ["x", "a/b", "a/b@c\n      - run: evil", "a/b@c # d", "$(id)@x", ""])
def test_what_cannot_be_used(tmp_path: Path, uses: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_revision, "own_revision", lambda: "")
    write(tmp_path, {"compose.yaml": COMPOSE})
    done = guard("init", tmp_path, f"--uses={uses}")
    assert done.code == 2
    assert "--uses" in done.err
    assert not (tmp_path / ".github").exists()


def test_a_tag_is_said_to_move(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": COMPOSE})
    done = guard("init", tmp_path, "--uses=acme/directus-guard@v1")
    assert done.code == 0
    assert "can move" in done.err
    assert "uses: acme/directus-guard@v1\n" in (tmp_path / ".github/workflows/directus-guard.yml").read_text()


def test_the_own_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes from what the installer noted, else from the checkout; an installation without either says nothing."""
    head = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    monkeypatch.setattr(own_revision, "_installation", dict)
    assert own_revision.own_revision().endswith(f"@{head.stdout.strip()}")
    noted = {"url": "https://github.com/someone/fork.git", "vcs_info": {"vcs": "git", "commit_id": "a" * 40}}
    monkeypatch.setattr(own_revision, "_installation", lambda: noted)
    assert own_revision.own_revision() == f"someone/fork@{'a' * 40}"
    monkeypatch.setattr("directus_guard.__file__", str(tmp_path / "directus_guard" / "__init__.py"))
    monkeypatch.setattr(own_revision, "_installation", dict)
    assert own_revision.own_revision() == ""
    checkout = new_repository(tmp_path / "c")
    made = commit(checkout, {"action.yml": ""})
    monkeypatch.setattr(own_revision, "_installation", lambda: {"url": checkout.as_uri(), "dir_info": {}})
    assert own_revision.own_revision() == f"<OWNER>/directus-guard@{made}"
    write(tmp_path / "r", {"compose.yaml": COMPOSE})
    assert "in place of `<OWNER>/directus-guard`" in guard("init", tmp_path / "r").err
    git(checkout, "remote", "add", "origin", "git@github.com:me/mine.git")
    assert own_revision.own_revision() == f"me/mine@{made}"


def test_a_question_at_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for answer, expected in (("y\n", True), ("n\n", False), ("", False)):
        folder = write(tmp_path / f"r{expected}{len(answer)}", {"compose.yaml": COMPOSE})
        monkeypatch.setattr(init_, "_at_terminal", lambda: True)
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        done = init(folder)
        assert "Accept them for now? [y/N]" in done.err
        assert (folder / "directus-guard.baseline").exists() is expected
