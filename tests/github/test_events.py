"""The whole Action for every event: `entrypoint.py` in a runner's environment, against a GitHub that checks what it is asked."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from directus_guard.cli.own_revision import PLACEHOLDER
from tests.github.runner import REPOSITORY, payload, step
from tests.github.server import GitHub, Reply, refused, serving
from tests.github.site import MERGE_REF, OWN, Site, export, row, site
from tests.support.git import commit, git, new_repository
from tests.support.programs import ROOT
from tests.support.sarif import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return site(tmp_path_factory.mktemp("site") / "repository")


@pytest.fixture
def github() -> Iterator[GitHub]:
    with serving(GitHub()) as running:
        yield running
    assert running.violations == []


def test_push(made: Site, github: GitHub, tmp_path: Path) -> None:
    ran = step(
        made.folder, tmp_path, event="push", data=made.push(), sha=made.merge, ref="refs/heads/main", api=github.url
    )
    assert ran.code == 1
    (upload,) = github.of("POST sarifs")
    assert upload.path == f"/repos/{REPOSITORY}/code-scanning/sarifs"
    assert upload.body is not None
    assert (upload.body["ref"], upload.body["commit_sha"]) == ("refs/heads/main", made.merge)
    assert upload.body["tool_name"] == "directus-guard"
    datetime.strptime(upload.body["started_at"], "%Y-%m-%dT%H:%M:%S%z")
    assert upload.headers["Authorization"] == "Bearer ghs_job"
    assert upload.headers["Accept"] == "application/vnd.github+json"
    assert upload.sarif == load(made.folder / "directus-guard.sarif")
    assert ran.outputs["sarif-id"] == "47177e22-5596-11eb-80a1-c1e54ef945c6"
    assert github.of("GET sarif")[0].path.endswith(ran.outputs["sarif-id"])
    # Nothing to compare with: what was there before fails the job too.
    assert ran.outputs["new"] == ran.outputs["findings"]
    assert "New access" not in ran.summary


def test_a_pull_request_on_its_merge_commit(made: Site, github: GitHub, tmp_path: Path) -> None:
    ran = step(
        made.folder, tmp_path, event="pull_request", data=made.pull(), sha=made.merge, ref=MERGE_REF, api=github.url,
        new_only="true", comment="true",
    )  # fmt: skip
    assert ran.code == 1
    (upload,) = github.of("POST sarifs")
    assert upload.body is not None
    assert (upload.body["ref"], upload.body["commit_sha"]) == (MERGE_REF, made.merge)
    assert ran.summary.startswith("## ❌ directus-guard: blocked by 2 new findings at or above high")
    assert "```mermaid\nflowchart TD" in ran.summary
    assert "### New access granted by this change" in ran.summary
    (said,) = github.of("POST comments")
    assert said.body is not None
    mark, page = said.body["body"].split("\n", 1)
    assert mark.startswith("<!-- directus-guard:")
    # The summary alone has the matrix: there is room for it.
    head, heading, matrix = ran.summary.partition("\n### Who can do what\n")
    assert heading
    assert page.startswith(head)
    assert all(line in ran.summary.splitlines() for line in page.splitlines())
    assert set(ran.summary.splitlines()) - set(page.splitlines()) <= {heading.strip(), *matrix.splitlines()}
    assert ran.outputs["comment-url"] == "https://github.com/x/pull/2#issuecomment-1"
    errors = ran.annotations("error")
    assert [item.properties["title"].split(":")[0] for item in errors] == ["escalation-path", "users-update"]
    assert all(item.properties["file"] == "directus/permissions.json" for item in errors)
    assert {result["ruleId"] for result in ran.sarif["results"]} == {"escalation-path", "users-update"}


def test_a_pull_request_on_its_head(made: Site, github: GitHub, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(made.folder), "head")
    folder = tmp_path / "head"
    git(folder, "switch", "-q", "--detach", made.head)
    ran = step(
        folder, tmp_path / "runner", event="pull_request", data=made.pull(), sha=made.merge, ref=MERGE_REF,
        api=github.url, new_only="true",
    )  # fmt: skip
    (upload,) = github.of("POST sarifs")
    assert upload.body is not None
    assert (upload.body["ref"], upload.body["commit_sha"]) == ("refs/pull/2/head", made.head)
    assert ran.outputs["new"] == "2"


def test_a_shallow_checkout(made: Site, tmp_path: Path) -> None:
    for depth, code in ((1, 2), (2, 1)):
        name = f"depth-{depth}"
        git(tmp_path, "clone", "-q", "--depth", str(depth), f"file://{made.folder}", name)
        ran = step(
            tmp_path / name, tmp_path / f"{name}-runner", event="pull_request", data=made.pull(), sha=made.merge,
            ref=MERGE_REF, new_only="true",
        )  # fmt: skip
        assert ran.code == code, ran.out
        if depth == 1:
            (error,) = ran.annotations("error")
            assert "fetch-depth: 2" in error.message
            assert ran.outputs == {"exit-code": "2"}
            assert ran.summary.startswith("## directus-guard: could not run")


def test_a_change_does_not_excuse_itself(tmp_path: Path) -> None:
    folder = new_repository(tmp_path / "repository")
    base = commit(folder, export(row("articles", "update", OWN)))
    git(folder, "switch", "-q", "-c", "change")
    silence = "ignore:\n- {check: users-update, object: x, reason: fine}\nchecks:\n  users-update: {severity: 'off', reason: fine}\nfail-on: none\n"
    head = commit(folder, export(row("directus_users", "update", {})) | {"directus-guard.yaml": silence})
    git(folder, "switch", "-q", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", "merge", "change")
    made = Site(folder, base, head, git(folder, "rev-parse", "HEAD"))
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{folder}", "shallow")
    for place in (folder, tmp_path / "shallow"):
        ran = step(place, tmp_path / "runner", event="pull_request", data=made.pull(), sha=made.merge, ref=MERGE_REF)
        assert ran.code == 1, ran.out
        assert {result["ruleId"] for result in ran.sarif["results"]} >= {"users-update"}
        assert any(word in ran.out for word in ("the defaults apply", "do not count"))


def test_a_pull_request_from_a_fork(made: Site, github: GitHub, tmp_path: Path) -> None:
    github.answer("POST sarifs", refused(403, "Resource not accessible by integration"))
    ran = step(
        made.folder, tmp_path, event="pull_request", data=made.pull(fork=True), sha=made.merge, ref=MERGE_REF,
        api=github.url, new_only="true", comment="true",
    )  # fmt: skip
    assert ran.code == 1
    assert github.requests == []
    notices = [item.message for item in ran.annotations("notice")]
    assert [text.split(":")[0] for text in notices] == ["Code scanning", "Comment"]
    assert all("comes from a fork" in text for text in notices)
    assert "comes from a fork" in ran.summary
    assert len(ran.annotations("error")) == 2
    assert len(ran.sarif["results"]) == 2
    # Asked for all the same: one warning, not the job's verdict.
    ran = step(
        made.folder, tmp_path, event="pull_request", data=made.pull(fork=True), sha=made.merge, ref=MERGE_REF,
        api=github.url, upload_sarif="true",
    )  # fmt: skip
    assert ran.code == 1
    (warning,) = ran.annotations("warning")
    assert "comes from a fork" in warning.message


@pytest.mark.parametrize("gone", [True, False])
def test_a_fork_that_is_gone(made: Site, github: GitHub, tmp_path: Path, gone: bool) -> None:
    data = made.pull()
    if gone:
        data["pull_request"]["head"]["repo"] = None
    step(made.folder, tmp_path, event="pull_request", data=data, sha=made.merge, ref=MERGE_REF, api=github.url)
    assert bool(github.requests) is not gone


@pytest.mark.parametrize("event", ["push", "pull_request"])
def test_dependabot(made: Site, github: GitHub, tmp_path: Path, event: str) -> None:
    data, ref = (made.push(), "refs/heads/main") if event == "push" else (made.pull(), MERGE_REF)
    ran = step(
        made.folder, tmp_path, event=event, data=data, sha=made.merge, ref=ref, api=github.url, actor="dependabot[bot]"
    )
    assert ran.code == 1
    assert github.requests == []
    assert "Dependabot caused the run" in ran.annotations("notice")[0].message


def test_schedule(made: Site, github: GitHub, tmp_path: Path) -> None:
    data = {"schedule": "17 4 * * *", "repository": payload("push")["repository"]}
    ran = step(
        made.folder, tmp_path, event="schedule", data=data, sha=made.merge, ref="refs/heads/main", api=github.url,
        fail_on="none",
    )  # fmt: skip
    assert ran.code == 0
    (upload,) = github.of("POST sarifs")
    assert upload.body is not None
    assert (upload.body["ref"], upload.body["commit_sha"]) == ("refs/heads/main", made.merge)


def test_workflow_dispatch_on_a_tag(made: Site, github: GitHub, tmp_path: Path) -> None:
    data = payload("workflow_dispatch")
    step(
        made.folder, tmp_path, event="workflow_dispatch", data=data, sha=made.merge, ref="refs/tags/v1", api=github.url
    )
    (upload,) = github.of("POST sarifs")
    assert upload.body is not None
    assert upload.body["ref"] == "refs/tags/v1"


def test_a_merge_queue(made: Site, github: GitHub, tmp_path: Path) -> None:
    data = payload("merge_group")
    data["merge_group"] |= {"base_sha": made.base, "head_sha": made.merge}
    ref = "refs/heads/gh-readonly-queue/main/pr-2-x"
    ran = step(
        made.folder, tmp_path, event="merge_group", data=data, sha=made.merge, ref=ref, api=github.url, new_only="true"
    )
    (upload,) = github.of("POST sarifs")
    assert upload.body is not None
    assert upload.body["ref"] == ref
    assert ran.outputs["new"] == "2"
    assert "new findings" in ran.summary


def test_an_event_without_a_branch(made: Site, github: GitHub, tmp_path: Path) -> None:
    ran = step(made.folder, tmp_path, event="deployment", data={}, sha=made.merge, ref="", api=github.url)
    assert github.requests == []
    assert "belongs to no branch" in ran.annotations("notice")[0].message


@pytest.mark.parametrize("secret", [{"token": "t0ken-of-the-instance"}, {"url": "https://cms.example.com"}, {}])
@pytest.mark.parametrize("checkout", ["head", "merge"])
def test_no_live_token_on_what_strangers_propose(
    made: Site, tmp_path: Path, checkout: str, secret: dict[str, str]
) -> None:
    """pull_request_target: GITHUB_SHA and GITHUB_REF are those of the base branch."""
    git(tmp_path, "clone", "-q", str(made.folder), "checkout")
    git(tmp_path / "checkout", "switch", "-q", "--detach", {"head": made.head, "merge": made.merge}[checkout])
    ran = step(
        tmp_path / "checkout", tmp_path / "runner", event="pull_request_target", data=made.pull(fork=True),
        sha=made.base, ref="refs/heads/main", environment=None, **secret,
    )  # fmt: skip
    if not secret:
        assert ran.code == 1
        return
    assert ran.code == 2
    (error,) = ran.annotations("error")
    assert "No token of an instance is used there" in error.message
    assert "t0ken" not in ran.out + ran.err + ran.summary


def test_a_token_in_the_environment_is_refused_too(made: Site, tmp_path: Path) -> None:
    ran = step(
        made.folder, tmp_path, event="pull_request_target", data=made.pull(), sha=made.base, ref="refs/heads/main",
        environment={"DIRECTUS_TOKEN": "x"},
    )  # fmt: skip
    assert ran.code == 2


def test_pull_request_target_on_the_base(made: Site, github: GitHub, tmp_path: Path) -> None:
    """The base's own files are trusted; a comment may be written there, on a fork's pull request too."""
    git(tmp_path, "clone", "-q", str(made.folder), "checkout")
    git(tmp_path / "checkout", "switch", "-q", "--detach", made.base)
    ran = step(
        tmp_path / "checkout", tmp_path / "runner", event="pull_request_target", data=made.pull(fork=True),
        sha=made.base, ref="refs/heads/main", api=github.url, environment={"DIRECTUS_TOKEN": "x"},
    )  # fmt: skip
    assert ran.code == 0
    (upload,) = github.of("POST sarifs")
    assert upload.body is not None
    assert (upload.body["ref"], upload.body["commit_sha"]) == ("refs/heads/main", made.base)


def test_nothing_found_is_not_uploaded(github: GitHub, tmp_path: Path) -> None:
    """An empty report would close the alerts of the last one."""
    folder = new_repository(tmp_path / "empty")
    sha = commit(folder, {"README.md": "x"})
    ran = step(folder, tmp_path / "r", event="push", data={}, sha=sha, ref="refs/heads/main", api=github.url)
    assert ran.code == 3
    assert github.requests == []


def test_a_clean_repository_is_uploaded(made: Site, github: GitHub, tmp_path: Path) -> None:
    """A ruleset waits for the tool's report."""
    git(tmp_path, "clone", "-q", str(made.folder), "checkout")
    git(tmp_path / "checkout", "switch", "-q", "--detach", made.base)
    ran = step(
        tmp_path / "checkout",
        tmp_path / "r",
        event="push",
        data={},
        sha=made.base,
        ref="refs/heads/main",
        api=github.url,
    )
    assert ran.code == 0
    (upload,) = github.of("POST sarifs")
    assert upload.sarif["runs"][0]["results"] == []


