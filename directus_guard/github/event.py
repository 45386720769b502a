"""What the runner tells about the run: which event, which repository, which commit, and who may write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

DEPENDABOT: Final = "dependabot[bot]"
OF_MEMBERS: Final = frozenset({
    "branch_protection_rule", "create", "delete", "deployment", "deployment_status", "label", "member", "merge_group", "milestone",
    "page_build", "project", "project_card", "project_column", "public", "push", "registry_package", "release",
    "repository_dispatch", "schedule", "workflow_call", "workflow_dispatch",
})  # fmt: skip
"""Events that only people with rights in the repository cause, or GitHub itself (docs/model/github.md#events-with-secrets)."""
WITHOUT_SECRETS: Final = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment"})
"""Events that anybody can cause, and that have no secrets then."""


class PullRequest(Struct, frozen=True):
    """The pull request that an event is about. Commits are "" where the payload has none."""

    number: int
    head_sha: str
    base_sha: str
    fork: bool
    """Its commits come from another repository, or from one that is gone."""


class Event(Struct, frozen=True):
    """One run. Every text is GitHub's own, except names of branches, which anybody chooses."""

    name: str
    repository: str
    """`owner/name`."""
    sha: str
    """The commit that the event is about: of a pull request the merge commit."""
    ref: str
    """Its full name: `refs/heads/…`, `refs/tags/…`, `refs/pull/N/merge`; "" where the event has none."""
    pull: PullRequest | None
    merge_group_base: str
    """Of a merge queue's group: the commit it would be merged into; else ""."""
    dependabot: bool
    """GitHub gives runs that Dependabot causes a token that only reads, and none of the repository's secrets."""
    api_url: str
    server_url: str
    run_url: str

    @classmethod
    def read(cls, environ: Mapping[str, str], payload: object) -> Event:
        """The run in a runner's environment; `payload` is the event file's content, as parsed. Never raises."""
        data = _mapping(payload)
        repository = environ.get("GITHUB_REPOSITORY", "")
        server = environ.get("GITHUB_SERVER_URL", "") or "https://github.com"
        run = environ.get("GITHUB_RUN_ID", "")
        return cls(
            name=environ.get("GITHUB_EVENT_NAME", ""),
            repository=repository,
            sha=environ.get("GITHUB_SHA", ""),
            ref=environ.get("GITHUB_REF", ""),
            pull=_pull(data),
            merge_group_base=_text(_mapping(data.get("merge_group")), "base_sha"),
            dependabot=environ.get("GITHUB_ACTOR") == DEPENDABOT,
            api_url=environ.get("GITHUB_API_URL", "") or "https://api.github.com",
            server_url=server,
            run_url=f"{server}/{repository}/actions/runs/{run}" if run and repository else "",
        )

    @property
    def privileged(self) -> bool:
        """Whether anybody can cause it, or bring its content, while the repository's secrets are at hand.

        So is every event that is not known to be otherwise. Without a name it is no run of GitHub's.
        """
        return bool(self.name) and self.name not in OF_MEMBERS | WITHOUT_SECRETS

    @property
    def cannot_write(self) -> str:
        """Why GitHub gave this run a token that only reads; "" = it may have given more."""
        if self.name.startswith("pull_request") and not self.privileged and self.pull and self.pull.fork:
            return "the pull request comes from a fork, and GitHub lets such runs only read"
        if self.dependabot and not self.privileged:
            return "Dependabot caused the run, and GitHub lets such runs only read"
        return ""

    def analysed(self, head: str) -> tuple[str, str]:
        """(ref, commit) of the tree that was judged; `head` is the commit that is checked out, "" = unknown.

        As github/codeql-action tells them: a pull request that checks out its head instead of the merge commit is
        `refs/pull/N/head`.
        """
        if self.pull is None or head in ("", self.sha):
            return self.ref, head or self.sha
        if self.name == "pull_request_target" and head != self.pull.head_sha:
            return self.ref, head
        return f"refs/pull/{self.pull.number}/head", head


def _pull(data: Mapping[str, object]) -> PullRequest | None:
    pull = _mapping(data.get("pull_request"))
    number = pull.get("number", data.get("number"))
    if not pull or not isinstance(number, int):
        return None
    head, base = _mapping(pull.get("head")), _mapping(pull.get("base"))
    home = _text(_mapping(base.get("repo")), "full_name") or _text(_mapping(data.get("repository")), "full_name")
    return PullRequest(
        number=number,
        head_sha=_text(head, "sha"),
        base_sha=_text(base, "sha"),
        fork=_text(_mapping(head.get("repo")), "full_name").lower() != home.lower(),
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(data: Mapping[str, object], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""
