"""What git leaves out of a project starts no deployment; links are one file; submodules that are not there are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from tests.support.cli import guard, write
from tests.support.git import commit, git, new_repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.audit.audited import Audited

DIRECTUS = "services:\n  directus:\n    image: directus/directus:12.4.1\n"
SETTINGS = "SECRET=changeme\nDB_CLIENT=pg\nMARKETPLACE_TRUST=all\n"
COMMITTED = "kT9wQx3rLm8vBz2nYc7pHs4dFg6jWa1e"


@pytest.fixture
def work_tree(tmp_path: Path) -> Path:
    return new_repository(tmp_path / "r")


def deployments(audited: Audited) -> tuple[str, ...]:
    return audited.report.scanned.deployments


def scan(root: Path) -> Audited:
    return run(Options(root=root))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env", SETTINGS),
        ("local/prod.env", SETTINGS),
        ("compose.yaml", DIRECTUS),
        ("stacks/cms.yml", DIRECTUS),
        ("Dockerfile", "FROM directus/directus:12.4.1\n"),
        ("fly.toml", "app = 'cms'\n[build]\nimage = 'directus/directus:12.4.1'\n"),
        ("main.tf", 'resource "docker_container" "directus" {\n  image = "directus/directus:12.4.1"\n}\n'),
        ("k8s/pod.json", '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "directus/directus:12"}]}}'),
    ],
)  # fmt: skip
@pytest.mark.parametrize("pattern", ["file", "folder"])
def test_an_ignored_file_starts_nothing(work_tree: Path, name: str, text: str, pattern: str) -> None:
    path = name if pattern == "file" else f"out/{name}"
    rule = f"/{name}\n" if pattern == "file" else "out/\n"
    commit(work_tree, {"README": "x", ".gitignore": rule})
    write(work_tree, {path: text})
    found = scan(work_tree)
    assert deployments(found) == ()
    assert any(path in notice for notice in found.report.notices)
    assert found.report.exit_code == 3
    # Tracked, it counts, whatever the patterns say; so it does where there is no git, and where the user names it.
    assert run(Options(root=work_tree, paths=(work_tree / path,))).report.scanned.deployments
    git(work_tree, "add", "-f", path)
    assert deployments(scan(work_tree))
    git(work_tree, "rm", "-q", "--cached", path)
    assert deployments(scan(work_tree)) == ()
    (work_tree / ".git").rename(work_tree / "no-git")
    assert deployments(scan(work_tree))


def test_an_untracked_file_that_is_not_ignored_starts_a_deployment(work_tree: Path) -> None:
    commit(work_tree, {"README": "x"})
    write(work_tree, {"compose.yaml": DIRECTUS})
    assert deployments(scan(work_tree)) == ("compose.yaml#directus",)


@pytest.mark.parametrize("how", ["env_file", "interpolation", "mount"])
def test_what_a_deployment_names_is_read_though_ignored(work_tree: Path, how: str) -> None:
    text = {
        "env_file": f"{DIRECTUS}    env_file: .env\n",
        "interpolation": f"{DIRECTUS}    environment:\n      MARKETPLACE_TRUST: ${{MARKETPLACE_TRUST}}\n",
        "mount": f"{DIRECTUS}    volumes: ['./.env:/directus/.env']\n",
    }[how]
    commit(work_tree, {"compose.yaml": text, ".gitignore": ".env\n"})
    write(work_tree, {".env": SETTINGS})
    found = scan(work_tree)
    assert deployments(found) == ("compose.yaml#directus",)
    assert any(finding.check == "marketplace-trust" for finding in found.report.findings)
    assert not any("git ignores" in notice for notice in found.report.notices)


def test_an_ignored_override_is_not_laid_over_the_base(work_tree: Path) -> None:
    commit(work_tree, {"compose.yaml": DIRECTUS, ".gitignore": "compose.override.yaml\n"})
    write(
        work_tree, {"compose.override.yaml": "services:\n  directus:\n    environment:\n      MARKETPLACE_TRUST: all\n"}
    )
    found = scan(work_tree)
    assert deployments(found) == ("compose.yaml#directus",)
    assert not any(finding.check == "marketplace-trust" for finding in found.report.findings)


def test_an_ignored_file_is_never_committed(work_tree: Path) -> None:
    commit(work_tree, {"compose.yaml": f"{DIRECTUS}    env_file: .env\n", ".gitignore": ".env\n"})
    write(work_tree, {".env": f"SECRET={COMMITTED}\nPUBLIC_URL=https://cms.example.com\n"})
    assert not any(finding.check == "secret-committed" for finding in scan(work_tree).report.findings)
    git(work_tree, "add", "-f", ".env")
    assert any(finding.check == "secret-committed" for finding in scan(work_tree).report.findings)


def test_what_the_user_alone_ignores_counts(work_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither ~/.config/git/ignore, nor core.excludesFile of any configuration, nor .git/info/exclude hides a file."""
    commit(work_tree, {"README": "x"})
    write(work_tree, {"compose.yaml": DIRECTUS, ".git/info/exclude": "compose.yaml\n"})
    home = write(tmp_path / "home", {".config/git/ignore": "*.yaml\n", "all": "*\n"})
    write(home, {".gitconfig": f"[core]\n\texcludesFile = {home}/all\n"})
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    git(work_tree, "config", "core.excludesFile", str(home / "all"))
    assert deployments(scan(work_tree)) == ("compose.yaml#directus",)


