"""Suggestions in a pull request: made once, found again by an invisible mark, edited, and resolved when they are gone."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.github.api import UnreachableError
from directus_guard.github.refusals import GitHubRefusedError, listed, own_account, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from directus_guard.github.api import Api
    from directus_guard.github.event import Event, PullRequest

MOST: Final = 10
"""Suggestions at a time: more is nothing that a person reads."""
_MARK: Final = re.compile(r"<!-- directus-guard:suggestion:([0-9a-f]{16}:[0-9a-f]{16}) -->")
_HUNK: Final = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


class Suggestion(Struct, frozen=True):
    """Lines of a file at the head of the pull request, and what to put in their place."""

    key: str
    """What tells it from others, also after its lines have moved."""
    path: str
    first: int
    last: int
    sentence: str
    """Why, Markdown."""
    lines: tuple[str, ...]


class SuggestionOutcome(Struct, frozen=True):
    """How many suggestions the pull request has, how many more there could be, and what went wrong."""

    shown: int = 0
    more: int = 0
    outside: int = 0
    """Those whose lines the pull request does not show."""
    trouble: str = ""


def write(
    api: Api, event: Event, pull: PullRequest, category: str, suggestions: Sequence[Suggestion]
) -> SuggestionOutcome:
    """Bring the suggestions of the pull request up to date."""
    base = f"/repos/{event.repository}/pulls"
    try:
        return _write(api, base, pull, category, suggestions)
    except GitHubRefusedError as refused:
        return SuggestionOutcome(trouble=f"Suggestions: {refusal(refused.answer, event)}")
    except UnreachableError as error:
        return SuggestionOutcome(trouble=f"Suggestions: GitHub gave no answer ({error}).")


def _write(
    api: Api, base: str, pull: PullRequest, category: str, suggestions: Sequence[Suggestion]
) -> SuggestionOutcome:
    own = _own(api, f"{base}/{pull.number}/comments", category)
    if not suggestions and not own:
        return SuggestionOutcome()
    hunks = _hunks(api, f"{base}/{pull.number}/files") if suggestions else {}
    inside = [one for one in suggestions if any(a <= one.first and one.last <= b for a, b in hunks.get(one.path, ()))]
    apart = list(_apart(inside))
    kept = apart[:MOST]
    fresh = []
    for one in kept:
        comment = own.pop(mark(category, one), None)
        if comment is None or not _is_there(comment, one):
            fresh.append(one)
            if comment is not None:
                own[mark(category, one)] = comment  # its lines have moved: it is resolved, and made again
        elif comment.get("body") != body(category, one):
            _done(api, "PATCH", f"{base}/comments/{comment['id']}", {"body": body(category, one)})
    _resolve(api, base, pull, list(own.values()))
    refused = _post(api, base, pull, category, fresh, len(apart) - len(kept)) if fresh else 0
    return SuggestionOutcome(len(kept) - refused, len(apart) - len(kept), len(suggestions) - len(inside) + refused)


def mark(category: str, suggestion: Suggestion) -> str:
    """How a suggestion is found again."""
    names = (hashlib.sha256(text.encode()).hexdigest()[:16] for text in (category, suggestion.key))
    return ":".join(names)


def body(category: str, suggestion: Suggestion) -> str:
    """The comment of a suggestion. Its fence is longer than any in the lines."""
    runs = re.findall(r"`+", "\n".join(suggestion.lines))
    fence = "`" * max(3, *(len(run) + 1 for run in runs)) if runs else "```"
    lines = "".join(f"{line}\n" for line in suggestion.lines)
    return (
        f"<!-- directus-guard:suggestion:{mark(category, suggestion)} -->\n{suggestion.sentence}\n\n"
        f"{fence}suggestion\n{lines}{fence}"
    )


def _apart(suggestions: Sequence[Suggestion]) -> Iterator[Suggestion]:
    """Those that share no line with one before them: of two only one could be accepted."""
    taken: list[Suggestion] = []
    for one in suggestions:
        if not any(one.path == other.path and one.first <= other.last and other.first <= one.last for other in taken):
            taken.append(one)
            yield one


def _own(api: Api, path: str, category: str) -> dict[str, Mapping[str, object]]:
    """Our comments by their marks. A mark alone proves nothing: anybody can write one."""
    is_own = own_account(api)
    prefix = hashlib.sha256(category.encode()).hexdigest()[:16]
    found: dict[str, Mapping[str, object]] = {}
    for comment in listed(api, path):
        author, text = comment.get("user"), comment.get("body")
        login = str(author.get("login")) if isinstance(author, dict) else ""
        marked = _MARK.match(text) if isinstance(text, str) else None
        if marked and marked[1].startswith(prefix) and isinstance(comment.get("id"), int) and is_own(login):
            found[marked[1]] = comment
    return found


def _is_there(comment: Mapping[str, object], suggestion: Suggestion) -> bool:
    first = comment.get("start_line") or comment.get("line")
    return (comment.get("path"), first, comment.get("line")) == (suggestion.path, suggestion.first, suggestion.last)


def _hunks(api: Api, path: str) -> dict[str, tuple[tuple[int, int], ...]]:
    """The lines of the head that GitHub shows of each file: a comment may only be within one hunk."""
    return {
        str(item.get("filename")): tuple(
            (int(start), int(start) + int(count or 1) - 1) for start, count in _HUNK.findall(str(item.get("patch")))
        )
        for item in listed(api, path)
    }


def _post(api: Api, base: str, pull: PullRequest, category: str, suggestions: Sequence[Suggestion], more: int) -> int:
    """One review of all; where GitHub refuses it as a whole, each by itself. How many it refused."""
    comments = [{**_place(one), "body": body(category, one)} for one in suggestions]
    number = "1 safe fix" if len(comments) == 1 else f"{len(comments)} safe fixes"
    rest = f" {more} more: run `directus-guard fix`." if more else ""
    review = {
        "commit_id": pull.head_sha,
        "event": "COMMENT",
        "body": f"directus-guard suggests {number}.{rest}",
        "comments": comments,
    }
    answer = api.call("POST", f"{base}/{pull.number}/reviews", review)
    if answer.ok:
        return 0
    if answer.status != 422:
        raise GitHubRefusedError(answer)
    refused = 0
    for comment in comments:
        answer = api.call("POST", f"{base}/{pull.number}/comments", {**comment, "commit_id": pull.head_sha})
        if not answer.ok and answer.status != 422:
            raise GitHubRefusedError(answer)
        refused += not answer.ok
    return refused


def _place(suggestion: Suggestion) -> dict[str, object]:
    place: dict[str, object] = {"path": suggestion.path, "line": suggestion.last, "side": "RIGHT"}
    if suggestion.first < suggestion.last:
        place |= {"start_line": suggestion.first, "start_side": "RIGHT"}
    return place


def _done(api: Api, method: str, path: str, data: Mapping[str, object]) -> None:
    answer = api.call(method, path, data)
    if not answer.ok:
        raise GitHubRefusedError(answer)


_THREADS: Final = """query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { reviewThreads(first: 100, after: $after) {
    nodes { id isResolved comments(first: 1) { nodes { databaseId } } } pageInfo { hasNextPage endCursor } } } } }"""
_RESOLVE: Final = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { id } } }"


def _resolve(api: Api, base: str, pull: PullRequest, comments: Sequence[Mapping[str, object]]) -> None:
    """Resolve the threads of comments. Only GraphQL can do it; where it is refused they stay as they are."""
    gone = {comment["id"] for comment in comments}
    _, _, owner, name, _ = base.split("/")
    after: object = None
    while gone:
        answer = api.graphql(_THREADS, {"owner": owner, "name": name, "number": pull.number, "after": after})
        threads = _member(answer.data, "data", "repository", "pullRequest", "reviewThreads")
        nodes = threads.get("nodes") if threads else None
        for node in nodes if isinstance(nodes, list) else ():
            first = _member(node, "comments").get("nodes")
            held = (
                {item.get("databaseId") for item in first if isinstance(item, dict)}
                if isinstance(first, list)
                else set()
            )
            if held & gone and not node.get("isResolved"):
                api.graphql(_RESOLVE, {"id": node.get("id")})
        page = _member(threads, "pageInfo")
        after = page.get("endCursor")
        if page.get("hasNextPage") is not True or not after:
            return


def _member(data: object, *names: str) -> Mapping[str, object]:
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}
