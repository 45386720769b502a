"""Takes the evidence of a check's failing examples away, and asks whether the check notices."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.check_examples import FOLDER
from tests.support.hidings import Allowed, hidden_of

if TYPE_CHECKING:
    from collections.abc import Sequence


FEWEST: Final = 7
"""Hidings of the check that has the fewest."""
MANY: Final = 3_750
"""Hidings of one half of the checks that are tried, at least."""
_MANIFESTS: Final = r"(?:.*/)?[^/]*(?:\.ya?ml|\.env|\.tf\.json)|config\.json|infra/cms\.json"
ALLOWED: Final = (
    Allowed(
        ".*", "removed", _MANIFESTS, ".+",
        "A variable or an option that is not written has its default, and the check judges that.",
    ),
    Allowed(
        "insecure-fallback|secret-committed", "reference", _MANIFESTS, r".*(?:PASSWORD|SECRET|CONNECTION_STRING)",
        "A reference in the place of the literal, or of the weak fallback, is the remedy that the finding names: the repository "
        "holds no secret any more, and whether the one from outside is a good one secret-weak leaves open.",
    ),
    Allowed(
        "public-token", "reference", r"(?:.*/)?\.env\.example", r".*TOKEN",
        "A reference in the place of the literal token is the remedy: the example holds none any more.",
    ),
    Allowed(
        "webhook-open", "reference", _MANIFESTS, r".*environment\.[A-Z_]*SECRET",
        "A secret from outside in the place of one that can be guessed is the remedy: it guards the webhook.",
    ),
    Allowed(
        "files-max-upload-size|import-ip-deny-list-invalid", "retyped", _MANIFESTS, r".*environment",
        "A list as an object has the keys `0`, `1`, …: Compose then sets none of the variables, as if they were not written.",
    ),
    Allowed(
        "webhook-open|webhook-privileged", "retyped", r".*operations\.json", r".*options\.filter\._(?:and|or)",
        "Nothing meets a condition whose `_and` or `_or` holds a list: asked of @directus/utils 11.0.11, 13.4.1 and 13.5.5.",
    ),
    Allowed(
        "unclaimed-instance", "removed", "/server/info", r"data\.setup",
        "Directus answers `setup` only while nobody owns the instance.",
    ),
)  # fmt: skip
"""Where silence is right. No file, no type, and no reference that hides anything is among them."""
COUNTS: Final[dict[str, Counter[str]]] = {}
"""What the checks that were asked in this process answered: how many hidings of each."""


def nothing_is_hidden(check: str) -> None:
    counts, silent = COUNTS.setdefault(check, Counter()), []
    for example in sorted(FOLDER.glob(f"{check}/fail-*")):
        for hiding, answer in hidden_of(check, example):
            allowed = any(one.answer == answer and one.covers(check, hiding) for one in ALLOWED)
            counts["allowed" if allowed else answer] += 1
            if not answer and not allowed:
                silent.append(f"{check} {example.name} {hiding}")
    assert silent == []
    assert counts.total() >= FEWEST


def nothing_shrinks(checks: Sequence[str]) -> None:
    """All hidings of these checks together are many, and few are allowed, or answered by nothing but a notice or an empty
    project. `-s` prints how they were answered.

    A notice is the answer where one file of code of many cannot be read. "Nothing found" is it where the one deployment of an
    example lost what makes it one: the exit code is 3, and never 0.
    """
    if not set(checks) <= set(COUNTS):
        pytest.skip("not all of the checks were asked")
    total = sum((COUNTS[check] for check in checks), Counter())
    print(f"\n{total.total()} hidings: {dict(total)}")
    assert total.total() >= MANY
    assert total["allowed"] <= total.total() // 20
    assert total["nothing found"] <= total.total() // 20
    assert total["notice"] <= total.total() // 100
