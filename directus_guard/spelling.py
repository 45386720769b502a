"""The known name that a misspelled one most likely means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, choices: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """The choice that is most like the name; None where none is as like it as `likeness`, between 0 and 1."""
    import difflib  # noqa: PLC0415 - only for the rare name that is nearly right

    return next(iter(difflib.get_close_matches(name, list(choices), n=1, cutoff=likeness)), None)
