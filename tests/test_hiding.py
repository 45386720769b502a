"""Nothing can be hidden: whatever is taken away, broken, changed to another type, put behind a reference or made unreadable in
a failing example, its check fails, is not evaluated, or the run has a problem. It never passes in silence.

`ALL_HIDINGS=1` takes every member of every example; without it every member of the first one of each check, and of the others
the files and the records that the check names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from directus_guard.checks import catalogue
from tests.hidings import Allowed, hidden_of

FOLDER: Final = Path(__file__).parent / "checks"
FEWEST: Final = 7
"""Hidings of the check that has the fewest."""
_MANIFESTS: Final = r"(?:.*/)?[^/]*(?:\.ya?ml|\.env)"

ALLOWED: Final = (
    Allowed(
        ".*", "removed", _MANIFESTS, ".+",
        "A variable or an option that is not written has its default, and the check judges that.",
    ),
    Allowed(
        "insecure-fallback|secret-committed", "reference", _MANIFESTS, r".*(?:PASSWORD|SECRET)",
        "A reference in the place of a secret is what the check asks for.",
    ),
    Allowed(
        "public-token", "reference", r"(?:.*/)?\.env\.example", r".*TOKEN",
        "A reference in an example shows no token.",
    ),
    Allowed(
        "secret-committed", "reference", r"k8s/all\.yaml", r"metadata\.name|.*secretRef\.name",
        "A Secret that is named from outside may be another than the one in the file, which nothing uses then.",
    ),
    Allowed(
        "users-delete-own", "reference", r".*/permissions\.json", r".*permissions\..*",
        "A rule that may match other accounts is a finding of users-delete, its twin.",
    ),
    Allowed(
        "unclaimed-instance", "removed", "/server/info", r"data\.setup",
        "Directus answers `setup` only while nobody owns the instance.",
    ),
)  # fmt: skip
"""Where silence is right. No file, no type, and no reference that hides anything is among them."""


@pytest.mark.parametrize("check", sorted(catalogue())[0::2])
def test_nothing_is_hidden(check: str) -> None:
    nothing_is_hidden(check)


def nothing_is_hidden(check: str) -> None:
    count, silent = 0, []
    for example in sorted(FOLDER.glob(f"{check}/fail-*")):
        for hiding, answer in hidden_of(check, example):
            count += 1
            if not answer and not any(allowed.covers(check, hiding) for allowed in ALLOWED):
                silent.append(f"{check} {example.name} {hiding}")
    assert silent == []
    assert count >= FEWEST