def test_a_checkout_in_a_folder_of_the_workspace(made: Site, github: GitHub, tmp_path: Path) -> None:
    """actions/checkout with `path`: alerts are placed in the repository, annotations in the workspace."""
    git(tmp_path, "clone", "-q", str(made.folder), "a workspace/site")
    ran = step(
        tmp_path / "a workspace", tmp_path / "runner", event="push", data=made.push(), sha=made.merge,
        ref="refs/heads/main", api=github.url, path="site/directus",
    )  # fmt: skip
    places = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in ran.sarif["results"]}
    assert places == {"directus/permissions.json"}
    assert {item.properties["file"] for item in ran.annotations("error")} == {"site/directus/permissions.json"}
    (upload,) = github.of("POST sarifs")
    assert upload.body is not None
    assert upload.body["checkout_uri"] == f"file://{tmp_path}/a%20workspace/site"


def test_the_comment_is_kept_up_to_date(made: Site, github: GitHub, tmp_path: Path) -> None:
    def run() -> Any:
        return step(
            made.folder, tmp_path, event="pull_request", data=made.pull(), sha=made.merge, ref=MERGE_REF,
            api=github.url, upload_sarif="false", comment="true",
        )  # fmt: skip

    run()
    (first,) = github.of("POST comments")
    assert first.body is not None
    mark = first.body["body"].splitlines()[0]
    stranger = {"id": 5, "body": f"{mark}\nforged", "user": {"login": "stranger", "type": "User"}}
    quoted = {"id": 6, "body": f"> {mark}", "user": {"login": "github-actions[bot]"}}
    other = {"id": 7, "body": "<!-- directus-guard:0000000000000000 -->", "user": {"login": "github-actions[bot]"}}
    own = {"id": 8, "body": f"{mark}\nold", "user": {"login": "github-actions[bot]"}}
    filler = [{"id": 100 + n, "body": "hello", "user": {"login": "stranger"}} for n in range(97)]
    github.answer("GET comments", Reply(200, [stranger, quoted, other, *filler]), Reply(200, [own]))
    run()
    assert len(github.of("POST comments")) == 1
    (second,) = github.of("PATCH comment")
    assert second.path == f"/repos/{REPOSITORY}/issues/comments/8"
    github.answer("GET comments", Reply(200, [stranger, quoted, other]))
    run()
    assert len(github.of("POST comments")) == 2
    # A personal token's own comment, and nobody else's.
    github.answer("GET user", Reply(200, {"login": "maintainer"}))
    github.answer("GET comments", Reply(200, [own, {**own, "id": 9, "user": {"login": "maintainer"}}]))
    run()
    assert github.of("PATCH comment")[-1].path.endswith("/9")


