"""The README's workflow on pull requests: where GitHub shows the finding, and what a click on a suggestion leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from directus_guard.cli.own_revision import PLACEHOLDER
from tests.container import act
from tests.github.reviews import ReviewingGitHub
from tests.github.server import Request, serving
from tests.github.suggested import COMPOSE, Change, accepted
from tests.github.weakened import weakened
from tests.support.git import git
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.container.engine import Engine

pytestmark = pytest.mark.real

WORKFLOW: Final = ".github/workflows/directus-guard.yml"


def workflow(**inputs: str) -> str:
    """The README's workflow, filled in, with more inputs; with suggestions it gets the permission they need."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    text = next(part.split("```")[0] for part in readme.split("```yaml\n") if part.startswith("name: directus-guard"))
    text = text.replace(f"{PLACEHOLDER}@<COMMIT>", act.PUBLISHED)
    if "suggestions" in inputs:
        permission = "security-events: write"
        assert text.count(permission) == 1
        text = text.replace(permission, f"pull-requests: write\n      {permission}")
    last = "          new-only: true\n"
    assert text.endswith(last)
    return text + "".join(f"          {name}: {value}\n" for name, value in inputs.items())


def test_one_word_more_is_shown_at_its_line(
    act_engine: Engine, github: tuple[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """A fresh repository, the workflow as it is in the README, and a change that makes editors administrators."""
    folder = tmp_path / "site"
    event = weakened(folder, {WORKFLOW: workflow()})
    api, calls = github
    before = len(calls)
    ran = act.run(
        act_engine, folder, "pull_request", event, environment={"GITHUB_API_URL": api},
        published={act.PUBLISHED: act.action_repository(tmp_path / "published")},
    )  # fmt: skip
    print(ran.output)
    assert not ran.succeeded
    assert "blocked: new findings at or above high" in ran.output
    (name,) = git(folder, "diff", "--name-only", "main~1", "main").split("\n")
    (line,) = (
        number
        for number, text in enumerate((folder / name).read_text(encoding="utf-8").split("\n"), 1)
        if text.strip() == '"role"'
    )
    shown = {command.properties["title"].split(": ")[0]: command.properties for command in ran.annotations("error")}
    assert set(shown) == {"escalation-path", "users-update"}
    assert {(place["file"], place["line"], place["endLine"]) for place in shown.values()} == {
        (name, str(line), str(line))
    }
    (upload,) = (call for call in calls[before:] if "code-scanning/sarifs" in call["call"] and call["body"])
    places = {
        result["ruleId"]: result["locations"][0]["physicalLocation"]
        for result in Request("POST", "", {}, upload["body"]).sarif["runs"][0]["results"]
    }
    for check in shown:
        assert places[check]["artifactLocation"]["uri"] == name
        assert places[check]["region"]["startLine"] == places[check]["region"]["endLine"] == line
    assert [call["violations"] for call in calls[before:] if call["violations"]] == []


def test_a_suggestion_that_is_accepted_makes_the_next_run_green(
    act_engine: Engine, github: tuple[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """`users-update` has no safe fix; a value in the Compose file has. GitHub's description judges each call again."""
    broken = COMPOSE + "      MARKETPLACE_TRUST: all\n"
    files = {WORKFLOW: workflow(suggestions="true")}
    published = {act.PUBLISHED: act.action_repository(tmp_path / "published")}
    with serving(ReviewingGitHub()) as server:
        assert isinstance(server, ReviewingGitHub)

        def pull_request(folder: Path, head: str) -> act.Ran:
            change = Change(folder, COMPOSE, head, files=files)
            git(folder, "remote", "add", "origin", "https://github.com/Codertocat/Hello-World.git")
            server.files = [{"filename": "compose.yaml", "patch": change.patch}]
            return act.run(
                act_engine, folder, "pull_request", change.event, environment={"GITHUB_API_URL": server.url},
                published=published,
            )  # fmt: skip

        red = pull_request(tmp_path / "red", broken)
        print(red.output)
        assert not red.succeeded
        (comment,) = server.comments
        assert comment["path"] == "compose.yaml"
        assert broken.split("\n")[comment["line"] - 1].strip() == "MARKETPLACE_TRUST: all"
        mended = accepted(broken, server.comments)
        assert mended == COMPOSE + "      MARKETPLACE_TRUST: sandbox\n"
        green = pull_request(tmp_path / "green", mended)
        assert green.succeeded, green.output[-3000:]
        assert server.resolved == [comment["id"]]
        assert server.violations == []
    calls = [call for call in server.requests if not call.path.endswith("/graphql")]
    assert {(call.method, call.path.rpartition("/")[2]) for call in calls} >= {("POST", "reviews"), ("POST", "sarifs")}
    api, judged = github
    before = len(judged)
    for call in calls:
        httpx.request(call.method, api + call.path, json=call.body, headers={"authorization": "Bearer t"})
    assert [(one["call"], one["violations"]) for one in judged[before:]] == [
        (f"{call.method} {call.path}", []) for call in calls
    ]
