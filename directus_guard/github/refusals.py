"""What the comments and the suggestions of a pull request share: lists of pages, our own account, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from directus_guard.github.api import Answer, Api
    from directus_guard.github.event import Event

PAGE: Final = 100
MOST_PAGES: Final = 30


class GitHubRefusedError(Exception):
    """GitHub refused a call."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer: Final = answer


def listed(api: Api, path: str) -> Iterator[Mapping[str, object]]:
    """The items of a list, page by page. Raises `GitHubRefusedError`."""
    for page in range(1, MOST_PAGES + 1):
        answer = api.call("GET", f"{path}?per_page={PAGE}&page={page}")
        if not answer.ok:
            raise GitHubRefusedError(answer)
        items = answer.data if isinstance(answer.data, list) else []
        yield from (item for item in items if isinstance(item, dict))
        if len(items) < PAGE:
            return


def own_account(api: Api) -> Callable[[str], bool]:
    """Which account is ours: that of a personal token, else an app's, which may not ask for its name."""
    answer = api.call("GET", "/user")
    login = answer.text("login") if answer.ok else ""
    # Nobody can register an account whose name ends so.
    return (lambda name: name == login) if login else (lambda name: name.endswith("[bot]"))


def refusal(answer: Answer, event: Event) -> str:
    """Why GitHub refused, and what to set, a sentence."""
    if "Resource not accessible" in answer.message or answer.status in (401, 403, 404):
        why = (
            event.cannot_write
            or "the job's token may not write it; add `pull-requests: write` to the job's `permissions`"
        )
        return f"{why}."
    return f"GitHub refused it ({answer.status}: {answer.message or 'no reason given'})."