def test_no_comment_where_there_is_nothing_to_say(github: GitHub, tmp_path: Path) -> None:
    folder = new_repository(tmp_path / "repository")
    base = commit(folder, export(row("articles", "update", OWN)))
    git(folder, "switch", "-q", "-c", "change")
    head = commit(folder, {"README.md": "x"})
    git(folder, "switch", "-q", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", "merge", "change")
    made = Site(folder, base, head, git(folder, "rev-parse", "HEAD"))
    ran = step(
        folder, tmp_path / "r", event="pull_request", data=made.pull(), sha=made.merge, ref=MERGE_REF, api=github.url,
        upload_sarif="false", comment="true", fail_on="critical", min_severity="critical",
    )  # fmt: skip
    assert ran.outputs["findings"] == "0"
    assert github.of("POST comments") == []


def test_a_comment_that_github_refuses_is_a_warning(made: Site, github: GitHub, tmp_path: Path) -> None:
    github.answer("POST comments", refused(403, "Resource not accessible by integration"))
    ran = step(
        made.folder, tmp_path, event="pull_request", data=made.pull(), sha=made.merge, ref=MERGE_REF, api=github.url,
        upload_sarif="false", comment="true", fail_on="none",
    )  # fmt: skip
    assert ran.code == 0
    (warning,) = ran.annotations("warning")
    assert "`pull-requests: write`" in warning.message
    assert ran.outputs["comment-url"] == ""


def test_the_uploads_are_gzip_of_the_file(made: Site, github: GitHub, tmp_path: Path) -> None:
    ran = step(
        made.folder, tmp_path, event="push", data=made.push(), sha=made.merge, ref="refs/heads/main", api=github.url
    )
    (upload,) = github.of("POST sarifs")
    assert upload.body is not None
    text = gzip.decompress(base64.b64decode(upload.body["sarif"])).decode()
    assert text == (made.folder / ran.outputs["sarif-file"]).read_text(encoding="utf-8")
    run = json.loads(text)["runs"][0]
    assert run["automationDetails"]["id"] == "directus-guard/"
    for result in run["results"]:
        assert set(result["partialFingerprints"]) == {"primaryLocationLineHash", "directusGuard/v1"}


def test_every_example_workflow_uses_inputs_that_exist() -> None:
    """actionlint knows the inputs of `uses: ./` only."""
    declared = set(yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"])
    workflows = [*(ROOT / "examples" / "workflows").glob("*.yml"), ROOT / ".github" / "workflows" / "fleet.yml"]
    steps = [
        step_
        for path in workflows
        for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
        for step_ in job.get("steps", ())
        if step_.get("uses", "").startswith(f"{PLACEHOLDER}@")
    ]
    assert len(steps) >= 6
    for used in steps:
        assert set(used.get("with", {})) <= declared
    called = yaml.safe_load((ROOT / ".github" / "workflows" / "fleet.yml").read_text(encoding="utf-8"))[True]
    caller = yaml.safe_load((ROOT / "examples" / "workflows" / "fleet.yml").read_text(encoding="utf-8"))["jobs"][
        "fleet"
    ]
    assert set(caller["with"]) <= set(called["workflow_call"]["inputs"])
