"""Nothing can be hidden: whatever is taken away, broken, changed to another type, put behind a reference or made unreadable in
a failing example, its check fails, is not evaluated, or the run has a problem. It never passes in silence.

`ALL_HIDINGS=1` takes every member of every example; without it every member of the first one of each check, and of the others
the files and the records that the check names.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.checks import catalogue
from tests.hidings import Allowed, hidden_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER: Final = Path(__file__).parent / "checks"
FEWEST: Final = 7
"""Hidings of the check that has the fewest."""
MANY: Final = 20_000
"""Hidings of one half of the checks, at least."""
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
        "unclaimed-instance", "removed", "/server/info", r"data\.setup",
        "Directus answers `setup` only while nobody owns the instance.",
    ),
)  # fmt: skip
"""Where silence is right. No file, no type, and no reference that hides anything is among them."""


CHECKS: Final = sorted(catalogue())[0::2]


@pytest.mark.parametrize("check", CHECKS)
def test_nothing_is_hidden(check: str) -> None:
    nothing_is_hidden(check)


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


def test_there_are_many_hidings() -> None:
    nothing_shrinks(CHECKS)
