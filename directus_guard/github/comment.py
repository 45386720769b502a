"""The one comment of a pull request that is kept up to date, found again by an invisible mark."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.github.api import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from directus_guard.github.api import Answer, Api
    from directus_guard.github.event import Event, PullRequest

MAX_CHARACTERS: Final = 65_536
PAGE: Final = 100
MOST_PAGES: Final = 30


class CommentOutcome(Struct, frozen=True):
    """The address of the comment ("" = none), and a message if it could not be written."""

    url: str = ""
    trouble: str = ""


def marker(category: str) -> str:
    """The comment's first line: one comment for each category."""
    return f"<!-- directus-guard:{hashlib.sha256(category.encode()).hexdigest()[:16]} -->"


def write(api: Api, event: Event, pull: PullRequest, category: str, page: str, *, worth_saying: bool) -> CommentOutcome:
    """Write `page` (Markdown, within the limit) into our comment at `pull`, or make one if it is `worth_saying`."""
    base = f"/repos/{event.repository}/issues"
    body = {"body": f"{marker(category)}\n{page}"}
    try:
        own = _find(api, f"{base}/{pull.number}/comments", marker(category))
        if own is not None:
            answer = api.call("PATCH", f"{base}/comments/{own}", body)
        elif worth_saying:
            answer = api.call("POST", f"{base}/{pull.number}/comments", body)
        else:
            return CommentOutcome()
    except _RefusedError as refused:
        answer = refused.answer
    except UnreachableError as error:
        return CommentOutcome(trouble=f"Comment: GitHub gave no answer ({error}).")
    return (
        CommentOutcome(answer.text("html_url"))
        if answer.ok
        else CommentOutcome(trouble=f"Comment: {_refusal(answer, event)}")
    )


class _RefusedError(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer: Final = answer


def _find(api: Api, path: str, mark: str) -> int | None:
    """The id of our comment. A mark alone proves nothing: anybody can write one."""
    is_own = _own_account(api)
    for comment in _comments(api, path):
        author, number, body = comment.get("user"), comment.get("id"), comment.get("body")
        login = author.get("login") if isinstance(author, dict) else None
        if isinstance(number, int) and isinstance(body, str) and body.startswith(mark) and is_own(str(login)):
            return number
    return None


def _comments(api: Api, path: str) -> Iterator[Mapping[str, object]]:
    for page in range(1, MOST_PAGES + 1):
        answer = api.call("GET", f"{path}?per_page={PAGE}&page={page}")
        if not answer.ok:
            raise _RefusedError(answer)
        items = answer.data if isinstance(answer.data, list) else []
        yield from (item for item in items if isinstance(item, dict))
        if len(items) < PAGE:
            return


def _own_account(api: Api) -> Callable[[str], bool]:
    """Which account is ours: that of a personal token, else an app's, which may not ask for its name."""
    answer = api.call("GET", "/user")
    login = answer.text("login") if answer.ok else ""
    # Nobody can register an account whose name ends so.
    return (lambda name: name == login) if login else (lambda name: name.endswith("[bot]"))


def _refusal(answer: Answer, event: Event) -> str:
    if "Resource not accessible" in answer.message or answer.status in (401, 403, 404):
        why = (
            event.cannot_write
            or "the job's token may not write it; add `pull-requests: write` to the job's `permissions`"
        )
        return f"{why}."
    return f"GitHub refused it ({answer.status}: {answer.message or 'no reason given'})."
