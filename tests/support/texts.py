"""What the texts of a finding have to be: short, plain, and clear about what to change."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from tests.support.prose import sentences, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.finding import Finding

LONGEST_TITLE: Final = 60
MOST_WORDS: Final = 25
VERBS: Final = frozenset(
    [
        "Add",
        "Allow",
        "Attach",
        "Bind",
        "Change",
        "Close",
        "Create",
        "Delete",
        "Detach",
        "Disable",
        "Enable",
        "Encode",
        "Generate",
        "Give",
        "Limit",
        "List",
        "Lower",
        "Make",
        "Move",
        "Name",
        "Narrow",
        "Pin",
        "Put",
        "Quote",
        "Raise",
        "Remove",
        "Rename",
        "Replace",
        "Require",
        "Review",
        "Revoke",
        "Rotate",
        "Serve",
        "Set",
        "Store",
        "Turn",
        "Upgrade",
        "Use",
        "Write",
    ]
)
"""What a fix begins with: something that a reader can do at once."""
DIALECT: Final = re.compile(
    r"\b(?:told|stands|earnest|nobody|somebody|blanks|as good as none|in sight|asker|wrong use|own row|is none|are none)\b",
    re.IGNORECASE,
)
"""Words that readers stumble over: see CONTRIBUTING.md."""
PRONOUN: Final = re.compile(r"\b(?:this|that|the|such|each|every|other|another|an?|which|same) ones?\b", re.IGNORECASE)
MENU: Final = re.compile(r"; or\b|\beither\b", re.IGNORECASE)
ID: Final = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")


def faults(finding: Finding) -> list[str]:
    """What is wrong with its texts, a phrase each."""
    return [*_of_title(finding.title), *_of_prose(finding.message), *_of_fix(finding)]


@cache
def faults_of_reason(reason: str) -> tuple[str, ...]:
    """What is wrong with the reason of a check that was not evaluated. Many projects give the same."""
    return tuple(_of_prose(reason))


def _of_title(title: str) -> Iterator[str]:
    if len(title) > LONGEST_TITLE:
        yield f"a title of {len(title)} characters: {title}"
    yield from _of_prose(title)


def _of_fix(finding: Finding) -> Iterator[str]:
    if finding.fix is None:
        yield "no fix"
        return
    text = finding.fix.description
    first = text.split(maxsplit=1)[0] if text else ""
    if first not in VERBS:
        yield f"a fix that does not begin with a verb: {text}"
    if not text.endswith((".", ":", "`")):
        yield f"a fix that is no sentence: {text}"
    if MENU.search(text):
        yield f"a fix that lets the reader choose: {text}"
    yield from _of_prose(text)


def _of_prose(text: str) -> Iterator[str]:
    for sentence in sentences(text):
        if words(sentence) > MOST_WORDS:
            yield f"a sentence of {words(sentence)} words: {sentence}"
    for pattern, what in ((DIALECT, "a word of ours"), (PRONOUN, "`one` as a pronoun"), (ID, "an id")):
        found = pattern.search(text)
        if found:
            yield f"{what}, `{found[0]}`: {text}"
    if "(measured" in text:
        yield f"`(measured)` belongs on the page: {text}"
