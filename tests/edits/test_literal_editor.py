"""Edits of texts in JSON and TOML."""

from __future__ import annotations

import pytest

from directus_guard.edits.literal_editor import of_json, of_toml
from directus_guard.edits.text import EditableText
from tests.support.each import each_case

JSON = '{"env": [{"name": "A", "value": "one"}], "n": 1, "quoted": "a\\"b"}\n'
TOML = "# fly\r\n[build]\r\n  image = 'directus/directus:11.1.0' # pinned\r\n[env]\r\n  A = \"one\"\r\n"


@pytest.mark.parametrize("with_quotes", [False, True])
def test_a_text(with_quotes: bool) -> None:
    for make, text, old in (
        (of_json, JSON, "one"),
        (of_toml, TOML, "one"),
        (of_toml, TOML, "directus/directus:11.1.0"),
    ):
        source = EditableText("x", text)
        start = text.index(old) - with_quotes
        place = source.place(start, start + len(old) + 2 * with_quotes)
        editor = make(source)
        assert editor.written(place) == old
        edit = editor.set(place, "two")
        assert edit is not None
        assert source.after([edit]) == text.replace(old, "two")
        assert editor.set(place, 'a"b') is None
        assert editor.remove(place, "A") is editor.rename(place, "A", "B") is editor.add(place, "B", "x") is None


@each_case(("text", "found"), [(JSON, "1,"), (JSON, 'a\\"b'), ('{"a": "one",}', "one")])
def test_what_is_refused(text: str, found: str) -> None:
    source = EditableText("x", text)
    start = text.index(found)
    assert of_json(source).set(source.place(start, start + len(found)), "two") is None
