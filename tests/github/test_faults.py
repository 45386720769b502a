"""Everything that GitHub may say to an upload, each as one sentence that names the cause and what to change."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.github import code_scanning
from directus_guard.github.api import Api, UnreachableError
from directus_guard.github.event import Event
from directus_guard.secret import Secret
from tests.github.runner import REPOSITORY
from tests.github.server import ACCEPTED, COMPLETE, PENDING, GitHub, Reply, failed, refused, serving
from tests.github.site import MERGE_REF, Site, site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.thorough

SHA = "a" * 40
LOG: dict[str, Any] = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x", "rules": []}}, "results": []}]}


@dataclass
class Clock:
    """Waits without waiting."""

    slept: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def github() -> Iterator[GitHub]:
    with serving(GitHub()) as running:
        yield running
    assert running.violations == []


def event(name: str = "push", ref: str = "refs/heads/main", payload: object = None, actor: str = "somebody") -> Event:
    environ = {
        "GITHUB_EVENT_NAME": name,
        "GITHUB_SHA": SHA,
        "GITHUB_REF": ref,
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_ACTOR": actor,
    }
    return Event.read(environ, payload)


def upload(
    github: GitHub, about: Event | None = None, log: dict[str, Any] | None = None
) -> tuple[code_scanning.UploadOutcome, Clock]:
    clock = Clock()
    log = LOG if log is None else log
    api = Api(github.url, Secret("t"), clock)
    outcome = code_scanning.upload(
        api, about or event(), log, json.dumps(log), head=SHA, root="/github/workspace", started=datetime.now(UTC)
    )
    return outcome, clock


def test_all_is_well(github: GitHub) -> None:
    outcome, clock = upload(github)
    assert outcome == code_scanning.UploadOutcome("47177e22-5596-11eb-80a1-c1e54ef945c6")
    assert clock.slept == [5.0]


FORK = {
    "pull_request": {
        "number": 2,
        "head": {"sha": SHA, "repo": {"full_name": "a/b"}},
        "base": {"sha": SHA, "repo": {"full_name": REPOSITORY}},
    }
}

REFUSALS = [
    (refused(403, "Code Security must be enabled for this repository to use code scanning."), "GitHub Code Security", True),
    (refused(403, "Advanced Security must be enabled for this repository to use code scanning."), "Advanced Security >", True),
    (refused(403, "Code Scanning is not enabled for this repository."), "not enabled for this repository", True),
    (refused(403, "Resource not accessible by integration"), "`security-events: write`", False),
    (refused(401, "Bad credentials"), "did not accept the token", False),
    (refused(401, "Requires authentication"), "did not accept the token", False),
    (refused(404, "Not Found"), "`contents: read`", False),
    (refused(422, "commit not found"), f"does not know the commit {SHA}", False),
    (refused(400, "ref 'refs/heads/main' not found in this repository - check that the ref exists"), "`refs/heads/main` is gone", False),
    (Reply(413), "too large", False),
    (refused(429, "API rate limit exceeded for installation."), "rate limit", False),
    (refused(403, "You have exceeded a secondary rate limit."), "rate limit", False),
    (refused(403, "Something new"), "Something new", False),
    (Reply(422, {"message": "Validation Failed", "errors": [{"resource": "Sarif", "field": "sarif", "code": "invalid"}]}), "Sarif sarif invalid", False),
    (Reply(400, None, {"sl-violations": "[]"}), "no reason given", False),
    (Reply(502, "<html>Bad gateway</html>"), "failed (502)", False),
    (Reply(503, "<html>"), "failed (503)", False),
    (Reply(302, None, {"location": "https://elsewhere.example/"}), "(302", False),
    (Reply(202, "<html>"), "named no id", False),
]  # fmt: skip


@pytest.mark.parametrize(("reply", "words", "expected"), REFUSALS, ids=lambda value: str(value)[:30])
def test_each_refusal_is_a_sentence(github: GitHub, reply: Reply, words: str, expected: bool) -> None:
    github.answer("POST sarifs", reply)
    outcome, _ = upload(github)
    assert outcome.sarif_id == ""
    assert words in outcome.trouble
    assert outcome.trouble.startswith("Code scanning: ")
    assert outcome.trouble.endswith(".")
    assert "\n" not in outcome.trouble
    assert outcome.expected is expected
    assert github.of("GET sarif") == []


@pytest.mark.parametrize(
    ("about", "words"),
    [
        (event("pull_request", MERGE_REF, FORK), "comes from a fork"),
        (event(actor="dependabot[bot]"), "Dependabot caused the run"),
        (event(), "`security-events: write`"),
    ],
)
def test_why_a_token_may_not(github: GitHub, about: Event, words: str) -> None:
    github.answer("POST sarifs", refused(403, "Resource not accessible by integration"))
    assert words in upload(github, about)[0].trouble


REJECTIONS = {
    "rejecting SARIF, as there are more runs than allowed": "bug of directus-guard",
    "an invalid URI was provided as a SARIF location": "bug of directus-guard",
    "locationFromSarifResult: expected artifact location": "bug of directus-guard",
    "could not convert rules: invalid security severity value, is not a number": "bug of directus-guard",
    "rejecting delivery as the repository has too many logical alerts": "limit of alerts",
    "CodeQL analyses from advanced configurations cannot be processed when the default setup is enabled": "default setup of CodeQL",
    "A delivery cannot contain multiple runs with the same category": "its own `category`",
    "unsuccessful execution": "failed one",
    "something new": "something new",
}


@pytest.mark.parametrize("error", REJECTIONS)
def test_each_rejection_is_a_sentence(github: GitHub, error: str) -> None:
    github.answer("GET sarif", PENDING, failed(error))
    outcome, clock = upload(github)
    assert outcome.sarif_id
    assert outcome.trouble.startswith("Code scanning: ")
    assert REJECTIONS[error] in outcome.trouble
    assert clock.slept == [5.0, 10.0]


def test_still_pending_after_five_looks(github: GitHub) -> None:
    github.answer("GET sarif", PENDING)
    outcome, clock = upload(github)
    assert clock.slept == [5.0, 10.0, 20.0, 40.0, 80.0]
    assert sum(clock.slept) == 155
    assert len(github.of("GET sarif")) == 5
    assert outcome.sarif_id
    assert "still processing" in outcome.trouble


def test_a_status_that_cannot_be_read_is_asked_for_again(github: GitHub) -> None:
    github.answer("GET sarif", refused(404, "Not Found"), refused(404, "Not Found"), Reply(200, "<html>"), COMPLETE)
    assert upload(github)[0].trouble == ""


def test_retry_after(github: GitHub) -> None:
    github.answer("POST sarifs", Reply(429, {"message": "slow down"}, {"retry-after": "17"}), ACCEPTED)
    outcome, clock = upload(github)
    assert outcome.trouble == ""
    assert clock.slept == [17.0, 5.0]


def test_the_reset_of_the_rate_limit(github: GitHub) -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 30)}
    github.answer("POST sarifs", Reply(403, {"message": "API rate limit exceeded"}, headers), ACCEPTED)
    outcome, clock = upload(github)
    assert outcome.trouble == ""
    assert 25 <= clock.slept[0] <= 31


def test_nobody_waits_an_hour(github: GitHub) -> None:
    github.answer("POST sarifs", Reply(429, {"message": "API rate limit exceeded"}, {"retry-after": "3600"}))
    outcome, clock = upload(github)
    assert clock.slept == []
    assert "rate limit" in outcome.trouble


@pytest.mark.parametrize(
    ("status", "asked"), [(400, 1), (410, 1), (413, 1), (422, 1), (451, 1), (401, 2), (404, 2), (500, 4), (503, 4)]
)
def test_what_is_tried_again(github: GitHub, status: int, asked: int) -> None:
    github.answer("POST sarifs", refused(status, "x"))
    upload(github)
    assert len(github.of("POST sarifs")) == asked


def test_a_passing_failure_is_no_trouble(github: GitHub) -> None:
    github.answer("POST sarifs", Reply(502, "<html>"), Reply(500), Reply(503), ACCEPTED)
    assert upload(github)[0].trouble == ""


def test_nobody_there() -> None:
    with serving(GitHub()) as gone:
        pass
    outcome, clock = upload(gone)
    assert "gave no answer (ConnectError" in outcome.trouble
    assert clock.slept == [1, 4, 9]


def test_the_token_crosses_no_network_in_clear() -> None:
    with pytest.raises(UnreachableError, match="not an https address"):
        Api("http://github.example.com/api/v3", Secret("t"))


def test_a_redirect_is_not_followed(github: GitHub) -> None:
    with serving(GitHub()) as elsewhere:
        github.answer("POST sarifs", Reply(307, None, {"location": f"{elsewhere.url}/repos/x/y/code-scanning/sarifs"}))
        upload(github)
        assert elsewhere.requests == []


def results(number: int) -> dict[str, Any]:
    return {**LOG, "runs": [{**LOG["runs"][0], "results": [{"ruleId": "x"}] * number}]}


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (results(25_001), "25,001 results, at most 25,000"),
        ({"runs": [{"tool": {"driver": {"rules": [{}] * 25_001}}}]}, "25,001 rules"),
        ({"runs": [{"tool": {"driver": {"rules": [{"properties": {"tags": ["a"] * 21}}]}}}]}, "21 tags"),
        ({"runs": [{"results": [{"locations": [{}] * 1_001}]}]}, "1,001 locations"),
        ({"runs": [{"results": [{"codeFlows": [{"threadFlows": [{"locations": [{}] * 10_001}]}]}]}]}, "10,001 steps"),
    ],
)  # fmt: skip
def test_limits_are_measured_before(github: GitHub, log: dict[str, Any], words: str) -> None:
    outcome, _ = upload(github, log=log)
    assert words in outcome.trouble
    assert github.requests == []
    assert list(code_scanning.over_limits(results(25_000), 10_000_000)) == []


def test_ten_megabytes(github: GitHub) -> None:
    assert list(code_scanning.over_limits(LOG, 10_000_001)) == ["10.0 MB compressed, at most 10"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return site(tmp_path_factory.mktemp("site") / "repository")


def test_a_server_of_ones_own(made: Site, tmp_path: Path) -> None:
    """GitHub Enterprise Server: another address, another path, its own description of the API."""
    from tests.github.runner import step

    with serving(GitHub("ghes-3.17"), prefix="/api/v3") as server:
        ran = step(
            made.folder, tmp_path, event="pull_request", data=made.pull(), sha=made.merge, ref=MERGE_REF,
            api=server.url, comment="true",
        )  # fmt: skip
        assert ran.outputs["sarif-id"]
        assert ran.outputs["comment-url"]
        assert {request.path.split("/repos/")[0] for request in server.of("POST sarifs")} == {"/api/v3"}
        assert server.violations == []


def test_no_code_security_is_one_notice(made: Site, tmp_path: Path) -> None:
    from tests.github.runner import step

    with serving(GitHub()) as server:
        server.answer(
            "POST sarifs", refused(403, "Code Security must be enabled for this repository to use code scanning.")
        )
        for asked, level in (("auto", "notice"), ("true", "warning")):
            ran = step(
                made.folder, tmp_path, event="push", data=made.push(), sha=made.merge, ref="refs/heads/main",
                api=server.url, upload_sarif=asked, fail_on="none",
            )  # fmt: skip
            assert ran.code == 0
            (said,) = [item for item in ran.annotations(level) if item.message.startswith("Code scanning")]
            assert "Settings > Advanced Security" in said.message


def test_the_stand_in_is_strict() -> None:
    """What GitHub's description refuses is noticed: the tests above could fail."""
    with serving(GitHub()) as server:
        api = Api(server.url, Secret("t"))
        api.call("POST", f"/repos/{REPOSITORY}/code-scanning/sarifs", {"commit_sha": "zz", "ref": "main", "sarif": "x"})
        api.call("POST", f"/repos/{REPOSITORY}/issues/1/comments", {"text": "x"})
        api.call("GET", "/repos/x/y/code-scanning/alerts")
        assert len(server.violations) >= 4
