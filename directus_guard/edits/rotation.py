"""In which order secrets that others may know are replaced: first what gives the most at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.finding import Finding

_CHECKS: Final = frozenset(
    {
        "secret-committed",
        "secret-weak",
        "secret-reused",
        "insecure-fallback",
        "bootstrap-credentials",
        "datastore-credentials",
    }
)
_STEPS: Final = (
    (
        lazy_pattern(r"SECRET"),
        "`{}`: whoever has it can sign in as any user. Set a new value and restart Directus; every user signs in again.",
    ),
    (
        lazy_pattern(r"ADMIN_TOKEN|ADMIN_PASSWORD|.*_ADMIN_PASSWORD"),
        "`{}`: change it for the first administrator in the Data Studio. The variable alone changes nothing after the first start.",
    ),
    (lazy_pattern(r"KEY"), "`{}`: set a new value and restart Directus."),
    (
        lazy_pattern(r"(?:DB|REDIS|CACHE|RATE_LIMITER|POSTGRES|MYSQL|MARIADB|PG)\w*(?:PASSWORD|STRING|REDIS|URL)?\w*"),
        "`{}`: change the password in the database first, then the variable, then restart Directus.",
    ),
    (
        lazy_pattern(r".*"),
        "`{}`: make a new one where it was issued, then change the variable, then revoke the old one.",
    ),
)


def rotation(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The steps, a sentence or more each; () where no secret is known to others."""
    names = dict.fromkeys(
        str(name)
        for finding in findings
        if finding.check in _CHECKS and (name := dict(finding.subject.details).get("name"))
    )
    ranked = sorted((_rank(name.rsplit(" ", 1)[-1]), name) for name in names)
    return tuple(_STEPS[rank][1].format(name) for rank, name in ranked)


def _rank(name: str) -> int:
    return next(rank for rank, (pattern, _) in enumerate(_STEPS) if pattern.fullmatch(name))
