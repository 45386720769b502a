"""Fixes that change variables of a deployment: the sentence for people, and the same as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.finding import Fix
from directus_guard.setting_changes import RemoveVariable, RenameVariable, SetVariable
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.directus.environment.setting import Setting


def set_to(name: str, value: str, more: str = "", *, safe: bool = False) -> Fix:
    """Set a variable. `more`: further sentences. `safe`: as in `Fix`."""
    return Fix(
        _with(f"Set `{escape_controls(name)}` to `{escape_controls(value)}`.", more),
        safe=safe,
        settings=(SetVariable(name, value),),
    )


def remove(name: str, more: str = "", *, safe: bool = False) -> Fix:
    """Remove a variable."""
    return Fix(_with(f"Remove `{escape_controls(name)}`.", more), safe=safe, settings=(RemoveVariable(name),))


def rename(name: str, to: str, more: str = "", *, safe: bool = False) -> Fix:
    """Give a variable another name. `more`: further sentences."""
    return Fix(
        _with(f"Rename `{escape_controls(name)}` to `{escape_controls(to)}`.", more),
        safe=safe,
        settings=(RenameVariable(name, to),),
    )


def changed(setting: Setting, old: str, new: str, *, safe: bool = False) -> Fix:
    """Put another beginning in the place of that of a value, whatever its case is."""
    return Fix(
        f"Change `{old}` to `{new}` in `{escape_controls(setting.name)}`.",
        safe=safe,
        settings=(SetVariable(setting.name, new + setting.text[len(old) :]),),
    )


def listed_as(setting: Setting, description: str, entries: Sequence[str], *, safe: bool = False) -> Fix:
    """Give a list these entries; without any the variable goes, and Directus' default counts."""
    change = SetVariable(setting.name, ",".join(entries)) if entries else RemoveVariable(setting.name)
    return Fix(description, safe=safe, settings=(change,))


def _with(sentence: str, more: str) -> str:
    return f"{sentence} {more}" if more else sentence
