"""What a pull request is compared with: the commit it would be merged into, as this clone has it.

GitHub checks out the merge commit of a pull request (`refs/pull/N/merge`); its first parent is the head of the base branch,
so a clone of depth 2 is enough. A workflow may check out the head instead; then it is the merge base with the base branch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.sources.files import git

if TYPE_CHECKING:
    from pathlib import Path

_MERGED_DEPTH = "In actions/checkout set `fetch-depth: 2`."
_HEAD_DEPTH = (
    "In actions/checkout set `fetch-depth: 0`, or check out the merge commit (no `ref`) with `fetch-depth: 2`."
)


def of_pull_request(folder: Path, head: str, base: str, *, merge: str = "") -> git.Revision:
    """The base of the pull request that is checked out in the work tree of `folder`.

    `head` and `base`: the commits that the event names (`pull_request.head.sha`, `pull_request.base.sha`; "" = none).
    `merge`: the commit of the run (GITHUB_SHA), which is GitHub's merge where it is checked out.
    Raises `git.GitError`, with what to set in the workflow, where this clone does not reach the base.
    """
    here = git.resolve(folder, "HEAD")
    parents = here.parents
    if len(parents) == 2 and here.commit != head and (head == parents[1] or here.commit == merge):
        # GitHub's merge commit. A clone of depth 1 names its parents and does not have them.
        return _reached(here.top, parents[0], _MERGED_DEPTH)
    if not base:
        raise git.GitError(
            "the event has no base commit, and the checked-out commit is not the merge of a pull request"
        )
    _reached(here.top, base, _HEAD_DEPTH)
    common = git.merge_base(here.top, here.commit, base)
    if common is None:
        raise git.GitError(f"this clone does not reach where the change left its base {base[:10]}. {_HEAD_DEPTH}")
    return git.resolve(here.top, common)


def of_merge_group(folder: Path, base: str) -> git.Revision:
    """The base of a merge queue's group: the commit that the event names (`merge_group.base_sha`). Raises `git.GitError`."""
    return _reached(git.top_of(folder), base, _HEAD_DEPTH)


def _reached(top: Path, commit: str, advice: str) -> git.Revision:
    try:
        return git.resolve(top, commit)
    except git.GitError:
        raise git.GitError(f"the base of the change, {commit[:10]}, is not in this clone. {advice}") from None
