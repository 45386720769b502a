"""The checks: one module each, with its documentation page beside it. `index` says of each what lists and reports need."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from directus_guard.checks.modules import declared, modules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.checks.declaration import Check


@cache
def catalogue() -> Mapping[str, Check]:
    """Every check by its id, in the order of the catalogue's chapters and of names within them.

    A check's module is imported when the check first judges something, or where the index does not have it yet.
    """
    from directus_guard.checks.index import INDEX  # noqa: PLC0415 - `make generate` writes it, also where it is broken

    known = {(check.chapter, check.module): check for check in INDEX}
    checks = (known[place] if place in known else declared(*place) for place in modules())
    return {check.id: check for check in checks}
