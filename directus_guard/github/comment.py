"""The one comment of a pull request that is kept up to date, found again by an invisible mark."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.github.api import UnreachableError
from directus_guard.github.refusals import GitHubRefusedError, listed, own_account, refusal

if TYPE_CHECKING:
    from directus_guard.github.api import Api
    from directus_guard.github.event import Event, PullRequest

MAX_CHARACTERS: Final = 65_536


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
    except GitHubRefusedError as refused:
        answer = refused.answer
    except UnreachableError as error:
        return CommentOutcome(trouble=f"Comment: GitHub gave no answer ({error}).")
    return (
        CommentOutcome(answer.text("html_url"))
        if answer.ok
        else CommentOutcome(trouble=f"Comment: {refusal(answer, event)}")
    )


def _find(api: Api, path: str, mark: str) -> int | None:
    """The id of our comment. A mark alone proves nothing: anybody can write one."""
    is_own = own_account(api)
    for comment in listed(api, path):
        author, number, body = comment.get("user"), comment.get("id"), comment.get("body")
        login = author.get("login") if isinstance(author, dict) else None
        if isinstance(number, int) and isinstance(body, str) and body.startswith(mark) and is_own(str(login)):
            return number
    return None
