"""Suggestions of a pull request, on a GitHub that knows the hunks of its diff and takes a review whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.github.api import Api
from directus_guard.github.event import Event, PullRequest
from directus_guard.github.suggestions import Suggestion, body, write
from directus_guard.secret import Secret
from tests.github.reviews import ReviewingGitHub
from tests.github.server import serving
from tests.github.suggested import COMPOSE, FOUND, Change, accepted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET: Final = "b7f31c0a9be2540b7fd91c6e3aa258d4"


@pytest.fixture
def github() -> Iterator[ReviewingGitHub]:
    with serving(ReviewingGitHub()) as server:
        assert isinstance(server, ReviewingGitHub)
        yield server
        assert server.violations == []


def test_a_review_of_the_safe_changes(tmp_path: Path, github: ReviewingGitHub) -> None:
    change = Change(tmp_path / "r", COMPOSE, FOUND)
    ran = change.run(tmp_path / "run", github)
    (review,) = github.of("POST reviews")
    assert review.body is not None
    assert review.body["commit_id"] == change.head
    assert "2 safe fixes" in review.body["body"]
    assert accepted(FOUND, github.comments) == COMPOSE + "      MARKETPLACE_TRUST: sandbox\n"
    assert not ran.annotations("warning")


def test_again_and_gone(tmp_path: Path, github: ReviewingGitHub) -> None:
    change = Change(tmp_path / "r", COMPOSE, FOUND)
    for _ in range(2):
        change.run(tmp_path / "run", github)
    assert len(github.of("POST reviews")) == 1
    assert github.of("PATCH review comment") == []
    github.comments[0]["body"] = github.comments[0]["body"].replace("sandbox", "other")
    change.run(tmp_path / "run", github)
    assert len(github.of("PATCH review comment")) == 1
    assert "sandbox" in github.comments[0]["body"]
    mended = Change(tmp_path / "mended", COMPOSE, FOUND.replace("TRUST: all", "TRUST: sandbox"))
    mended.run(tmp_path / "run", github)
    assert github.resolved == [github.comments[0]["id"]]
    assert len(github.of("POST reviews")) == 1


def test_the_base_has_moved_on(tmp_path: Path, github: ReviewingGitHub) -> None:
    """The checked-out merge has other line numbers than the head."""
    meanwhile = COMPOSE.replace("    environment:\n", "    restart: always\n    hostname: cms\n    environment:\n")
    change = Change(tmp_path / "r", COMPOSE, FOUND, meanwhile=meanwhile)
    change.run(tmp_path / "run", github)
    assert accepted(FOUND, github.comments) == COMPOSE + "      MARKETPLACE_TRUST: sandbox\n"


def test_lines_that_the_diff_does_not_show(tmp_path: Path, github: ReviewingGitHub) -> None:
    old = COMPOSE.replace("    image", "    hostname: cms\n    image").replace(
        "      PUBLIC_URL", "      MARKETPLACE_TRUST: all\n      PUBLIC_URL"
    )
    change = Change(tmp_path / "r", old, old + "      HASH_MEMORY_COST: 4096\n")
    ran = change.run(tmp_path / "run", github, new_only="false")
    assert len(github.comments) == 1
    assert any("1 safe changes are of lines" in one.message for one in ran.annotations("notice"))


def test_a_refused_review_is_sent_one_by_one(tmp_path: Path, github: ReviewingGitHub) -> None:
    change = Change(tmp_path / "r", COMPOSE, FOUND)
    github.refuses = "hash-cost"
    change.run(tmp_path / "run", github)
    assert len(github.of("POST review comments")) == 2
    assert len(github.comments) == 1


def test_more_than_anybody_reads(tmp_path: Path, github: ReviewingGitHub) -> None:
    names = ["ACCESS_TOKEN_TTL: 30d", "REFRESH_TOKEN_TTL: 400d", "SESSION_COOKIE_TTL: 90d", "USER_INVITE_TOKEN_TTL: 90d",
             "HASH_MEMORY_COST: 4096", "HASH_TIME_COST: 1", "MARKETPLACE_TRUST: all", "LOG_LEVEL: debug",
             "AI_DEVTOOLS_ENABLED: 'true'", "EXTENSIONS_AUTO_RELOAD: 'true'", "SESSION_COOKIE_SECURE: 'false'",
             "REFRESH_TOKEN_COOKIE_SECURE: 'false'"]  # fmt: skip
    head = COMPOSE.replace("      LOG_LEVEL: info\n", "") + "".join(f"      {name}\n" for name in names)
    ran = Change(tmp_path / "r", COMPOSE, head).run(tmp_path / "run", github)
    assert len(github.comments) == 10
    assert any("2 more safe changes" in one.message for one in ran.annotations("notice"))


def test_never_a_line_with_a_secret(tmp_path: Path, github: ReviewingGitHub) -> None:
    head = COMPOSE + f"      MARKETPLACE_TRUST: all # token={SECRET}\n"
    Change(tmp_path / "r", COMPOSE, head).run(tmp_path / "run", github)
    assert github.comments == []
    assert SECRET not in str([request.body for request in github.requests])


def test_forks_can_only_read(tmp_path: Path, github: ReviewingGitHub) -> None:
    ran = Change(tmp_path / "r", COMPOSE, FOUND).run(tmp_path / "run", github, fork=True)
    assert github.requests == []
    assert any("comes from a fork" in one.message for one in ran.annotations("notice"))


def test_the_fence_is_longer_than_any_in_the_lines() -> None:
    made = body("c/", Suggestion("key", "a.yaml", 1, 1, "Why.", ("# ```` x", "a: 1")))
    assert made.endswith("Why.\n\n`````suggestion\n# ```` x\na: 1\n`````")
    assert body("c/", Suggestion("key", "a.yaml", 1, 1, "Why.", ())).endswith("```suggestion\n```")


def test_lines_that_two_changes_share_are_suggested_once(tmp_path: Path, github: ReviewingGitHub) -> None:
    change = Change(tmp_path / "r", COMPOSE, FOUND)
    github.files = [{"filename": "compose.yaml", "patch": change.patch}]
    pull = PullRequest(2, change.head, change.base, fork=False)
    event = Event.read({"GITHUB_REPOSITORY": "Codertocat/Hello-World"}, {})
    made = [Suggestion(str(number), "compose.yaml", 11, 12, "Why.", ("x",)) for number in range(2)]
    outcome = write(Api(github.url, Secret("t")), event, pull, "c/", made)
    assert outcome.shown == len(github.comments) == 1
    assert github.comments[0]["start_line"] == 11


def test_graphql_of_a_server_of_ones_own(github: ReviewingGitHub) -> None:
    answer = Api(f"{github.url}/api/v3", Secret("t")).graphql("query", {})
    assert answer.ok
    assert github.requests[-1].path == "/api/graphql"


def test_it_is_off_by_default(tmp_path: Path, github: ReviewingGitHub) -> None:
    Change(tmp_path / "r", COMPOSE, FOUND).run(tmp_path / "run", github, suggestions="")
    assert github.requests == []


def test_a_token_that_may_not(tmp_path: Path, github: ReviewingGitHub) -> None:
    from tests.github.server import refused

    github.answer("GET review comments", refused(403, "Resource not accessible by integration"))
    ran = Change(tmp_path / "r", COMPOSE, FOUND).run(tmp_path / "run", github)
    assert "add `pull-requests: write`" in ran.annotations("warning")[0].message
