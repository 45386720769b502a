"""What a fix says that upgrades Directus: what Directus 12 takes away without a licence, and what helps then."""

from __future__ import annotations

from typing import Final

from directus_guard.directus.versions import NEWEST, NEWEST_OF, Version

FIRST_WITH_CORE: Final = 12
"""The first major that runs as Core without a licence: docs/model/access.md#editions."""
WITHOUT_A_LICENCE: Final = (
    "Without a licence, Directus 12 ignores every permission with an item rule, a validation, a preset or named fields: "
    "its users lose that access. It then also allows only 3 seats, 25 collections and 5 active flows."
)
INSTEAD: Final = NEWEST_OF[FIRST_WITH_CORE - 1]
"""The newest version without these limits."""
TOO_LITTLE: Final = "If that is too little"


def upgrade(
    running: Version | None, target: Version = NEWEST, *, also: str = "", helps: str = "", instead: str = ""
) -> str:
    """The sentences of a fix that upgrades Directus.

    `also`: what else to do (`, and set …`). `helps`: what the upgrade mends (`, which fixes …`). `instead`: what the newest
    version without the limits of Core mends (`, which fixes …`); "": it mends nothing. `running`: None where it is not known.
    """
    major = running.major if running else FIRST_WITH_CORE - 1
    backup = "Back up the database first: migrations cannot be undone."
    if major < FIRST_WITH_CORE - 1:
        between = ", ".join(str(number) for number in range(major + 1, FIRST_WITH_CORE))
        backup = (
            f"{backup} Directus {between} and {FIRST_WITH_CORE} have breaking changes: read their lists, and try the upgrade on a "
            "copy."
        )
    elif major < FIRST_WITH_CORE:
        backup = (
            f"{backup} Directus {FIRST_WITH_CORE} has breaking changes: read the list, and try the upgrade on a copy."
        )
    text = f"Upgrade Directus to {target}{helps}{also}. {backup}"
    return text if major >= FIRST_WITH_CORE else f"{text} {WITHOUT_A_LICENCE} {_without_a_licence(instead)}"


def _without_a_licence(instead: str) -> str:
    if instead:
        return f"{TOO_LITTLE} and you have no licence, upgrade to {INSTEAD} for now{instead}."
    return f"{TOO_LITTLE}, the project needs a licence: Directus {INSTEAD.major} gets no fix."
