"""Edits of YAML: the wanted value is there, and everything else is as it was."""

from __future__ import annotations

import re

import yaml
from hypothesis import given, strategies as st

from directus_guard.edits.text import EditableText
from directus_guard.edits.yaml_editor import YamlEditor
from directus_guard.finding import Location
from directus_guard.sources.formats import yaml_document
from tests.support.each import each_case
from tests.support.editing import after

COMPOSE = """\ufeffx-env: &env\r
  SHARED: "a"   # of all\r
services:\r
  web:\r
    environment:\r
      <<: *env\r
      A: one\r
      B: false\r
\r
      # about C\r
      C: 'it''s'\r
      D: |\r
        block\r
  other:\r
    environment:\r
      - E=1\r
      - "F=two"\r
  third: {environment: {G: gg}}\r
  fourth:\r
    environment:\r
      H: only\r
  fifth:\r
    env:\r
      - name: I\r
        value: "1"\r
      - name: J\r
        valueFrom:\r
          secretKeyRef: {name: s, key: k}\r
      - {name: K, value: k}"""


def place(text: str, found: str, count: int = 0) -> Location:
    start = [match.start() for match in re.finditer(re.escape(found), text)][count]
    source = EditableText("c.yaml", text)
    shift = 1 if text.startswith("\ufeff") else 0
    return source.place(start - shift, start - shift + len(found))


def edited(text: str, found: str, *what: str) -> str | None:
    """The text after an edit of the value that is written so."""
    source = EditableText("c.yaml", text)
    return after(source, YamlEditor(source), place(text, found), *what)


@each_case(
    ("found", "what", "old", "new"),
    [
        ("one", ("set", "two"), "A: one", "A: two"),
        ("one", ("set", "true"), "A: one", 'A: "true"'),
        ("one", ("set", "'self' data:"), "A: one", "A: \"'self' data:\""),
        ("false", ("set", "true"), "B: false", "B: true"),
        ("it''s", ("set", "she's"), "C: 'it''s'", "C: 'she''s'"),
        ("two", ("set", 'say "x"'), '"F=two"', '"F=say \\"x\\""'),
        ("gg", ("set", "y, z"), "{G: gg}", '{G: "y, z"}'),
        ("one", ("remove", "A"), "      A: one\r\n", ""),
        ("false", ("remove", "B"), "      B: false\r\n", ""),
        ("two", ("remove", "F"), '      - "F=two"\r\n', ""),
        ("only", ("remove", "H"), "    environment:\r\n      H: only", "    environment: {}"),
        ("one", ("rename", "A", "AA"), "A: one", "AA: one"),
        ("two", ("rename", "F", "FF"), '"F=two"', '"FF=two"'),
        ("one", ("add", "NEW", "x"), "A: one\r\n", "A: one\r\n      NEW: x\r\n"),
        ("one", ("add", "NEW", "true"), "A: one\r\n", "A: one\r\n      NEW: true\r\n"),
        ("two", ("add", "NEW", "x"), '"F=two"\r\n', '"F=two"\r\n      - NEW=x\r\n'),
    ],
)  # fmt: skip
def test_only_the_named_line_changes(found: str, what: tuple[str, ...], old: str, new: str) -> None:
    assert edited(COMPOSE, found, *what) == COMPOSE.replace(old, new, 1)


def test_lists_of_names_and_values() -> None:
    text = 'env:\n  - name: I\n    value: "1"\n  - name: J # j\n    value: j\n'
    assert edited(text, "1", "add", "NEW", "true") == text.replace('"1"\n', '"1"\n  - name: NEW\n    value: "true"\n')
    assert edited(text, "1", "remove", "I") == "env:\n  - name: J # j\n    value: j\n"
    assert edited(text, "1", "remove", "J") is None
    assert edited(text, "1", "rename", "I", "II") == text.replace("name: I", "name: II")
    both = 'env:\n- {name: A, value: "1"}\n- name: B\n  value: "2"\n'
    assert edited(both, "2", "add", "C", "3") == f'{both}- name: C\n  value: "3"\n'


@each_case(
    ("found", "what"),
    [
        ("block", ("set", "x")),
        ("gg", ("remove", "G")),
        ("gg", ("add", "NEW", "y")),
        ("one", ("add", "B", "y")),
        ("one", ("set", "a\nb")),
        ("one", ("remove", "B")),
    ],
)
def test_what_is_refused(found: str, what: tuple[str, ...]) -> None:
    assert edited(COMPOSE, found, *what) is None


@each_case("text", ["A: &x one\n", "A: !!str one\n", "A: one\rB: 2\n", "A: [\n", "A: {{ one }}\n"])
def test_anchors_tags_and_what_is_no_yaml(text: str) -> None:
    editor = YamlEditor(EditableText("c.yaml", text))
    start = text.index("one") if "one" in text else 0
    assert editor.set(Location("c.yaml", 1, start + 1, 1, start + 4), "two") is None


KEYS = st.from_regex(r"[A-Z]{1,3}", fullmatch=True)
WORDS = st.text(st.sampled_from("ab1 #'\":,-{}[]&*!|>%@=?"), max_size=10)


def quoted(text: str) -> list[str]:
    return ["'" + text.replace("'", "''") + "'", '"' + text.replace('"', '\\"') + '"', "plain"]


SCALARS = st.builds(lambda text, index: quoted(text)[index], WORDS, st.integers(0, 2))


@given(st.lists(st.tuples(KEYS, SCALARS), min_size=1, max_size=4, unique_by=lambda pair: pair[0]), st.data())
def test_any_mapping(pairs: list[tuple[str, str]], data: st.DataObject) -> None:
    """Both forms of Compose: the wanted value is read, and every other as before."""
    value = data.draw(WORDS)
    index = data.draw(st.integers(0, len(pairs) - 1))
    text = "services:\n  a:\n    environment:\n" + "".join(f"      {key}: {held} # c\n" for key, held in pairs)
    before = yaml.load(text, Loader=yaml.CBaseLoader)
    source = EditableText("c.yaml", text)
    editor = YamlEditor(source)
    name, _ = pairs[index]
    (node,) = yaml_document.parse("c.yaml", text)
    scalars = (one for one in yaml_document.walk(node) if isinstance(one, yaml_document.Scalar))
    where = next(one.location for one in scalars if one.location.line == 4 + index)
    own = before["services"]["a"]["environment"]
    assert editor.written(where) == own[name]
    for edit, wanted in (
        (editor.set(where, value), own | {name: value}),
        (editor.remove(where, name), {key: one for key, one in own.items() if key != name}),
        (editor.rename(where, name, "OTHER"), {("OTHER" if key == name else key): one for key, one in own.items()}),
        (editor.add(where, "ADDED", value), own | {"ADDED": value}),
    ):
        assert edit is not None
        after = yaml.load(source.after([edit]), Loader=yaml.CBaseLoader)
        assert after == {"services": {"a": {"environment": wanted}}}