def test_a_folder_that_is_itself_ignored(work_tree: Path) -> None:
    commit(work_tree, {"README": "x", ".gitignore": "/out/\n"})
    write(work_tree, {"out/cms/compose.yaml": DIRECTUS})
    assert deployments(scan(work_tree / "out")) == ("cms/compose.yaml#directus",)
    assert deployments(scan(work_tree / "out" / "cms")) == ("compose.yaml#directus",)


def test_a_submodule_that_is_not_checked_out_is_said(work_tree: Path, tmp_path: Path) -> None:
    other = new_repository(tmp_path / "other")
    commit(other, {"compose.yaml": DIRECTUS})
    commit(work_tree, {"README": "x"})
    git(work_tree, "submodule", "add", "-q", str(other), "infra")
    commit(work_tree)
    assert deployments(scan(work_tree)) == ("infra/compose.yaml#directus",)
    git(work_tree, "submodule", "deinit", "-q", "-f", "infra")
    found = scan(work_tree)
    assert [(problem.path, problem.incomplete) for problem in found.report.problems] == [("infra", False)]
    assert "submodule" in found.report.problems[0].message


def test_a_link_and_its_file_are_one_deployment(tmp_path: Path) -> None:
    root = write(
        tmp_path / "r",
        {"deploy/compose.yaml": f"{DIRECTUS}    environment: {{MARKETPLACE_TRUST: all}}\n", "cms/other": "x"},
    )
    (root / "compose.yaml").symlink_to("deploy/compose.yaml")
    (root / "again.env").symlink_to("cms/prod.env")
    write(root, {"cms/prod.env": SETTINGS})
    found = scan(root)
    assert deployments(found) == ("cms/prod.env", "deploy/compose.yaml#directus")
    assert sum(finding.check == "marketplace-trust" for finding in found.report.findings) == 2


def test_a_link_that_gives_other_values_is_a_deployment_of_its_own(tmp_path: Path) -> None:
    text = f"{DIRECTUS}    environment: {{MARKETPLACE_TRUST: '${{TRUST}}'}}\n"
    root = write(tmp_path / "r", {"a/compose.yaml": text, "a/.env": "TRUST=sandbox\n", "b/.env": "TRUST=all\n"})
    (root / "b" / "compose.yaml").symlink_to("../a/compose.yaml")
    found = scan(root)
    assert deployments(found) == ("a/compose.yaml#directus", "b/compose.yaml#directus")
    assert any(finding.check == "marketplace-trust" for finding in found.report.findings)


def test_links_that_lead_nowhere_out_or_in_circles(tmp_path: Path) -> None:
    write(tmp_path, {"outside/compose.yaml": DIRECTUS, "r/compose.yaml": DIRECTUS, "r/sub/x": "x"})
    root = tmp_path / "r"
    (root / "out.yml").symlink_to("../outside/compose.yaml")
    (root / "gone.yml").symlink_to("missing.yml")
    (root / "loop.yml").symlink_to("loop.yml")
    (root / "one.yml").symlink_to("two.yml")
    (root / "two.yml").symlink_to("one.yml")
    (root / "sub" / "up").symlink_to("..")
    (root / "sub" / "folder").symlink_to("../../outside")
    found = scan(root)
    assert deployments(found) == ("compose.yaml#directus",)
    messages = {problem.path: problem.message for problem in found.report.problems}
    assert set(messages) == {"out.yml", "gone.yml", "loop.yml", "one.yml", "two.yml"}
    assert "out of the scanned folder" in messages["out.yml"]
    assert all("leads to no file" in messages[name] for name in ("gone.yml", "loop.yml", "one.yml", "two.yml"))


def test_the_report_says_what_is_left_out(work_tree: Path) -> None:
    commit(work_tree, {"compose.yaml": DIRECTUS, ".gitignore": "*.env\n"})
    write(work_tree, {f"env/{name}.env": SETTINGS for name in "abcde"})
    answer = guard("scan", work_tree)
    assert "env/a.env, env/b.env, env/c.env and 2 more" in " ".join(answer.out.split())
