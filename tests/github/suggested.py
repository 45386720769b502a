"""A pull request with values that a safe fix changes, and what a click on each suggestion makes of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tests.github.runner import Ran, payload, step
from tests.github.site import MERGE_REF
from tests.support.git import commit, git, new_repository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.github.reviews import ReviewingGitHub

COMPOSE: Final = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.acme.io
      SECRET: ${SECRET:?}
      # how it is delivered
      CACHE_ENABLED: 'true'
      CACHE_STORE: memory
      LOG_LEVEL: info
"""
FOUND: Final = COMPOSE + "      MARKETPLACE_TRUST: all\n      HASH_MEMORY_COST: 4096\n"


class Change:
    """A pull request, on its merge commit, as actions/checkout leaves it with depth 2."""

    def __init__(
        self, folder: Path, base: str, head: str, *, meanwhile: str = "", files: Mapping[str, str] | None = None
    ) -> None:
        """`meanwhile`: what the base branch has become after the pull request was opened. `files` are on its base."""
        self.folder = new_repository(folder)
        self.base = commit(folder, {"compose.yaml": base, **(files or {})})
        git(folder, "switch", "-q", "-c", "change")
        self.head = commit(folder, {"compose.yaml": head})
        git(folder, "switch", "-q", "main")
        if meanwhile:
            self.base = commit(folder, {"compose.yaml": meanwhile})
        git(folder, "merge", "-q", "--no-ff", "-m", "merge", "change")
        self.merge = git(folder, "rev-parse", "HEAD")

    @property
    def patch(self) -> str:
        """The diff as GitHub shows it, without its first lines."""
        whole = git(self.folder, "diff", f"main~1...{self.head}", "--", "compose.yaml")
        return whole[whole.index("@@") :]

    @property
    def event(self) -> dict[str, Any]:
        """GitHub's example of the event, about these commits."""
        data = payload("pull_request")
        data["pull_request"]["head"]["sha"], data["pull_request"]["base"]["sha"] = self.head, self.base
        return data

    def run(self, folder: Path, github: ReviewingGitHub, *, fork: bool = False, **inputs: str) -> Ran:
        """What the Action's step leaves behind."""
        github.files = [{"filename": "compose.yaml", "patch": self.patch}]
        data = self.event
        if fork:
            data["pull_request"]["head"]["repo"]["full_name"] = "stranger/Hello-World"
        inputs = {"suggestions": "true", "upload_sarif": "false", "annotations": "false", "new_only": "true", **inputs}
        return step(
            self.folder, folder, event="pull_request", data=data, sha=self.merge, ref=MERGE_REF, api=github.url,
            environment=None, **inputs,
        )  # fmt: skip


def accepted(text: str, comments: list[dict[str, Any]]) -> str:
    """The file after a click on each suggestion."""
    lines = text.split("\n")
    for comment in sorted(comments, key=lambda one: -one["line"]):
        found = re.search(r"(`{3,})suggestion\n(.*?)\1\Z", comment["body"], re.DOTALL)
        assert found is not None
        lines[comment.get("start_line", comment["line"]) - 1 : comment["line"]] = found[2].split("\n")[:-1]
    return "\n".join(lines)
