"""Edits of environment files: each reader finds the wanted value, and every other value as it was."""

from __future__ import annotations

from hypothesis import example, given, strategies as st

from directus_guard.edits.dotenv_editor import DotenvEditor
from directus_guard.edits.text import EditableText
from directus_guard.finding import Location
from directus_guard.sources.formats.dotenv import Dialect, accepted, mistake, parse
from tests.support.each import each_case
from tests.support.editing import after

FILE = """\ufeff# Directus\r
export A=1 # one\r
B="two words"\r
C='three'\r
\r
PRIVATE="line one\r
line two"\r
LAST=x"""


def places(text: str, dialect: Dialect = Dialect.LENIENT) -> dict[str, Location]:
    """Where the values of a file are, by name."""
    return {
        one.name: Location(".env", one.line, one.column, one.end_line, one.end_column) for one in parse(text, dialect)
    }


def values(text: str, dialect: Dialect) -> list[tuple[str, str]]:
    return [(one.name, one.text.reveal()) for one in parse(text.removeprefix("\ufeff"), dialect)]


def edited(text: str, name: str, *what: str) -> str | None:
    """The text after `set NAME VALUE`, `remove NAME`, `rename NAME TO` or `add OTHER VALUE` below NAME."""
    source = EditableText(".env", text)
    kind, *values = what
    named = (name,) if kind in ("remove", "rename") else ()
    return after(source, DotenvEditor(source), places(text)[name], kind, *named, *values)


@each_case(
    ("name", "what", "old", "new"),
    [
        ("A", ("set", "2"), "export A=1 # one", "export A=2 # one"),
        ("A", ("set", "'self' data:"), "export A=1 # one", "export A=\"'self' data:\" # one"),
        ("B", ("set", "3"), 'B="two words"', 'B="3"'),
        ("C", ("set", "it's"), "C='three'", 'C="it\'s"'),
        ("C", ("remove",), "C='three'\r\n", ""),
        ("PRIVATE", ("remove",), 'PRIVATE="line one\r\nline two"\r\n', ""),
        ("LAST", ("remove",), "\r\nLAST=x", ""),
        ("A", ("rename", "AA"), "export A=1", "export AA=1"),
        ("A", ("add", "NEW", "1"), "# one\r\n", "# one\r\nexport NEW=1\r\n"),
        ("LAST", ("add", "NEW", "a b"), "LAST=x", "LAST=x\r\nNEW=a b"),
    ],
)
def test_only_the_named_line_changes(name: str, what: tuple[str, ...], old: str, new: str) -> None:
    assert edited(FILE, name, *what) == FILE.replace(old, new)


@each_case(
    ("text", "name", "what"),
    [
        ("A=1\n", "A", ("set", "$X")),
        ("A=1\n", "A", ("set", "a\nb")),
        ("A=1\n", "A", ("set", "a\\b")),
        ("A=1\rB=2\n", "A", ("set", "2")),
        ("A=1\nB=2\n", "A", ("add", "B", "3")),
        ("A=1\n", "A", ("add", "B", "'a\"")),
    ],
)
def test_what_is_refused(text: str, name: str, what: tuple[str, ...]) -> None:
    assert edited(text, name, *what) is None


def test_another_name_or_place() -> None:
    editor = DotenvEditor(EditableText(".env", "A=1\n"))
    assert editor.remove(places("A=1\n")["A"], "B") is None
    assert editor.rename(places("A=1\n")["A"], "B", "C") is None
    nowhere = Location(".env", 7, 3)
    assert editor.written(nowhere) is None
    assert editor.set(nowhere, "x") is editor.add(nowhere, "B", "x") is None
    assert editor.written(places("A=1\n")["A"]) == "1"


NAMES = st.from_regex(r"[A-Z][A-Z0-9_]{0,5}", fullmatch=True)
TEXTS = st.text(st.sampled_from("ab1 #'\"`=:\\$,;\t{}"), max_size=12)
LINES = st.one_of(
    st.builds("{}={}".format, NAMES, TEXTS),
    st.builds("export {}={}".format, NAMES, TEXTS),
    st.builds('{}="{}"'.format, NAMES, TEXTS),
    st.builds("{}='{}'".format, NAMES, TEXTS),
    st.builds("# {}".format, TEXTS),
    st.just(""),
    TEXTS,
)
FILES = st.builds(lambda lines, end, last: end.join(lines) + last, st.lists(LINES, min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\n"]))  # fmt: skip


@given(FILES, st.data())
@example("A=1\nA=2\n", None)
def test_any_file(text: str, data: st.DataObject | None) -> None:
    """Whatever is edited: all readers that took the file agree on the one value, and on all others."""
    found = parse(text, Dialect.LENIENT)
    if not found:
        return
    index = data.draw(st.integers(0, len(found) - 1)) if data else 0
    value = data.draw(st.text(st.sampled_from("ab1 #'\"=:,/*;-"), max_size=12)) if data else "x"
    one = found[index]
    place = Location(".env", one.line, one.column, one.end_line, one.end_column)
    source = EditableText(".env", text)
    editor = DotenvEditor(source)
    before = {dialect: values(text, dialect) for dialect in Dialect if not mistake(text, dialect)}

    def with_(change: list[tuple[str, str]]) -> list[tuple[str, str]]:
        lenient = before[Dialect.LENIENT]
        return [*lenient[:index], *change, *lenient[index + 1 :]]

    old = (one.name, one.text.reveal())
    for edit, wanted in (
        (editor.set(place, value), with_([(one.name, value)])),
        (editor.remove(place, one.name), with_([])),
        (editor.rename(place, one.name, "OTHER"), with_([("OTHER", old[1])])),
        (editor.add(place, "ADDED", value), with_([old, ("ADDED", value)])),
    ):
        if edit is None:
            continue
        after = source.after([edit])
        assert values(after, Dialect.LENIENT) == wanted
        for dialect, known in before.items():
            texts = {held for _, held in known} | {value}
            assert {held for _, held in values(after, dialect)} <= texts
            assert not mistake(after, dialect)


@given(st.text(st.sampled_from("AB=:'\"\\ \n#-.$<>["), max_size=30), st.sampled_from(Dialect))
@example("<<<<<<< x\nA=1", Dialect.NODE)
@example("A=1\n" * 20_000, Dialect.COMPOSE)
def test_a_file_is_accepted_where_nothing_is_a_mistake(text: str, dialect: Dialect) -> None:
    assert accepted(text, dialect) == (None if mistake(text, dialect) else parse(text, dialect))
