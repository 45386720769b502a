"""The known name that a misspelled one most likely means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, choices: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """The choice that is most like the name; None where none is as like it as `likeness`, between 0 and 1.

    Case, and `_` in place of `-`, matter only where no name is near as it is written.
    """
    import difflib  # noqa: PLC0415 - only for the rare name that is nearly right

    names = list(choices)
    folded = {_folded(choice): choice for choice in reversed(names)}
    near = difflib.get_close_matches(name, names, n=1, cutoff=likeness)
    if near and _folded(name) not in folded:
        return near[0]
    near = difflib.get_close_matches(_folded(name), list(folded), n=1, cutoff=likeness)
    return folded[near[0]] if near else None


def _folded(name: str) -> str:
    return name.casefold().replace("_", "-")
