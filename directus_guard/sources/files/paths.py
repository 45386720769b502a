"""Paths of a repository: how far folders lie apart."""

from __future__ import annotations


def distance(path: str, other: str) -> int:
    """How many steps lead from one folder to the other, up and down; 0 = the same folder."""
    first, second = ([part for part in folder.split("/") if part] for folder in (path, other))
    common = 0
    while common < min(len(first), len(second)) and first[common] == second[common]:
        common += 1
    return len(first) + len(second) - 2 * common
