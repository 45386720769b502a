"""One edit of a text, as the tests of editors write it: `set VALUE`, `remove NAME`, `rename NAME TO` or `add NAME VALUE`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from directus_guard.edits.editor import Editor
    from directus_guard.edits.text import EditableText
    from directus_guard.finding import Location


def after(source: EditableText, editor: Editor, place: Location, *what: str) -> str | None:
    """The text after the edit at a place; None where the editor makes none."""
    match what:
        case ("set", value):
            edit = editor.set(place, value)
        case ("remove", name):
            edit = editor.remove(place, name)
        case ("rename", name, to):
            edit = editor.rename(place, name, to)
        case (_, name, value):
            edit = editor.add(place, name, value)
        case _:
            raise AssertionError
    return None if edit is None else source.after([edit])
