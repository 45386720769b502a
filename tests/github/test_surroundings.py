"""What a runner gives: events of anybody, addresses that are none, tokens that no header can have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.github.api import Api, UnreachableError
from directus_guard.github.event import OF_MEMBERS, WITHOUT_SECRETS, Event
from directus_guard.live.target import TargetError, target
from directus_guard.secret import Secret
from tests.support.cli import action, guard, write
from tests.support.git import commit, new_repository
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

WEAK: Final = {
    "compose.yaml": "services: {directus: {image: directus/directus:12.4.1, environment: {MARKETPLACE_TRUST: all}}}\n"
}
FOREIGN: Final = (
    "pull_request_target", "workflow_run", "issues", "issue_comment", "discussion", "discussion_comment", "fork", "watch", "gollum",
    "check_run", "check_suite", "status", "an_event_of_next_year",
)  # fmt: skip


@pytest.fixture(scope="module")
def excused(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A repository whose last commit excuses the one before it, and that one."""
    root = new_repository(tmp_path_factory.mktemp("repository"))
    base = commit(root, WEAK)
    commit(root, {"directus-guard.yaml": "checks: {marketplace-trust: {severity: off, reason: x}}\n"})
    return root, base


@pytest.mark.parametrize("name", FOREIGN)
def test_an_event_of_anybody_gets_no_token_for_a_commit_of_anybody(excused: tuple[Path, str], name: str) -> None:
    root, _ = excused
    environ = {"GITHUB_WORKSPACE": str(root), "GITHUB_EVENT_NAME": name, "GITHUB_SHA": "0" * 40}
    for given in ({"INPUT_TOKEN": "tokenofinstance"}, {"INPUT_URL": "https://127.0.0.1:1"}):
        run = action(environ | given)
        assert run.code == 2
        assert f"the event `{name}` runs with the repository's secrets" in run.out


@pytest.mark.parametrize("name", FOREIGN)
def test_a_commit_of_anybody_does_not_excuse_itself(excused: tuple[Path, str], name: str) -> None:
    root, base = excused
    run = action({"GITHUB_WORKSPACE": str(root), "GITHUB_EVENT_NAME": name, "GITHUB_SHA": base})
    assert "marketplace-trust" in run.out
    assert run.code == 1


def test_every_event_is_one_of_three_kinds() -> None:
    """The page of facts names those of anybody; the others are listed in the code."""
    text = (ROOT / "docs" / "model" / "github.md").read_text(encoding="utf-8")
    section = text.partition("## Events with secrets\n")[2].partition("\n## ")[0]
    sentence = section.partition("have the secrets of the repository")[0].rpartition("\n- ")[2]
    assert set(re.findall("`([a-z_]+)`", sentence)) == set(FOREIGN[:-1])
    for name in (*OF_MEMBERS, *WITHOUT_SECRETS, ""):
        assert not Event.read({"GITHUB_EVENT_NAME": name}, None).privileged
    assert not (OF_MEMBERS | WITHOUT_SECRETS) & set(FOREIGN)


ADDRESSES: Final = (
    "", "x", "https://", "https://[", "https://[::1", "https://a]b", "https://a:port", "https://a:99999", "https://a:-1", "https:///v3",
    "https://a b", "https://a\nb", "https://a\x00", "https://\u0661", "https://u:p@a", "https://a/%zz", "https://a?x=1", "https://a#x",
    "http://example.com", "ftp://a", "file:///etc/passwd", "https://" + "a" * 3000, "https://a..b", "https://.", "javascript:1",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_is_none_ends_in_a_sentence(address: str) -> None:
    """Of GitHub and of an instance. What looks like one ends where it is asked."""
    sentences: list[str] = []
    try:
        Api(address, Secret("t"), lambda _: None).call("GET", "/x")
    except UnreachableError as error:
        sentences.append(str(error))
    run = guard(
        "scan",
        ROOT / "tests" / "checks" / "marketplace-trust" / "fail-1",
        "--url",
        address or "x",
        "--timeout",
        "1",
        "--debug",
    )
    sentences.append(run.out + run.err)
    assert run.code in (1, 2, 4)
    assert "not HTTP" not in run.out + run.err
    assert all(sentence and "Traceback" not in sentence for sentence in sentences)


@pytest.mark.parametrize(
    "address",
    ["https://[", "https://a:port", "http://u:p w@[", "http://", "x", "http://a b", "socks5://a", "http://a\n"],
)
def test_a_proxy_that_is_none(address: str) -> None:
    with pytest.raises(TargetError, match="--proxy"):
        target("https://cms.example.com", proxy=Secret(address))


@pytest.mark.parametrize("token", ["a b", "a\nX-Other: 1", "\u00e9", "\x00", ""])
def test_a_token_that_no_header_can_have(token: str) -> None:
    with pytest.raises(UnreachableError, match="a header cannot have") as raised:
        Api("https://api.github.com", Secret(token))
    assert not token.strip() or token not in str(raised.value)


def test_the_action_goes_on_without_github(tmp_path: Path) -> None:
    write(tmp_path, WEAK)
    run = action({
        "GITHUB_WORKSPACE": str(tmp_path), "GITHUB_API_URL": "https://[", "GITHUB_REPOSITORY": "o/r", "GITHUB_EVENT_NAME": "push",
        "INPUT_GITHUB-TOKEN": "ghs_job", "INPUT_UPLOAD-SARIF": "true", "RUNNER_DEBUG": "1",
    })  # fmt: skip
    assert run.code == 1
    assert "Code scanning: GITHUB_API_URL is not an address" in run.out
