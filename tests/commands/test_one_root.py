"""Paths start at the top of the git work tree, whatever folder is scanned: in reports, in baselines, in the Action."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.cli import action_in, guard, write
from tests.support.git import commit, git, new_repository

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      SECRET: ${SECRET:?}
      MARKETPLACE_TRUST: all
"""
EXPORT = {
    "directus/permissions.json": '[{"collection":"posts","action":"update","fields":["*"],"policy":"p","permissions":null,"presets":null,"validation":null}]',
    "directus/policies.json": '[{"id":"p","name":"Public","admin_access":false,"app_access":false,"enforce_tfa":false,"ip_access":null}]',
    "directus/access.json": '[{"policy":"p","role":null,"user":null}]',
    "directus/roles.json": "[]",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A monorepo with two projects."""
    folder = new_repository(tmp_path / "repository")
    files = {f"apps/{app}/{name}": text for app in ("shop", "blog") for name, text in EXPORT.items()}
    commit(folder, {"apps/shop/compose.yaml": COMPOSE, "apps/blog/compose.yaml": COMPOSE, **files})
    return folder


def fingerprints(*arguments: str | Path) -> set[str]:
    report = json.loads(guard("scan", *arguments, "--output=json", "--debug").out)
    return {finding["fingerprint"] for finding in report["findings"]}


def step(workspace: Path, runner: Path, **inputs: str) -> int:
    runner.mkdir(exist_ok=True)
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(runner), "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(workspace),
        **{f"INPUT_{name.replace('_', '-').upper()}": value for name, value in inputs.items()},
    }  # fmt: skip
    return action_in(workspace, environ)[0]


def test_a_folder_has_the_names_that_the_whole_has(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, part = fingerprints(root), fingerprints(root / "apps" / "shop")
    assert part
    assert part == {name for name in whole if "apps/shop/" in name}
    monkeypatch.chdir(root / "apps" / "shop")
    assert fingerprints() == part
    assert fingerprints("compose.yaml") < part


def test_a_baseline_of_a_subfolder_counts_in_the_action(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "apps" / "shop")
    assert guard("baseline", "write", "accepted").code == 0
    assert guard("scan", "--baseline=accepted").code == 0
    assert step(root, tmp_path / "runner", path="apps/shop", baseline="apps/shop/accepted") == 0
    assert step(root, tmp_path / "runner", path="apps/shop") == 1


def test_sarif_names_files_of_the_repository(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "apps" / "shop")
    guard("scan", f"--output=sarif={tmp_path / 'made'}")
    run: dict[str, Any] = json.loads((tmp_path / "made").read_text())["runs"][0]
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    assert places
    assert all((root / place).is_file() for place in places)
    assert all("primaryLocationLineHash" in result["partialFingerprints"] for result in run["results"])


def test_only_the_named_folder_is_read(root: Path) -> None:
    report = json.loads(guard("scan", root / "apps" / "shop", "--output=json").out)["scanned"]
    assert report["deployments"] == ["apps/shop/compose.yaml#directus"]
    assert report["access_models"] == ["apps/shop/directus"]
    listed = json.loads(guard("access", root / "apps" / "shop", "--output=json").out)
    assert [model["source"] for model in listed["models"]] == ["apps/shop/directus"]
    assert json.loads(guard("projects", root / "apps" / "shop").out)["projects"][0]["path"] == "apps/shop/compose.yaml"


def test_a_new_fault_in_a_subfolder_is_found_against_the_base(root: Path) -> None:
    shop = root / "apps" / "shop"
    assert guard("scan", shop, "--new-since=HEAD").code == 0
    write(shop, {"compose.yaml": COMPOSE + "      CORS_ENABLED: 'true'\n      CORS_ORIGIN: 'true'\n"})
    assert guard("scan", shop, "--new-since=HEAD").code == 1


def test_diff_of_one_folder_and_of_two(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = root / "apps" / "shop"
    monkeypatch.chdir(root)
    commit(root, {"apps/shop/directus/permissions.json": "[]"})
    diff = json.loads(guard("diff", shop, "HEAD~1", "--output=json").out)
    assert {entry["location"]["path"] for entry in diff["new_access"]} == {"apps/shop/directus/permissions.json"}
    diff = json.loads(guard("diff", shop, root / "apps" / "blog", "--output=json").out)
    assert {entry["location"]["path"] for entry in diff["new_access"]} == {"directus/permissions.json"}


@pytest.mark.parametrize("folder", ["tests/cms", "examples/cms"])
def test_a_folder_that_is_named_is_not_an_example_because_of_its_path(root: Path, folder: str) -> None:
    commit(root, {f"{folder}/{name}": text for name, text in {"compose.yaml": COMPOSE, **EXPORT}.items()})
    found = {name.split("|")[0] for name in fingerprints(root / folder)}
    assert {"marketplace-trust", "public-write"} <= found
    assert not {name for name in fingerprints(root) if folder in name}


def test_a_folder_that_git_ignores_is_read_where_it_is_named(root: Path) -> None:
    commit(root, {".gitignore": "private/\n"})
    write(root / "private", {"compose.yaml": COMPOSE, ".env": "SECRET=changeme\n"})
    assert fingerprints(root / "private")
    assert not {name for name in fingerprints(root) if "private" in name}


def test_without_git_paths_start_at_the_folder_and_the_baseline_says_so(root: Path, tmp_path: Path) -> None:
    alone = write(tmp_path / "alone", {"shop/compose.yaml": COMPOSE})
    assert guard("baseline", "write", tmp_path / "accepted", alone / "shop").code == 0
    accepted = (tmp_path / "accepted").read_text()
    assert "\nmarketplace-trust|compose.yaml#directus MARKETPLACE_TRUST\n" in accepted
    assert "# Paths start at: the folder shop\n" in accepted
    same = guard("scan", alone / "shop", "--baseline", tmp_path / "accepted")
    assert same.code == 0
    assert "paths of the baseline" not in same.out
    for other in (alone, root):
        done = guard("scan", other, "--baseline", tmp_path / "accepted")
        assert done.code == 1
        assert "paths of the baseline" in done.out
    guard("baseline", "write", tmp_path / "of-git", root / "apps" / "shop")
    assert "# Paths start at: the top of the git work tree\n" in (tmp_path / "of-git").read_text()
    assert "paths of the baseline" not in guard("scan", root, "--baseline", tmp_path / "of-git").out


def test_a_submodule_has_a_top_of_its_own(root: Path, tmp_path: Path) -> None:
    git(root, "submodule", "add", "-q", str(new_with(tmp_path / "module")), "vendor/cms")
    assert {name.split("|")[1].split("#")[0] for name in fingerprints(root / "vendor" / "cms")} == {"compose.yaml"}


def new_with(folder: Path) -> Path:
    commit(new_repository(folder), {"compose.yaml": COMPOSE})
    return folder


@pytest.mark.parametrize("broken", ["folder", "file", "link"])
def test_a_git_folder_that_is_none(tmp_path: Path, broken: str) -> None:
    """What git does not take for a work tree is none here either."""
    folder = write(tmp_path / "a" / "b", {"compose.yaml": COMPOSE})
    place = folder.parent / ".git"
    match broken:
        case "folder":
            place.mkdir()
        case "file":
            place.write_text("nonsense")
        case _:
            place.symlink_to("nowhere")
    assert {name.split("|")[1].split("#")[0] for name in fingerprints(folder)} == {"compose.yaml"}
