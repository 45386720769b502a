"""`new-access`: what a change grants fails the run, whether a check finds fault with it or not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.github.runner import step
from tests.github.site import MERGE_REF, OWN, Site, export, row
from tests.support.cli import guard, write
from tests.support.git import commit, git, new_repository

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = """services:
  directus:
    image: directus/directus:12.4.1
    environment: {PUBLIC_URL: 'https://cms.example.com', SECRET: '${SECRET:?}', KEY: '${KEY:?}'}
"""
BASE = {"compose.yaml": COMPOSE, **export(row("articles", "update", OWN))}
MORE = export(row("articles", "update", {}), row("drafts", "read", {}))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = new_repository(tmp_path / "r")
    commit(folder, BASE)
    return folder


def scan(root: Path, *options: str) -> tuple[int, dict[str, Any]]:
    done = guard("scan", root, "--new-since=HEAD", "--output=json", "--debug", *options)
    return done.code, json.loads(done.out)


def test_access_that_no_check_reports_fails_the_run(root: Path) -> None:
    assert scan(root, "--new-access=low")[0] == 0
    write(root, MORE)
    assert scan(root)[0] == 0
    code, report = scan(root, "--new-access=medium")
    assert code == 1
    assert {(one["check"], one["severity"]) for one in report["new_access"]} == {("new-access", "medium")}
    assert {one["title"] for one in report["new_access"]} == {
        "New access. Editor: update articles",
        "New access. Editor: read drafts",
    }
    assert report["summary"]["exit_code"] == 1
    assert scan(root, "--new-access=high")[0] == 0
    assert scan(root, "--new-access=none")[0] == 0


def test_an_administrator_is_new_access(root: Path) -> None:
    policies = json.loads((root / "directus/policies.json").read_text())
    policies[1]["admin_access"] = True
    write(root, {"directus/policies.json": json.dumps(policies)})
    code, report = scan(root, "--new-access=high")
    assert code == 1
    assert any("Editor" in one["title"] and one["severity"] == "critical" for one in report["new_access"])


def test_every_report_says_what_is_blocked(root: Path, tmp_path: Path) -> None:
    write(root, MORE)
    text = guard("scan", root, "--new-since=HEAD", "--new-access=medium").out
    assert text.splitlines()[-1] == "directus-guard: blocked: new access at or above medium"
    assert "medium[new-access]: New access. Editor: read drafts" in text
    page = guard("scan", root, "--new-since=HEAD", "--new-access=medium", "--output=markdown").out
    assert page.startswith("## ❌ directus-guard: blocked by 2 new permissions at or above medium")
    assert "### New access that fails the run" in page
    guard("scan", root, "--new-since=HEAD", "--new-access=medium", f"--output=sarif={tmp_path / 's'}")
    run = json.loads((tmp_path / "s").read_text())["runs"][0]
    assert sum(result["ruleId"] == "new-access" for result in run["results"]) == 2
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_without_a_base_it_is_a_mistake(root: Path) -> None:
    done = guard("scan", root, "--new-access=high")
    assert done.code == 2
    assert "--new-access needs --new-since" in done.err


def test_the_config_of_the_base_counts(root: Path) -> None:
    commit(root, {"directus-guard.yaml": "new-access: medium\n"})
    write(root, MORE | {"directus-guard.yaml": "new-access: none\n"})
    assert scan(root)[0] == 1
    assert scan(root, "--new-access=none")[0] == 0
    # On the default branch there is nothing to compare with.
    assert guard("scan", root).code == 0


def test_diff_goes_by_it(root: Path, tmp_path: Path) -> None:
    after = write(tmp_path / "after", {**BASE, **MORE})
    assert guard("diff", root, after).code == 0
    assert guard("diff", root, after, "--new-access=medium").code == 1
    assert guard("diff", root, after, "--fail-on=medium", "--new-access=none").code == 0
    write(root, {"directus-guard.yaml": "new-access: medium\n"})
    assert guard("diff", root, after).code == 1
    assert guard("diff", root, after, "--fail-on=high").code == 0


def pulled(folder: Path) -> Site:
    """A pull request that grants more, as actions/checkout leaves it."""
    base = git(folder, "rev-parse", "HEAD")
    git(folder, "switch", "-q", "-c", "change")
    head = commit(folder, MORE)
    git(folder, "switch", "-q", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", "merge", "change")
    return Site(folder, base, head, git(folder, "rev-parse", "HEAD"))


@pytest.mark.parametrize("new_only", ["true", "false"])
def test_in_the_action(root: Path, tmp_path: Path, new_only: str) -> None:
    made = pulled(root)
    codes = []
    for severity in ("", "none", "high", "medium"):
        ran = step(
            root,
            tmp_path / "runner",
            event="pull_request",
            data=made.pull(),
            sha=made.merge,
            ref=MERGE_REF,
            new_only=new_only,
            new_access=severity,
        )
        codes.append(ran.code)
    assert codes == [0, 0, 0, 1]
    assert "blocked by 2 new permissions at or above medium" in ran.summary
    titles = [item.properties["title"] for item in ran.annotations("warning")]
    assert sum(title.startswith("new-access: New access. Editor") for title in titles) == 2
    push = step(
        root,
        tmp_path / "runner",
        event="push",
        data=made.push(),
        sha=made.merge,
        ref="refs/heads/main",
        new_access="low",
    )
    assert push.code == 0


def test_in_the_action_a_base_that_is_not_there_is_said(root: Path, tmp_path: Path) -> None:
    made = pulled(root)
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{root}", str(shallow))
    ran = step(
        shallow,
        tmp_path / "runner",
        event="pull_request",
        data=made.pull(),
        sha=made.merge,
        ref=MERGE_REF,
        new_access="medium",
    )
    assert ran.code == 2
    assert any("`new-access`" in item.message and "fetch-depth" in item.message for item in ran.annotations("error"))
