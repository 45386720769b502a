"""GitHub's own description of its API, served by prism: every call of the Action passes its validation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.github.prism import free_port, observed, prism
from tests.github.runner import Ran, step
from tests.github.site import MERGE_REF, Site, site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return site(tmp_path_factory.mktemp("site") / "repository")


@pytest.fixture(scope="module")
def github() -> Iterator[str]:
    """Where GitHub's API is served. A start reads megabytes of description, so the tests share it."""
    with prism("api.github.com") as target:
        yield target


def run(made: Site, folder: Path, api: str, event: str, **inputs: str) -> Ran:
    data, ref = (made.push(), "refs/heads/main") if event == "push" else (made.pull(), MERGE_REF)
    return step(
        made.folder, folder, event=event, data=data, sha=made.merge, ref=ref, api=api, environment=None, **inputs
    )


def every_call(made: Site, folder: Path, target: str) -> None:
    with observed(target) as (api, calls):
        for event in ("push", "pull_request"):
            ran = run(made, folder, api, event, comment="true", new_only="true")
            assert ran.code == 1
            assert ran.outputs["sarif-id"]
        assert ran.outputs["comment-url"]
        # Its own comment is found again and changed: prism keeps nothing, so it is told which answer to give.
        assert [call for call in calls if call["violations"] or call["status"] >= 400] == []
        assert {call["call"].split("?")[0].split("/Hello-World")[-1] for call in calls} >= {
            "/code-scanning/sarifs", "/issues/2/comments", "GET /user",
        }  # fmt: skip


def test_every_call_is_as_described(made: Site, tmp_path: Path, github: str) -> None:
    every_call(made, tmp_path, github)


def test_every_call_is_as_github_enterprise_server_describes_it(made: Site, tmp_path: Path) -> None:
    with prism("ghes-3.17") as target:
        every_call(made, tmp_path, target)


def test_our_own_comment_is_changed_as_described(github: str) -> None:
    from directus_guard.github.api import Api
    from directus_guard.secret import Secret

    with observed(github) as (api, calls):
        answer = Api(api, Secret("t")).call("PATCH", "/repos/a/b/issues/comments/1", {"body": "x"})
        assert answer.ok
        assert calls[0]["violations"] == []


def test_suggestions_are_as_described(github: str) -> None:
    from directus_guard.github.api import Api
    from directus_guard.github.suggestions import Suggestion, _place, body
    from directus_guard.secret import Secret

    made = Suggestion("key", "compose.yaml", 3, 4, "Why.", ("a: 1",))
    comment = {**_place(made), "body": body("c/", made)}
    with observed(github) as (api, calls):
        client = Api(api, Secret("t"))
        review = {"commit_id": "a" * 40, "event": "COMMENT", "body": "x", "comments": [comment]}
        for method, path, data in (
            ("GET", "pulls/2/files?per_page=100&page=1", None),
            ("GET", "pulls/2/comments?per_page=100&page=1", None),
            ("POST", "pulls/2/reviews", review),
            ("POST", "pulls/2/comments", {**comment, "commit_id": "a" * 40}),
            ("PATCH", "pulls/comments/1", {"body": "x"}),
        ):
            assert client.call(method, f"/repos/a/b/{path}", data).ok
        assert [call["violations"] for call in calls] == [[]] * 5


def test_prism_would_complain(github: str) -> None:
    from directus_guard.github.api import Api
    from directus_guard.secret import Secret

    with observed(github) as (api, calls):
        answer = Api(api, Secret("t")).call(
            "POST", "/repos/a/b/code-scanning/sarifs", {"commit_sha": "zz", "ref": "main"}
        )
        assert answer.status == 400
        assert answer.data is None
        assert len(calls[0]["violations"]) >= 3


def test_github_is_not_answering_at_all(made: Site, tmp_path: Path) -> None:
    """A port that nobody listens on: a warning, and the findings decide."""
    ran = run(made, tmp_path, f"http://127.0.0.1:{free_port()}", "push", fail_on="none")
    assert ran.code == 0
    assert "gave no answer" in ran.annotations("warning")[0].message
