"""Edits of Dockerfiles: one instruction changes, all others are as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.edits.dockerfile_editor import DockerfileEditor
from directus_guard.edits.text import EditableText
from tests.support.each import each_case
from tests.support.editing import after

if TYPE_CHECKING:
    from directus_guard.finding import Location

FILE = """# syntax=docker/dockerfile:1
FROM directus/directus:11.1.0 AS base
ENV ONE=1 TWO="two words"
ENV OLD some text
ENV THREE=3 \\
    FOUR=4 \\
    FIVE=5
RUN echo hello
ENV LAST=$X"""


def place(found: str) -> Location:
    start = FILE.index(found)
    return EditableText("Dockerfile", FILE).place(start, start + len(found))


def edited(found: str, *what: str) -> str | None:
    source = EditableText("Dockerfile", FILE)
    return after(source, DockerfileEditor(source), place(found), *what)


@each_case(
    ("found", "what", "old", "new"),
    [
        ("directus/directus:11.1.0", ("set", "directus/directus:12.4.1"), "11.1.0", "12.4.1"),
        ("two words", ("set", "2"), '"two words"', '"2"'),
        ("3", ("set", "three"), "THREE=3", "THREE=three"),
        ("4", ("set", "'self' data:"), "FOUR=4", "FOUR=\"'self' data:\""),
        ("some text", ("set", "x"), "OLD some text", "OLD x"),
        ("some text", ("remove", "OLD"), "ENV OLD some text\n", ""),
        ("4", ("remove", "FOUR"), "    FOUR=4 \\\n", ""),
        ("two words", ("rename", "TWO", "DOS"), "TWO", "DOS"),
        ("some text", ("add", "NEW", "a b"), "some text\n", 'some text\nENV NEW="a b"\n'),
        ("4", ("add", "NEW", "x"), "FIVE=5\n", "FIVE=5\nENV NEW=x\n"),
    ],
)
def test_only_the_named_line_changes(found: str, what: tuple[str, ...], old: str, new: str) -> None:
    assert edited(found, *what) == FILE.replace(old, new, 1)


@each_case(
    ("found", "what"),
    [
        ("$X", ("set", "x")),
        ("two words", ("set", 'a"b')),
        ("two words", ("set", "$Y")),
        ("two words", ("remove", "TWO")),
        ("directus/directus:11.1.0", ("set", "a b")),
        ("directus/directus:11.1.0", ("remove", "base")),
        ("directus/directus:11.1.0", ("rename", "directus", "x")),
        ("some text", ("set", "a 'b'")),
        ("some text", ("add", "FOUR", "x")),
        ("some text", ("add", "NEW", "$X")),
        ("hello", ("set", "x")),
    ],
)
def test_what_is_refused(found: str, what: tuple[str, ...]) -> None:
    assert edited(found, *what) is None
